// Negates every guard and drops every action of the charts, one at a time, and runs the tests against each. A mutant
// that no test fails on must stand in equivalent.json with the reason why it changes nothing.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { modelMachine, routerMachine } from '../../dist/machines/index.js';

const equivalent = JSON.parse(await readFile(new URL('equivalent.json', import.meta.url), 'utf8'));
const mutants = Object.entries({ model: modelMachine, router: routerMachine }).flatMap(
  ([machine, { implementations }]) =>
    ['guards', 'actions'].flatMap((kind) =>
      Object.keys(implementations[kind]).map((name) => `${machine}.${kind}.${name}`),
    ),
);
const only = process.argv.slice(2);
const wanted = only.length === 0 ? mutants : mutants.filter((mutant) => only.some((part) => mutant.includes(part)));

const run = (mutant) =>
  new Promise((resolve) => {
    const env = { ...process.env, REFERENCE_RUNS: '150', ...(mutant && { MUTANT: mutant }) };
    const child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutations/vitest.config.ts'],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
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

const baseline = await run(null);
if (!baseline.passed) {
  console.error(baseline.output);
  console.error('The tests fail without any mutant.');
  process.exit(1);
}

const survivors = [];
const queue = [...wanted];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const { passed, output } = await run(mutant);
      if (passed) survivors.push(mutant);
      const reason = output.match(/(?:Error|AssertionError): (.{0,100})/)?.[1] ?? '';
      console.log(`${passed ? 'SURVIVED' : 'caught  '} ${mutant}${passed ? '' : `  ${reason}`}`);
    }
  }),
);

const unexplained = survivors.filter((mutant) => !(mutant in equivalent));
const outdated = Object.keys(equivalent).filter((mutant) => wanted.includes(mutant) && !survivors.includes(mutant));
console.log(`${wanted.length} mutants, ${wanted.length - survivors.length} caught, ${survivors.length} survived`);
for (const mutant of survivors) console.log(`  ${mutant}: ${equivalent[mutant] ?? 'UNEXPLAINED'}`);
for (const mutant of outdated) console.log(`  ${mutant} stands in equivalent.json but is caught`);
process.exitCode = unexplained.length + outdated.length === 0 ? 0 : 1;
