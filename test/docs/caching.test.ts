import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GUARD_LEVELS } from '../../src/cache/guard/guard.ts';
import { CACHE_MODES } from '../../src/cache/mode.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const GUIDE = read('docs/guide/caching.md');
const VERDICTS = read('src/routing/cache-verdict.ts');

const wordsOf = (name: string): string[] => {
  const union = new RegExp(`export type ${name} =([^;]+);`).exec(VERDICTS)![1]!;
  return [...union.matchAll(/\| '(\w+)'/g)].map((match) => match[1]!);
};

it('says on its first line of prose that an unset temperature is not cached', () => {
  const [, first] = GUIDE.split('\n\n');
  expect(first).toMatch(/A\nrequest that names no temperature counts as 1 and is not cached/);
});

it('explains every reason and every status of a trace', () => {
  const told = GUIDE.slice(GUIDE.indexOf('## What the trace says'));
  for (const reason of [...wordsOf('NotCachedReason'), ...wordsOf('MissReason')])
    expect(told).toContain(`\`${reason}\``);
  const statuses = [...VERDICTS.matchAll(/status: '(\w+)' ?[;}]/g)].map((match) => match[1]!);
  expect(statuses.length).toBeGreaterThan(2);
  for (const status of statuses) expect(told).toContain(`\`${status}\``);
});

it.each([...CACHE_MODES, ...GUARD_LEVELS])('has a row for %s', (word) => {
  expect(GUIDE).toMatch(new RegExp(`^\\| \`${word}\`[^|]*\\|`, 'm'));
});
