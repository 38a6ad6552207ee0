import type { Settlement } from '../../machines/settlement.ts';
import { LLMRouterError } from '../errors.ts';
import type { Settled } from '../ledger.ts';
import { queuedMs, traceOf } from '../routing/trace.ts';
import { contentOf } from './content.ts';
import type { Times } from './figures.ts';
import type { RequestDetail, RequestRow } from './protocol.ts';
import { Ring } from './ring.ts';

/** Settled requests that are kept. */
const MOST = 1_000;

/** What is kept of a settled request: what its trace is made of, and no content unless that was asked for. */
interface Kept {
  readonly settlement: Settlement;
  /** How far the wall's time was ahead of the router's when it settled. */
  readonly shift: number;
  readonly tenant: string | undefined;
  readonly code: string | undefined;
  readonly content: RequestDetail['content'];
}

/**
 * The last settled requests, and those that decided something that is still told of. Traces and rows are only made for
 * those who look.
 */
export class RequestLog {
  readonly #kept = new Ring<Kept>(MOST);
  /** By id; undefined: it has not settled yet. */
  readonly #deciding = new Map<string, { readonly kept: Kept; readonly n: number } | undefined>();
  readonly #includeContent: boolean;
  readonly #times: () => Times;

  constructor(includeContent: boolean, times: () => Times) {
    this.#includeContent = includeContent;
    this.#times = times;
  }

  get count(): number {
    return this.#kept.count;
  }

  add(settled: Settled): void {
    const kept = this.#keptOf(settled);
    const n = this.#kept.push(kept);
    if (this.#deciding.has(settled.id)) this.#deciding.set(settled.id, { kept, n });
  }

  /** A request of the router's own: it stands in no list, but it can have decided something. */
  addOwn(settled: Settled): void {
    if (this.#deciding.has(settled.id)) this.#deciding.set(settled.id, { kept: this.#keptOf(settled), n: 0 });
  }

  /** Keeps a request that is about to settle for longer than others: it has tripped a breaker, for example. */
  keep(id: string): void {
    if (this.#deciding.has(id)) return;
    this.#deciding.set(id, undefined);
    const [oldest] = this.#deciding.keys();
    if (this.#deciding.size > MOST) this.#deciding.delete(oldest!);
  }

  /** Those with a higher number, oldest first. */
  after(number: number): RequestRow[] {
    const rows: RequestRow[] = [];
    let n = Math.max(number, this.count - MOST);
    for (const kept of this.#kept.after(number)) rows.push(rowOf(kept, ++n));
    return rows;
  }

  /** undefined: it is not among those that are kept. */
  detail(id: string): RequestDetail | undefined {
    const deciding = this.#deciding.get(id);
    if (deciding !== undefined) return detailOf(deciding.kept, deciding.n);
    let n = Math.max(0, this.count - MOST);
    for (const kept of this.#kept.after(0)) {
      n++;
      if (kept.settlement.key.id === id) return detailOf(kept, n);
    }
    return undefined;
  }

  #keptOf(settled: Settled): Kept {
    const { now, wallTimeOf } = this.#times();
    return {
      settlement: settled.settlement,
      shift: wallTimeOf(now) - now,
      tenant: settled.tenant,
      code: codeOf(settled),
      content: this.#includeContent ? contentOf(settled) : undefined,
    };
  }
}

/** All its times by one shift, so that none of them contradicts another. */
const wallTime = (at: number, { shift }: Kept): number => Math.round(at + shift);

function detailOf(kept: Kept, n: number): RequestDetail {
  const { settlement, content } = kept;
  const slip = settlement.slip!;
  const trace = traceOf(slip, settlement.at);
  return {
    row: rowOf(kept, n),
    acceptedAt: wallTime(slip.arrival, kept),
    deadline: wallTime(slip.deadline, kept),
    candidates: slip.candidates,
    calls: slip.attempts.map((attempt) => ({ ...attempt, startedAt: wallTime(attempt.startedAt, kept) })),
    trace: {
      ...trace,
      candidates: trace.candidates.map((candidate) => ({
        ...candidate,
        attempts: candidate.attempts.map((attempt) => ({
          ...attempt,
          startedAt: wallTime(attempt.startedAt, kept),
        })),
      })),
    },
    ...(content !== undefined && { content }),
  };
}

function rowOf(kept: Kept, n: number): RequestRow {
  const { settlement, tenant, code } = kept;
  const slip = settlement.slip!;
  const cache = cacheWordOf(settlement);
  // What was stored before names who gave it once; nobody was asked this time.
  const isHit = cache === 'exact' || cache === 'semantic';
  const called = [...new Set(slip.attempts.map(({ model }) => model))];
  const model = isHit ? undefined : (settlement.model ?? called.at(-1));
  return {
    n,
    id: slip.id,
    at: wallTime(settlement.at, kept),
    priority: slip.class,
    rule: slip.rule,
    served: settlement.verdict === 'served',
    ms: tenths(settlement.at - slip.arrival),
    waitedMs: tenths(queuedMs(slip)),
    attempts: slip.attempts.length,
    streamed: slip.streams !== null,
    ...(tenant !== undefined && { tenant }),
    ...(code !== undefined && { code }),
    ...(model !== undefined && { model }),
    ...(called.length > 1 && { called }),
    ...(cache !== undefined && { cache }),
  };
}

/** Nobody reads a duration to the nanosecond. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function codeOf({ settlement, error }: Settled): string | undefined {
  if (settlement.verdict === 'served') return undefined;
  if (settlement.verdict === 'aborted') return 'cancelled';
  return error instanceof LLMRouterError ? error.code : settlement.verdict;
}

/** What the cache did for a request, in a word; undefined: nothing. */
export function cacheWordOf({ slip }: Settlement): RequestRow['cache'] {
  const verdict = slip?.terms.cache;
  if (verdict?.status === 'hit') return verdict.kind;
  if (verdict?.status === 'shared') return 'shared';
  return verdict?.status === 'miss' ? 'missed' : undefined;
}
