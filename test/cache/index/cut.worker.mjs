// The worker that builds, on a disk that is full before the graph is written.
import { statSync, truncateSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

await import('../../../src/cache/index/graph.worker.js');
truncateSync(workerData.file, statSync(workerData.file).size / 2);
