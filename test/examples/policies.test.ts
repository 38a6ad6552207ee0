import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import { assertPolicy, type PolicyProperty } from '../../src/verify/check/assert-policy.ts';
import { checkPolicy } from '../../src/verify/check/check-policy.ts';
import { changed } from '../support/changed.ts';
import { asShown, blocksOf, commandsOf } from '../support/transcript.ts';

const FOLDER = fileURLToPath(new URL('../../examples/policies/', import.meta.url));
const EXAMPLES = ['local-first', 'batch-and-interactive', 'two-regions'];

const textOf = (example: string, name: string): string => readFileSync(join(FOLDER, example, name), 'utf8');
const blocksIn = (example: string, language: string) =>
  blocksOf(textOf(example, 'README.md')).filter((block) => block.language === language);

describe.each(EXAMPLES)('the policy %s', (example) => {
  it('shows in its README what the checker prints', () => {
    const commands = blocksIn(example, 'console').flatMap(commandsOf);
    expect(commands.map(({ command }) => command)).toEqual(['llm-router check llm-router.yaml']);
    const file = join(FOLDER, example, 'llm-router.yaml');
    let printed = '';
    const out = { write: (text: string) => (printed += text) };
    const code = check(file, { format: 'text', strict: false, progress: false }, { out, environment: {} });
    expect(asShown(printed, commands[0]!.output)).toBe(commands[0]!.output);
    expect(code).toBe(0);
  });

  it('has a suite of less than 40 lines', () => {
    expect(textOf(example, 'policy.test.ts').trimEnd().split('\n').length).toBeLessThan(40);
  });
});

/** The configuration of an example with its text changed. */
function variant(example: string, change: (text: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'llm-router-policy-'));
  try {
    const file = join(folder, 'llm-router.yaml');
    writeFileSync(file, change(textOf(example, 'llm-router.yaml')));
    return loadConfig(file, { missing: 'keep' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const asItIs = (text: string): string => text;

const refutation = (...given: Parameters<typeof assertPolicy>): string => {
  try {
    assertPolicy(...given);
  } catch (error) {
    return `${error}`;
  }
  return 'it holds';
};

it('the README of local-first shows how its second property was refuted at first', () => {
  const tooMuch: PolicyProperty = ({ models: { llama, phi } }, { model }) =>
    model !== 'gpt' || (llama!.queue !== 'free' && phi!.queue !== 'free');
  const [shown] = blocksIn('local-first', 'text');
  const printed = refutation(variant('local-first', asItIs), tooMuch);
  expect(asShown(printed, shown!.text)).toBe(shown!.text.trimEnd());
});

it('the README of local-first says when private requests are rejected', () => {
  const isOut: PolicyProperty = ({ rule, models: { llama, phi } }, { outcome }) =>
    rule !== 'private' ||
    outcome !== 'fail' ||
    [llama!, phi!].every(
      ({ queue, control, breaker, recovery, limit }) =>
        queue === 'full' ||
        control === 'draining' ||
        breaker === 'forced_open' ||
        recovery === 'late' ||
        limit === 'late',
    );
  expect(refutation(variant('local-first', asItIs), isOut)).toBe('it holds');
});

it('private requests would leave the house if the general rule stood first, and the property says so', () => {
  const general = '  - name: rest\n    targets: [llama]\n    fallback: [phi, gpt]\n';
  const swapped = variant('local-first', (text) =>
    text.replace(general, '').replace('rules:\n', () => `rules:\n${general}`),
  );
  const stays: PolicyProperty = ({ metadata, candidates }) =>
    metadata['privacy'] !== 'local' || !candidates.includes('gpt');
  expect(refutation(swapped, stays)).toContain("requests of rule 'rest'");
});

it('the change in the README of two-regions leaves the checker nothing to say', () => {
  const [change] = blocksIn('two-regions', 'diff');
  const mended = variant('two-regions', (text) => changed(text, change!.text));
  expect(checkPolicy(mended).findings).toEqual([]);
});

describe('the suite of local-first', async () => {
  await import('../../examples/policies/local-first/policy.test.ts');
});
describe('the suite of batch-and-interactive', async () => {
  await import('../../examples/policies/batch-and-interactive/policy.test.ts');
});
describe('the suite of two-regions', async () => {
  await import('../../examples/policies/two-regions/policy.test.ts');
});
