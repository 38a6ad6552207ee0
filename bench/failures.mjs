// Whether what is promised for bad times holds, on a real clock and real sockets; see README.md. `--scene <name>` runs one,
// `--quick` shortens the times; both only print.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { failuresOf, missesOf, pageOf, sectionOf } from './failures/page.mjs';
import { SCENES } from './failures/scenes.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, scene: { type: 'string' } },
});
if (options.scene !== undefined && !Object.hasOwn(SCENES, options.scene)) {
  throw new Error(`--scene ${options.scene}: known are ${Object.keys(SCENES).join(', ')}`);
}

const MEASURE = new URL('failures/measure.mjs', import.meta.url).pathname;

/** The figures of one router in one scene, from a process of its own. */
async function figuresOf(...args) {
  const given = [MEASURE, ...args, ...(options.quick ? ['--quick'] : [])];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, given, { maxBuffer: 2 ** 26 });
  process.stderr.write(stderr);
  return JSON.parse(stdout);
}

/** One after the other: two at once would spoil each other's figures. */
async function measure({ scene, routers, variants }) {
  if (routers === undefined) {
    const seen = await figuresOf(scene);
    return Object.entries(seen).map(([variant, figures]) => ({ variant, figures }));
  }
  const measured = [];
  for (const variant of variants) {
    for (const router of routers) {
      process.stderr.write(`${scene}: ${variant}, ${router}\n`);
      measured.push({ variant, router, figures: await figuresOf(scene, router, variant) });
    }
  }
  return measured;
}

const sections = [];
const misses = [];
for (const [name, scene] of Object.entries(SCENES)) {
  if (options.scene !== undefined && options.scene !== name) continue;
  const measured = await measure(scene);
  sections.push(sectionOf(scene, measured));
  misses.push(...missesOf(scene, measured));
  for (const line of failuresOf(measured)) process.stderr.write(`${line}\n`);
}
const [{ model }] = cpus();
const machine = `Node ${process.versions.node}, ${cpus().length} × ${model}, ${new Date().toISOString().slice(0, 10)}.`;
const page = pageOf(sections, misses, machine);
process.stdout.write(page);
if (!options.quick && options.scene === undefined) {
  await writeFile(new URL('failures.md', import.meta.url), page);
}
process.exitCode = misses.length === 0 ? 0 : 1;
