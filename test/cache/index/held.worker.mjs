// The worker that builds, but it waits for leave: what a test does in between is done while a graph is being built.
import { parentPort, workerData } from 'node:worker_threads';

const channel = new BroadcastChannel('graph');
const leave = new Promise((resolve) => {
  channel.onmessage = ({ data }) => data === 'go' && resolve(data);
});
channel.postMessage({ rows: workerData.slots.length, file: workerData.file });
await leave;
channel.close();
parentPort?.unref();
await import('../../../src/cache/index/graph.worker.js');
