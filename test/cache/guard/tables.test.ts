import { expect, it } from 'vitest';
import { oppositesOf } from '../../../src/cache/guard/antonyms.ts';
import { keyOf } from '../../../src/cache/guard/keys.ts';
import { stem } from '../../../src/cache/guard/stem.ts';
import { unitCounted, unitNamed } from '../../../src/cache/guard/unit-names.ts';

it.each([
  ['change', 'changes', 'changed', 'changing'],
  ['stop', 'stops', 'stopped', 'stopping'],
  ['carry', 'carries', 'carried', 'carrying'],
  ['box', 'boxes', 'boxed', 'boxing'],
  ['class', 'classes', 'classes', 'classed'],
  ['colour', 'color', 'colours', 'colors'],
  ['organise', 'organize', 'organised', 'organizing'],
  ['centre', 'center', 'centres', 'centered'],
  ['write', 'writes', 'wrote', 'written'],
  ['child', 'children', 'child', 'children'],
  ['quick', 'quickly', 'quick', 'quickness'],
])('%s has one stem with its inflections', (...forms) => {
  expect(new Set(forms.map(stem)).size).toBe(1);
});

it.each([
  ['string', 'str'],
  ['https', 'http'],
  ['news', 'new'],
  ['employer', 'employee'],
  ['apply', 'app'],
  ['does', 'do'],
  ['forest', 'for'],
])('%s and %s have two stems', (a, b) => {
  expect(stem(a)).not.toBe(stem(b));
});

it('has no word that is its own opposite, not by way of a synonym either', () => {
  const words =
    'enable disable reduce increase big small fast slow good bad cheap expensive start stop add delete min max';
  for (const key of words.split(' ').map(keyOf)) {
    expect(oppositesOf(key).size).toBeGreaterThan(0);
    expect(oppositesOf(key).has(key)).toBe(false);
  }
});

it('knows opposites by their synonyms and inflections, both ways', () => {
  expect(oppositesOf(keyOf('bigger')).has(keyOf('tiny'))).toBe(true);
  expect(oppositesOf(keyOf('tiny')).has(keyOf('larger'))).toBe(true);
  expect(oppositesOf(keyOf('purchased')).has(keyOf('sold'))).toBe(true);
});

it('reads a symbol as a unit after a number only', () => {
  expect(unitCounted('g')).toBe('gram');
  expect(unitNamed('g')).toBeNull();
  expect(unitNamed('kilograms')).toBe('kilogram');
});
