import { hashSeed, nextRandom } from '../random.ts';

const DIMENSIONS = 384;

/**
 * A vector of unit length that depends on every character of the text and on nothing else. It means nothing: texts that
 * say the same are as far from each other as any two.
 */
export function simulatedVector(text: string): Float32Array {
  let seed = hashSeed('simulated-vector', text);
  const numbers = Float32Array.from({ length: DIMENSIONS }, () => {
    const draw = nextRandom(seed);
    seed = draw.seed;
    return 2 * draw.value - 1;
  });
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}
