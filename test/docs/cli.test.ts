import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const PAGE = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');
const commands = createProgram('0.0.0').commands;

/** `llm-router check <config>`, as its heading is. */
const usageOf = (command: Command): string => {
  const args = command.registeredArguments.map((one) => (one.required ? ` <${one.name()}>` : ` [${one.name()}]`));
  return `llm-router ${command.name()}${args.join('')}`;
};

const section = (heading: string): string => PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';

const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| (`--.*) \|$/gm)].map(([, row]) => row!.split(/ ?\| ?/).map((cell) => cell.trim()));

const code = (text: string): string => `\`${text}\``;

/** What the page has to tell of a default: nothing where the option is off without its flag. */
function shownDefault({ defaultValue, defaultValueDescription, flags }: Option): string {
  if (flags === '--cache <tiers>') return code('auto');
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : code(String(defaultValue));
}

it('has a section for each command, and for no other', () => {
  const headings = [...PAGE.matchAll(/^## (llm-router .*)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(commands.map(usageOf));
  expect(headings.length).toBeGreaterThan(3);
});

it.each(
  commands.map((command) => [usageOf(command), command] as const),
)('tells every option of %s', (usage, command) => {
  const told = rowsOf(section(usage)).map(([flags, environment, byDefault]) => [flags, environment, byDefault]);
  const own = command.options.map((option) => [
    code(option.flags),
    option.envVar === undefined ? '' : code(option.envVar),
    shownDefault(option),
  ]);
  expect(told).toEqual(own);
});

it('tells every choice of an option', () => {
  const options = commands.flatMap((command) => command.options.map((option) => ({ command, option })));
  const choosing = options.filter(({ option }) => option.argChoices !== undefined);
  expect(choosing.length).toBeGreaterThan(1);
  for (const { command, option } of choosing) {
    const row = rowsOf(section(usageOf(command))).find(([flags]) => flags === code(option.flags))!;
    for (const choice of option.argChoices!) expect(row.slice(2).join()).toContain(code(choice));
  }
});

it('names the keys of a report in JSON', () => {
  const keys = [
    ...section('llm-router check <config>')
      .split('`json` is one object')[1]!
      .matchAll(/^\| (`.*?) \|/gm),
  ];
  expect(keys.flatMap((match) => match[1]!.replaceAll('`', '').split(', ')).sort()).toEqual(
    [
      'bounds',
      'classes',
      'config',
      'decisions',
      'findings',
      'isDecided',
      'isExhaustive',
      'models',
      'ok',
      'version',
    ].sort(),
  );
});

const EXAMPLES = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) => match[1]!.trim().split('\n'));

/** The name of the command that a line runs, with everything understood; nothing is carried out. */
async function understood(line: string): Promise<string> {
  const program = createProgram('0.0.0').exitOverride();
  let ran = '';
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
    command.action(() => {
      ran = command.name();
    });
  }
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
  await program.parseAsync(words.slice(1), { from: 'user' });
  return ran;
}

describe('an example', () => {
  it.each(EXAMPLES)('is understood: %s', async (line) => {
    expect(await understood(line)).toBe(line.split(' ')[1]);
  });

  it('that is none is seen', async () => {
    expect(EXAMPLES.length).toBeGreaterThan(6);
    await expect(understood('llm-router check a.yaml --colour')).rejects.toThrow("unknown option '--colour'");
  });
});
