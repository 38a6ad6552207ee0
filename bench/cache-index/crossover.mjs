// The same scope scanned and served by a graph, at one size. Arguments: rows.
import { loadHnsw } from '../../dist/src/cache/index/hnsw.js';
import { createVectorIndex } from '../../dist/src/cache/vector-index.js';
import { report, timed } from './measure.mjs';
import { DIMENSIONS, draws, near, vectors } from './vectors.mjs';

const rows = Number(process.argv[2]);
const hold = setInterval(() => {}, 1_000);
const logger = { debug() {}, info() {}, warn: (data, message) => console.error(message, data), error() {} };
const vector = vectors('clustered', rows);
const options = { dimensions: DIMENSIONS, maxEntries: rows, crossover: rows, logger };
const result = {};
for (const [design, hnsw] of [
  ['scan', null],
  ['graph', await loadHnsw()],
]) {
  const index = createVectorIndex({ ...options, hnsw });
  for (let row = 0; row < rows; row++) index.add('scope', vector(row));
  await index.settled();
  const draw = draws(1e6);
  const prepare = () => near(vector(Math.floor(draw() * rows)), 0.9 + 0.09 * draw(), draw);
  result[design] = timed(2_000, prepare, (query) => index.search('scope', query, 4));
  await index.close();
}
report(result);
clearInterval(hold);
