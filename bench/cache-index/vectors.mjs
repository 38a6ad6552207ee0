// Vectors as an embedder gives them: unit, in clusters, the same for the same number, so that none has to be kept.
export const DIMENSIONS = 384;
const PER_CLUSTER = 50;

/** Draws of one seed (mulberry32), each in [0, 1). */
export function draws(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function unit(vector) {
  let sum = 0;
  for (const number of vector) sum += number * number;
  const norm = Math.sqrt(sum);
  return vector.map((number) => number / norm);
}

/** A unit vector of any direction, by Box and Muller. */
function direction(draw) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return unit(Float32Array.from({ length: DIMENSIONS }, normal));
}

/** A unit vector at that cosine from a unit vector, in any direction. */
export function near(vector, cosine, draw) {
  const other = direction(draw);
  let along = 0;
  for (let at = 0; at < DIMENSIONS; at++) along += other[at] * vector[at];
  const across = unit(other.map((number, at) => number - along * vector[at]));
  const sine = Math.sqrt(1 - cosine * cosine);
  return unit(vector.map((number, at) => cosine * number + sine * across[at]));
}

/** `vector(i)`: the i-th of about `count` vectors, `clustered` (a cosine of 0.5 to 0.8 from a centre) or `random`. */
export function vectors(kind, count) {
  if (kind === 'random') return (i) => direction(draws(i));
  const centres = Array.from({ length: Math.ceil(count / PER_CLUSTER) }, (_, at) => direction(draws(0x40000000 + at)));
  return (i) => {
    const draw = draws(i);
    return near(centres[Math.floor(draw() * centres.length)], 0.5 + 0.3 * draw(), draw);
  };
}
