// Where the CPU goes: runs one design under V8's profiler. Arguments: design, requests in flight.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [design = 'router', inFlight = '256'] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'llm-router-profile-'));
execFileSync(
  process.execPath,
  ['--cpu-prof', `--cpu-prof-dir=${dir}`, 'measure.mjs', design, inFlight, '50000', '200000'],
  {
    cwd: new URL('./', import.meta.url).pathname,
  },
);
const profile = JSON.parse(readFileSync(join(dir, readdirSync(dir)[0]), 'utf8'));
rmSync(dir, { recursive: true });

const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
const byFunction = new Map();
const byPackage = new Map();
let total = 0;
profile.samples.forEach((id, index) => {
  const { functionName, url, lineNumber } = nodes.get(id);
  const part = /xstate|dist\/machines|dist\/src|node:|bench/.exec(url)?.[0] ?? functionName;
  const name = `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
  const time = profile.timeDeltas[index];
  total += time;
  byFunction.set(name, (byFunction.get(name) ?? 0) + time);
  byPackage.set(part, (byPackage.get(part) ?? 0) + time);
});
const print = (title, map, most) => {
  console.log(`\n${title}`);
  for (const [name, time] of [...map].sort((a, b) => b[1] - a[1]).slice(0, most)) {
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
  }
};
print('by package', byPackage, 8);
print('by function, own time', byFunction, 30);
