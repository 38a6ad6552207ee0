#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { generateCommand } from './generate.ts';
import { inspectCommand } from './inspect.ts';
import { serveCommand } from './serve.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const program = new Command('llm-router')
  .description('Routes LLM requests over many models: priority queues, fallbacks and circuit breakers.')
  .version(version)
  .addCommand(serveCommand())
  .addCommand(generateCommand())
  .addCommand(inspectCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`llm-router: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ??= 1;
}
