import type { Settlement } from '../machines/settlement.ts';
import type { Answer } from './answer.ts';
import type { Entry } from './entry.ts';
import {
  CacheMissError,
  type CandidateReason,
  DeadlineError,
  type LLMRouterError,
  type LLMRouterErrorOptions,
  NoModelAvailableError,
  ProviderFailedError,
  ProviderRejectedError,
  RouterStoppedError,
  StreamInterruptedError,
} from './errors.ts';
import { costOf, type Pricing } from './pricing.ts';
import { queuedMs, type Trace, traceOf } from './routing/trace.ts';
import { unservedCode } from './routing/unserved.ts';

/** What an answer tells of the model that gave it. */
export type ModelLookup = (model: string) => { readonly provider: string; readonly pricing: Pricing | null };

const NO_TOOL_CALLS: Answer['toolCalls'] = Object.freeze([]);

/** The answer of a request that was served. */
export function answerOf({ slip, at, model }: Settlement, entry: Entry, modelOf: ModelLookup): Answer {
  const { usage, finishReason, toolCalls, reasoning, raw, content } = entry.response!;
  const { tenant } = entry;
  const { cache } = slip!.terms;
  const { provider, pricing } = modelOf(model!);
  const answer: { -readonly [Key in keyof Answer]: Answer[Key] } = {
    requestId: slip!.id,
    content,
    modelUsed: model!,
    provider: entry.response!.provider ?? provider,
    success: true,
    latencyMs: at - slip!.arrival,
    queueMs: queuedMs(slip!),
    toolCalls: toolCalls ?? NO_TOOL_CALLS,
    cached: cache?.status === 'hit',
    attempts: slip!.attempts.length,
    trace: traceOf(slip!, at),
  };
  if (cache?.status === 'hit') {
    answer.cacheKind = cache.kind;
    if (cache.similarity !== undefined) answer.similarity = cache.similarity;
  }
  const cost = cache?.status === 'hit' || cache?.status === 'shared' ? 0 : costOf(usage, pricing);
  if (cost !== null) answer.cost = cost;
  if (usage != null) answer.usage = usage;
  if (finishReason != null) answer.finishReason = finishReason;
  if (reasoning != null) answer.reasoning = reasoning;
  if (raw !== undefined) answer.raw = raw;
  if (tenant !== undefined) answer.tenant = tenant;
  return answer;
}

/** What the caller of a request that was not served is told. An attempt that was made outranks a skip. */
export function errorOf(settlement: Settlement, entry: Entry): unknown {
  if (settlement.verdict === 'aborted') {
    return entry.cancelReason === undefined
      ? new DOMException('the request was called off', 'AbortError')
      : entry.cancelReason;
  }
  const trace = traceOf(settlement.slip!, settlement.at);
  const candidates = reasonsOf(trace);
  const common: LLMRouterErrorOptions = { requestId: settlement.key.id, candidates, trace };
  const cause = entry.failures[0];
  switch (settlement.verdict) {
    case 'deadline':
      return new DeadlineError(
        'deadline_exceeded',
        `the request's time ran out after ${Math.round(trace.totalMs)} ms${told(candidates)}`,
        common,
      );
    case 'cache_miss':
      return new CacheMissError('nothing that may be served is stored', common);
    case 'stopped':
      return new RouterStoppedError('the router was stopped before the request was served', common);
    default:
      // What has reached its reader cannot be taken back, however the attempts after it have ended.
      if (entry.partialText !== null) return interrupted(settlement, entry, common);
      if (settlement.verdict === 'rejected') return rejected(settlement, candidates, entry, common);
      return unserved(settlement, candidates, { ...common, cause, retryAfterMs: earliest(candidates, settlement) });
  }
}

function rejected(
  settlement: Settlement,
  candidates: readonly CandidateReason[],
  entry: Entry,
  options: LLMRouterErrorOptions,
): ProviderRejectedError {
  const { model } = settlement;
  // What the others have met must not be hidden behind the last one's refusal.
  const others = candidates.filter((candidate) => candidate.model !== model);
  const besides = others.length === 0 ? '' : `; besides: ${listed(others)}`;
  const status = statusOf(settlement) ?? 400;
  const cause = entry.failures.at(-1);
  return new ProviderRejectedError(`${model} refused the request (${status})${besides}`, {
    ...options,
    cause,
    model,
    status,
  });
}

function interrupted(
  { slip, model }: Settlement,
  entry: Entry,
  options: LLMRouterErrorOptions,
): StreamInterruptedError {
  // Another one may have been asked since, and have said nothing.
  const broken = slip!.attempts.findLast(({ firstTokenMs }) => firstTokenMs !== undefined)?.model ?? model;
  return new StreamInterruptedError(`the stream of ${broken} broke after its first content`, {
    ...options,
    cause: entry.failures.at(-1),
    model: broken,
    partialText: entry.partialText ?? '',
  });
}

function unserved(
  { slip, at }: Settlement,
  candidates: CandidateReason[],
  options: LLMRouterErrorOptions,
): LLMRouterError {
  const list = told(candidates);
  const code = unservedCode(slip!);
  switch (code) {
    case 'provider_failed':
      return new ProviderFailedError(`every model that was tried failed${list}`, options);
    case 'rate_limited':
      return new NoModelAvailableError(code, `every model that was asked is rate limited${list}`, options);
    case 'queue_full':
      return new NoModelAvailableError(code, `no model has a place${list}`, options);
    case 'deadline_unreachable': {
      const waits = slip!.skipped.flatMap(({ predictedWaitMs }) => predictedWaitMs ?? []);
      const shortest = Math.min(...waits);
      const left = Math.round(slip!.deadline - at);
      return new DeadlineError(code, `a wait of about ${shortest} ms is longer than the ${left} ms left${list}`, {
        ...options,
        predictedWaitMs: shortest,
      });
    }
    default:
      return new NoModelAvailableError(code, `no model takes the request${list}`, options);
  }
}

const reasonsOf = (trace: Trace): CandidateReason[] =>
  trace.candidates.map(({ model, reason, retryAfterMs, attempts }) => {
    const last = attempts.at(-1);
    return {
      model,
      reason:
        reason ?? last?.code ?? (last?.status === undefined ? (last?.outcome ?? 'waiting') : `status_${last.status}`),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  });

const told = (candidates: readonly CandidateReason[]): string =>
  candidates.length === 0 ? '' : `: ${listed(candidates)}`;

const listed = (candidates: readonly CandidateReason[]): string =>
  candidates.map(({ model, reason }) => `${model} (${reason})`).join(', ');

const statusOf = ({ slip }: Settlement): number | undefined => {
  const status = slip!.attempts.at(-1)?.status;
  return status !== undefined && status >= 400 && status < 500 ? status : undefined;
};

function earliest(candidates: readonly CandidateReason[], settlement: Settlement): number | undefined {
  const known = [settlement.retryAfterMs, ...candidates.map(({ retryAfterMs }) => retryAfterMs)].filter(
    (ms) => ms !== undefined,
  );
  return known.length === 0 ? undefined : Math.min(...known);
}
