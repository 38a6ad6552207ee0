import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { assertPolicy, type PolicyViolationError } from '../../src/verify/check/assert-policy.ts';
import { changed } from '../support/changed.ts';
import { asShown, type Block, blocksOf, commandsOf } from '../support/transcript.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
mkdirSync(join(ROOT, '.examples'), { recursive: true });
// Of this run's own: two suites may run at once.
const FOLDER = mkdtempSync(join(ROOT, '.examples/verifying-'));
const BLOCKS = blocksOf(readFileSync(join(ROOT, 'docs/guide/verifying-a-policy.md'), 'utf8'));

/** A block, and the configuration file as it is when the reader comes there. */
interface Step extends Block {
  readonly config: string;
}

let current = '';
const STEPS = BLOCKS.map((block): Step => {
  if (block.language === 'yaml') current = block.text;
  if (block.language === 'diff') current = changed(current, block.text);
  return { ...block, config: current };
});
const stepsIn = (language: string): readonly Step[] => STEPS.filter((step) => step.language === language);

function write(name: string, text: string): string {
  const file = join(FOLDER, name);
  writeFileSync(file, text);
  return file;
}
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** What the commands of a step print, each as far as it is shown. */
function run({ config, ...block }: Step): { readonly shown: string; readonly printed: string }[] {
  const file = write('llm-router.yaml', config);
  let code = 0;
  return commandsOf(block).map(({ command, output }) => {
    const [program, name, given, ...flags] = command.split(' ');
    let printed = '';
    if (command === 'echo $?') {
      printed = `${code}`;
    } else {
      expect([program, name, given]).toEqual(['llm-router', 'check', 'llm-router.yaml']);
      expect(flags.filter((flag) => flag !== '--strict')).toEqual([]);
      const out = { write: (text: string) => (printed += text) };
      code = check(
        file,
        { format: 'text', strict: flags.includes('--strict'), progress: false },
        { out, environment: {} },
      );
    }
    return { shown: output, printed: asShown(printed, output) };
  });
}

describe('the guide to verifying a policy', () => {
  it('shows what each command prints', () => {
    const steps = stepsIn('console');
    expect(steps.length).toBeGreaterThan(5);
    for (const { shown, printed } of steps.flatMap(run)) expect(printed).toBe(shown);
  });

  it('shows how its property is refuted', async () => {
    const [suite] = stepsIn('ts policy.test.ts');
    const [refuted, ...others] = stepsIn('text');
    expect(others).toEqual([]);
    const source = /assertPolicy\(policy, (.*)\);/.exec(suite!.text)![1];
    const module = write('property.ts', `export const property = ${source};\n`);
    const { property } = (await import(/* @vite-ignore */ pathToFileURL(module).href)) as {
      readonly property: Parameters<typeof assertPolicy>[1];
    };
    let violation: PolicyViolationError | undefined;
    try {
      assertPolicy(write('refuted.yaml', refuted!.config), property);
    } catch (error) {
      violation = error as PolicyViolationError;
    }
    expect(`${violation}`).toBe(refuted!.text.trimEnd());
  });
});

const [SUITE] = stepsIn('ts policy.test.ts');
write('llm-router.yaml', STEPS.at(-1)!.config);
describe('its suite', async () => {
  await import(/* @vite-ignore */ pathToFileURL(write('policy.test.ts', SUITE!.text)).href);
});
