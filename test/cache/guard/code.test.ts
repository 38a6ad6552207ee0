import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on code', () => {
  it.each([
    ['Explain `a.slice(1)`', 'Explain `a.splice(1)`'],
    ['Explain `Foo`', 'Explain `foo`'],
    ['Explain a == b', 'Explain a === b'],
    ['What is 5 / 2?', 'What is 5 // 2?'],
    ['When is x > 1?', 'When is x < 1?'],
    ['Explain x && y', 'Explain x || y'],
    ['Explain i++', 'Explain ++i'],
    ['Explain ^\\d$', 'Explain ^\\D$'],
    ['What does ls -a do?', 'What does ls -l do?'],
    ['git reset --soft', 'git reset --hard'],
    ['Edit /etc/hosts', 'Edit /etc/passwd'],
    ['Evaluate (2 + 3) * 4', 'Evaluate 2 + (3 * 4)'],
    ['What is "5" + 3?', 'What is 5 + 3?'],
    ['What is 3 - 2?', 'What is 3 + 2?'],
    ['```js\nlet a = 1;\n```', '```js\nlet a = 2;\n```'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('code');
    expect(veto(b, a, 'core')).toBe('code');
  });

  it.each([
    ['Explain `a.slice(1)`', 'What does `a.slice(1)` do?'],
    ['Explain a == b', 'explain a==b'],
    ['How do I use async/await?', 'How do I use async and await?'],
    ['Is C++ hard?', 'is c++ hard'],
    ['Tom & Jerry', 'Tom and Jerry'],
    ['Wait - what is it?', 'Wait, what is it?'],
    ['Explain `f( x )`', 'Explain  `f( x )`'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});
