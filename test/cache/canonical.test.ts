import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalOf } from '../../src/cache/canonical.ts';

/** Reads one value from the beginning of a canonical text: whatever can be read back has not been mixed up. */
function read(text: string): { readonly value: unknown; readonly rest: string } {
  const rest = text.slice(1);
  switch (text[0]) {
    case 'n':
      return { value: null, rest };
    case 'u':
      return { value: undefined, rest };
    case 't':
      return { value: true, rest };
    case 'f':
      return { value: false, rest };
    case '"':
      return readString(text);
    case '[':
      return readList(rest);
    case '{':
      return readRecord(rest);
    default: {
      const end = text.indexOf(';');
      return { value: Number(text.slice(0, end)), rest: text.slice(end + 1) };
    }
  }
}

function readString(text: string) {
  const colon = text.indexOf(':');
  const end = colon + 1 + Number(text.slice(1, colon));
  return { value: text.slice(colon + 1, end), rest: text.slice(end) };
}

function readList(text: string) {
  const value: unknown[] = [];
  let rest = text;
  while (rest[0] !== ']') {
    const item = read(rest);
    value.push(item.value);
    rest = item.rest;
  }
  return { value, rest: rest.slice(1) };
}

function readRecord(text: string) {
  const value: [string, unknown][] = [];
  let rest = text;
  while (rest[0] !== '}') {
    const key = readString(rest);
    const item = read(key.rest);
    value.push([key.value, item.value]);
    rest = item.rest;
  }
  return { value: Object.fromEntries(value), rest: rest.slice(1) };
}

/** Any code units, halves of pairs and what the form itself is written in among them. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('"', ':', ';', '[', ']', '{', '}', '1', 'n', 'u', '\0', '\ud800', '\udc00', 'é', '漢'))
    .map((units) => units.join('')),
);
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.double().map((number) => number + 0),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

describe('the canonical form', () => {
  it('can be read back, whatever follows it: no two values share one', () => {
    fc.assert(
      fc.property(anyValue, anyText, (value, after) => {
        const { value: again, rest } = read(canonicalOf(value) + after);
        expect(again).toStrictEqual(value);
        expect(rest).toBe(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same in whatever order the keys were set', () => {
    expect(canonicalOf({ a: 1, b: { d: 2, c: 3 } })).toBe(canonicalOf({ b: { c: 3, d: 2 }, a: 1 }));
    expect(canonicalOf({ 10: 'x', 9: 'y', a: 'z' })).toBe(canonicalOf({ a: 'z', 9: 'y', 10: 'x' }));
  });

  it('takes undefined for an absent key, and -0 for 0, as JSON does', () => {
    expect(canonicalOf({ a: 1, b: undefined })).toBe(canonicalOf({ a: 1 }));
    expect(canonicalOf(-0)).toBe(canonicalOf(0));
  });

  it.each([
    ['a number and its digits', 1, '1'],
    ['null and nothing', { a: null }, {}],
    ['an empty list and an empty object', [], {}],
    ['one list and two', [['a', 'b']], [['a'], ['b']]],
    ['a key and a value', { a: 'b' }, ['a', 'b']],
    ['a text and one that is written like a longer list', ['a"1:b'], ['a', 'b']],
    ['halves of different pairs', '\ud800', '\ud801'],
    ['half a pair and what stands for what cannot be written', '\ud800', '\ufffd'],
    ['composed and decomposed letters', 'é', 'e\u0301'],
    ['capitals and small letters', 'A', 'a'],
    ['a text and the same with a space after it', 'a', 'a '],
  ])('tells apart %s', (_, one, other) => {
    expect(canonicalOf(one)).not.toBe(canonicalOf(other));
  });

  it('takes an own key named __proto__ for a key', () => {
    expect(canonicalOf(JSON.parse('{"__proto__": 1}'))).not.toBe(canonicalOf({}));
  });

  it.each([
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set()],
    ['a date', new Date(0)],
    ['a bigint', 1n],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['bytes', new Uint8Array(2)],
    ['a pattern', /a/],
    ['an object of a class', new (class Thing {})()],
  ])('has none for %s, however deep it lies', (_, value) => {
    expect(canonicalOf(value)).toBeNull();
    expect(canonicalOf({ a: [{ b: value }] })).toBeNull();
  });

  it('has none for what holds itself, and one for what is held twice', () => {
    const loop: Record<string, unknown> = {};
    loop['a'] = [loop];
    loop['b'] = [loop];
    const twice = { x: 1 };
    expect(canonicalOf(loop)).toBeNull();
    expect(canonicalOf([twice, twice])).toBe(canonicalOf([{ x: 1 }, { x: 1 }]));
  });

  it('has none for what is nested without end, rather than to exhaust the stack', () => {
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    expect(canonicalOf(nested(100))).toBe('['.repeat(100) + ']'.repeat(100));
    expect(canonicalOf(nested(101))).toBeNull();
    expect(canonicalOf(nested(100_000))).toBeNull();
  });

  it('is that of its like of another realm, as `structuredClone` makes in a vm context', () => {
    const given = [{ role: 'user', tools: [{ name: 'look' }] }];
    expect(canonicalOf(runInNewContext('JSON.parse(text)', { text: JSON.stringify(given) }))).toBe(canonicalOf(given));
  });
});
