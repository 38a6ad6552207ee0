import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { lookAround } from '../server/autodetect.ts';
import { configTemplate } from './config-template.ts';
import { type Found, foundModels } from './found-models.ts';

const DEFAULT_FILE = 'llm-router.yaml';

interface InitFlags {
  readonly force: boolean;
  readonly stdout: boolean;
}

export interface InitPorts {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly out?: (text: string) => void;
  readonly err?: (text: string) => void;
}

/** `llm-router init`: a configuration file to begin with, over whatever models are there. */
export function initCommand(): Command {
  return new Command('init')
    .description('write a commented configuration file over the models that are found here')
    .argument('[file]', 'where it is written', DEFAULT_FILE)
    .option('--force', 'overwrite a file that is there', false)
    .option('--stdout', 'print the file and write nothing', false)
    .action((file: string, flags: InitFlags) => init(file, flags));
}

/** @throws when the file is there already, or cannot be written */
export async function init(
  file: string,
  { force, stdout }: InitFlags,
  {
    environment = process.env,
    out = (text) => void process.stdout.write(text),
    err = (text) => void process.stderr.write(text),
  }: InitPorts = {},
): Promise<void> {
  const found = foundModels(await lookAround(environment), environment);
  const text = configTemplate(found);
  if (stdout) {
    err(told(found));
    out(text);
    return;
  }
  write(file, text, force);
  const name = /^[\w./-]+$/.test(file) ? file : JSON.stringify(file);
  out(`${told(found)}Written: ${file}\nNext:\n  llm-router check ${name}\n  llm-router serve --config ${name}\n`);
}

/** @throws */
function write(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Error(`init: ${file} is there already; --force overwrites it`, { cause: error });
    throw new Error(`init: ${file} cannot be written: ${message}`, { cause: error });
  }
}

function told({ models, isSimulated, leftOut }: Found): string {
  const lines = isSimulated
    ? [
        'Found: neither a chat model of Ollama nor a key (OPENAI_API_KEY, ANTHROPIC_API_KEY, or AZURE_OPENAI_API_KEY with',
        'AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_DEPLOYMENT). The models are SIMULATED.',
      ]
    : models.map(({ name, source }) => `Found: ${name} (${source})`);
  if (leftOut.length > 0) lines.push(`Left out: ${leftOut.join(', ')}`);
  return `${lines.join('\n')}\n`;
}
