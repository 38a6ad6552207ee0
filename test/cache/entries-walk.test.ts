import { expect, it } from 'vitest';
import { CacheEntries, type PurgeFilter } from '../../src/cache/entries.ts';
import type { CacheRow } from '../../src/cache/entry.ts';
import { createVectorIndex, type VectorIndex } from '../../src/cache/vector-index.ts';
import { nextRandom } from '../../src/random.ts';
import { KeptRows, rowOf } from './kept-rows.ts';
import { NaiveEntries } from './naive-entries.ts';

const STEPS = 100_000;
const MAX_ENTRIES = 6;
const MAX_ALIASES = 3;
const KEYS = Array.from({ length: 12 }, (_, at) => `key ${at}`);
/** Some are keys too. */
const ALIASES = [...Array.from({ length: 12 }, (_, at) => `alias ${at}`), ...KEYS.slice(0, 2)];
const SCOPES = ['x', 'y', 'z'];
/** Unit vectors, which the index gives back as they are. */
const VECTORS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
].map((parts) => Float32Array.from(parts));
const UNUSABLE = Float32Array.of(Number.NaN, 0);

function diceOf(seed: number) {
  let state = seed;
  const below = (count: number): number => {
    const { value, seed: next } = nextRandom(state);
    state = next;
    return Math.floor(value * count);
  };
  const chance = (percent: number): boolean => below(100) < percent;
  return { below, chance, of: <T>(list: readonly T[]): T => list[below(list.length)]! };
}

const newIndex = (): VectorIndex =>
  createVectorIndex({ dimensions: 2, maxEntries: MAX_ENTRIES, hnsw: null, logger: { warn() {}, error() {} } as never });

/** Both caches, and what may be done to them. */
function sideBySide(seed: number) {
  const { below, chance, of } = diceOf(seed);
  const model = new NaiveEntries(MAX_ENTRIES, MAX_ALIASES);
  const store = new KeptRows();
  const gone = new Set<string>();
  const clock = { wallNow: () => model.now };
  const onGone = (key: string): unknown => gone.add(key);
  const entries = new CacheEntries({ maxEntries: MAX_ENTRIES, maxAliases: MAX_ALIASES, clock, store, onGone });
  let index: VectorIndex | null = null;

  const anyKey = (): string => of(chance(50) ? KEYS : ALIASES);
  const anyVector = (): Float32Array => (chance(10) ? UNUSABLE : of(VECTORS));
  const anyRow = (): CacheRow =>
    rowOf(of(KEYS), {
      scope: of(SCOPES),
      storedAt: model.now,
      expiresAt: chance(20) ? Number.POSITIVE_INFINITY : model.now + below(60),
      vector: chance(70) ? anyVector() : null,
    });
  const anyFilter = (): PurgeFilter => ({
    scope: chance(50) ? of(SCOPES) : undefined,
    key: chance(50) ? anyKey() : undefined,
    olderThanMs: chance(50) ? below(40) : undefined,
    predicate: chance(30) ? ({ key }) => key.endsWith('1') : undefined,
  });

  /** Each gives what it came to, and what it should have come to. */
  const steps: Readonly<Record<string, () => readonly [unknown, unknown]>> = {
    put(row = anyRow()) {
      return [entries.put(row), model.put(row)];
    },
    get(key = anyKey()) {
      return [entries.get(key)?.key, model.get(key)];
    },
    addAlias(alias = of(ALIASES), key = of(KEYS)) {
      return [entries.addAlias(alias, key), model.addAlias(alias, key)];
    },
    setVector(key = of(KEYS), vector = anyVector()) {
      return [entries.setVector(key, vector), model.setVector(key, vector)];
    },
    delete(key = of(KEYS)) {
      return [entries.delete(key), model.delete(key)];
    },
    purge(filter = anyFilter()) {
      return [entries.purge(filter), model.purge(filter)];
    },
    purgeStale: () => [entries.purgeStale(), model.purgeStale()],
    clear: () => [entries.clear(), model.clear()],
    dropVectors: () => [entries.dropVectors(), model.dropVectors()],
    useIndex() {
      const former = index;
      index = newIndex();
      entries.useIndex(index);
      model.useIndex();
      return [former?.stats().vectors ?? 0, 0];
    },
    wait() {
      model.now += below(12);
      return [null, null];
    },
  };
  /** Vectors as the index has them; null while an expired row, which a look would take away, is among them. */
  const indexed = (): readonly [string, string] | null => {
    const withVector = model.kept.filter(({ row }) => index !== null && row.vector !== null);
    if (index === null || withVector.some(({ row }) => model.now >= row.expiresAt)) return null;
    const found = SCOPES.flatMap((scope) =>
      index!
        .search(scope, VECTORS[0]!, MAX_ENTRIES + 1)
        .map(({ slot }) => `${scope} ${entries.bySlot(slot)?.key} ${index!.vectorOf(slot)}`),
    );
    return [linesOf(found), linesOf(withVector.map(({ row }) => `${row.scope} ${row.key} ${row.vector}`))];
  };
  const vectors = (): number => index?.stats().vectors ?? 0;
  return { model, store, gone, entries, steps, indexed, vectors, of };
}

const linesOf = (list: readonly string[]): string => [...list].sort().join('\n');
const lineOf = ({ key, scope, storedAt, expiresAt, vector }: CacheRow): string =>
  `${key} ${scope} ${storedAt} ${expiresAt} ${vector}`;

/** In a hundred and more steps. */
const WEIGHTS: Readonly<Record<string, number>> = {
  put: 30,
  get: 25,
  addAlias: 15,
  wait: 12,
  setVector: 8,
  delete: 5,
  purge: 2,
  purgeStale: 2,
  dropVectors: 1,
  clear: 1,
  useIndex: 1,
};

it('agrees with a plain list over a hundred thousand random steps: rows, index, store, aliases and figures', () => {
  const { model, store, gone, entries, steps, indexed, vectors, of } = sideBySide(20_240_229);
  const bag = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array<string>(weight).fill(name));
  const came = new Map<string, number>();
  const count = (what: string): unknown => came.set(what, (came.get(what) ?? 0) + 1);

  for (let step = 0; step < STEPS; step++) {
    const name = of(bag);
    const before = model.kept.map(({ row }) => row.key);
    gone.clear();
    const [given, wanted] = steps[name]!();
    count(`${name} ${given}`);
    // `expect` takes as long as a hundred steps, so it is for what is known to be wrong.
    const check = (what: string, is: unknown, shouldBe: unknown): void => {
      if (is !== shouldBe) expect(is, `step ${step}, ${name}: ${what}`).toBe(shouldBe);
    };
    check('result', given, wanted);
    const { kept } = model;
    check(
      'rows in the store',
      linesOf([...store.rows.values()].map(lineOf)),
      linesOf(kept.map(({ row }) => lineOf(row))),
    );
    const aliases = kept.flatMap((one) => one.aliases.map((alias) => `${alias},${one.row.key}`));
    check('aliases in the store', linesOf([...store.aliases].map(String)), linesOf(aliases));
    const stats = entries.stats();
    check('size', entries.size, kept.length);
    check('entries', stats.entries, kept.length);
    check('aliases', stats.aliases, aliases.length);
    check('evictions', stats.evictions, model.evictions);
    check('expirations', stats.expirations, model.expirations);
    check('withVector', stats.withVector, model.hasIndex ? kept.filter(({ row }) => row.vector !== null).length : 0);
    check('vectors in the index', vectors(), stats.withVector);
    const [is, shouldBe] = indexed() ?? [];
    check('rows in the index', is, shouldBe);
    if (is !== undefined) count('index looked at');
    for (const key of before) {
      if (!kept.some(({ row }) => row.key === key)) check(`told that ${key} has gone`, gone.has(key), true);
    }
  }

  expect(model.evictions).toBeGreaterThan(1_000);
  expect(model.expirations).toBeGreaterThan(1_000);
  for (const what of [
    'index looked at',
    'put false',
    'addAlias true',
    'setVector true',
    'setVector false',
    'delete true',
  ]) {
    expect(came.get(what), what).toBeGreaterThan(500);
  }
});
