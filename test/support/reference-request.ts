// A request of the naive reference: what it carries, how it is made, its serving order, and the code it fails with.

import type { Timer } from './reference-model.ts';

export type PriorityClass = 'critical' | 'high' | 'normal' | 'low';
export interface RuleConfig {
  priority: PriorityClass;
  targets: string[];
  fallback: string[];
  whenUnavailable?: 'wait' | 'fail';
  maxRetries?: number;
}
export interface Submission {
  id: string;
  priority: PriorityClass;
  timeoutMs?: number;
  model?: string;
  fallback?: boolean;
  whenUnavailable?: 'wait' | 'fail';
  maxRetries?: number;
}

/** why a model refuses a request, or gives back one that waits or backs off there */
export type Refusal =
  | 'paused'
  | 'draining'
  | 'circuit_open'
  | 'half_open'
  | 'rate_limited'
  | 'queue_full'
  | 'deadline_unreachable';
/** how a candidate that did not serve the request left it, last */
export type LastWord = Refusal | 'failed' | 'displaced';

export interface Request {
  id: string;
  seq: number;
  priority: PriorityClass;
  arrival: number;
  deadline: number;
  whenUnavailable: 'wait' | 'fail';
  maxRetries: number; // by each candidate
  candidates: string[];
  cursor: number; // the candidate whose turn it is; -1 before the first
  lastWords: Record<string, LastWord>; // by candidate, in this pass
  attempts: number; // in all passes
  attemptsBy: Record<string, number>; // by candidate, in all passes
  met: ('failed' | 'rate_limited')[]; // what its attempts met, in all passes
  displaced: boolean; // ever
  retrying: boolean; // the model that holds it has failed it and is trying again
  deadlineTimer: Timer | null;
  retryTimer: Timer | null; // the end of its back-off
}

export const MAX_ATTEMPTS = 6;
const DEFAULT_TIMEOUT_MS = 120_000;
const BOOST: Record<PriorityClass, number> = { critical: 60_000, high: 45_000, normal: 5_000, low: 0 };
const RANK: Record<PriorityClass, number> = { critical: 3, high: 2, normal: 1, low: 0 };

/** targets, then fallbacks, each model once; null when the pinned name is unknown */
export function itineraryOf(
  r: Submission,
  models: string[],
  rules: RuleConfig[],
): { candidates: string[]; rule?: RuleConfig } | null {
  if (r.model !== undefined && models.includes(r.model)) return { candidates: [r.model] };
  if (r.model !== undefined && r.model !== 'auto') return null;
  const rule = rules.find((x) => x.priority === r.priority);
  if (!rule) return { candidates: models };
  const names = r.fallback === false ? rule.targets : [...rule.targets, ...rule.fallback];
  return { rule, candidates: names.filter((name, i) => names.indexOf(name) === i) };
}

/** what is asked of it, else of its rule, else of the router */
export function requestOf(
  r: Submission,
  seq: number,
  now: number,
  itinerary: { candidates: string[]; rule?: RuleConfig } | null,
  maxRetries: number,
): Request {
  return {
    id: r.id,
    seq,
    priority: r.priority,
    arrival: now,
    deadline: now + (r.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    whenUnavailable: r.whenUnavailable ?? itinerary?.rule?.whenUnavailable ?? 'fail',
    maxRetries: r.maxRetries ?? itinerary?.rule?.maxRetries ?? maxRetries,
    candidates: itinerary?.candidates ?? [],
    cursor: -1,
    lastWords: {},
    attempts: 0,
    attemptsBy: {},
    met: [],
    displaced: false,
    retrying: false,
    deadlineTimer: null,
    retryTimer: null,
  };
}

function orderKey(r: Request): number {
  return r.arrival - BOOST[r.priority];
}

/** serving order: the static key, ties by arrival, then by acceptance */
export function compare(a: Request, b: Request): number {
  return orderKey(a) - orderKey(b) || a.arrival - b.arrival || a.seq - b.seq;
}

/** who of a full list (in serving order) gives its place to the newcomer: the last, if lower in class and later in key */
export function victimOf(list: Request[], newcomer: Request): Request | null {
  const last = list[list.length - 1];
  if (!last || RANK[last.priority] >= RANK[newcomer.priority] || orderKey(last) <= orderKey(newcomer)) return null;
  return last;
}

/** an attempt that was made outranks a skip */
export function finalCode(request: Request): string {
  if (request.met.includes('failed')) return 'provider_failed';
  if (request.met.includes('rate_limited')) return 'rate_limited';
  const words = Object.values(request.lastWords);
  if (words.includes('queue_full') || words.includes('displaced')) return 'queue_full';
  if (words.length > 0 && words.every((w) => w === 'rate_limited')) return 'rate_limited';
  if (words.includes('deadline_unreachable')) return 'deadline_unreachable';
  return 'no_model_available';
}
