// What checking a policy costs, by the number of its models: `npm run bench:check` writes check.md. Each policy is checked
// in a process of its own that does nothing else, cold, as the command line does it; repetitions are interleaved.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkPolicy } from '../dist/src/verify/check/check-policy.js';

const REPETITIONS = 5;
/** What is to be reached. */
const MOST_MS = 5_000;
const DESIGNS = [
  ...[1, 2, 3, 4, 5].map((models) => ({ models, kind: 'fallbacks' })),
  { models: 5, kind: 'unlike' },
  { models: 5, kind: 'waiting' },
  { models: 4, kind: 'weighted' },
  { models: 3, kind: 'least-busy' },
];
const SAYS = {
  fallbacks: 'one target, the others its fallbacks',
  unlike: 'the same, each model with a size and a breaker of its own',
  waiting: 'the same, `whenUnavailable: wait`',
  weighted: 'all targets, `weighted`',
  'least-busy': 'all targets, `least-busy`',
};

/** One rule for all four classes, over models of the usual size: 32 slots, 100 places. */
function configOf({ models, kind }) {
  const names = Array.from({ length: models }, (_, index) => `model-${index + 1}`);
  const optionsOf = (index) =>
    kind === 'unlike'
      ? { maxConcurrency: 8 + index, maxQueueDepth: 60 + index, breaker: { failureThreshold: 3 + index } }
      : {};
  const isShared = kind === 'weighted' || kind === 'least-busy';
  return {
    models: Object.fromEntries(names.map((name, index) => [name, { provider: 'simulated', ...optionsOf(index) }])),
    rules: [
      {
        targets: isShared ? names : names.slice(0, 1),
        fallback: isShared ? [] : names.slice(1),
        maxRetries: 0,
        timeoutMs: 600_000,
        ...(isShared && { strategy: kind }),
        ...(kind === 'waiting' && { whenUnavailable: 'wait' }),
      },
    ],
  };
}

function measure(design) {
  const began = performance.now();
  const before = process.cpuUsage();
  const report = checkPolicy(configOf(design));
  const { user, system } = process.cpuUsage(before);
  return {
    ms: performance.now() - began,
    cpuMs: (user + system) / 1_000,
    megabytes: process.resourceUsage().maxRSS / 1_024,
    states: report.models[0].states,
    transitions: report.models[0].transitions,
    routingStates: Math.max(...report.models.map(({ routingStates }) => routingStates)),
    decisions: report.decisions,
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const range = (values) =>
  `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
const whole = (number) => number.toLocaleString('en-US');

const [given] = process.argv.slice(2);
if (given === undefined) report();
else process.stdout.write(JSON.stringify(measure(JSON.parse(given))));

function report() {
  const runs = DESIGNS.map(() => []);
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    DESIGNS.forEach((design, index) => {
      const self = fileURLToPath(import.meta.url);
      runs[index].push(
        JSON.parse(execFileSync(process.execPath, [self, JSON.stringify(design)], { encoding: 'utf8' })),
      );
    });
  }
  const rows = DESIGNS.map(({ models, kind }, index) => {
    const of = (figure) => runs[index].map((run) => run[figure]);
    const { states, transitions, routingStates, decisions } = runs[index][0];
    return `| ${models} | ${SAYS[kind]} | ${whole(states)} | ${whole(transitions)} | ${routingStates} | ${whole(decisions)} | ${range(of('ms'))}${median(of('ms')) > MOST_MS ? ', missed' : ''} | ${range(of('cpuMs'))} | ${range(of('megabytes'))} |`;
  });
  const text = [
    '# What checking a policy costs',
    '',
    `Written by \`npm run bench:check\`: ${REPETITIONS} runs of each policy, each in a process of its own, interleaved; medians with least and most. ${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}.`,
    '',
    'One rule for all four classes, over models of 32 slots and 100 places. States and transitions are those of one',
    "model's chart, explored with one slot and three places; models that are alike share one exploration. Routing states",
    'are those of a model that requests can tell apart. Decisions are those of all classes.',
    '',
    'To reach: five models and four classes within 5 s and 500 MB on two cores.',
    '',
    '| models | policy | states | transitions | routing states | decisions | ms | CPU ms | MB |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  writeFileSync(new URL('check.md', import.meta.url), text);
  process.stdout.write(text);
}
