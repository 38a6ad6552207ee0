// Builds the inspector's page into dist/inspector; the sources must have been compiled before.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { chartsPlugin, compiledCharts } from './charts-plugin.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

await build({
  configFile: false,
  root: path('src/inspector/web'),
  // The page lies at any path: at /inspector/ of a server, or of a router of its own.
  base: './',
  logLevel: 'warn',
  plugins: [chartsPlugin(await compiledCharts())],
  build: {
    outDir: path('dist/inspector'),
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    target: 'es2022',
  },
});
