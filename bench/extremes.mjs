// Two extremes: thousands of requests called off by one signal, and queue operations at great depth; see README.md.
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { LLMRouter } from '../dist/src/index.js';
import { DEFAULT_BOOSTS } from '../dist/src/queue/priority.js';
import { dequeue, enqueue, head, NONE_WAITING, victim } from '../dist/src/queue/waiting.js';

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const CLASSES = ['critical', 'high', 'normal', 'low'];

/** Milliseconds from the abort until the last of `count` requests has rejected. */
async function abortAll(count) {
  const router = new LLMRouter();
  for (const name of ['a', 'b', 'c']) {
    const backend = {
      generate: (_request, { signal }) => new Promise((_resolve, reject) => (signal.onabort = reject)),
    };
    router.addModel(name, { backend, maxConcurrency: 32, maxQueueDepth: 8_192 });
  }
  const controller = new AbortController();
  const { signal } = controller;
  const asked = Array.from({ length: count }, (_, index) =>
    router.generate('hi', { signal, model: ['a', 'b', 'c'][index % 3] }).catch((error) => error),
  );
  const begin = performance.now();
  controller.abort();
  await Promise.all(asked);
  const ms = performance.now() - begin;
  await router.stop({ graceMs: 0 });
  return ms;
}

const slip = (seq) => ({ id: `r${seq}`, seq, class: CLASSES[seq % 4], arrival: (seq * 7_919) % 100_003 });

/** Microseconds of CPU for one round at that depth: a newcomer, who is displaced, who is next, and one who leaves. */
function queueRound(depth) {
  let waiting = NONE_WAITING;
  for (let seq = 0; seq < depth; seq++) waiting = enqueue(waiting, slip(seq));
  const rounds = 40_000;
  const run = (count, from) => {
    for (let round = 0; round < count; round++) {
      const newcomer = slip(from + round);
      victim(waiting, newcomer, DEFAULT_BOOSTS);
      waiting = dequeue(enqueue(waiting, newcomer), head(waiting, DEFAULT_BOOSTS));
    }
  };
  run(rounds, depth);
  const before = process.cpuUsage();
  run(rounds, depth + rounds);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

const aborts = [];
for (let repetition = 0; repetition < 6; repetition++) aborts.push(await abortAll(4_096));
const [, ...warm] = aborts;
const shallow = [];
const deep = [];
for (let repetition = 0; repetition < 5; repetition++) {
  shallow.push(queueRound(100));
  deep.push(queueRound(10_000));
}
const report = `# Extremes

- 4,096 requests called off by one signal: ${median(warm).toFixed(0)} ms until the last has rejected (${Math.min(...aborts).toFixed(0)}–${Math.max(...aborts).toFixed(0)}).
- One round of the queue (enter, look for who gives way, next, leave): ${median(shallow).toFixed(2)} µs at depth 100, ${median(deep).toFixed(2)} µs at depth 10,000, ${(median(deep) / median(shallow)).toFixed(2)} times as much.

Medians of five on Node ${process.versions.node}; [README.md](README.md) says how to run it.
`;
process.stdout.write(report);
if (!process.argv.includes('--quick')) await writeFile(new URL('extremes.md', import.meta.url), report);
