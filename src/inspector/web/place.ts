/** What a link into the timeline points at. */
export interface Place {
  /** An actor's id: `model:gpu`, `cache`. */
  readonly lane: string;
  /** In milliseconds since the Unix epoch; null: now. */
  readonly at: number | null;
}

/** As it stands in an address: `model:gpu`, `model:gpu@1700000000000`. */
export const placeOf = ({ lane, at }: Place): string => (at === null ? lane : `${lane}@${Math.round(at)}`);

/** What an address points at; a model's name may hold an `@` itself. */
export function placeIn(chosen: string): Place {
  const [, lane, at] = /^(.+)@(\d{12,})$/.exec(chosen) ?? [];
  return lane === undefined ? { lane: chosen, at: null } : { lane, at: Number(at) };
}
