import { parseArgs } from 'node:util';

/** A week at full length, and less in proportion. */
const FULL_SECONDS = 60;

const WIRE_REQUESTS = 20_000;
const PHASES = ['virtual', 'real', 'wire'];

/**
 * `--seconds` (or SOAK_SECONDS; 60): half of them on real time, and a virtual week in proportion; `--seed` (or
 * SOAK_SEED): the same one runs the same soak; `--phase virtual|real`: that one alone, or `wire`, which asks `--requests`
 * (20,000) over real connections; `--dist`: another build.
 * @throws when one of them is wrong
 */
export function readArguments(args, env) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: env.SOAK_SECONDS ?? `${FULL_SECONDS}` },
      seed: { type: 'string', default: env.SOAK_SEED ?? `${Math.floor(Math.random() * 2 ** 31)}` },
      phase: { type: 'string', default: 'both' },
      requests: { type: 'string', default: `${WIRE_REQUESTS}` },
      dist: { type: 'string', default: new URL('../../dist/', import.meta.url).href },
    },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds > 0)) throw new Error(`--seconds: given ${values.seconds}; accepted: a number above 0`);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: given ${values.seed}; accepted: an integer`);
  const requests = Number(values.requests);
  if (!Number.isSafeInteger(requests) || requests < 1) {
    throw new Error(`--requests: given ${values.requests}; accepted: an integer of 1 or more`);
  }
  if (!['both', ...PHASES].includes(values.phase)) {
    throw new Error(`--phase: given ${values.phase}; accepted: both, ${PHASES.join(', ')}`);
  }
  const isWire = values.phase === 'wire';
  return {
    seconds,
    seed,
    dist: values.dist,
    phases: values.phase === 'both' ? ['virtual', 'real'] : [values.phase],
    virtualMs: (7 * 86_400_000 * seconds) / FULL_SECONDS,
    realMs: seconds * 500,
    requests,
    length: isWire ? `${requests} requests` : `${seconds} s`,
    again: `--seed ${seed} ${isWire ? `--requests ${requests}` : `--seconds ${seconds}`}`,
  };
}
