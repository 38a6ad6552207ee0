import type { Command, ModelFigures } from '../../protocol.ts';
import { counted } from '../format.ts';

/** What an operator can do to a model, as it is now. */
export interface Offer {
  readonly command: Command;
  readonly label: string;
  /** What it will do, in whole sentences. */
  readonly consequence: string;
  /** Why it makes no sense now; null: it does. */
  readonly whyNot: string | null;
}

/** Every command, in the order of the buttons. */
export function offersOf(figures: ModelFigures): Offer[] {
  const { breaker, control, limitedUntil, running, runningLimit, maxConcurrency, backingOff } = figures;
  const waiting = Object.values(figures.waiting).reduce((sum, value) => sum + value, 0);
  // Where a breaker is switched off it knows of no probes.
  const isSwitchedOff = breaker.maxProbes === null;
  const isUntouched =
    (isSwitchedOff ? breaker.state === 'forced_closed' : breaker.state === 'closed') &&
    breaker.failures === 0 &&
    breaker.opens === 0 &&
    limitedUntil === null &&
    runningLimit >= maxConcurrency;
  const runs = running === 0 ? 'Nothing runs on it now.' : `${counted(running, 'call')} in progress will be finished.`;
  const leaves = (requests: number): string =>
    requests === 0
      ? 'Nothing waits for it now.'
      : `${counted(requests, 'waiting request')} will leave its queue at once, for other models where there are any.`;
  const finishes =
    waiting === 0 ? 'Nothing waits for it now.' : `${counted(waiting, 'waiting request')} will still be served by it.`;
  const stays =
    waiting === 0 ? 'Nothing waits for it now.' : `${counted(waiting, 'waiting request')} will stay in its queue.`;
  return [
    {
      command: 'force_open',
      label: 'Force open',
      consequence: `It will be sent no request until it is forced closed or reset. ${leaves(waiting + backingOff)} ${runs}`,
      whyNot: breaker.state === 'forced_open' ? 'It is forced open already.' : null,
    },
    {
      command: 'force_closed',
      label: 'Force closed',
      consequence:
        'Every request will be let through, whatever comes of it, and no result will be judged until it is forced open or reset. A rate limit that holds will be lifted.',
      whyNot:
        breaker.state !== 'forced_closed'
          ? null
          : isSwitchedOff
            ? 'Its breaker is switched off: everything is let through already.'
            : 'It is forced closed already.',
    },
    {
      command: 'reset',
      label: 'Reset',
      consequence: isSwitchedOff
        ? 'Everything will be let through, as its breaker is switched off. A rate limit and a slow start will end.'
        : 'Its breaker will be closed as if it had never seen a failure. A rate limit and a slow start will end.',
      whyNot: isUntouched ? 'There is nothing to forget.' : null,
    },
    {
      command: 'pause',
      label: 'Pause',
      consequence: `It will be sent nothing more until it is resumed, and newcomers will go to other models. ${stays} ${runs}`,
      whyNot: control === 'paused' ? 'It is paused already.' : null,
    },
    {
      command: 'resume',
      label: 'Resume',
      consequence: 'It will take requests again, as its breaker, its rate limit and its queue allow.',
      whyNot: control === 'active' ? 'It is neither paused nor draining.' : null,
    },
    {
      command: 'drain',
      label: 'Drain',
      consequence: `It will take no newcomer until it is resumed. ${finishes} ${runs}`,
      whyNot: control === 'draining' || control === 'drained' ? `It is ${control} already.` : null,
    },
  ];
}
