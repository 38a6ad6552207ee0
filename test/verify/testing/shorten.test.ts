import { describe, expect, it } from 'vitest';
import type { PolicyEvent } from '../../../src/verify/policy-events.ts';
import { shorten, without } from '../../../src/verify/testing/shorten.ts';

const request: PolicyEvent = { type: 'request', priority: 'normal' };
const fails = (name: string): PolicyEvent => ({ type: 'call.failed', request: name, model: 'gpt' });
const passes = (ms: number): PolicyEvent => ({ type: 'time.passed', ms });

describe('a path without one of its steps', () => {
  it('keeps the others', () => {
    expect(without([request, passes(1), fails('r1')], 1)).toEqual([request, fails('r1')]);
  });

  it('loses with a request all that becomes of it, and numbers the later ones anew', () => {
    expect(without([request, request, request, fails('r1'), fails('r2'), fails('r3')], 1)).toEqual([
      request,
      request,
      fails('r1'),
      fails('r2'),
    ]);
  });
});

describe('a failing path', () => {
  const needs =
    (...wanted: readonly PolicyEvent[]) =>
    async (path: readonly PolicyEvent[]) => {
      let found = 0;
      for (const [index, event] of path.entries()) {
        if (JSON.stringify(event) === JSON.stringify(wanted[found])) found++;
        if (found === wanted.length) return path.slice(0, index + 1);
      }
      return null;
    };

  it('is cut down to the steps that matter', async () => {
    const path = [passes(1), request, passes(2), request, fails('r2'), passes(3), fails('r1'), passes(4)];
    expect(await shorten(path, needs(passes(2), passes(3)))).toEqual([passes(2), passes(3)]);
    expect(await shorten(path, needs(request, fails('r1')))).toEqual([request, fails('r1')]);
  });

  it('stays as it is when each of its steps matters', async () => {
    const path = [request, passes(2), fails('r1')];
    expect(await shorten(path, needs(...path))).toEqual(path);
  });

  it('is left as short as it is after a bounded number of tries', async () => {
    let tries = 0;
    const path = Array.from({ length: 1_000 }, (_, index) => passes(index));
    await shorten(path, async () => {
      tries++;
      return null;
    });
    expect(tries).toBe(200);
  });
});
