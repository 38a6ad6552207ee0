/** So many requests may be retried at once however little runs. */
const MIN_RETRIES = 3;
const SHARE_OF_RUNNING = 0.2;

/**
 * Whether a model may try one more request again. Retries are bounded by what runs, else they would multiply the load
 * of a provider that fails under it.
 * @param retrying requests that it tries again at once: backing off, waiting for it, or running
 * @param running calls that run there
 */
export const hasBudget = (retrying: number, running: number): boolean => retrying < retryBudget(running);

/** Requests that a model may try again at once. @param running calls that run there */
export const retryBudget = (running: number): number => Math.ceil(Math.max(MIN_RETRIES, SHARE_OF_RUNNING * running));
