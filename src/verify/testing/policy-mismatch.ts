import { isError } from '../../is-error.ts';
import { foldSteps } from '../describe-event.ts';
import type { PolicyEvent, PolicyObservation } from '../policy-events.ts';

/** Where two observations differ. */
export interface Difference {
  /** Such as `models.gpt.breaker` or `settled.r1`. */
  readonly where: string;
  /** undefined: nothing is expected there. */
  readonly expected: unknown;
  /** undefined: there is nothing. */
  readonly happened: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Every leaf in which two observations differ; lists are compared as a whole. */
export function differences(expected: unknown, happened: unknown, where = ''): readonly Difference[] {
  if (Object.is(expected, happened)) return [];
  if (Array.isArray(expected) || !isRecord(expected) || !isRecord(happened)) {
    if (Array.isArray(expected) && Array.isArray(happened) && `${expected}` === `${happened}`) return [];
    return [{ where, expected, happened }];
  }
  const found: Difference[] = [];
  const look = (key: string): void => {
    found.push(...differences(expected[key], happened[key], where === '' ? key : `${where}.${key}`));
  };
  for (const key in expected) look(key);
  for (const key in happened) if (!(key in expected)) look(key);
  return found;
}

/** A router did something else than its policy says. */
export class PolicyMismatchError extends Error {
  override readonly name = 'PolicyMismatchError';
  /** What was done to it, from its beginning. */
  readonly path: readonly PolicyEvent[];
  /** What can be seen of a router that keeps to the policy after the last step. */
  readonly expected: PolicyObservation;
  /** What was seen; null when it could not be looked at, and `cause` says why. */
  readonly happened: PolicyObservation | null;
  readonly differences: readonly Difference[];

  /** @param omitted what `createRouter` was given and has not used, which may be why */
  constructor(
    path: readonly PolicyEvent[],
    expected: PolicyObservation,
    happened: PolicyObservation | { readonly error: unknown },
    omitted: readonly string[] = [],
  ) {
    const hasFailed = 'error' in happened;
    const found = hasFailed ? [] : differences(expected, happened);
    super(
      [
        'The router does something else than its policy says.',
        'Steps:',
        indent(
          foldSteps(path)
            .map((step, index) => `${index + 1}. ${step}`)
            .join('\n'),
        ),
        ...(hasFailed
          ? ['Happened:', indent(isError(happened.error) ? happened.error.message : String(happened.error))]
          : [
              'Expected:',
              indent(found.map((one) => `${one.where}: ${describe(one.expected)}`).join('\n')),
              'Happened:',
              indent(found.map((one) => `${one.where}: ${describe(one.happened)}`).join('\n')),
            ]),
        ...omitted.map((part) => `Nobody has asked the ${part} that createRouter was given: it is to hand it on.`),
      ].join('\n'),
      hasFailed ? { cause: happened.error } : undefined,
    );
    this.path = path;
    this.expected = expected;
    this.happened = hasFailed ? null : happened;
    this.differences = found;
  }
}

const describe = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
