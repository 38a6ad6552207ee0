// What the semantic index costs: each design alone in a process of its own, one after the other. Flags:
//   --only <parts>   some of lookup, large, crossover, scopes; separated by commas
//   --rows <number>  rows of the large scope; 100,000 unless said
//   --patient        watch the large scope's rebuild to its end, minutes more
// Under ten minutes in all on a machine that does nothing else. Times are in milliseconds.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string', default: '100000' },
    patient: { type: 'boolean', default: false },
  },
});
const parts = values.only?.split(',') ?? ['lookup', 'crossover', 'scopes', 'large'];

function run(program, ...args) {
  const path = fileURLToPath(new URL(`./cache-index/${program}.mjs`, import.meta.url));
  const { stdout, status, signal } = spawnSync(process.execPath, ['--expose-gc', path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}`);
  return JSON.parse(stdout);
}

const ms = (number) => (number === undefined ? '–' : number.toFixed(number < 0.1 ? 4 : 3));
const ratio = (a, b) => `${(a / b).toFixed(2)} ×`;

function table(title, head, rows) {
  console.log(`\n### ${title}\n\n| ${head.join(' | ')} |\n|${'---|'.repeat(head.length)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

const row = (name, times, bare) => [
  name,
  ms(times.p50),
  ms(times.p99),
  ms(times.max),
  ...(bare === undefined ? [] : [ratio(times.p50, bare.p50), ratio(times.p99, bare.p99)]),
];
const TIMES = ['p50', 'p99', 'max'];

const kilobytes = (bytes) => `${(bytes / 1_024).toFixed(2)} KB`;

function sizeTable(results) {
  const columns = [
    'served by',
    'memory an entry',
    'build',
    'rebuild',
    'longest stop of the loop',
    'recall@1',
    'after a rebuild',
  ];
  table(
    'Memory, building, recall of 2,000 near copies',
    ['scope', ...columns],
    results.map(([name, result]) => [
      name,
      result.stats.graphs > 0 ? 'graph' : 'scan',
      kilobytes(result.bytesPerEntry),
      result.stats.graphs > 0 ? `${result.buildSeconds.toFixed(1)} s` : '–',
      result.rebuildSeconds === undefined ? '–' : `${result.rebuildSeconds.toFixed(1)} s`,
      result.blockMs === undefined ? '–' : `${result.blockMs.toFixed(1)} ms`,
      result.recall.toFixed(4),
      result.recallAfterRebuild?.toFixed(4) ?? '–',
    ]),
  );
}

const lookUpRows = (name, result, bare) => [
  row(name, result.lookUp, bare),
  row(`${name}, right before a rebuild`, result.lookUpBeforeRebuild, bare),
  row(`${name}, during a rebuild`, result.lookUpWhileRebuilding, bare),
];
const insertRows = (name, result) => [
  row(name, result.insert),
  ...(result.insertWhileRebuilding ? [row(`${name}, during a rebuild`, result.insertWhileRebuilding)] : []),
];

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model}`);

if (parts.includes('lookup')) {
  const rows = 10_000;
  const bare = run('bare', rows, 'clustered');
  const index = run('index', rows, 'clustered', 'hnsw', 600);
  const random = run('index', rows, 'random', 'hnsw', 600);
  const exact = run('index', rows, 'clustered', 'exact');
  table(
    'A look-up among 10,000',
    ['design', ...TIMES, 'p50 to bare', 'p99 to bare'],
    [
      row('hnswlib-node alone', bare.lookUp, bare.lookUp),
      ...lookUpRows('the index', index, bare.lookUp),
      row('the index without hnswlib-node', exact.lookUp, bare.lookUp),
    ],
  );
  const { fresh, beforeRebuild } = run('together', rows);
  table(
    'The same look-up, in turns in one process',
    ['design', ...TIMES, 'p50 to bare', 'p99 to bare'],
    [
      row('hnswlib-node alone', fresh.bare, fresh.bare),
      row('the index', fresh.index, fresh.bare),
      row('hnswlib-node alone, again', beforeRebuild.bare, beforeRebuild.bare),
      row('the index, right before a rebuild', beforeRebuild.index, beforeRebuild.bare),
    ],
  );
  table(
    'An insert among 10,000, the oldest removed',
    ['design', ...TIMES],
    [...insertRows('the index', index), ...insertRows('the index without hnswlib-node', exact)],
  );
  sizeTable([
    ['10,000 in clusters', index],
    ['10,000 at random', random],
    ['10,000 in clusters, without hnswlib-node', exact],
  ]);
}

if (parts.includes('crossover')) {
  const sizes = [1_000, 2_000, 4_000, 6_000, 8_000, 12_000, 16_000];
  const results = sizes.map((rows) => [rows, run('crossover', rows)]);
  table(
    'Scan or graph',
    ['rows', 'scan p50', 'scan p99', 'graph p50', 'graph p99'],
    results.map(([rows, { scan, graph }]) => [rows, ms(scan.p50), ms(scan.p99), ms(graph.p50), ms(graph.p99)]),
  );
}

if (parts.includes('scopes')) {
  const { bytesPerScope, bytesPerRow, lookUp, left } = run('scopes', 50_000);
  console.log(`\n### 50,000 scopes of one row\n`);
  console.log(`${Math.round(bytesPerScope)} bytes a scope, ${Math.round(bytesPerScope - bytesPerRow)} beyond its row.`);
  console.log(
    `A look-up: ${ms(lookUp.p50)} (p50), ${ms(lookUp.p99)} (p99). Scopes left when all were removed: ${left}.`,
  );
}

if (parts.includes('large')) {
  const rows = Number(values.rows);
  const name = rows.toLocaleString('en');
  const index = run('index', rows, 'clustered', 'hnsw', values.patient ? 3_600 : 60);
  table(`A look-up among ${name}`, ['design', ...TIMES], lookUpRows('the index', index));
  table(`An insert among ${name}, the oldest removed`, ['design', ...TIMES], insertRows('the index', index));
  sizeTable([[`${name} in clusters`, index]]);
}
