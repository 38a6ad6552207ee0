import { describe, expect, it } from 'vitest';
import { placeIn, placeOf } from '../../../src/inspector/web/place.ts';

describe('a place in the timeline', () => {
  it.each([
    { lane: 'model:gpu', at: null },
    { lane: 'model:gpu', at: 1_700_000_000_123 },
    { lane: 'model:vendor@2', at: null },
    { lane: 'model:vendor@2', at: 1_700_000_000_123 },
  ])('is found again from its address: $lane at $at', (place) => {
    expect(placeIn(placeOf(place))).toEqual(place);
  });
});
