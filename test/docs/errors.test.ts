import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('lists every error code of the library, and no other, in its reference', () => {
  const union = /export type ErrorCode =([^;]+);/.exec(read('src/errors.ts'))![1]!;
  const codes = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1]);
  const listed = [...read('docs/reference/errors.md').matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(10);
  expect(listed.sort()).toEqual(codes.sort());
});
