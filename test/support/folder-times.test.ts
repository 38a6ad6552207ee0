import { expect, it } from 'vitest';
import { folderTimes } from './folder-times.ts';

it('sums the tests of each folder, the longest first', () => {
  const text = folderTimes([
    { path: 'test/queue/a.test.ts', ms: 1_000 },
    { path: 'test/breaker/a.test.ts', ms: 4_000 },
    { path: 'test/queue/b.test.ts', ms: 500 },
    { path: 'test/a.test.ts', ms: 100 },
    { path: 'test/queue/b.exploration.test.ts', ms: 200 },
    { path: 'test/faults/faults.test.ts', ms: 50 },
    { path: 'test/cache/a.test.ts', ms: 40 },
  ]);
  expect(text.split('\n')).toEqual([
    'Time by test folder:',
    '     4.0 s  test/breaker',
    '     1.7 s  test/queue',
    '     0.1 s  test',
    '     0.1 s  test/faults',
    '     0.0 s  test/cache',
    'In all:',
    '     0.2 s  exploration',
    '     0.1 s  faults on the wire',
    '     0.0 s  the cache',
    '     5.6 s  everything else',
  ]);
});

it.each([
  ['test/a.test.ts', 120],
  ['test/a.exploration.test.ts', 120],
  ['test/faults/a.test.ts', 120],
  ['test/cache/a.test.ts', 240],
])('says so when a sum is past its budget, and only then (%s)', (path, seconds) => {
  expect(folderTimes([{ path, ms: seconds * 1_000 }])).not.toContain('budget');
  expect(folderTimes([{ path, ms: seconds * 1_000 + 1 }])).toContain(`past its budget of ${seconds} s`);
});
