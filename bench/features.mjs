// What each feature of the router adds to the cost of a request: `node features.mjs` prints the table; see README.md.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';

const strategy = (name) => ({ rule: { options: { strategy: name } } });

/** By name: what is given to the models, the rule and each request, and what is done before the first. */
export const FEATURES = {
  plain: {},
  'breaker off': { model: { breaker: false } },
  'policy count': { model: { breaker: { policy: 'count' } } },
  'policy time': { model: { breaker: { policy: 'time' } } },
  'policy time, slow calls': { model: { breaker: { policy: 'time', slowCallMs: 1_000 } } },
  'listener of settlements': { prepare: (router) => router.on('request.settled', () => {}) },
  'one signal for all': { request: { signal: new AbortController().signal } },
  'a rule, ordered': strategy('ordered'),
  'a rule by metadata': {
    rule: { match: { metadata: { tenant: ['a', 'b'] } }, options: {} },
    request: { metadata: { tenant: 'b' } },
  },
  'round-robin': strategy('round-robin'),
  weighted: strategy('weighted'),
  'least-busy': strategy('least-busy'),
  latency: strategy('latency'),
  cost: { ...strategy('cost'), model: { pricing: { inputPerMillion: 1, outputPerMillion: 2 } } },
  "whenUnavailable: 'wait'": { request: { whenUnavailable: 'wait' } },
};

if (import.meta.url === `file://${process.argv[1]}`) await measure();

async function measure() {
  const here = new URL('./', import.meta.url).pathname;
  const quick = process.argv.includes('--quick');
  const [warmUp, measured, repetitions] = quick ? [20_000, 50_000, 1] : [50_000, 150_000, 5];
  const IN_FLIGHT = 256;
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const samples = new Map(Object.keys(FEATURES).map((feature) => [feature, []]));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [feature, values] of samples) {
      const args = ['measure.mjs', 'router', IN_FLIGHT, warmUp, measured, feature].map(String);
      values.push(Number(execFileSync(process.execPath, args, { cwd: here, encoding: 'utf8' })));
      process.stderr.write(`${repetition + 1}/${repetitions} ${feature}: ${values.at(-1).toFixed(2)} µs\n`);
    }
  }
  const plain = median(samples.get('plain'));
  const rows = [...samples].map(([feature, values]) => {
    const cost = median(values);
    const range = `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`;
    return `| ${feature} | ${cost.toFixed(1)} (${range}) | ${(cost / plain).toFixed(2)} |`;
  });
  const table = `# What each feature costs

CPU per request in µs with ${IN_FLIGHT} in flight, measured as in [results.md](results.md): median of ${repetitions}
interleaved runs (lowest–highest). With a rule all requests begin at its first target, so most wait longer in one queue.

| feature | µs | ÷ plain |
|---|---|---|
${rows.join('\n')}
`;
  process.stdout.write(table);
  if (!quick) await writeFile(`${here}features.md`, table);
}
