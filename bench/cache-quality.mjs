// How often the semantic cache is right: `npm run build`, then LLM_ROUTER_MODEL_PATH=<folder> node bench/cache-quality.mjs.
// The folder holds all-MiniLM-L6-v2 as ONNX. Writes docs/reference/cache-quality.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { GUARD_LEVELS, veto } from '../dist/src/cache/guard/guard.js';
import { figuresOf } from './cache-quality/figures.mjs';
import { pageOf } from './cache-quality/page.mjs';

const SETS = [
  {
    file: 'first-set.json',
    title: 'First set',
    about:
      'Written before the guard, by its author, and looked at while the guard was made. Such figures are kinder than the truth.',
  },
  {
    file: 'second-set.json',
    title: 'Second set',
    about: 'Written by someone who had not seen the guard, and run once it was done: the figures to believe.',
  },
];
const ORIGINAL = { a: 'What is Python?', b: 'Tell me about the Python programming language' };

const { LLM_ROUTER_MODEL_PATH: folder } = process.env;
if (folder === undefined) {
  console.error('LLM_ROUTER_MODEL_PATH is not set: it names the folder that holds the model all-MiniLM-L6-v2.');
  process.exit(1);
}
// After the check: without the model the package is not needed either.
const { cosine, embedderIn, MODEL_TEXT } = await import('./cache-quality/embed.mjs');
const embed = await embedderIn(folder);

async function measured({ a, b, ...pair }) {
  const verdicts = Object.fromEntries(GUARD_LEVELS.map((level) => [level, veto(a, b, level)]));
  return { a, b, ...pair, similarity: cosine(await embed(a), await embed(b)), verdicts };
}

/** Microseconds of the fastest run. */
function fastest(run, runs) {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count++) {
    const start = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000);
  }
  return Math.round(best);
}

function timesOf(pairs) {
  const words = pairs.filter(({ same }) => same).flatMap(({ a }) => a.split(' '));
  const long = words.slice(0, 250).join(' ');
  const short = fastest(() => pairs.forEach(({ a, b }) => void veto(a, b, 'strict')), 100);
  return {
    short: Math.round(short / pairs.length),
    long: fastest(() => veto(long, `Please: ${long}`, 'strict'), 1_000),
  };
}

const sections = [];
let times = null;
for (const { file, title, about } of SETS) {
  const path = new URL(`cache-quality/${file}`, import.meta.url);
  if (!existsSync(path)) continue;
  const pairs = JSON.parse(readFileSync(path, 'utf8'));
  times ??= timesOf(pairs);
  const results = [];
  for (const pair of pairs) results.push(await measured(pair));
  sections.push({ title, about, figures: figuresOf(results, GUARD_LEVELS), levels: GUARD_LEVELS });
}

const [{ model: cpu }] = cpus();
const page = pageOf({
  sections,
  original: await measured(ORIGINAL),
  model: MODEL_TEXT,
  machine: `Node ${process.versions.node}, ${cpus().length} × ${cpu}, ${new Date().toISOString().slice(0, 10)}.`,
  times,
});
writeFileSync(new URL('../docs/reference/cache-quality.md', import.meta.url), page);
console.log(page);
