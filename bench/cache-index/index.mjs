// The index with one scope of so many rows. Arguments: rows, kind of vectors, `hnsw` or `exact`, and the seconds after
// which a rebuild is no longer watched.
import { loadHnsw } from '../../dist/src/cache/index/hnsw.js';
import { createVectorIndex } from '../../dist/src/cache/vector-index.js';
import { longestBlock, pause, report, residentBytes, summary, timed, turn } from './measure.mjs';
import { DIMENSIONS, draws, near, vectors } from './vectors.mjs';

const [rows, kind, design] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const patience = Number(process.argv[5]) * 1_000;
const hold = setInterval(() => {}, 1_000);
const logger = { debug() {}, info() {}, warn: (data, message) => console.error(message, data), error() {} };
const vector = vectors(kind, rows);
const hnsw = design === 'hnsw' ? await loadHnsw() : null;
// So that what making vectors costs the heap is there before the measurement.
for (let number = 0; number < 10_000; number++) vector(number);

const index = createVectorIndex({ dimensions: DIMENSIONS, maxEntries: rows, hnsw, logger });
const emptyBytes = residentBytes();
/** Slots with the number of their vector, the oldest first. */
const slots = new Uint32Array(rows);
let added = 0;
const push = (given) => {
  slots[added % rows] = index.add('scope', given);
  added++;
};
while (added < rows) push(vector(added));
const buildStartedAt = performance.now();
await index.settled();
const buildSeconds = (performance.now() - buildStartedAt) / 1_000;
await pause(200);
const bytesPerEntry = (residentBytes() - emptyBytes - slots.byteLength) / rows;

const draw = draws(1e6);
/** A near copy of an entry, and its place in `slots`. */
function asked() {
  const number = added - 1 - Math.floor(draw() * rows);
  return { at: number % rows, query: near(vector(number), 0.9 + 0.09 * draw(), draw) };
}
const lookUp = () => timed(4_000, asked, ({ query }) => index.search('scope', query, 4));
function recall() {
  let found = 0;
  for (let count = 0; count < 2_000; count++) {
    const { at, query } = asked();
    if (index.search('scope', query, 1)[0].slot === slots[at]) found++;
  }
  return found / 2_000;
}
/** At capacity: the oldest goes, a new one comes. */
function insert(given) {
  index.remove('scope', slots[added % rows]);
  push(given);
}
const result = { stats: index.stats(), buildSeconds, bytesPerEntry, lookUp: lookUp(), recall: recall() };

const untilRebuild = hnsw === null ? 2_000 : Math.min(2_000, Math.floor(rows / 24) - 100);
result.insert = timed(untilRebuild - 100, () => vector(added), insert, 100);
if (hnsw !== null) {
  // As much in the tail, and as much of the graph dead, as there may be before it is built anew.
  while (added < rows + Math.floor(rows / 24)) insert(vector(added));
  result.lookUpBeforeRebuild = lookUp();
  insert(vector(added));
  if (!index.stats().rebuilding) throw new Error('no rebuild has begun');
  const times = [];
  const lookUps = [];
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const blockMs = await longestBlock(async () => {
    // About a hundred inserts a second, far more than a cache in use sees, and no more than need no further rebuild.
    for (let turns = 0; index.stats().rebuilding && elapsed() < patience; turns++) {
      const [given, { query }] = [vector(added), asked()];
      if (turns % 8 === 0 && times.length < rows / 32) {
        const before = performance.now();
        insert(given);
        times.push(performance.now() - before);
      }
      const before = performance.now();
      index.search('scope', query, 4);
      lookUps.push(performance.now() - before);
      await pause(1);
    }
    await turn();
  });
  result.insertWhileRebuilding = { ...summary(times), count: times.length };
  result.lookUpWhileRebuilding = summary(lookUps);
  if (!index.stats().rebuilding) {
    Object.assign(result, { blockMs, rebuildSeconds: elapsed() / 1_000, recallAfterRebuild: recall() });
  }
}
report(result);
await index.close();
clearInterval(hold);
