/**
 * The right to call a model, given out by its breaker. Each change of the breaker begins a new generation, and a result
 * counts only for the generation that permitted it.
 */
export interface Permit {
  readonly generation: number;
  /** Given out while half-open: its result decides whether the breaker closes. */
  readonly probe: boolean;
  /** Its result has already been counted (a long healthy stream); whatever follows moves nothing. */
  readonly spent?: true;
}

export const isCurrent = (permit: Permit, generation: number): boolean =>
  permit.spent !== true && permit.generation === generation;
