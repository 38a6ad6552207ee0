// Writes the statecharts of docs/internals, as drawings and as text for Mermaid, from the compiled definitions.
// With --check it writes nothing and fails when they differ from what is there.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { mermaidOf } from '../dist/src/inspector/chart/mermaid.js';
import { compiledCharts } from './charts-plugin.mjs';
import { generatedFiles } from './generated-files.mjs';

const root = new URL('../', import.meta.url);
const web = new URL('src/inspector/web/', root);
const { put, finish } = generatedFiles('npm run docs:charts');
const vite = await createServer({
  configFile: false,
  root: fileURLToPath(web),
  appType: 'custom',
  logLevel: 'warn',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
try {
  const { documentOf } = await vite.ssrLoadModule('/chart/document.ts');
  const sheets = {
    tokens: await readFile(new URL('style/tokens.css', web), 'utf8'),
    drawing: await readFile(new URL('chart/drawing.css', web), 'utf8'),
  };
  for (const [id, chart] of Object.entries(await compiledCharts())) {
    const name = id.replace(/^llm-/, '');
    await put(`docs/internals/${name}.svg`, documentOf(chart, sheets));
    await put(`docs/internals/${name}.mmd`, mermaidOf(chart));
  }
} finally {
  await vite.close();
}

finish();
