import { FAULTS, SEED } from './half-broken.mjs';
import { OUTAGES } from './outage.mjs';

const failedOf = ({ failures }) => Object.values(failures).reduce((sum, count) => sum + count, 0);

const number = (value, digits = 0) =>
  value === null ? '–' : value.toLocaleString('en', { maximumFractionDigits: digits });

/** How a figure and its bound are shown; without a limit it is only shown. */
const noneFailed = { name: 'failed', of: failedOf, limit: 0 };
const within = (name, of, limit, digits) => ({ name, of, limit, digits });

const requests = { name: 'requests', of: (figures) => figures.requests };
const callsPerRequest = { name: 'calls a request', of: (figures) => figures.callsPerRequest, digits: 2 };
const [p50, p95, p99] = ['p50', 'p95', 'p99'].map((name, index) => ({
  name: `${name}, ms`,
  of: ({ percentiles }) => percentiles[index],
}));
const deadCalls = (limit) => within('calls to the dead primary', (figures) => figures.deadCalls, limit);
const fastAgain = { name: 'fast again after, ms', of: ({ fastAgainMs }) => fastAgainMs };

const most = (seen, of) => Math.max(...seen.map(of));
/** Repetitions in which something is not as it has to be. */
const exceptions = (seen, isRight) => seen.filter((each) => !isRight(each)).length;

const ROUTERS = ['llm-router', 'naive'];

/**
 * By name: what is measured with whom, and its figures. A `limit` is the most that a figure may be; null as a figure
 * means that it was never reached.
 */
export const SCENES = {
  outage: {
    title: 'An outage in which nothing is answered',
    about: `200 requests/s; after 20 s the primary accepts and never answers, for 6 s; service 50 ms, 1 s a try. Fast: the
median of the requests that begin in the same 100 ms is under 150 ms, and stays there until the outage ends. What failed
counts as endless. Percentiles are those of the requests that begin in the outage. What is in flight when it begins (ten
calls) shares its fate, or, in the rows "but what it had", is still answered.`,
    scene: 'outage',
    routers: ROUTERS,
    variants: Object.keys(OUTAGES).filter((name) => OUTAGES[name].fault === 'hang'),
    variantName: 'the primary',
    columns: [requests, noneFailed, { ...fastAgain, limit: 500 }, deadCalls(99), callsPerRequest, p50, p95, p99],
  },
  errors: {
    title: 'The same outage with 500s',
    about: 'As before, but that the primary answers 500 at once.',
    scene: 'outage',
    routers: ROUTERS,
    variants: Object.keys(OUTAGES).filter((name) => OUTAGES[name].fault === '500'),
    variantName: 'the primary',
    columns: [requests, noneFailed, fastAgain, deadCalls(8), callsPerRequest, p50, p95, p99],
  },
  'half-broken': {
    title: 'A primary that breaks half of its tries',
    about: `100 requests/s for 60 s; service 50 ms, 1 s a try. The primary breaks the n-th call that reaches it as drawn from
the seed ${SEED}, the same ones for each router and each fault. The breaker has \`policy: 'time'\`, \`windowMs\` 10,000,
\`failureRate\` 0.4. A 500 and a 429, which has no \`Retry-After\`, come at once; a drip would be whole after 5 s.`,
    scene: 'half-broken',
    routers: ROUTERS,
    variants: FAULTS,
    variantName: 'fault',
    columns: [requests, noneFailed, { ...callsPerRequest, limit: 1.3 }, p50, p95, { ...p99, limit: 1_199 }],
  },
  departures: {
    title: 'A reader who leaves a stream of 50 chunks after two',
    about:
      'One chunk each 20 ms. Generated is what the provider had written when it saw the connection closed; the most of all times.',
    scene: 'departures',
    variantName: 'by',
    columns: [
      { name: 'times', of: (seen) => seen.length },
      within('generated', (seen) => most(seen, ({ written }) => written), 4),
      within('closed after, ms', (seen) => most(seen, ({ closedAfterMs }) => closedAfterMs), 50),
      within('not as due', (seen) => exceptions(seen, isLeftWell), 0),
    ],
  },
  cancellations: {
    title: 'A caller who aborts, by phase',
    about: `Times from the abort; the longest of all times. Not as due: the caller got another error than the signal's reason, the
request did not count as \`cancelled\` alone, a place or a slot was still held, the breaker counted a failure, or the only
slot did not serve the next request.`,
    scene: 'cancellations',
    variantName: 'phase',
    columns: [
      { name: 'times', of: (seen) => seen.length },
      within('caller told after, ms', (seen) => most(seen, ({ rejectedAfterMs }) => rejectedAfterMs ?? Infinity), 50),
      within('closed after, ms', longestClosing, 50),
      within('calls after', (seen) => most(seen, ({ callsAfter }) => callsAfter), 0),
      within('not as due', (seen) => exceptions(seen, isCancelledWell), 0),
    ],
  },
};

/** undefined: there was no call to be closed. */
function longestClosing(seen) {
  const times = seen.map(({ closedAfterMs }) => closedAfterMs).filter((ms) => ms !== null);
  return times.length === 0 ? undefined : Math.max(...times);
}

function isLeftWell({ hasReason, cancelled, failures, blamed }) {
  return hasReason && cancelled === 1 && failures === 0 && blamed === 0;
}

function isCancelledWell({ hasReason, isServedAfter, held, total, cancelled, judged, blamed }) {
  const isFree = Object.values(held).every((count) => count === 0);
  return hasReason && isServedAfter && isFree && total === 1 && cancelled === 1 && judged === 0 && blamed === 0;
}

/** A figure, its bound and whether it holds: of the naive router, which has none, the figure alone. */
export function cellOf({ of, limit, digits }, figures, isJudged) {
  const value = of(figures);
  if (value === undefined) return { text: 'no call', isMissed: false };
  if (limit === undefined || !isJudged) return { text: number(value, digits), isMissed: false };
  const isMissed = value === null || value > limit;
  return { text: `${number(value, digits)} (≤ ${number(limit, digits)}: ${isMissed ? '**no**' : 'yes'})`, isMissed };
}
