#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import { isError } from '../is-error.ts';
import { createProgram } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

try {
  await createProgram(version).parseAsync();
} catch (error) {
  process.stderr.write(`${told(error)}\n`);
  process.exitCode ??= 1;
}

/** Mistakes of a file stand alone, one a line behind its place, as editors read them. */
function told(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return `llm-router: ${isError(error) ? error.message : String(error)}`;
}
