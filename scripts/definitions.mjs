// Writes what documents take from the code: the definitions of the charts to docs/internals, the list of predicates to
// machines/README.md, and docs/reference/failures.md.
// With --check it writes nothing and fails when they differ from what is there.
import { readFile } from 'node:fs/promises';
import { cacheMachine, modelMachine, routerMachine } from '../dist/machines/index.js';
import { failuresPage } from './failures.mjs';
import { generatedFiles } from './generated-files.mjs';

const root = new URL('../', import.meta.url);
const { put, finish } = generatedFiles('npm run definitions');

for (const [name, machine] of Object.entries({ cache: cacheMachine, model: modelMachine, router: routerMachine })) {
  await put(`docs/internals/${name}.json`, `${JSON.stringify(machine.definition, null, 2)}\n`);
}

await put('docs/reference/failures.md', failuresPage());

const source = await readFile(new URL('test/support/predicates.ts', root), 'utf8');
const names = (table) => {
  const body = source.slice(source.indexOf(`export const ${table}`)).split('\n};')[0];
  return [...body.matchAll(/^ {2}(?:'([^']+)'|"([^"]+)"):/gm)].map((match) => match[1] ?? match[2]);
};
const list = [
  'In every state:',
  '',
  ...names('STATE_PREDICATES').map((name) => `- ${name}`),
  '',
  'In every step:',
  '',
  ...names('STEP_PREDICATES').map((name) => `- ${name}`),
].join('\n');
const readme = await readFile(new URL('machines/README.md', root), 'utf8');
await put(
  'machines/README.md',
  readme.replace(
    /<!-- predicates -->[\s\S]*<!-- \/predicates -->/,
    `<!-- predicates -->\n${list}\n<!-- /predicates -->`,
  ),
);

finish();
