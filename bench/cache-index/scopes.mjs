// As many scopes as rows. Arguments: scopes.
import { createHash } from 'node:crypto';
import { loadHnsw } from '../../dist/src/cache/index/hnsw.js';
import { createVectorIndex } from '../../dist/src/cache/vector-index.js';
import { report, residentBytes, timed } from './measure.mjs';
import { DIMENSIONS, vectors } from './vectors.mjs';

const scopes = Number(process.argv[2]);
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const vector = vectors('random');
// As the cache names them, and made before the measurement, because it has them anyway.
const names = Array.from({ length: scopes }, (_, at) => createHash('sha256').update(`${at}`).digest('base64url'));
for (let number = 0; number < 10_000; number++) vector(number);
const index = createVectorIndex({ dimensions: DIMENSIONS, maxEntries: scopes, hnsw: await loadHnsw(), logger });
const any = vector(1);
const before = residentBytes();
const slots = names.map((name) => index.add(name, any));
const bytesPerScope = (residentBytes() - before) / scopes;
const heapBefore = process.memoryUsage().heapUsed;
const lookUp = timed(
  4_000,
  (at) => names[at],
  (name) => index.search(name, any, 4),
);
names.forEach((name, at) => void index.remove(name, slots[at]));
residentBytes();
const heapFreed = (heapBefore - process.memoryUsage().heapUsed) / scopes;
report({ bytesPerScope, bytesPerRow: DIMENSIONS * 4, heapFreed, lookUp, left: index.stats().scopes });
