import { AssertionError } from 'node:assert';
import type { Outcome } from '../../breaker/outcome.ts';
import type { PriorityClass } from '../../queue/priority.ts';
import type { SkipReason } from '../../routing/slip.ts';
import type { TraceCandidate } from '../../routing/trace.ts';
import { times, traceWords } from './trace-words.ts';
import { servedWords, tracedOf } from './traced.ts';

/** What a trace must say. Each method throws an `AssertionError` that prints the whole trace when it does not. */
export interface TraceExpectation {
  /** This model answered. */
  servedBy(model: string): this;
  /** No model answered, and the cache did not either. */
  notServed(): this;
  /** The cache answered. `kind`: how; default: either way. */
  servedByCache(kind?: 'exact' | 'semantic'): this;
  /** The model was called. `outcome`: at least one of the calls ended so; default: however they ended. */
  tried(model: string, outcome?: Outcome): this;
  /** The model was not called: it was passed over, or its turn never came. */
  notTried(model: string): this;
  /** The model was passed over, or gave the request back. `reason`: why; default: whatever the reason. */
  skipped(model: string, reason?: SkipReason): this;
  /** These were asked, in this order; others may have been asked before, between and after. */
  inOrder(...models: readonly string[]): this;
  /** So many calls were made: of this model, or of all together. */
  attempts(count: number, model?: string): this;
  /** This rule decided; null: none matched. */
  byRule(rule: string | null): this;
  /** The request was of this class. */
  ofClass(priority: PriorityClass): this;
  /** It waited so often outside every model for one to come back; 0: never. */
  parked(count: number): this;
}

/**
 * Says in a test how a request must have been decided.
 * @param value an answer, an error that the router rejected with, or the trace of either
 * @throws {TypeError} when there is no trace in it
 *
 * @example
 * const answer = await router.generate('hi', { priority: 'high' });
 * expectTrace(answer).tried('local', 'failure').servedBy('cloud').attempts(2);
 */
export function expectTrace(value: unknown): TraceExpectation {
  const traced = tracedOf(value);
  const { trace, servedBy, cacheKind } = traced;
  const { candidates } = trace;
  const candidateOf = (model: string): TraceCandidate | undefined => candidates.find((one) => one.model === model);
  const attemptsOf = (model: string) => candidateOf(model)?.attempts ?? [];

  const expectation: TraceExpectation = {
    servedBy(model) {
      return check(
        servedBy === model,
        `the request to be served by '${model}'`,
        `it was ${servedWords(traced)}`,
        model,
        servedBy,
      );
    },
    notServed() {
      const isSo = servedBy === null && cacheKind === null;
      return check(isSo, 'the request not to be served', `it was ${servedWords(traced)}`, null, servedBy ?? 'cache');
    },
    servedByCache(kind) {
      const isSo = cacheKind !== null && (kind === undefined || kind === cacheKind);
      const wanted = `the request to be served by the cache${kind === undefined ? '' : ` (${kind})`}`;
      return check(isSo, wanted, `it was ${servedWords(traced)}`, kind ?? 'exact or semantic', cacheKind);
    },
    tried(model, outcome) {
      const outcomes = attemptsOf(model).map((attempt) => attempt.outcome);
      const isSo = outcome === undefined ? outcomes.length > 0 : outcomes.includes(outcome);
      const wanted = `'${model}' to be tried${outcome === undefined ? '' : ` with the outcome ${outcome}`}`;
      const happened = outcomes.length === 0 ? 'it was not called' : `its calls ended with ${outcomes.join(', ')}`;
      return check(isSo, wanted, happened, outcome ?? 'any outcome', outcomes);
    },
    notTried(model) {
      const { length } = attemptsOf(model);
      return check(length === 0, `'${model}' not to be tried`, `it was called ${times(length)}`, 0, length);
    },
    skipped(model, reason) {
      const candidate = candidateOf(model);
      const isSo = candidate?.reason !== undefined && (reason === undefined || candidate.reason === reason);
      const wanted = `'${model}' to be skipped${reason === undefined ? '' : ` for ${reason}`}`;
      return check(isSo, wanted, skipWords(candidate), reason ?? 'any reason', candidate?.reason);
    },
    inOrder(...models) {
      const asked = candidates.map(({ model }) => model);
      let from = 0;
      const isSo = models.every((model) => {
        from = asked.indexOf(model, from) + 1;
        return from > 0;
      });
      const happened = asked.length === 0 ? 'none was asked' : `these were asked: ${asked.join(', ')}`;
      return check(isSo, `${models.join(', ')} to be asked in this order`, happened, models, asked);
    },
    attempts(count, model) {
      const asked = model === undefined ? candidates : candidates.filter((one) => one.model === model);
      const made = asked.reduce((sum, { attempts }) => sum + attempts.length, 0);
      const wanted = `${count} attempt${count === 1 ? '' : 's'}${model === undefined ? '' : ` at '${model}'`}`;
      return check(made === count, wanted, `there were ${made}`, count, made);
    },
    byRule(rule) {
      const wanted = rule === null ? 'no rule to decide' : `the rule '${rule}' to decide`;
      const happened = trace.rule === null ? 'no rule did' : `'${trace.rule}' did`;
      return check(trace.rule === rule, wanted, happened, rule, trace.rule);
    },
    ofClass(priority) {
      const { class: own } = trace;
      return check(own === priority, `the request to be of class ${priority}`, `it was of class ${own}`, priority, own);
    },
    parked(count) {
      const parked = trace.parked?.count ?? 0;
      const wanted = `the request to wait outside every model ${times(count)}`;
      return check(parked === count, wanted, `it waited ${times(parked)}`, count, parked);
    },
  };
  return expectation;

  function check(isSo: boolean, wanted: string, happened: string, expected: unknown, actual: unknown) {
    if (isSo) return expectation;
    throw new AssertionError({
      message: `expected ${wanted}, but ${happened}\n${traceWords(trace)}`,
      expected,
      actual,
      operator: 'expectTrace',
    });
  }
}

function skipWords(candidate: TraceCandidate | undefined): string {
  if (candidate === undefined) return 'its turn never came';
  return candidate.reason === undefined ? `it ${candidate.verdict}` : `it was for ${candidate.reason}`;
}
