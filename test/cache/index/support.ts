import { nextRandom } from '../../../src/random.ts';
import type { Logger } from '../../../src/router-options.ts';

/** Draws of one seed, each in [0, 1). */
export function draws(seed: number): () => number {
  let state = seed;
  return () => {
    const drawn = nextRandom(state);
    state = drawn.seed;
    return drawn.value;
  };
}

/** A vector of any direction, of a length other than 1. */
export const aVector = (dimensions: number, draw: () => number): Float32Array =>
  Float32Array.from({ length: dimensions }, () => draw() + draw() + draw() - 1.5);

export function unitOf(vector: Float32Array): number[] {
  const norm = Math.hypot(...vector);
  return Array.from(vector, (number) => number / norm);
}

/** The similarity, computed from the definition. */
export function similarityOf(a: Float32Array, b: Float32Array): number {
  const [left, right] = [unitOf(a), unitOf(b)];
  return left.reduce((sum, number, index) => sum + number * right[index]!, 0);
}

export function aLogger(): Logger & { readonly warnings: { data: object; message: string }[] } {
  const warnings: { data: object; message: string }[] = [];
  const nothing = () => {};
  return {
    warnings,
    debug: nothing,
    info: nothing,
    error: nothing,
    warn: (data, message) => warnings.push({ data, message }),
  };
}
