import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { DEFAULT_BREAKER } from '../../src/breaker/options.ts';
import { type CacheOptions, resolveCacheOptions } from '../../src/cache/options.ts';
import type { ChatRequest, GenerateOptions } from '../../src/generate-options.ts';
import {
  type BreakerSettings,
  breakerOptions,
  type ModelOptions,
  resolveModelOptions,
} from '../../src/model-options.ts';
import { checkGrace } from '../../src/names.ts';
import { acceptRequest } from '../../src/request.ts';
import { DEFAULT_RETRIES, type RouterOptions, resolveRouterOptions } from '../../src/router-options.ts';
import { type RouteOptions, resolveRule } from '../../src/routing-options.ts';
import { type InspectOptions, resolveInspectOptions } from '../../src/server/inspector-options.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Row {
  readonly option: string;
  readonly meaning: string;
  readonly unit: string;
  readonly byDefault: string;
  readonly accepts: string;
}

/** The rows of the page by the heading they stand under. */
function rowsByHeading(page: string): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  let heading = '';
  for (const line of page.split('\n')) {
    heading = /^##+ (.*)$/.exec(line)?.[1] ?? heading;
    const [, option, meaning, unit, byDefault, accepts] = line.split('|').map((cell) => cell.trim());
    if (!option?.startsWith('`')) continue;
    const row = {
      option: option.slice(1, -1),
      meaning: meaning!,
      unit: unit!,
      byDefault: byDefault!,
      accepts: accepts!,
    };
    rows.set(heading, [...(rows.get(heading) ?? []), row]);
  }
  return rows;
}

const PAGE = rowsByHeading(read('docs/reference/options.md'));

/** No option accepts it, and none is called like it. */
const WRONG: unknown = Symbol('wrong');
const UNKNOWN = 'qqqqqqqq';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

function takes(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** A table of the page, and what the code says of the same options when one is given. */
interface Table {
  readonly heading: string;
  readonly check: (given: Record<string, unknown>) => unknown;
  /** Those of the options that the check knows and another table has. */
  readonly elsewhere?: string;
}

const ECHO: Backend = { generate: async ({ prompt }) => ({ content: prompt }) };
const PROMPT = { messages: [{ role: 'user', content: 'hi' }] } as const;
const TABLES: readonly Table[] = [
  { heading: 'The router', check: (given) => resolveRouterOptions(given as RouterOptions) },
  { heading: 'Retries', check: (retries) => resolveRouterOptions({ retries }) },
  {
    heading: 'A model',
    // Beside a backend, what is not the router's own is not the provider's either.
    check: (given) => resolveModelOptions(UNKNOWN in given ? { ...given, backend: ECHO } : given, ''),
  },
  { heading: 'A breaker', check: (given) => breakerOptions(given as BreakerSettings, '') },
  {
    heading: 'A rule',
    check: (given) => resolveRule('high', { targets: ['m'], ...given } as RouteOptions, ['m']),
  },
  { heading: 'A match', check: (given) => resolveRule(given, { targets: ['m'] }, ['m']) },
  { heading: 'The cache', check: (given) => resolveCacheOptions(given as CacheOptions) },
  { heading: 'Inspecting', check: (given) => resolveInspectOptions(given as InspectOptions) },
  {
    heading: 'How it is treated',
    check: (given) => acceptRequest('hi', given as GenerateOptions),
    elsewhere: 'What is asked of the model',
  },
  {
    heading: 'What is asked of the model',
    check: (given) => acceptRequest('hi', given as GenerateOptions),
    elsewhere: 'How it is treated',
  },
  {
    heading: 'A conversation',
    check: (given) => acceptRequest({ ...PROMPT, ...given } as unknown as ChatRequest),
    elsewhere: 'What is asked of the model',
  },
];

const namesUnder = (heading: string): string[] => (PAGE.get(heading) ?? []).map(({ option }) => option);

describe.each(TABLES)('the table of $heading', ({ heading, check, elsewhere }) => {
  const rows = PAGE.get(heading) ?? [];

  it('has every option that the code takes, once, and no other', () => {
    const taken = /accepted: (.*)$/i.exec(messageOf(() => check({ [UNKNOWN]: 1 })))![1]!.split(', ');
    expect(taken.length).toBeGreaterThan(1);
    expect([...namesUnder(heading), ...(elsewhere === undefined ? [] : namesUnder(elsewhere))].sort()).toEqual(
      taken.sort(),
    );
  });

  it.each(rows)('says of $option what the code accepts', ({ option, accepts }) => {
    const accepted = messageOf(() => check({ [option]: WRONG })).split('; accepted: ')[1]!;
    // A message may leave out null where it is accepted.
    expect(accepts).toBe(
      takes(() => check({ [option]: null })) ? `${accepted.replace(', or null', '')}, or null` : accepted,
    );
  });

  it('says what each means, and in which unit', () => {
    for (const { option, meaning, unit, byDefault } of rows) {
      expect([option, meaning === '', unit, byDefault === '']).toEqual([
        option,
        false,
        option.endsWith('Ms') ? 'ms' : expect.stringMatching(/^(?:–|calls|requests|tokens|share)$/),
        false,
      ]);
    }
  });
});

/** A default as the page shows it. */
function shown(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return typeof value === 'string'
    ? `\`${value}\``
    : typeof value === 'object' && value
      ? `\`${JSON.stringify(value)}\``
      : `${value}`;
}

const usualModel = resolveModelOptions({ provider: 'simulated' }, '');
const concurrencyOf = (options: ModelOptions): number => resolveModelOptions(options, '').limits.maxConcurrency;
const usualRule = resolveRule({}, { targets: ['m'] }, ['m']);
const { timeoutMs, maxParked, readerTimeoutMs, id } = resolveRouterOptions({});

const { ttlMs, embedder: _embedder, verify: _verify, path: _path, ...cacheDefaults } = resolveCacheOptions({});
const { allowHosts: _allowHosts, ...defaultsOfInspecting } = resolveInspectOptions({});
const defaultsOfCache = { ...cacheDefaults, ttlHours: ttlMs / 3_600_000 };

const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'The router': { timeoutMs, maxParked, readerTimeoutMs, id },
  Retries: { ...DEFAULT_RETRIES },
  'A model': {
    maxQueueDepth: usualModel.limits.maxQueueDepth,
    firstTokenTimeoutMs: usualModel.limits.firstTokenTimeoutMs,
    idleTimeoutMs: usualModel.limits.idleTimeoutMs,
    abortGraceMs: usualModel.limits.abortGraceMs,
    weight: usualModel.profile.weight,
    options: usualModel.options,
  },
  'A breaker': { ...DEFAULT_BREAKER },
  'A rule': {
    fallback: usualRule.fallback,
    strategy: usualRule.strategy,
    whenUnavailable: usualRule.whenUnavailable,
  },
  'The cache': defaultsOfCache,
  Inspecting: defaultsOfInspecting,
  'How it is treated': { priority: acceptRequest('hi').priority },
  Ending: { graceMs: checkGrace(undefined, '') },
};

it.each(
  Object.entries(DEFAULTS).flatMap(([heading, defaults]) =>
    Object.entries(defaults).map(([option, value]) => ({ heading, option, value })),
  ),
)('tells the default of $option of $heading', ({ heading, option, value }) => {
  expect(PAGE.get(heading)?.find((row) => row.option === option)?.byDefault).toBe(shown(value));
});

it('tells on what the default of maxConcurrency depends', () => {
  const { byDefault } = PAGE.get('A model')!.find(({ option }) => option === 'maxConcurrency')!;
  const ollama = concurrencyOf({ provider: 'ollama' });
  const other = concurrencyOf({ provider: 'simulated' });
  expect(byDefault).toBe(`${ollama} for \`ollama\`, else ${other}; at most half of \`maxQueueDepth\`, rounded up`);
  expect(concurrencyOf({ provider: 'simulated', maxQueueDepth: 5 })).toBe(3);
});

it('tells what a grace accepts', () => {
  const [{ option, accepts }] = PAGE.get('Ending') as [Row];
  expect(messageOf(() => checkGrace(-1, 'stop()'))).toBe(`stop().${option}: given -1; accepted: ${accepts}`);
});

it.each([
  ['src/router-options.ts', 'RouterOptions', ['The router']],
  ['src/server/inspector-options.ts', 'InspectOptions', ['Inspecting']],
  ['src/model-options.ts', 'ModelOptions', ['A model']],
  ['src/breaker/options.ts', 'BreakerOptions', ['A breaker']],
  ['src/routing-options.ts', 'RouteOptions', ['A rule']],
  ['src/routing/match.ts', 'RuleMatch', ['A match']],
  ['src/cache/options.ts', 'CacheOptions', ['The cache']],
  ['src/generate-options.ts', 'GenerationOptions', ['What is asked of the model']],
  ['src/generate-options.ts', 'GenerateOptions', ['How it is treated']],
  ['src/generate-options.ts', 'ChatRequest', ['A conversation']],
])('has every option of the type in %s', (path, name, headings) => {
  const body = new RegExp(`export interface ${name}[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(read(path))![1]!;
  const options = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]);
  expect(headings.flatMap(namesUnder).sort()).toEqual(options.sort());
});
