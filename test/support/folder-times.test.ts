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
  ]);
  expect(text.split('\n')).toEqual([
    'Time by test folder:',
    '     4.0 s  test/breaker',
    '     1.7 s  test/queue',
    '     0.1 s  test',
    '     0.1 s  test/faults',
    'In all:',
    '     0.2 s  exploration',
    '     0.1 s  faults on the wire',
    '     5.6 s  everything else',
  ]);
});

it.each([
  'test/a.test.ts',
  'test/a.exploration.test.ts',
  'test/faults/a.test.ts',
])('says so when a sum is past its budget, and only then', (path) => {
  expect(folderTimes([{ path, ms: 120_000 }])).not.toContain('budget');
  expect(folderTimes([{ path, ms: 120_001 }])).toContain('past its budget of 120 s');
});
