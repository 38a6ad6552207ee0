/** What a window of results comes to. */
export interface Tally {
  readonly total: number;
  readonly failures: number;
  readonly slow: number;
}

/** One result as a window sees it. */
export interface Result {
  readonly isFailure: boolean;
  /** It took longer than `slowCallMs`. */
  readonly isSlow: boolean;
}

export const EMPTY_TALLY: Tally = { total: 0, failures: 0, slow: 0 };

export const plus = ({ total, failures, slow }: Tally, { isFailure, isSlow }: Result): Tally => ({
  total: total + 1,
  failures: isFailure ? failures + 1 : failures,
  slow: isSlow ? slow + 1 : slow,
});
