import type { ModelFigures } from '../../protocol.ts';

/** Something about a model that is not as usual, in words. */
export interface Notice {
  /** What colours it. */
  readonly state: string;
  readonly text: string;
  /** A time that is counted down to, after the text; null: none. */
  readonly until: number | null;
}

type Noticed = Pick<ModelFigures, 'breaker' | 'limitedUntil' | 'runningLimit' | 'maxConcurrency'>;

/** What a card says besides its figures, the gravest first. */
export function noticesOf({ breaker, limitedUntil, runningLimit, maxConcurrency }: Noticed): Notice[] {
  const notices: Notice[] = [];
  const { state, until, probes, maxProbes, successes, successThreshold, failures, threshold } = breaker;
  const say = (of: string, text: string, end: number | null = null): void => {
    notices.push({ state: of, text, until: end });
  };
  if (limitedUntil !== null) say('limited', 'rate limited', limitedUntil);
  switch (state) {
    case 'open':
      if (until !== null) say(state, 'half-open in', until);
      break;
    case 'half_open':
      say(
        state,
        `${successes} of ${successThreshold ?? '–'} good probes to close, ${probes}/${maxProbes ?? '–'} running`,
      );
      break;
    case 'forced_open':
    case 'forced_closed':
      say(state, maxProbes === null ? 'its breaker is switched off' : 'by an operator');
      break;
    case 'closed':
      if (failures > 0)
        say('half_open', threshold === null ? `failures ${failures}` : `failures ${failures} of ${threshold}`);
      if (runningLimit < maxConcurrency) say('closed', `runs at most ${runningLimit}`);
  }
  return notices;
}
