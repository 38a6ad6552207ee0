import { Command } from 'commander';
import { checkCommand } from './check.ts';
import { generateCommand } from './generate.ts';
import { initCommand } from './init.ts';
import { inspectCommand } from './inspect.ts';
import { serveCommand } from './serve.ts';

/** The command line, with everything that it can do. */
export const createProgram = (version: string): Command =>
  new Command('llm-router')
    .description('Routes LLM requests over many models: priority queues, fallbacks and circuit breakers.')
    .version(version)
    .addCommand(serveCommand())
    .addCommand(initCommand())
    .addCommand(checkCommand())
    .addCommand(generateCommand())
    .addCommand(inspectCommand());
