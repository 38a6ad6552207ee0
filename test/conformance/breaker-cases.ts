import { HALF_OPEN_CASES } from './breaker/half-open.ts';
import { MEMO_CASES } from './breaker/memos.ts';
import { OPEN_TIME_CASES } from './breaker/open-time.ts';
import { OPERATOR_CASES } from './breaker/operator.ts';
import { RESULT_CASES } from './breaker/results.ts';
import { WINDOW_CASES } from './breaker/windows.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** The rows about circuit breakers, in order of their ids. */
export const BREAKER_CASES: readonly ConformanceCase[] = [
  ...WINDOW_CASES,
  ...HALF_OPEN_CASES,
  ...RESULT_CASES,
  ...OPEN_TIME_CASES,
  ...OPERATOR_CASES,
  ...MEMO_CASES,
].sort((a, b) => (a.id < b.id ? -1 : 1));
