import { describe, expect, it } from 'vitest';
import { veto } from '../../../src/cache/guard/guard.ts';

describe('the rule on times', () => {
  it.each([
    ['The weather today', 'The weather tomorrow'],
    ['The news', 'The news of yesterday'],
    ['Meet on Monday', 'Meet on Tuesday'],
    ['Holidays in March', 'Holidays in May'],
    ["Last week's sales", "This week's sales"],
    ['Sales of last year', 'Sales of next year'],
    ['Call me at 3 pm', 'Call me at 3 am'],
    ['What to do in summer?', 'What to do in winter?'],
    ['Eat before the run', 'Eat after the run'],
    ['Songs since 2020', 'Songs until 2020'],
    ['3 days ago', '3 days from now'],
    ['Who was the king?', 'Who is the king?'],
    ['Where were the games?', 'Where will the games be?'],
    ['Open on weekdays', 'Open at the weekend'],
    ['A daily report', 'A weekly report'],
  ])('tells «%s» from «%s»', (a, b) => {
    expect(veto(a, b, 'core')).toBe('time');
    expect(veto(b, a, 'core')).toBe('time');
  });

  it.each([
    ['The weather', 'The weather today'],
    ['Sales of this year', 'Sales of the current year'],
    ['Meet on Mon', 'Meet on Monday'],
    ['May I smoke?', 'may I smoke'],
    ['You may march', 'you may march'],
    ['Who is the pope?', 'Who is the current pope?'],
    ['The last commit', 'The last commit now'],
  ])('lets «%s» share with «%s»', (a, b) => {
    expect(veto(a, b, 'standard')).toBeNull();
    expect(veto(b, a, 'standard')).toBeNull();
  });
});
