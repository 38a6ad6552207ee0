// Proves `testPolicy`. Makes each fault of policy-mutations.json in the router, one at a time and in memory, and prints
// which of the example policies find it out, after how many steps, and the first thing that was not as the policy says.
// Arguments: parts of the names of those to run, as in `npm run mutate:policy woken`; none: all.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const all = JSON.parse(await readFile(new URL('policy-mutations.json', import.meta.url), 'utf8'));
const only = process.argv.slice(2);
const wanted = only.length === 0 ? all : all.filter(({ mutation }) => only.some((part) => mutation.includes(part)));
const child = fileURLToPath(new URL('policy-child.mjs', import.meta.url));

/** Of the router without a mutation when none is given. @throws when it has no answer: a mutant may run for ever */
async function caughtBy(...mutation) {
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...mutation], { timeout: 120_000 });
  return JSON.parse(stdout);
}

const unmutated = await caughtBy();
if (unmutated.length > 0) {
  console.error('The router does not follow the example policies without any mutation.', unmutated);
  process.exit(1);
}

const queue = [...wanted];
let survived = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { mutation, fault } = next;
      const caught = await caughtBy(mutation);
      if (caught.length === 0) survived++;
      const rows = caught.map(
        ({ policy, steps, difference }) => `  ${policy.padEnd(22)} steps: ${`${steps}`.padEnd(2)}  ${difference}`,
      );
      console.log([`${caught.length === 0 ? 'SURVIVED' : 'caught  '} ${mutation}: ${fault}`, ...rows].join('\n'));
    }
  }),
);
console.log(`${wanted.length} mutations, ${wanted.length - survived} caught, ${survived} survived`);
process.exitCode = survived === 0 && wanted.length > 0 ? 0 : 1;
