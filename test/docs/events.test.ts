import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BREAKER_STATES } from '../../src/breaker/state.ts';
import { PRIORITY_CLASSES } from '../../src/queue/priority.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const PAGE = read('docs/reference/events.md');
const SOURCE = [
  'src/telemetry/events.ts',
  'machines/cache/events.ts',
  'machines/settlement.ts',
  'machines/model/emitted.ts',
  'src/breaker/memory.ts',
  'src/breaker/outcome.ts',
  'src/breaker/state.ts',
  'src/routing/model-view.ts',
  'src/queue/priority.ts',
]
  .map(read)
  .join('\n');

interface Field {
  readonly name: string;
  readonly type: string;
}

/** The fields of an interface of the code; an optional one with its `?`. */
function fieldsOf(name: string): Field[] {
  const body = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, 's').exec(SOURCE)![1]!;
  return [...body.matchAll(/^ {2}(?:readonly )?('[\w.]+'|\w+\??): (.*);$/gm)].map((match) => ({
    name: match[1]!.replaceAll("'", ''),
    type: match[2]!,
  }));
}

/** The words of a union of the code. */
function wordsOf(name: string): string[] {
  const union = new RegExp(`export type ${name} =([^;]+);`).exec(SOURCE)![1]!;
  return [...union.matchAll(/'(\w+)'/g)].map((match) => match[1]!);
}

const sections = new Map(
  PAGE.split(/^##+ /m)
    .slice(1)
    .map((section) => {
      const [heading, ...lines] = section.split('\n');
      return [heading!.replaceAll('`', ''), lines] as const;
    }),
);

/** The rows of a table of fields on the page. */
const rowsUnder = (heading: string): Field[] =>
  (sections.get(heading) ?? []).flatMap((line) => {
    const match = /^\| `([\w.]+\??)` \| `([^`]+)` \|/.exec(line);
    return match ? [{ name: match[1]!, type: match[2]!.replaceAll('\\|', '|') }] : [];
  });

/** Each event of the router with the interface of what its listeners get. */
const EVENTS = fieldsOf('RouterEvents').map(({ name, type }) => ({ name, of: /\(event: (\w+)\)/.exec(type)![1]! }));

it('has a section for every event of the router, and for no other', () => {
  expect(EVENTS.length).toBeGreaterThan(10);
  const headings = [...sections.keys()].filter((heading) => /^[a-z_]+\.[a-z_]+$/.test(heading));
  expect(headings.sort()).toEqual(EVENTS.map(({ name }) => name).sort());
});

describe.each(EVENTS)('$name', ({ name, of }) => {
  it('has a row for every field with its type, and for no other', () => {
    const [type, ...fields] = fieldsOf(of);
    expect(type).toEqual({ name: 'type', type: `'${name}'` });
    expect(fields.length).toBeGreaterThan(1);
    expect(rowsUnder(name)).toEqual(fields);
  });
});

it('has the type of every event for whoever imports the library', () => {
  const exported = new Set(read('src/index.ts').match(/\w+/g));
  expect(EVENTS.map(({ of }) => of).filter((of) => !exported.has(of))).toEqual([]);
});

it('has every field of a trip', () => {
  expect(rowsUnder('Trip')).toEqual(fieldsOf('Trip'));
});

const TYPES = new Map(
  (sections.get('Types') ?? []).flatMap((line) => {
    const match = /^\| `(\w+)` \| (.*) \|$/.exec(line);
    return match ? [[match[1]!, [...match[2]!.matchAll(/`([a-z_]+)`/g)].map((word) => word[1]!)] as const] : [];
  }),
);

it.each(['Outcome', 'TripCause', 'BreakerCause', 'ControlState', 'CacheState'])('has every word of %s', (name) => {
  expect(wordsOf(name).length).toBeGreaterThan(3);
  expect(TYPES.get(name)).toEqual(wordsOf(name));
});

it('has every class, and every state of a breaker', () => {
  expect(TYPES.get('PriorityClass')).toEqual(PRIORITY_CLASSES);
  expect(TYPES.get('BreakerState')).toEqual(BREAKER_STATES);
});

it('explains every type that a row names', () => {
  const named = new Set([...EVENTS.map(({ name }) => name), 'Trip'].flatMap(rowsUnder).map(({ type }) => type));
  const unexplained = [...named].filter((type) => /^[A-Z]/.test(type) && !TYPES.has(type));
  expect(unexplained.sort()).toEqual(['Trace', 'Trip']);
});
