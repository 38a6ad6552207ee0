// @ts-check
import { workerData } from 'node:worker_threads';
import hnswlib from 'hnswlib-node';

// Builds one graph from rows that it shares with the main thread, writes it to a file and ends. Everything is synchronous:
// a worker that is terminated then stops between two calls of hnswlib, never with one of its threads in a freed graph.

/**
 * @typedef {object} GraphTask
 * @property {SharedArrayBuffer} shared
 * @property {number} rowsAt where the row in slot 0 begins, in bytes
 * @property {number} rowFloats
 * @property {number} dimensions
 * @property {Uint32Array} slots row number to slot
 * @property {number} m
 * @property {number} efConstruction
 * @property {string} file
 */

const { shared, rowsAt, rowFloats, dimensions, slots, m, efConstruction, file } = /** @type {GraphTask} */ (workerData);

const graph = new hnswlib.HierarchicalNSW('ip', dimensions);
graph.initIndex({ maxElements: slots.length, m, efConstruction });
const floats = new Float32Array(shared, rowsAt);
/** @type {number[]} */
const vector = new Array(dimensions).fill(0);
slots.forEach((slot, row) => {
  // A row that is overwritten meanwhile is read as a mixture: its entry is gone and it will be marked as removed.
  for (let index = 0; index < dimensions; index++) vector[index] = floats[slot * rowFloats + index] ?? 0;
  graph.addPoint(vector, row);
});
graph.writeIndexSync(file);
