import { expect, it } from 'vitest';
import { createVectorIndex, type VectorIndexOptions } from '../../../src/cache/vector-index.ts';
import { aLogger, aVector, draws, similarityOf, unitOf } from './support.ts';

const anIndex = (options: Partial<VectorIndexOptions> = {}) =>
  createVectorIndex({ dimensions: 3, maxEntries: 100, hnsw: null, logger: aLogger(), ...options });

it('finds the nearest of a scope first, with their similarity', () => {
  const index = anIndex();
  const east = index.add('a', Float32Array.of(2, 0, 0));
  const northEast = index.add('a', Float32Array.of(1, 1, 0));
  const west = index.add('a', Float32Array.of(-1, 0, 0));
  const found = index.search('a', Float32Array.of(5, 0, 0), 10);
  expect(found.map(({ slot }) => slot)).toEqual([east, northEast, west]);
  expect(found[0]!.similarity).toBe(1);
  expect(found[1]!.similarity).toBeCloseTo(Math.SQRT1_2, 6);
  expect(found[2]!.similarity).toBe(-1);
  expect(index.search('a', Float32Array.of(5, 0, 0), 2)).toEqual(found.slice(0, 2));
});

it('never finds another scope’s, not even the same vector', () => {
  const index = anIndex();
  index.add('a', Float32Array.of(1, 2, 3));
  const own = index.add('b', Float32Array.of(-1, 0, 0));
  expect(index.search('b', Float32Array.of(1, 2, 3), 5).map(({ slot }) => slot)).toEqual([own]);
  expect(index.search('c', Float32Array.of(1, 2, 3), 5)).toEqual([]);
});

it('keeps a copy, as a unit vector, and gives copies', () => {
  const index = anIndex();
  const given = Float32Array.of(3, 0, 4);
  const slot = index.add('a', given);
  given.fill(9);
  index.vectorOf(slot).fill(9);
  expect(index.vectorOf(slot)).toEqual(Float32Array.of(0.6, 0, 0.8));
});

it.each([
  ['with a NaN', Float32Array.of(1, Number.NaN, 0), 'a vector with NaN or Infinity was given'],
  ['with an Infinity', Float32Array.of(1, Number.POSITIVE_INFINITY, 0), 'a vector with NaN or Infinity was given'],
  [
    'with a negative Infinity',
    Float32Array.of(Number.NEGATIVE_INFINITY, 0, 0),
    'a vector with NaN or Infinity was given',
  ],
  ['with both Infinities', Float32Array.of(-1 / 0, 1 / 0, 0), 'a vector with NaN or Infinity was given'],
  ['of zeros', Float32Array.of(0, -0, 0), 'a vector of zeros has no direction'],
  ['too short', Float32Array.of(1, 0), 'a vector of 2 numbers was given; the index takes 3'],
  ['too long', Float32Array.of(1, 0, 0, 0), 'a vector of 4 numbers was given; the index takes 3'],
  ['empty', new Float32Array(), 'a vector of 0 numbers was given; the index takes 3'],
])('refuses a vector %s, stored or asked for, and takes no slot for it', (_, vector, message) => {
  const index = anIndex();
  const first = index.add('a', Float32Array.of(1, 0, 0));
  expect(() => index.add('a', vector)).toThrow(new RangeError(message));
  expect(() => index.search('a', vector, 1)).toThrow(new RangeError(message));
  expect(() => index.search('nowhere', vector, 1)).toThrow(new RangeError(message));
  expect(index.stats().vectors).toBe(1);
  expect(index.add('a', Float32Array.of(0, 1, 0))).toBe(first + 1);
});

it.each([1e-30, 1e30])('takes a vector of length %d', (length) => {
  const index = anIndex();
  const slot = index.add('a', Float32Array.of(length, length, 0));
  expect(index.search('a', Float32Array.of(0, 1, 0), 1)[0]!.similarity).toBeCloseTo(Math.SQRT1_2, 6);
  expect(index.vectorOf(slot)[2]).toBe(0);
});

it.each([
  ['dimensions', 0],
  ['dimensions', 1.5],
  ['maxEntries', -1],
  ['maxEntries', Number.NaN],
  ['crossover', 0],
])('refuses %s %d', (name, value) => {
  expect(() => anIndex({ [name]: value })).toThrow(new RangeError(`${name}: ${value} is no whole number from 1`));
});

it('forgets what is removed, and gives its slot to another', () => {
  const index = anIndex();
  const slot = index.add('a', Float32Array.of(1, 0, 0));
  index.remove('a', slot);
  expect(index.search('a', Float32Array.of(1, 0, 0), 1)).toEqual([]);
  expect(() => index.vectorOf(slot)).toThrow(new RangeError(`no vector lies in slot ${slot}`));
  expect(index.stats()).toEqual({ vectors: 0, scopes: 0, graphs: 0, rebuilding: false, kind: 'exact' });
  expect(index.add('b', Float32Array.of(0, 1, 0))).toBe(slot);
  expect(index.search('a', Float32Array.of(0, 1, 0), 1)).toEqual([]);
});

it('removes nothing by a wrong scope, by a slot twice, or by a slot that it never gave out', () => {
  const index = anIndex();
  const [a, b] = [index.add('a', Float32Array.of(1, 0, 0)), index.add('b', Float32Array.of(1, 0, 0))];
  index.remove('a', b);
  index.remove('b', a);
  index.remove('c', a);
  for (const slot of [-1, 50, 1e12, Number.NaN]) index.remove('a', slot);
  expect(index.stats().vectors).toBe(2);
  index.remove('a', a);
  index.remove('a', a);
  expect(index.stats()).toMatchObject({ vectors: 1, scopes: 1 });
});

it('holds maxEntries and, for what is replaced, a few more; then says that it is full and goes on serving', () => {
  const index = anIndex({ maxEntries: 10 });
  for (let count = 0; count < 10 + 1_024; count++) index.add('a', Float32Array.of(1, count, 0));
  expect(() => index.add('a', Float32Array.of(1, 0, 0))).toThrow('all 1034 slots of the vector index are taken');
  expect(index.search('a', Float32Array.of(1, 0, 0), 1)).toEqual([{ slot: 0, similarity: 1 }]);
});

it('without hnswlib-node scans a scope of every size exactly, and says so', async () => {
  const draw = draws(3);
  const index = anIndex({ dimensions: 24, maxEntries: 3_000, crossover: 10 });
  const vectors = new Map<number, Float32Array>();
  for (let count = 0; count < 3_000; count++) {
    const vector = aVector(24, draw);
    vectors.set(index.add('a', vector), vector);
  }
  await index.settled();
  expect(index.stats()).toEqual({ vectors: 3_000, scopes: 1, graphs: 0, rebuilding: false, kind: 'exact' });
  for (let count = 0; count < 20; count++) {
    const query = aVector(24, draw);
    const best = Math.max(...[...vectors.values()].map((vector) => similarityOf(query, vector)));
    expect(index.search('a', query, 1)[0]!.similarity).toBeCloseTo(best, 5);
  }
});

it('is empty after close, and harmless', async () => {
  const index = anIndex();
  const slot = index.add('a', Float32Array.of(1, 0, 0));
  await index.close();
  await index.close();
  expect(index.stats()).toMatchObject({ vectors: 0, scopes: 0 });
  expect(index.search('a', Float32Array.of(1, 0, 0), 1)).toEqual([]);
  index.remove('a', slot);
  expect(unitOf(index.vectorOf(index.add('a', Float32Array.of(1, 0, 0))))).toEqual([1, 0, 0]);
});
