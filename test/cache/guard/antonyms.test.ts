import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on opposites', () => {
  it.each([
    ['Enable the cache', 'Disable the cache'],
    ['Foods that increase blood pressure', 'Foods that reduce blood pressure'],
    ['Encoding a string', 'Decoding a string'],
    ['Import the data', 'Export the data'],
    ['Sort ascending', 'Sort descending'],
    ['The maximum of a list', 'The minimum of a list'],
    ['The best hotels', 'The worst hotels'],
    ['The oldest tree', 'The youngest tree'],
    ['Lock the door', 'Unlock the door'],
    ['Is it legal?', 'Is it illegal?'],
    ['paid internships', 'unpaid internships'],
    ['Subscribing to it', 'Unsubscribing from it'],
    ['Turn on the light', 'Turn off the light'],
    ['Turn the light on', 'Turn the light off'],
    ['Zoom in', 'Zoom out'],
    ['Log in to it', 'Log out of it'],
    ['At least five', 'At most five'],
    ['Remove all of it', 'Remove any of it'],
    ['The most populous', 'The least populous'],
    ['His rights', 'Her rights'],
    ['Reset my password', 'Reset your password'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('antonyms');
    expect(veto(b, a, 'core')).toBe('antonyms');
  });

  it.each([
    ['Enable the cache', 'Turn on the cache'],
    ['Lower my bill', 'Reduce my bill'],
    ['Sign in to it', 'Log in to it'],
    ['Hot and cold water', 'Cold and hot water'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});
