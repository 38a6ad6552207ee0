import { describe, expect, it } from 'vitest';
import { Denials } from '../../src/cache/denials.ts';

describe('a denial', () => {
  it('is remembered for that pair, and in that direction', () => {
    const denials = new Denials(10);
    denials.add('asked', 'stored');
    expect(denials.has('asked', 'stored')).toBe(true);
    expect(denials.has('stored', 'asked')).toBe(false);
    expect(denials.has('asked', 'another')).toBe(false);
    expect(denials.has('another', 'stored')).toBe(false);
  });

  it('is forgotten when the stored answer goes, and no other with it', () => {
    const denials = new Denials(10);
    denials.add('one', 'stored');
    denials.add('two', 'stored');
    denials.add('one', 'another');
    denials.forget('stored');
    denials.forget('nobody');
    expect(denials.has('one', 'stored')).toBe(false);
    expect(denials.has('two', 'stored')).toBe(false);
    expect(denials.has('one', 'another')).toBe(true);
    expect(denials.size).toBe(1);
  });

  it('is forgotten when it was of no use for longest and there are too many', () => {
    const denials = new Denials(2);
    denials.add('one', 'stored');
    denials.add('two', 'stored');
    expect(denials.has('one', 'stored')).toBe(true);
    denials.add('three', 'stored');
    expect(denials.has('two', 'stored')).toBe(false);
    expect(denials.has('one', 'stored')).toBe(true);
    denials.forget('stored');
    expect(denials.size).toBe(0);
  });

  it('may be given twice', () => {
    const denials = new Denials(2);
    denials.add('one', 'stored');
    denials.add('one', 'stored');
    denials.forget('stored');
    expect(denials.size).toBe(0);
    denials.add('one', 'stored');
    expect(denials.has('one', 'stored')).toBe(true);
  });
});
