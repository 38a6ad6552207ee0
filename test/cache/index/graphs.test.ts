import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HnswModule, loadHnsw } from '../../../src/cache/index/hnsw.ts';
import { createVectorIndex, type GraphedVectorIndex } from '../../../src/cache/vector-index.ts';
import { aLogger, aVector, draws, similarityOf } from './support.ts';

const hnsw = await loadHnsw();
const isCi = Boolean(process.env['CI']) && process.env['CI'] !== 'false';

it.skipIf(hnsw === null && !isCi)(
  `has hnswlib-node to test graphs with${hnsw === null && !isCi ? ' (skipped: it is not installed, and this is not CI)' : ''}`,
  () => {
    expect(hnsw, 'hnswlib-node is not installed or does not load: the tests of graphs cannot run').not.toBeNull();
  },
);

const DIMENSIONS = 20;
const CROSSOVER = 60;

describe.skipIf(hnsw === null)(`graphs${hnsw === null ? ' (skipped: hnswlib-node is not installed)' : ''}`, () => {
  const temporary = mkdtempSync(join(tmpdir(), 'graphs-'));
  const opened: GraphedVectorIndex[] = [];
  let logger = aLogger();

  function anIndex(worker?: string, module: HnswModule | null = hnsw): GraphedVectorIndex {
    const graphWorker = worker === undefined ? undefined : new URL(`./${worker}.worker.mjs`, import.meta.url);
    const options = { dimensions: DIMENSIONS, maxEntries: 2_000, crossover: CROSSOVER, logger, graphWorker };
    const index = createVectorIndex({ ...options, hnsw: module });
    opened.push(index);
    return index;
  }

  beforeEach(() => {
    logger = aLogger();
    vi.stubEnv('TMPDIR', temporary);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((index) => index.close()));
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  });

  afterAll(() => rmSync(temporary, { recursive: true }));

  /** What an index must hold: vectors by scope and slot. */
  class Model {
    readonly scopes = new Map<string, Map<number, Float32Array>>();

    scope(name: string): Map<number, Float32Array> {
      return this.scopes.get(name) ?? new Map();
    }

    add(index: GraphedVectorIndex, name: string, vector: Float32Array): number {
      const slot = index.add(name, vector);
      for (const scope of this.scopes.values()) expect(scope.has(slot)).toBe(false);
      this.scopes.set(name, this.scope(name).set(slot, vector));
      return slot;
    }

    remove(index: GraphedVectorIndex, name: string, slot: number): void {
      index.remove(name, slot);
      this.scope(name).delete(slot);
      if (this.scope(name).size === 0) this.scopes.delete(name);
    }

    /** Similarities that are true, of entries that live in this scope, each once, nearest first. */
    check(found: ReturnType<GraphedVectorIndex['search']>, name: string, query: Float32Array, k: number): void {
      expect(found).toHaveLength(Math.min(k, this.scope(name).size));
      expect(new Set(found.map(({ slot }) => slot)).size).toBe(found.length);
      found.forEach(({ slot, similarity }, at) => {
        expect(similarity).toBeCloseTo(similarityOf(query, this.scope(name).get(slot)!), 5);
        if (at > 0) expect(similarity).toBeLessThanOrEqual(found[at - 1]!.similarity);
      });
    }

    /** Everything that was put in and not taken out is found, under its slot, and by itself. */
    checkAll(index: GraphedVectorIndex): void {
      const sizes = [...this.scopes.values()].map(({ size }) => size);
      expect(index.stats()).toMatchObject({
        vectors: sizes.reduce((sum, size) => sum + size, 0),
        scopes: sizes.length,
      });
      for (const [name, scope] of this.scopes) {
        const [any] = scope.values();
        this.check(index.search(name, any!, 2_000), name, any!, 2_000);
        for (const [slot, vector] of scope) expect(index.search(name, vector, 1)[0]!.slot).toBe(slot);
      }
    }

    best(name: string, query: Float32Array): number {
      return Math.max(...[...this.scope(name).values()].map((vector) => similarityOf(query, vector)));
    }
  }

  function filled(index: GraphedVectorIndex, name: string, count: number, draw = draws(1)): Model {
    const model = new Model();
    for (let added = 0; added < count; added++) model.add(index, name, aVector(DIMENSIONS, draw));
    return model;
  }

  it('serves a scope from the crossover on by a graph, one below it by the scan', async () => {
    const index = anIndex();
    const model = filled(index, 'large', CROSSOVER);
    for (let count = 0; count < CROSSOVER - 1; count++) model.add(index, 'small', aVector(DIMENSIONS, draws(count)));
    await index.settled();
    expect(index.stats()).toMatchObject({ scopes: 2, graphs: 1, rebuilding: false, kind: 'hnsw' });
    model.checkAll(index);
  });

  it('agrees with a naive model over many random operations in several scopes while graphs come and go', async () => {
    const draw = draws(7);
    const [index, exact] = [anIndex(), anIndex(undefined, null)];
    const [model, exactModel] = [new Model(), new Model()];
    const pairs: { name: string; slot: number; exactSlot: number }[] = [];
    const names = ['a', 'b', 'c'];
    let [graphs, searched, hits] = [0, 0, 0];
    for (let step = 0; step < 6_000; step++) {
      const name = names[Math.floor(draw() ** 2 * names.length)]!;
      // It grows, then shrinks, then grows again, so that every scope crosses the line in both directions.
      const grows = Math.floor(step / 1_500) % 2 === 0 ? 0.5 : 0.3;
      const drawn = draw();
      if (drawn < grows) {
        const vector = aVector(DIMENSIONS, draw);
        const [slot, exactSlot] = [model.add(index, name, vector), exactModel.add(exact, name, vector)];
        pairs.push({ name, slot, exactSlot });
      } else if (drawn < 0.8) {
        const [gone] = pairs.splice(Math.floor(draw() * pairs.length), 1);
        if (gone === undefined) continue;
        model.remove(index, gone.name, gone.slot);
        exactModel.remove(exact, gone.name, gone.exactSlot);
      } else {
        const [query, k] = [aVector(DIMENSIONS, draw), 1 + Math.floor(draw() * 5)];
        const [found, scanned] = [index.search(name, query, k), exact.search(name, query, k)];
        model.check(found, name, query, k);
        exactModel.check(scanned, name, query, k);
        if (scanned.length === 0) continue;
        expect(scanned[0]!.similarity).toBeCloseTo(model.best(name, query), 5);
        searched++;
        if (found[0]!.similarity === scanned[0]!.similarity) hits++;
      }
      if (step % 10 === 0) await setImmediate();
      if (step % 250 === 249) {
        await index.settled();
        graphs = Math.max(graphs, index.stats().graphs);
        model.checkAll(index);
      }
    }
    expect(graphs).toBeGreaterThanOrEqual(2);
    expect(searched).toBeGreaterThan(800);
    expect(hits / searched).toBeGreaterThan(0.99);
    expect(logger.warnings).toEqual([]);
  });

  it('builds anew when the tail has grown, and when much was removed', async () => {
    const index = anIndex();
    const draw = draws(2);
    const model = filled(index, 'a', 200, draw);
    await index.settled();
    for (let count = 0; count < 8; count++) model.add(index, 'a', aVector(DIMENSIONS, draw));
    expect(index.stats().rebuilding).toBe(false);
    model.add(index, 'a', aVector(DIMENSIONS, draw));
    expect(index.stats().rebuilding).toBe(true);
    await index.settled();
    const slots = [...model.scope('a').keys()];
    for (const slot of slots.slice(0, 52)) model.remove(index, 'a', slot);
    expect(index.stats().rebuilding).toBe(false);
    model.remove(index, 'a', slots[52]!);
    expect(index.stats().rebuilding).toBe(true);
    await index.settled();
    expect(index.stats()).toMatchObject({ graphs: 1, rebuilding: false });
    model.checkAll(index);
  });

  it('gives a graph up below half the crossover, and with most of its rows removed', async () => {
    const index = anIndex();
    const model = filled(index, 'a', 100);
    await index.settled();
    for (const slot of [...model.scope('a').keys()].slice(0, 70)) model.remove(index, 'a', slot);
    await index.settled();
    expect(index.stats().graphs).toBe(1);
    model.remove(index, 'a', [...model.scope('a').keys()][0]!);
    expect(index.stats().graphs).toBe(0);
    model.checkAll(index);
    for (const slot of [...model.scope('a').keys()]) model.remove(index, 'a', slot);
    expect(index.stats()).toEqual({ vectors: 0, scopes: 0, graphs: 0, rebuilding: false, kind: 'hnsw' });
  });

  /** Resolves with what the held worker was given to build; call `go` to let it. */
  function heldBuild(): { begun: Promise<{ rows: number; file: string }>; go(): void } {
    const channel = new BroadcastChannel('graph');
    const begun = new Promise<{ rows: number; file: string }>((resolve) => {
      channel.onmessage = ({ data }: MessageEvent) => resolve(data as { rows: number; file: string });
    });
    return {
      begun,
      go() {
        channel.postMessage('go');
        channel.close();
      },
    };
  }

  it('while a graph is built serves look-ups, inserts and removals, and loses none', async () => {
    const { begun, go } = heldBuild();
    const index = anIndex('held');
    const draw = draws(3);
    const model = filled(index, 'a', 100, draw);
    expect((await begun).rows).toBe(100);
    for (const slot of [...model.scope('a').keys()].slice(10, 30)) model.remove(index, 'a', slot);
    for (let count = 0; count < 4; count++) model.add(index, 'a', aVector(DIMENSIONS, draw));
    model.checkAll(index);
    expect(index.stats()).toMatchObject({ graphs: 0, rebuilding: true });
    go();
    await index.settled();
    expect(index.stats().graphs).toBe(1);
    model.checkAll(index);
  });

  it('never answers with a slot that was given to another scope while a graph of its old row was built', async () => {
    const { begun, go } = heldBuild();
    const index = anIndex('held');
    const draw = draws(4);
    const model = filled(index, 'a', 100, draw);
    await begun;
    const moved = [...model.scope('a')].slice(0, 25);
    for (const [slot] of moved) model.remove(index, 'a', slot);
    const taken = moved.map(([, vector]) => model.add(index, 'b', vector));
    expect(new Set(taken)).toEqual(new Set(moved.map(([slot]) => slot)));
    go();
    await index.settled();
    expect(index.stats().graphs).toBe(1);
    for (const [, vector] of moved) {
      for (const { slot } of index.search('a', vector, 60)) expect(taken).not.toContain(slot);
    }
    model.checkAll(index);
  });

  it('throws away what was built of a scope that was emptied and came again meanwhile', async () => {
    const { begun } = heldBuild();
    const index = anIndex('held');
    const model = filled(index, 'a', 100);
    await begun;
    for (const slot of [...model.scope('a').keys()]) model.remove(index, 'a', slot);
    for (let count = 0; count < 20; count++) model.add(index, 'a', aVector(DIMENSIONS, draws(count)));
    await index.settled();
    expect(index.stats()).toMatchObject({ graphs: 0, vectors: 20 });
    model.checkAll(index);
    expect(logger.warnings).toEqual([]);
  });

  it('throws away what was built of a scope that has become too small for it meanwhile', async () => {
    const { begun, go } = heldBuild();
    const index = anIndex('held');
    const model = filled(index, 'a', 100);
    await begun;
    for (const slot of [...model.scope('a').keys()].slice(0, 71)) model.remove(index, 'a', slot);
    go();
    await index.settled();
    expect(index.stats()).toMatchObject({ graphs: 0, vectors: 29 });
    model.checkAll(index);
  });

  it('gives the memory of every graph back that it no longer uses, because no garbage collector would', async () => {
    let [made, released] = [0, 0];
    const Original = hnsw!.HierarchicalNSW;
    class HierarchicalNSW extends Original {
      constructor(space: 'ip', dimensions: number) {
        super(space, dimensions);
        made++;
      }

      override initIndex(maxElements: number): void {
        super.initIndex(maxElements);
        released++;
      }
    }
    const index = anIndex(undefined, { HierarchicalNSW });
    const draw = draws(8);
    const model = filled(index, 'replaced and closed', 100, draw);
    await index.settled();
    for (let count = 0; count < 50; count++) model.add(index, 'replaced and closed', aVector(DIMENSIONS, draw));
    for (let count = 0; count < 100; count++) model.add(index, 'emptied', aVector(DIMENSIONS, draw));
    await index.settled();
    expect([made, released]).toEqual([3, 1]);
    for (const slot of [...model.scope('emptied').keys()]) model.remove(index, 'emptied', slot);
    await index.settled();
    expect(released).toBe(made - 1);
    await index.close();
    expect(released).toBe(made);
  });

  it('writes a graph where nobody else can read it, and removes it', async () => {
    const { begun, go } = heldBuild();
    const index = anIndex('held');
    filled(index, 'a', 100);
    const { file } = await begun;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(dirname(dirname(file))).toBe(temporary);
    go();
    await index.settled();
    expect(index.stats().graphs).toBe(1);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('closes during a build, and leaves neither worker nor file', async () => {
    const { begun } = heldBuild();
    const index = anIndex('held');
    filled(index, 'a', 100);
    await begun;
    await index.close();
    expect(index.stats()).toEqual({ vectors: 0, scopes: 0, graphs: 0, rebuilding: false, kind: 'hnsw' });
    expect(readdirSync(temporary)).toEqual([]);
    expect(logger.warnings).toEqual([]);
  });

  it('closes before a build has got to its worker', async () => {
    const index = anIndex('throwing');
    filled(index, 'a', 100);
    await index.close();
    expect(readdirSync(temporary)).toEqual([]);
    expect(logger.warnings).toEqual([]);
  });

  it.each([
    ['throws', 'throwing', 'no graph today'],
    ['ends the thread', 'exiting', 'the worker ended with code 3'],
    ['writes half a graph', 'cut', 'Index seems to be corrupted'],
    ['is not there', 'absent', 'Cannot find module'],
  ])('goes on scanning when the worker %s, and says so once', async (_, worker, message) => {
    const index = anIndex(worker);
    const draw = draws(5);
    const model = filled(index, 'a', CROSSOVER, draw);
    await index.settled();
    model.checkAll(index);
    expect(index.stats()).toMatchObject({ graphs: 0, rebuilding: false });
    expect(logger.warnings).toEqual([
      {
        data: { error: expect.objectContaining({ message: expect.stringContaining(message) }), vectors: CROSSOVER },
        message: 'a graph of the semantic index could not be built: it is scanned',
      },
    ]);
    // Tried again after as many inserts as there were rows, so that a passing fault costs a graph for a while only.
    for (let count = 0; count < CROSSOVER - 1; count++) model.add(index, 'a', aVector(DIMENSIONS, draw));
    expect(index.stats().rebuilding).toBe(false);
    model.add(index, 'a', aVector(DIMENSIONS, draw));
    expect(index.stats().rebuilding).toBe(true);
    await index.settled();
    model.checkAll(index);
    expect(logger.warnings).toHaveLength(1);
  });

  it('goes on scanning when there is no place for a graph’s file', async () => {
    vi.stubEnv('TMPDIR', join(temporary, 'nowhere'));
    const index = anIndex();
    const model = filled(index, 'a', 100);
    await index.settled();
    expect(index.stats().graphs).toBe(0);
    expect(logger.warnings).toHaveLength(1);
    model.checkAll(index);
  });

  it('builds for one scope after the other', async () => {
    const index = anIndex();
    const model = new Model();
    const draw = draws(6);
    for (let count = 0; count < 300; count++) model.add(index, `scope ${count % 4}`, aVector(DIMENSIONS, draw));
    await index.settled();
    expect(index.stats().graphs).toBe(4);
    model.checkAll(index);
  });
});
