// What the cache costs: dispatch with it, a semantic hit beside its bare embedding, how long the loop is blocked while
// many prompts embed, and memory per entry. Each figure in processes of its own. Needs LLM_ROUTER_MODEL_PATH.
// --quick for a rough look; it writes nothing then.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';

const here = new URL('./', import.meta.url).pathname;
const quick = process.argv.includes('--quick');
if (!process.env.LLM_ROUTER_MODEL_PATH)
  throw new Error('LLM_ROUTER_MODEL_PATH is missing: a folder with all-MiniLM-L6-v2');

const REPETITIONS = quick ? 1 : 5;
const run = (script, ...args) =>
  JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', `${here}cache/${script}.mjs`, ...args], { encoding: 'utf8' }),
  );
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const spread = (values) => `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;

const WAYS = ['no cache', 'not cached', 'miss', 'miss alone', 'exact hit'];
const costs = new Map(WAYS.map((way) => [way, []]));
for (let repetition = 0; repetition < REPETITIONS; repetition++) {
  for (const way of WAYS) {
    costs.get(way).push(run('dispatch', way, quick ? '20000' : '50000').us);
    process.stderr.write(`${repetition + 1}/${REPETITIONS} ${way}: ${costs.get(way).at(-1).toFixed(1)} µs\n`);
  }
}
const hits = Array.from({ length: REPETITIONS }, () => run('semantic-hit'));
const loops = Array.from({ length: REPETITIONS }, () => run('blocked-loop'));
const memory = Array.from({ length: Math.min(3, REPETITIONS) }, () => run('memory'));

const of = (results, field) => results.map((result) => result[field]);
const report = `# The cache

Medians of ${REPETITIONS} (lowest–highest), each in a process of its own. Node ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}, ${new Date().toISOString().slice(0, 10)}.

CPU per request with 16 in flight and a backend that answers at once, in µs:

| | µs | over no cache |
|---|---|---|
${WAYS.map((way) => `| ${way} | ${median(costs.get(way)).toFixed(1)} (${spread(costs.get(way))}) | ${(median(costs.get(way)) - median(costs.get('no cache'))).toFixed(1)} |`).join('\n')}

\`not cached\`: the cache is on, the request names no temperature. \`miss\`: each prompt is new, and its answer is stored by a
call that others could share; \`miss alone\`: with \`singleFlight: false\`.

| a semantic hit, 16 words, all-MiniLM-L6-v2 (q8), 1,000 entries | ms |
|---|---|
| its embedding alone, in the same worker, p50 | ${median(of(hits, 'bare')).toFixed(2)} (${spread(of(hits, 'bare'))}) |
| from \`generate\` to the answer, p50 | ${median(of(hits, 'hit')).toFixed(2)} (${spread(of(hits, 'hit'))}) |
| ratio | ${median(of(hits, 'ratio')).toFixed(2)} (${spread(of(hits, 'ratio'))}) |

While 64 prompts of 16 words embed at once, each asked in a turn of its own, the event loop is blocked for at most ${median(of(loops, 'worst')).toFixed(1)} ms
(${spread(of(loops, 'worst'))}).

Memory per entry at rest, text left out, 10,000 entries in one scope: ${Math.round(median(of(memory, 'bytes')))} bytes (${of(memory, 'bytes').map(Math.round).join(', ')}).
`;
process.stdout.write(report);
if (!quick) await writeFile(`${here}cache.md`, report);
