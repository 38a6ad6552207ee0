import { z } from 'zod';
import { parseOptions, wholeFrom } from '../../options.ts';
import { hashSeed } from '../../random.ts';
import type { PolicyEvent } from '../policy-events.ts';
import type { PolicySource } from '../policy-source.ts';
import { drawsLots } from './lots.ts';
import { countOrInfinity, preparedOptions } from './option-schemas.ts';
import { COVERAGES, type Coverage } from './path-goals.ts';
import type { PolicyPath } from './paths-through.ts';
import { PolicyMismatchError } from './policy-mismatch.ts';
import type { PolicyState } from './policy-model/policy-state.ts';
import { policyPaths } from './policy-paths.ts';
import { runPolicy } from './policy-run.ts';
import { createWalk } from './policy-walk.ts';
import { type PreparedPolicyOptions, preparePolicy } from './prepared-policy.ts';
import { shorten } from './shorten.ts';
import { type PolicySize, smallPolicy } from './small-policy.ts';

/** How a router is tested: which paths and walks it is taken along. */
export interface TestPolicyOptions extends PreparedPolicyOptions {
  /**
   * What the paths go through; `none`: walks only. Default `transitions`; `none` when a rule has the strategy `weighted`
   * or `latency`.
   */
  readonly coverage?: Coverage | 'none' | undefined;
  /** Random walks after the paths; of a small policy every other one is through a less small one. Default 20. */
  readonly walks?: number | undefined;
  /** Default 50. */
  readonly stepsPerWalk?: number | undefined;
  /** Of the walks: the same seed, the same walks. Default 1. */
  readonly seed?: number | undefined;
  /** With more states, paths go through the nearest only. Default 500. */
  readonly maxStates?: number | undefined;
  /** With more paths, evenly spread ones are run. Default 60; `Infinity`: all are. */
  readonly maxPaths?: number | undefined;
}

/** What `testPolicy` has gone through. */
export interface TestPolicyFigures {
  readonly states: number;
  readonly transitions: number;
  /** That were run. */
  readonly paths: number;
  /** Events after which router and policy were compared, those of walks included. */
  readonly steps: number;
  /** All states were found, and all paths were run. */
  readonly isExhaustive: boolean;
}

const schema = z.strictObject({
  ...preparedOptions,
  coverage: z
    .enum([...COVERAGES, 'none'])
    .describe([...COVERAGES, 'none'].join(', '))
    .optional(),
  walks: wholeFrom(0).optional(),
  stepsPerWalk: wholeFrom(0).optional(),
  seed: z.int().describe('an integer').optional(),
  maxStates: countOrInfinity.optional(),
  maxPaths: countOrInfinity.optional(),
});

const DEFAULT_MAX_STATES = 500;
const DEFAULT_MAX_PATHS = 60;

type Prepared = ReturnType<typeof preparePolicy>;
/** Which event comes in a state; undefined: none. */
type Next = Parameters<typeof runPolicy<PolicyState>>[2];

/** Of every other walk: a failure is tried again before the breaker opens, and more than one request is parked. */
const LESS_SMALL: PolicySize = {
  maxQueueDepth: 3,
  failureThreshold: 4,
  successThreshold: 2,
  windowSize: 4,
  maxParked: 2,
};
const NO_PATHS = { paths: [], states: 0, transitions: 0, isExhaustive: false };

/**
 * Compares a router with its policy: takes fresh routers along paths through all that the policy can do, and along
 * random walks, in virtual time, and looks after each step whether all that can be seen is as the policy says.
 * @throws {PolicyMismatchError} at the first difference, with the shortest path to it that was found
 * @throws {ConfigError} when it is no configuration
 * @throws {ConfigurationError} when an option is wrong, or its paths cannot be foreseen
 */
export async function testPolicy(source: PolicySource, options: TestPolicyOptions = {}): Promise<TestPolicyFigures> {
  parseOptions(schema, options, 'testPolicy()');
  const prepared = preparePolicy(source, options);
  const { given, loaded, policy, alphabet } = prepared;
  const { small = true, walks = 20, stepsPerWalk = 50, seed = 1, maxStates = DEFAULT_MAX_STATES } = options;
  const { coverage = policy.rules.some(drawsLots) ? 'none' : 'transitions', maxPaths = DEFAULT_MAX_PATHS } = options;

  const found = coverage === 'none' ? NO_PATHS : policyPaths(loaded, { coverage, alphabet, maxStates });
  const paths = spread(found.paths, maxPaths);
  let steps = 0;
  for (const { events } of paths) steps += await compare(prepared, (_, step) => events[step]);
  const lessSmall = () => ({ ...given, config: smallPolicy(given, LESS_SMALL) });
  const other = small ? preparePolicy(lessSmall(), { ...options, small: false }) : prepared;
  for (let index = 0; index < walks; index++) {
    const walked = index % 2 === 0 ? prepared : other;
    const choose = createWalk(hashSeed(seed, index), alphabet);
    steps += await compare(walked, (state, step) =>
      step < stepsPerWalk ? choose((some) => walked.specification.events(state, some)) : undefined,
    );
  }
  const { states, transitions, isExhaustive } = found;
  return {
    states,
    transitions,
    paths: paths.length,
    steps,
    isExhaustive: isExhaustive && paths.length === found.paths.length,
  };
}

/** @returns how many steps were taken @throws {PolicyMismatchError} with the shortest path to it that was found */
async function compare({ specification, createDriver }: Prepared, next: Next): Promise<number> {
  const run = (chosen: Next): Promise<readonly PolicyEvent[]> => runPolicy(specification, createDriver(), chosen);
  try {
    return (await run(next)).length;
  } catch (error) {
    throw error instanceof PolicyMismatchError ? await shortest(error, (path) => run((_, step) => path[step])) : error;
  }
}

/** The same mismatch, or one that it hides, after fewer steps. */
async function shortest(
  error: PolicyMismatchError,
  follow: (path: readonly PolicyEvent[]) => Promise<unknown>,
): Promise<PolicyMismatchError> {
  let latest = error;
  await shorten(error.path, async (path) => {
    try {
      await follow(path);
      return null;
    } catch (next) {
      // Any other error: without the step that was dropped, a later one cannot happen.
      if (!(next instanceof PolicyMismatchError)) return null;
      latest = next;
      return next.path;
    }
  });
  return latest;
}

/** All, or so many of them at even distances. */
function spread(paths: readonly PolicyPath[], most: number): readonly PolicyPath[] {
  if (paths.length <= most) return paths;
  return Array.from({ length: most }, (_, index) => paths[Math.floor((index * paths.length) / most)]!);
}
