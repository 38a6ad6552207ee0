// hnswlib-node alone, with the parameters of the index: a search and nothing else. Arguments: rows, kind of vectors.
import hnswlib from 'hnswlib-node';
import { EF_CONSTRUCTION, efSearch, M } from '../../dist/src/cache/index/hnsw.js';
import { report, timed } from './measure.mjs';
import { DIMENSIONS, draws, near, vectors } from './vectors.mjs';

const [rows, kind] = [Number(process.argv[2]), process.argv[3]];
const vector = vectors(kind, rows);
const graph = new hnswlib.HierarchicalNSW('ip', DIMENSIONS);
graph.initIndex({ maxElements: rows, m: M, efConstruction: EF_CONSTRUCTION });
graph.setEf(efSearch(rows));
for (let row = 0; row < rows; row++) graph.addPoint(Array.from(vector(row)), row);

const draw = draws(1e6);
const prepare = () => near(vector(Math.floor(draw() * rows)), 0.9 + 0.09 * draw(), draw);
const query = new Array(DIMENSIONS).fill(0);
const lookUp = timed(4_000, prepare, (asked) => {
  for (let at = 0; at < DIMENSIONS; at++) query[at] = asked[at];
  graph.searchKnn(query, 4);
});
report({ lookUp });
