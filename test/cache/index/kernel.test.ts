import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Arena } from '../../../src/cache/index/arena.ts';
import { ASSEMBLED_FROM, BYTES } from '../../../src/cache/index/kernel.ts';
import { Nearest } from '../../../src/cache/index/nearest.ts';
import { aVector, draws, similarityOf, unitOf } from './support.ts';

const TEXT = fileURLToPath(new URL('../../../src/cache/index/kernel.wat', import.meta.url));

it.each([
  1, 2, 3, 15, 16, 17, 384, 768, 1_000, 1_536,
])('scores rows of %d dimensions as plain JavaScript does', (dimensions) => {
  const draw = draws(dimensions);
  const arena = new Arena(dimensions, 200);
  const vectors = Array.from({ length: 200 }, () => aVector(dimensions, draw));
  vectors.forEach((vector, slot) => void arena.write(slot, vector, Math.hypot(...vector)));
  const query = aVector(dimensions, draw);
  // In no order and with gaps, as a scope's slots are.
  const slots = vectors
    .map((_, slot) => slot)
    .filter((slot) => slot % 3 !== 1)
    .reverse();
  const nearest = new Nearest(slots.length);
  arena.setQuery(query, Math.hypot(...query));
  arena.offer(slots, nearest);
  const found = nearest.toArray();
  expect(new Set(found.map(({ slot }) => slot))).toEqual(new Set(slots));
  for (const { slot, similarity } of found) expect(similarity).toBeCloseTo(similarityOf(query, vectors[slot]!), 5);
});

it('scores more rows than fit one block, each once', () => {
  const arena = new Arena(4, 5_000);
  const draw = draws(1);
  for (let slot = 0; slot < 5_000; slot++) arena.write(slot, aVector(4, draw), 1);
  const nearest = new Nearest(5_000);
  arena.setQuery(Float32Array.of(1, 0, 0, 0), 1);
  arena.offer(
    Array.from({ length: 5_000 }, (_, slot) => slot),
    nearest,
  );
  expect(new Set(nearest.toArray().map(({ slot }) => slot)).size).toBe(5_000);
  for (const { slot, similarity } of nearest.toArray()) expect(similarity).toBe(arena.read(slot)[0]);
});

it('keeps every row while the memory grows, and gives copies', () => {
  const arena = new Arena(20, 1_000);
  const draw = draws(2);
  const vectors = Array.from({ length: 1_000 }, () => aVector(20, draw));
  vectors.forEach((vector, slot) => void arena.write(slot, vector, Math.hypot(...vector)));
  arena.read(0).fill(7);
  vectors.forEach((vector, slot) => void expect(arena.read(slot)).toEqual(Float32Array.from(unitOf(vector))));
});

it('refuses more rows than one memory can hold, in words', () => {
  expect(() => new Arena(1_536, 1_000_000)).toThrow(
    new RangeError('1000000 vectors of 1536 dimensions need 5860 MB; at most 4096 can be had'),
  );
});

it('runs bytes that were assembled from the text beside them', () => {
  // Whoever changes the text assembles it anew: how stands in kernel.ts.
  expect(createHash('sha256').update(readFileSync(TEXT)).digest('hex')).toBe(ASSEMBLED_FROM);
});

const canAssemble = spawnSync('wat2wasm', ['--version']).status === 0;

it.skipIf(!canAssemble)(
  `runs the bytes that wat2wasm makes of the text${canAssemble ? '' : ' (skipped: wat2wasm is not installed)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernel-'));
    const output = join(folder, 'kernel.wasm');
    execFileSync('wat2wasm', ['--enable-threads', TEXT, '--output', output]);
    expect(readFileSync(output).equals(BYTES)).toBe(true);
    rmSync(folder, { recursive: true });
  },
);
