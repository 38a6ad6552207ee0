import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expected, runnable } from '../../scripts/readme-example.mjs';
import { runExample } from '../support/run-example.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = ['README.md', ...markdown('docs')];

function markdown(folder: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}/${path}`);
}

const WITH_EXAMPLES = PAGES.map((page) => ({ page, blocks: runnable(readFileSync(ROOT + page, 'utf8')) })).filter(
  ({ blocks }) => blocks.length > 0,
);

it('has examples in the README and in the guide to backends', () => {
  expect(WITH_EXAMPLES.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['README.md', 'docs/guide/backends.md']),
  );
});

describe.each(WITH_EXAMPLES)('$page', ({ page, blocks }) => {
  it.each(blocks.map((code, index) => ({ code, index })))('runs example $index as it stands', async ({
    code,
    index,
  }) => {
    const printed = await runExample(`${page}-${index}`, code);
    for (const line of expected(code)) expect(printed).toContain(line);
  });
});
