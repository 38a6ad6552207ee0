import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on units of measure', () => {
  it.each([
    ['I weigh 80 kg', 'I weigh 80 lb'],
    ['How tall is it in feet?', 'How tall is it in meters?'],
    ['How tall is it?', 'How tall is it in centimeters?'],
    ['Bake at 180 °C', 'Bake at 180 °F'],
    ['Bake at 180C', 'Bake at 180F'],
    ['Take 5 mg', 'Take 5 g'],
    ['Is $20 fair?', 'Is £20 fair?'],
    ['Is 20 dollars fair?', 'Is 20 euros fair?'],
    ['A timer for 5 minutes', 'A timer for 5 seconds'],
    ['The wage per hour', 'The wage per day'],
    ['A 10 GB file', 'A 10 TB file'],
    ['Raise it by 5%', 'Raise it by 5 dollars'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('units');
    expect(veto(b, a, 'core')).toBe('units');
  });

  it.each([
    ['I weigh 80 kg', 'I weigh 80 kilograms'],
    ['I weigh 80kg', 'I weigh 80 kg'],
    ['Raise it by 5%', 'Raise it by 5 percent'],
    ['Is $20 fair?', 'Is 20 dollars fair?'],
    ['A distance in kilometres', 'A distance in kilometers'],
    ['Bake at 180 °C', 'Bake at 180 degrees Celsius'],
    ['When was it built?', 'In what year was it built?'],
    ['A 3-day trip', 'A three day trip'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});
