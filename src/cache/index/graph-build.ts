import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Arena } from './arena.ts';
import { EF_CONSTRUCTION, efSearch, type HnswGraph, type HnswModule, M } from './hnsw.ts';
import type { Scope, ScopeRows } from './scope.ts';

const WORKER = new URL('./graph.worker.js', import.meta.url);

export interface BuiltGraph {
  readonly native: HnswGraph;
  readonly rows: ScopeRows;
}

/**
 * A graph of a scope in the making. A worker reads the rows where they lie, because 10,000 of them take seconds and
 * 100,000 minutes, and hands the graph over in a file, because hnswlib knows no other way. The file holds embeddings,
 * from which prompts can be guessed: nobody else may read it, and it is gone when it has been read or the build has ended
 * otherwise. Nothing here keeps the process alive but for the moment of reading.
 */
export class GraphBuild {
  readonly scope: Scope;
  /** Rejects when the graph cannot be had; null: the build was cancelled. */
  readonly done: Promise<BuiltGraph | null>;
  readonly #hnsw: HnswModule;
  readonly #arena: Arena;
  readonly #workerUrl: URL;
  #worker: Worker | null = null;
  #isCancelled = false;

  constructor(hnsw: HnswModule, arena: Arena, scope: Scope, workerUrl: URL = WORKER) {
    this.#hnsw = hnsw;
    this.#arena = arena;
    this.#workerUrl = workerUrl;
    this.scope = scope;
    this.done = this.#run();
  }

  cancel(): void {
    this.#isCancelled = true;
    void this.#worker?.terminate();
  }

  async #run(): Promise<BuiltGraph | null> {
    // After what the caller adds in one go, so that a cache that is filled at its start is built once.
    await Promise.resolve();
    if (this.#isCancelled) return null;
    // At once, and with the hook: a process that exits has no time between the two.
    const directory = mkdtempSync(join(tmpdir(), 'llm-router-index-'));
    const removeAtExit = () => rmSync(directory, { recursive: true, force: true });
    process.once('exit', removeAtExit);
    try {
      const file = join(directory, 'graph');
      writeFileSync(file, '', { mode: 0o600 });
      const rows = this.scope.rows();
      await this.#write(file, rows.slots);
      if (this.#isCancelled) return null;
      const native = new this.#hnsw.HierarchicalNSW('ip', this.#arena.dimensions);
      await native.readIndex(file);
      native.setEf(efSearch(rows.slots.length));
      return { native, rows };
    } finally {
      await rm(directory, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    }
  }

  /** Resolves when the worker has ended: the file is there, or the build was cancelled. */
  #write(file: string, slots: Uint32Array): Promise<void> {
    const { shared, rowsAt, rowFloats, dimensions } = this.#arena;
    const task = { shared, rowsAt, rowFloats, dimensions, slots, m: M, efConstruction: EF_CONSTRUCTION, file };
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#workerUrl, { workerData: task, execArgv: [], name: 'llm-router index' });
      worker.unref();
      worker.once('error', reject);
      worker.once('exit', (code) => {
        if (code === 0 || this.#isCancelled) resolve();
        else reject(new Error(`the worker ended with code ${code}`));
      });
      this.#worker = worker;
    });
  }
}
