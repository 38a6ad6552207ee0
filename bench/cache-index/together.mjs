// hnswlib-node alone and the index over the very same graph, in turns in one process: on a machine that does other work
// only this ratio means something. Arguments: rows.
import { loadHnsw } from '../../dist/src/cache/index/hnsw.js';
import { createVectorIndex } from '../../dist/src/cache/vector-index.js';
import { report, summary } from './measure.mjs';
import { DIMENSIONS, draws, near, vectors } from './vectors.mjs';

const rows = Number(process.argv[2]);
const hold = setInterval(() => {}, 1_000);
const logger = { debug() {}, info() {}, warn: (data, message) => console.error(message, data), error() {} };
const vector = vectors('clustered', rows);
const hnsw = await loadHnsw();
let graph;
class HierarchicalNSW extends hnsw.HierarchicalNSW {
  constructor(...args) {
    super(...args);
    graph = this;
  }
}
const index = createVectorIndex({ dimensions: DIMENSIONS, maxEntries: 2 * rows, hnsw: { HierarchicalNSW }, logger });
for (let row = 0; row < rows; row++) index.add('scope', vector(row));
await index.settled();

const draw = draws(1e6);
const query = new Array(DIMENSIONS).fill(0);
const designs = {
  bare(asked) {
    for (let at = 0; at < DIMENSIONS; at++) query[at] = asked[at];
    graph.searchKnn(query, 4);
  },
  index: (asked) => index.search('scope', asked, 4),
};
function inTurns() {
  const times = { bare: [], index: [] };
  for (let round = 0; round < 9_000; round++) {
    const asked = near(vector(Math.floor(draw() * rows)), 0.9 + 0.09 * draw(), draw);
    const design = round % 2 === 0 ? 'bare' : 'index';
    const startedAt = performance.now();
    designs[design](asked);
    if (round >= 1_000) times[design].push(performance.now() - startedAt);
  }
  return { bare: summary(times.bare), index: summary(times.index) };
}
const result = { fresh: inTurns() };
for (let row = 0; row < Math.floor(rows / 24); row++) index.add('scope', vector(rows + row));
if (index.stats().rebuilding) throw new Error('a rebuild has begun too early');
result.beforeRebuild = inTurns();
report(result);
await index.close();
clearInterval(hold);
