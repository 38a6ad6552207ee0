import { expect, it } from 'vitest';
import { folderTimes } from './folder-times.ts';

it('sums the tests of each folder, the longest first', () => {
  const text = folderTimes([
    { path: 'test/queue/a.test.ts', ms: 1_000 },
    { path: 'test/breaker/a.test.ts', ms: 4_000 },
    { path: 'test/queue/b.test.ts', ms: 500 },
    { path: 'test/a.test.ts', ms: 100 },
  ]);
  expect(text.split('\n')).toEqual([
    'Time by test folder:',
    '     4.0 s  test/breaker',
    '     1.5 s  test/queue',
    '     0.1 s  test',
    '     5.6 s  in all',
  ]);
});

it('says so when the sum is past the budget, and only then', () => {
  expect(folderTimes([{ path: 'test/a.test.ts', ms: 120_000 }])).not.toContain('budget');
  expect(folderTimes([{ path: 'test/a.test.ts', ms: 120_001 }])).toContain("past the core's budget of 120 s");
});
