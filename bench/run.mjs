// Dispatch cost with a backend that answers at once; see README.md. --quick for a rough look.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

const here = new URL('./', import.meta.url).pathname;
const quick = process.argv.includes('--quick');
const DESIGNS = ['router', 'bare-chain', 'p-queue-opossum', 'cockatiel', 'opossum', 'bare-call'];
const IN_FLIGHT = [1, 16, 256, 4_096];
const WARM_UP = quick ? 20_000 : 50_000;
const MEASURED = quick ? 50_000 : 200_000;
const REPETITIONS = quick ? 1 : 5;

if (!existsSync(`${here}../dist/src/index.js`)) throw new Error('dist/ is missing: npm run build');
if (!existsSync(`${here}node_modules`)) execFileSync('npm', ['ci'], { cwd: here, stdio: 'inherit' });

const node = (...args) => Number(execFileSync(process.execPath, args, { cwd: here, encoding: 'utf8' }));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const samples = new Map();
for (let repetition = 0; repetition < REPETITIONS; repetition++) {
  for (const inFlight of IN_FLIGHT) {
    for (const design of DESIGNS) {
      const key = `${design} ${inFlight}`;
      const value = node('measure.mjs', design, String(inFlight), String(WARM_UP), String(MEASURED));
      samples.set(key, [...(samples.get(key) ?? []), value]);
      process.stderr.write(`${repetition + 1}/${REPETITIONS} ${key}: ${value.toFixed(2)} µs\n`);
    }
  }
}
const cost = (design, inFlight) => median(samples.get(`${design} ${inFlight}`));
const spread = (design, inFlight) => {
  const values = samples.get(`${design} ${inFlight}`);
  return `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;
};
const retained = median(Array.from({ length: REPETITIONS }, () => node('--expose-gc', 'retained.mjs')));

const report = `# Dispatch cost

CPU per request in µs: median of ${REPETITIONS} interleaved runs (lowest–highest), each design in a process of its own,
${WARM_UP.toLocaleString('en')} requests of warm-up, ${MEASURED.toLocaleString('en')} measured, a backend that answers at once.
Node ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}.

| in flight | ${DESIGNS.join(' | ')} | router ÷ bare-chain |
|---${'|---'.repeat(DESIGNS.length + 1)}|
${IN_FLIGHT.map(
  (inFlight) =>
    `| ${inFlight.toLocaleString('en')} | ${DESIGNS.map((design) => `${cost(design, inFlight).toFixed(1)} (${spread(design, inFlight)})`).join(' | ')} | ${(cost('router', inFlight) / cost('bare-chain', inFlight)).toFixed(2)} |`,
).join('\n')}

router at 4,096 ÷ at 16: ${(cost('router', 4_096) / cost('router', 16)).toFixed(2)}.
Heap retained per waiting request: ${Math.round(retained)} bytes.
`;
process.stdout.write(report);
if (!quick)
  await writeFile(`${here}results.md`, `${report}\n[README.md](README.md) says what is measured and how to read it.\n`);
