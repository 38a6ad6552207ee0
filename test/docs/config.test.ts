import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { DEFAULT_BOOSTS } from '../../src/queue/priority.ts';
import { policyOf } from '../../src/verify/policy.ts';

const PAGE = readFileSync(new URL('../../docs/reference/config.md', import.meta.url), 'utf8');
const OPTIONS = readFileSync(new URL('../../docs/reference/options.md', import.meta.url), 'utf8');
const SECTIONS = new Map(PAGE.split(/^## /m).map((section) => [section.split('\n')[0]!, section]));

interface Row {
  readonly key: string;
  readonly meaning: string;
  readonly unit: string;
  readonly byDefault: string;
  readonly accepts: string;
}

const rowsUnder = (heading: string): Row[] =>
  [...SECTIONS.get(heading)!.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
    ([, key, meaning, unit, byDefault, accepts]) =>
      ({ key, meaning, unit, byDefault, accepts }) as Record<keyof Row, string>,
  );

type Schema = { readonly [key: string]: unknown };
const ROOT = configJsonSchema() as Schema;

const referenceIn = ({ $ref, allOf }: { readonly $ref?: string; readonly allOf?: readonly Schema[] }): string | null =>
  ($ref ?? (allOf?.[0]?.['$ref'] as string | undefined))?.split('/').at(-1) ?? null;

/** A part of the schema, its references followed. */
function at(...steps: readonly string[]): Schema {
  let current = ROOT;
  for (const step of ['', ...steps]) {
    if (step !== '') current = (current as Record<string, Schema>)[step]!;
    for (let name = referenceIn(current); name !== null; name = referenceIn(current)) {
      current = (ROOT['definitions'] as Record<string, Schema>)[name]!;
    }
  }
  return current;
}
const keysAt = (...steps: readonly string[]): string[] => Object.keys(at(...steps, 'properties'));
/** The options that have rows of their own in the reference of options. */
const optionsUnder = (heading: string): string[] =>
  [
    ...OPTIONS.split(`\n## ${heading}\n`)[1]!
      .split('\n## ')[0]!
      .matchAll(/^\| `(\w+)`/gm),
  ].map(([, name]) => name!);

const keysUnder = (heading: string): string[] => rowsUnder(heading).map(({ key }) => key);
const MODEL = ['properties', 'models', 'additionalProperties', 'anyOf', '5'];
const RULE = ['properties', 'rules', 'items'];

it('the page has every key of the file', () => {
  expect(keysUnder('The file')).toEqual(keysAt());
  expect(keysUnder('The queue')).toEqual(keysAt('properties', 'queue'));
  expect(keysUnder('The server')).toEqual(keysAt('properties', 'server'));
});

it('the page and the reference of options have every key of a model, a rule, and the cache', () => {
  const inCode = ['backend', 'classify'];
  const ofModel = [...optionsUnder('A model').filter((key) => !inCode.includes(key)), ...keysUnder('One model')];
  expect(keysAt(...MODEL).sort()).toEqual(ofModel.sort());
  expect(keysAt(...RULE).sort()).toEqual([...optionsUnder('A rule'), ...keysUnder('One rule')].sort());
  expect(keysAt('properties', 'cache', 'anyOf', '1').sort()).toEqual(optionsUnder('The cache').sort());
});

it.each([
  ['The file', []],
  ['One model', MODEL],
  ['One rule', RULE],
  ['The queue', ['properties', 'queue']],
  ['The server', ['properties', 'server']],
])('the table of %s says what the schema says', (heading, place) => {
  const rows = rowsUnder(heading);
  expect(rows.length).toBeGreaterThan(0);
  for (const { key, unit, accepts } of rows) {
    const { description, anyOf } = at(...place, 'properties', key) as { description?: string; anyOf?: Schema[] };
    const forms = (anyOf ?? []).map((_, index) => at(...place, 'properties', key, 'anyOf', `${index}`)['description']);
    expect([key, accepts]).toEqual([key, description ?? (forms.join(' or ') || 'an object')]);
    expect([key, unit]).toEqual([key, key.endsWith('Ms') ? 'ms' : expect.stringMatching(/^(?:–|calls|requests)$/)]);
  }
});

it('the page tells the defaults that are its own', () => {
  const [model] = policyOf({ models: { a: { provider: 'simulated' } } }).models;
  const told = (heading: string, name: string): string => rowsUnder(heading).find(({ key }) => key === name)!.byDefault;
  expect(told('One model', 'expectedLatencyMs')).toBe(model!.expectedLatencyMs.toLocaleString('en-US'));
  expect(told('The queue', 'maxQueueDepth')).toBe(`${model!.maxQueueDepth}`);
  expect(told('The queue', 'boostMs')).toBe(
    Object.entries(DEFAULT_BOOSTS)
      .map(([key, ms]) => `\`${key}\` ${ms.toLocaleString('en-US')}`)
      .join(', '),
  );
});

const environment = { OPENAI_API_KEY: 'k' };

function load(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'llm-router-docs-'));
  try {
    const file = join(folder, 'llm-router.yaml');
    writeFileSync(file, text);
    loadConfig(file, { environment });
  } catch (error) {
    (error as Error).message = (error as Error).message.replaceAll(`${folder}/`, '');
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('its examples are accepted', () => {
  const examples = [...PAGE.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text!);
  expect(examples).toHaveLength(2);
  for (const text of examples) load(text);
});

it('its wrong example is refused with the text that it shows', () => {
  const [, bad] = /^```yaml bad\n(.*?)^```/ms.exec(PAGE)!;
  const [, text] = /^```text\n(.*?)\n```/ms.exec(PAGE)!;
  let message = '';
  try {
    load(bad!);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    message = (error as Error).message;
  }
  const shown = text!.split('\n').map((line) => line.replace(/…$/, ''));
  expect(message.split('\n').map((line, index) => line.slice(0, shown[index]?.length))).toEqual(shown);
});
