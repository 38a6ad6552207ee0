// What it costs to be watched: CPU per request of a router under 2,000 requests a second with 20 models, each way of
// watching in a process of its own, interleaved; and how many pictures a second the page shows meanwhile.
// --quick for a rough look; it writes nothing then.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

const here = new URL('./', import.meta.url).pathname;
const quick = process.argv.includes('--quick');
const REPETITIONS = quick ? 1 : 5;
const run = (script, ...args) =>
  JSON.parse(execFileSync(process.execPath, [`${here}inspector/${script}.mjs`, ...args], { encoding: 'utf8' }));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const WAYS = [
  'nobody',
  'an inspector without a viewer',
  'an empty observer',
  'one viewer in the process',
  'one viewer over HTTP',
];
const costs = new Map(WAYS.map((way) => [way, []]));
for (let repetition = 0; repetition < REPETITIONS; repetition++) {
  for (const way of WAYS) {
    const { us, rate } = run('load', way, quick ? '4' : '8', quick ? '2' : '3');
    costs.get(way).push(us);
    process.stderr.write(`${repetition + 1}/${REPETITIONS} ${way}: ${us.toFixed(1)} µs at ${rate.toFixed(0)}/s\n`);
  }
}

const server = spawn(process.execPath, [`${here}inspector/load.mjs`, 'serve'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [address] = await once(server.stdout, 'data');
const pages = [];
for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++) {
  pages.push(run('page', String(address).trim()));
  process.stderr.write(`${JSON.stringify(pages.at(-1))}\n`);
}
server.kill();

const base = median(costs.get('nobody'));
const rise = (way) => `${(100 * (median(costs.get(way)) / base - 1)).toFixed(0)} %`;
const spread = (values, digits) => `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
const report = `# The inspector

Medians of ${REPETITIONS} (lowest–highest), each in a process of its own. Node ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}.

CPU of the router's process per request, 2,000 requests a second over 20 models, calls of 3 ms, in µs:

| watched by | µs | more than nobody |
|---|---|---|
${WAYS.map((way) => `| ${way} | ${median(costs.get(way)).toFixed(1)} (${spread(costs.get(way), 1)}) | ${rise(way)} |`).join('\n')}

\`an empty observer\` is what XState itself takes for being inspected: the floor. To reach: less than 60 % over HTTP.

The page in Chromium without a graphics card, beside that router on the same machine, with the 10,000
lines of its log full, ${median(pages.map(({ lines }) => lines))} of them the router's own:

| view | pictures a second |
|---|---|
${['fleet', 'chart', 'timeline', 'requests']
  .map(
    (view) =>
      `| ${view} | ${median(pages.map((page) => page[view])).toFixed(0)} (${spread(
        pages.map((page) => page[view]),
        0,
      )}) |`,
  )
  .join('\n')}

To reach: more than 30.
`;
process.stdout.write(report);
if (!quick) await writeFile(`${here}inspector.md`, report);
