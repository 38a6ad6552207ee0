// Proves the tests. Negates every guard and drops every action of the charts, one at a time, and runs the tests against
// each; then brings every pitfall of pitfalls.json back, one at a time, and runs the regressions of its name. A mutant
// of the charts that no test fails on must stand in equivalent.json with the reason why it changes nothing.
// Arguments: parts of the names of those to run, as in `npm run mutate guards.isOver P07`; none: all.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { cacheMachine, modelMachine, routerMachine } from '../../dist/machines/index.js';

const json = async (name) => JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'));
const equivalent = await json('equivalent.json');
const patches = await json('pitfalls.json');
const mutants = [
  ...Object.entries({ cache: cacheMachine, model: modelMachine, router: routerMachine }).flatMap(
    ([machine, { implementations }]) =>
      ['guards', 'actions'].flatMap((kind) =>
        Object.keys(implementations[kind]).map((name) => `${machine}.${kind}.${name}`),
      ),
  ),
  ...patches.map(({ pitfall }) => `pitfall:${pitfall}`),
];
const only = process.argv.slice(2);
const wanted = only.length === 0 ? mutants : mutants.filter((mutant) => only.some((part) => mutant.includes(part)));
const pitfallOf = (mutant) => (mutant.startsWith('pitfall:') ? mutant.slice('pitfall:'.length) : null);

const REGRESSIONS = 'test/regressions';
const regressions = await Promise.all(
  (await readdir(REGRESSIONS))
    .filter((name) => name.endsWith('.test.ts'))
    .map(async (name) => [`${REGRESSIONS}/${name}`, await readFile(`${REGRESSIONS}/${name}`, 'utf8')]),
);

/** What of vitest runs the regressions of these pitfalls. */
function regressionsOf(pitfalls) {
  const files = regressions.flatMap(([path, text]) =>
    pitfalls.some((pitfall) => text.includes(`'${pitfall} `)) ? [path] : [],
  );
  return ['--config', 'test/mutations/pitfalls/vitest.config.ts', '-t', `(${pitfalls.join('|')}) `, ...files];
}

const run = (mutant, args) =>
  new Promise((resolve) => {
    const env = { ...process.env, REFERENCE_RUNS: '150', ...(mutant && { MUTANT: mutant }) };
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    // A mutant may wait for ever: that is a failure too.
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ passed: code === 0, output });
    });
  });

const CHARTS = ['--config', 'test/mutations/vitest.config.ts'];
const pitfalls = wanted.flatMap((mutant) => pitfallOf(mutant) ?? []);
const baselines = [
  ...(pitfalls.length < wanted.length ? [CHARTS] : []),
  ...(pitfalls.length > 0 ? [regressionsOf(pitfalls)] : []),
];
for (const args of baselines) {
  const { passed, output } = await run(null, args);
  if (passed) continue;
  console.error(output);
  console.error('The tests fail without any mutant.');
  process.exit(1);
}

/** Why a run failed; null: it passed. */
function causeOf({ passed, output }, pitfall) {
  if (passed) return null;
  const plain = stripVTControlCharacters(output);
  // A patch that cannot be applied or compiled fails whole files, which shows nothing.
  if (pitfall !== null && /Failed Suites/.test(plain)) {
    console.error(plain);
    console.error(`The patch of ${pitfall} breaks its tests instead of failing them.`);
    process.exit(1);
  }
  return plain.match(/(?:Error|AssertionError): (.{0,100})/)?.[1] ?? 'no answer';
}

const survivors = [];
const queue = [...wanted];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const pitfall = pitfallOf(mutant);
      const cause = causeOf(await run(mutant, pitfall === null ? CHARTS : regressionsOf([pitfall])), pitfall);
      if (cause === null) survivors.push(mutant);
      console.log(`${cause === null ? 'SURVIVED' : 'caught  '} ${mutant}${cause === null ? '' : `  ${cause}`}`);
    }
  }),
);

const unexplained = survivors.filter((mutant) => !(mutant in equivalent));
const outdated = Object.keys(equivalent).filter((mutant) => wanted.includes(mutant) && !survivors.includes(mutant));
console.log(`${wanted.length} mutants, ${wanted.length - survivors.length} caught, ${survivors.length} survived`);
for (const mutant of survivors) console.log(`  ${mutant}: ${equivalent[mutant] ?? 'UNEXPLAINED'}`);
for (const mutant of outdated) console.log(`  ${mutant} stands in equivalent.json but is caught`);
process.exitCode = unexplained.length + outdated.length === 0 ? 0 : 1;
