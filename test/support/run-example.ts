import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../.examples/', import.meta.url));

/** Runs a block of TypeScript as a module of its own and gives what it printed. */
export async function runExample(name: string, code: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = `${FOLDER}${name.replaceAll(/[^\w-]/g, '-')}.ts`;
  await writeFile(file, code);
  const printed: string[] = [];
  const { log } = console;
  const { write } = process.stdout;
  console.log = (...values: unknown[]) => void printed.push(`${values.map(String).join(' ')}\n`);
  process.stdout.write = ((text: string) => printed.push(text) > 0) as typeof write;
  try {
    await import(/* @vite-ignore */ pathToFileURL(file).href);
  } finally {
    console.log = log;
    process.stdout.write = write;
    await rm(file);
  }
  return printed.join('');
}
