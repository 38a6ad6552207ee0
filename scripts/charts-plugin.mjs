// The statecharts, laid out, for whoever builds the page or the documents.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { layOut } from './layout.mjs';

const CACHE = new URL('../node_modules/.cache/llm-router/', import.meta.url);
const SCRIPTS = ['layout.mjs', 'chart-lines.mjs', 'pack.mjs', 'text-width.mjs'];

/** What `layOut` makes of a graph; kept from one build to the next, because it takes seconds. */
export async function laidOut(graph, bundles) {
  const hash = createHash('sha256').update(createRequire(import.meta.url)('elkjs/package.json').version);
  for (const script of SCRIPTS) hash.update(await readFile(new URL(script, import.meta.url)));
  const file = new URL(`${hash.update(JSON.stringify([graph, bundles])).digest('hex')}.json`, CACHE);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return JSON.parse(kept);
  const chart = await layOut(graph, bundles);
  await mkdir(CACHE, { recursive: true });
  const part = new URL(`${file.pathname.split('/').at(-1)}.${process.pid}`, CACHE);
  await writeFile(part, JSON.stringify(chart));
  await rename(part, file);
  return chart;
}

/** Every chart of the compiled machines, by the machine's id. */
export async function compiledCharts() {
  const [{ cacheMachine, modelMachine, routerMachine }, { graphOf }, { bundle }] = await Promise.all([
    import('../dist/machines/index.js'),
    import('../dist/src/inspector/chart/graph.js'),
    import('../dist/src/inspector/chart/bundle.js'),
  ]);
  const charts = {};
  for (const machine of [routerMachine, modelMachine, cacheMachine]) {
    const graph = graphOf(machine);
    charts[machine.id] = await laidOut(graph, bundle(graph));
  }
  return charts;
}

const ID = 'virtual:charts';

/** Hands the charts to the page, as `virtual:charts`: it has no layout engine of its own. */
export const chartsPlugin = (charts) => ({
  name: 'charts',
  resolveId: (id) => (id === ID ? `\0${ID}` : null),
  load: (id) =>
    id === `\0${ID}` ? `export const CHARTS = JSON.parse(${JSON.stringify(JSON.stringify(charts))});` : null,
});
