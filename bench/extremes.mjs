// Two extremes: thousands of requests called off by one signal, and queue operations at great depth; see README.md.
// `node extremes.mjs --quick` writes nothing.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { LLMRouter } from '../dist/src/index.js';
import { DEFAULT_BOOSTS } from '../dist/src/queue/priority.js';
import { dequeue, enqueue, head, NONE_WAITING, victim } from '../dist/src/queue/waiting.js';

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

/** In order of arrival, of one class after the other. */
const slip = (seq) => ({ id: `r${seq}`, seq, class: CLASSES[seq % 4], arrival: seq });

/**
 * Microseconds of CPU for one round at that depth: a newcomer enters, it is looked up who would give way to it, and one
 * leaves: whoever is served next, or anybody, as when requests are called off.
 */
function queueRound(depth, leaves) {
  const there = Array.from({ length: depth }, (_, seq) => slip(seq));
  let waiting = there.reduce(enqueue, NONE_WAITING);
  let seed = 1;
  const anyone = (newcomer) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const index = seed % depth;
    const leaver = there[index];
    there[index] = newcomer;
    return leaver;
  };
  const run = (count, from) => {
    for (let round = 0; round < count; round++) {
      const newcomer = slip(from + round);
      victim(waiting, newcomer, DEFAULT_BOOSTS);
      const leaver = leaves === 'anyone' ? anyone(newcomer) : head(waiting, DEFAULT_BOOSTS);
      waiting = dequeue(enqueue(waiting, newcomer), leaver);
    }
  };
  const rounds = 200_000;
  run(rounds, depth);
  const before = process.cpuUsage();
  run(rounds, depth + rounds);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const range = (values, digits) => `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;

/** What a process of its own measures. */
const measured = (...args) =>
  Number(
    execFileSync(process.execPath, [new URL(import.meta.url).pathname, ...args.map(String)], { encoding: 'utf8' }),
  );

/** Both depths, interleaved. */
function compareDepths(leaves) {
  const [few, many] = [[], []];
  for (let repetition = 0; repetition < 5; repetition++) {
    few.push(measured('queue', 100, leaves));
    many.push(measured('queue', 10_000, leaves));
  }
  const ratio = median(many) / median(few);
  return `| ${median(few).toFixed(2)} (${range(few, 2)}) | ${median(many).toFixed(2)} (${range(many, 2)}) | ${ratio.toFixed(2)} |`;
}

async function report() {
  const aborts = [];
  for (let repetition = 0; repetition < 5; repetition++) aborts.push(measured('abort', 4_096));
  return `# Extremes

4,096 requests called off by one signal: ${median(aborts).toFixed(0)} ms (${range(aborts, 0)}) until the last has rejected.

One round of the queue, in µs of CPU: a newcomer enters, it is looked up who would give way to it, and one leaves.

| who leaves | at depth 100 | at depth 10,000 | ÷ |
|---|---|---|---|
| whoever is served next ${compareDepths('next')}
| anybody, as when requests are called off ${compareDepths('anyone')}

Medians of five (lowest–highest), each in a process of its own, on Node ${process.versions.node}.
`;
}

const [command, size, leaves] = process.argv.slice(2);
if (command === 'queue') process.stdout.write(`${queueRound(Number(size), leaves)}`);
else if (command === 'abort') process.stdout.write(`${await abortAll(Number(size))}`);
else {
  const text = await report();
  process.stdout.write(text);
  if (command !== '--quick') await writeFile(new URL('extremes.md', import.meta.url), text);
}
