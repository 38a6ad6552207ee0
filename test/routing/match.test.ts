import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkName } from '../../src/names.ts';
import { PRIORITY_CLASSES } from '../../src/queue/priority.ts';
import {
  describeMatch,
  type MatchedRequest,
  type MetadataMatch,
  matches,
  type RuleMatch,
} from '../../src/routing/match.ts';

const HIGH: MatchedRequest = { priority: 'high' };
const asking = (metadata: Record<string, unknown>): MatchedRequest => ({ priority: 'normal', metadata });

describe('a match', () => {
  it.each<[string, RuleMatch, MatchedRequest, boolean]>([
    ['nothing asked', {}, HIGH, true],
    ['nothing asked of the metadata', { metadata: {} }, HIGH, true],
    ['nothing asked, something said', {}, asking({ tenant: 'acme' }), true],
    ['its class', { priority: 'high' }, HIGH, true],
    ['another class', { priority: 'low' }, HIGH, false],
    ['one of its classes', { priority: ['critical', 'high'] }, HIGH, true],
    ['none of its classes', { priority: ['critical', 'low'] }, HIGH, false],
    ['no class at all', { priority: [] }, HIGH, false],
    ['an equal string', { metadata: { tenant: 'acme' } }, asking({ tenant: 'acme' }), true],
    ['another string', { metadata: { tenant: 'acme' } }, asking({ tenant: 'Acme' }), false],
    ['an equal number', { metadata: { tier: 1 } }, asking({ tier: 1 }), true],
    ['a string that looks like the number', { metadata: { tier: 1 } }, asking({ tier: '1' }), false],
    ['a number that looks like the string', { metadata: { tier: '1' } }, asking({ tier: 1 }), false],
    ['an equal boolean', { metadata: { beta: false } }, asking({ beta: false }), true],
    ['something falsy', { metadata: { beta: false } }, asking({ beta: 0 }), false],
    ['null', { metadata: { beta: false } }, asking({ beta: null }), false],
    ['one of the values', { metadata: { tenant: ['acme', 2] } }, asking({ tenant: 2 }), true],
    ['none of the values', { metadata: { tenant: ['acme', 2] } }, asking({ tenant: '2' }), false],
    ['an array that holds the value', { metadata: { tenant: 'acme' } }, asking({ tenant: ['acme'] }), false],
    ['an array equal to the values', { metadata: { tenant: ['acme'] } }, asking({ tenant: ['acme'] }), false],
    ['no value at all', { metadata: { tenant: [] } }, asking({ tenant: undefined }), false],
    ['a string that begins so', { metadata: { path: { prefix: 'v1/' } } }, asking({ path: 'v1/chat' }), true],
    ['the prefix itself', { metadata: { path: { prefix: 'v1/' } } }, asking({ path: 'v1/' }), true],
    ['a string with it further on', { metadata: { path: { prefix: 'v1/' } } }, asking({ path: '/v1/' }), false],
    ['a number that begins so', { metadata: { path: { prefix: '1' } } }, asking({ path: 12 }), false],
    [
      'an object with a startsWith',
      { metadata: { path: { prefix: '' } } },
      asking({ path: { startsWith: () => true } }),
      false,
    ],
    ['any string for an empty prefix', { metadata: { path: { prefix: '' } } }, asking({ path: '' }), true],
    ['nothing for an empty prefix', { metadata: { path: { prefix: '' } } }, asking({}), false],
    ['a missing key', { metadata: { tenant: 'acme' } }, asking({ team: 'acme' }), false],
    ['no metadata', { metadata: { tenant: 'acme' } }, HIGH, false],
    ['every key', { metadata: { a: 1, b: 2 } }, asking({ b: 2, a: 1, c: 3 }), true],
    ['only some of the keys', { metadata: { a: 1, b: 2 } }, asking({ a: 1, b: 3 }), false],
    ['the class but not the metadata', { priority: 'normal', metadata: { a: 1 } }, asking({ a: 2 }), false],
    ['the metadata but not the class', { priority: 'high', metadata: { a: 1 } }, asking({ a: 1 }), false],
    ['both', { priority: 'normal', metadata: { a: 1 } }, asking({ a: 1 }), true],
  ])('with %s', (_, match, request, expected) => {
    expect(matches(match, request)).toBe(expected);
  });

  it('sees nothing that metadata inherits', () => {
    expect(matches({ metadata: { tenant: 'acme' } }, asking(Object.create({ tenant: 'acme' })))).toBe(false);
    expect(matches({ metadata: { toString: { prefix: '' } } }, asking({}))).toBe(false);
    const bare = Object.assign(Object.create(null), { tenant: 'acme' });
    expect(matches({ metadata: { tenant: 'acme' } }, asking(bare))).toBe(true);
  });

  it('asks for nothing that it inherits, and for a key called __proto__ when it has one', () => {
    expect(matches({ metadata: Object.create({ tenant: 'acme' }) }, HIGH)).toBe(true);
    const metadata = JSON.parse('{"__proto__": "x"}');
    expect(matches({ metadata }, asking({}))).toBe(false);
    expect(matches({ metadata }, asking(JSON.parse('{"__proto__": "x"}')))).toBe(true);
  });
});

describe('the description of a match', () => {
  it.each<[string, RuleMatch]>([
    ['any', {}],
    ['any', { metadata: {} }],
    ['priority:high', { priority: 'high' }],
    ['priority:critical/high', { priority: ['critical', 'high'] }],
    ['metadata.tenant:acme', { metadata: { tenant: 'acme' } }],
    ['metadata.beta:true', { metadata: { beta: true } }],
    ['metadata.tier:1/2.5/-3', { metadata: { tier: [1, 2.5, -3] } }],
    ['metadata.path:prefix:v1', { metadata: { path: { prefix: 'v1' } } }],
    [
      'priority:low::metadata.path:prefix:v1::metadata.tenant:acme/globex-2',
      { priority: 'low', metadata: { tenant: ['acme', 'globex-2'], path: { prefix: 'v1' } } },
    ],
  ])('is %s', (text, match) => {
    expect(describeMatch(match)).toBe(text);
  });

  it.each<[RegExp, RuleMatch]>([
    [/^metadata\.tier:1-\w+$/, { metadata: { tier: '1' } }],
    [/^metadata\.beta:true-\w+$/, { metadata: { beta: 'true' } }],
    [/^metadata\.team:new_york-\w+$/, { metadata: { team: 'new york' } }],
    [/^metadata\.path:prefix:\/v1\/-\w+$/, { metadata: { path: { prefix: '/v1/' } } }],
    [/^metadata\.url:a{50,90}-\w+$/, { metadata: { url: 'a'.repeat(300) } }],
  ])('ends in a hash where the letters of a name do not tell all (%#)', (text, match) => {
    expect(describeMatch(match)).toMatch(text);
  });

  it.each<[RuleMatch, RuleMatch]>([
    [{ metadata: { a: 'x/y' } }, { metadata: { a: ['x', 'y'] } }],
    [{ metadata: { a: 'x::metadata.b:y' } }, { metadata: { a: 'x', b: 'y' } }],
    [{ metadata: { a: 'prefix:x' } }, { metadata: { a: { prefix: 'x' } } }],
    [{ metadata: { 'a:prefix': 'x' } }, { metadata: { a: { prefix: 'x' } } }],
    [{ metadata: { priority: 'high' } }, { priority: 'high' }],
  ])('tells %j from %j, though their words are the same', (one, other) => {
    expect(describeMatch(one)).not.toBe(describeMatch(other));
  });

  it('does not depend on the order of the keys', () => {
    expect(describeMatch({ metadata: { b: 'x y', a: 1 } })).toBe(describeMatch({ metadata: { a: 1, b: 'x y' } }));
  });

  const scalar = fc.oneof(
    fc.constantFrom('a', 'b', '1', 'true', 'a/b', 'a:b', 'a::metadata.b:a', 'prefix', '', 'a b', 'a_b', 'é', 'NaN'),
    fc.constantFrom(1, 2.5, -1, 1e21, true, false),
    fc.string({ maxLength: 120 }),
  );
  const condition: fc.Arbitrary<MetadataMatch> = fc.oneof(
    scalar,
    fc.array(scalar, { minLength: 2, maxLength: 3 }),
    scalar.map((value) => ({ prefix: String(value) })),
  );
  const priority = fc.oneof(fc.constantFrom(...PRIORITY_CLASSES), fc.subarray([...PRIORITY_CLASSES], { minLength: 2 }));
  const anyMatch = fc.record<RuleMatch>(
    {
      priority,
      metadata: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'a:b', 'priority'), fc.string()), condition, {
        minKeys: 1,
        maxKeys: 3,
      }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<RuleMatch>;

  it('is a valid name of a rule for every match', () => {
    fc.assert(
      fc.property(anyMatch, (match) => {
        expect(() => checkName(describeMatch(match), 'addRoute')).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  it('is another one for another match', () => {
    const byText = new Map<string, string>();
    const canonical = ({ priority: classes, metadata = {} }: RuleMatch) =>
      JSON.stringify([classes ?? null, Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))]);
    fc.assert(
      fc.property(anyMatch, (match) => {
        const known = byText.get(describeMatch(match));
        if (known !== undefined) expect(canonical(match)).toBe(known);
        byText.set(describeMatch(match), canonical(match));
      }),
      { numRuns: 5_000 },
    );
    expect(byText.size).toBeGreaterThan(2_000);
  });
});
