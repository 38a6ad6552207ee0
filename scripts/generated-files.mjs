import { readFile, writeFile } from 'node:fs/promises';

const root = new URL('../', import.meta.url);

/** Writes what is made from the code; with --check it writes nothing, and `finish` fails when something differs. */
export function generatedFiles(command) {
  const isCheck = process.argv.includes('--check');
  const stale = [];
  return {
    async put(path, text) {
      const url = new URL(path, root);
      const present = await readFile(url, 'utf8').catch(() => '');
      if (present === text) return;
      if (isCheck) stale.push(path);
      else await writeFile(url, text);
    },
    finish() {
      if (stale.length === 0) return;
      console.error(`Out of date: ${stale.join(', ')}. Run ${command}.`);
      process.exitCode = 1;
    },
  };
}
