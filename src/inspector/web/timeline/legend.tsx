import { SignShape } from './point-button.tsx';
import type { Sign } from './points.ts';

const STATES = [
  ['closed', 'closed'],
  ['half_open', 'half-open'],
  ['open', 'open'],
  ['forced_open', 'forced'],
] as const;

const SIGNS: readonly (readonly [Sign, string])[] = [
  ['breaker', 'change of the breaker or the cache'],
  ['control', 'change by an operator'],
  ['limit', 'rate limit begins or ends'],
  ['failures', 'failed calls'],
  ['rateLimited', 'calls answered 429'],
  ['displaced', 'displaced requests'],
];

/** What the colours and the shapes mean. */
export function Legend() {
  return (
    <ul class="timeline-legend" aria-label="Legend">
      {STATES.map(([state, word]) => (
        <li key={state}>
          <i class="legend-band" data-state={state} />
          {word}
        </li>
      ))}
      <li>
        <i class="legend-band" data-kind="limited" />
        rate limited
      </li>
      <li>
        <i class="legend-band" data-kind="hatched" />
        paused, draining
      </li>
      <li>
        <i class="legend-band" data-kind="depth" />
        queue, of its greatest depth
      </li>
      {SIGNS.map(([sign, word]) => (
        <li key={sign}>
          <SignShape sign={sign} state={sign === 'breaker' ? 'open' : undefined} />
          {word}
        </li>
      ))}
    </ul>
  );
}
