import { describe, expect, it } from 'vitest';
import type { RequestRow } from '../../../../src/inspector/protocol.ts';
import { type Filters, filtered, modelChoices, NO_FILTERS } from '../../../../src/inspector/web/requests/filters.ts';

const row = (n: number, part: Partial<RequestRow> = {}): RequestRow => ({
  n,
  id: `r-${n}`,
  at: n,
  priority: 'normal',
  rule: null,
  served: true,
  ms: 100,
  waitedMs: 0,
  attempts: 1,
  streamed: false,
  ...part,
});

const ROWS = [
  row(1, { priority: 'critical', model: 'gpu', tenant: 'Acme' }),
  row(2, { served: false, code: 'queue_full', rule: 'bulk' }),
  row(3, { served: false, code: 'cancelled', model: 'gpu' }),
  row(4, { attempts: 3, ms: 2_500, model: 'cloud', called: ['edge', 'cloud'] }),
];

const ids = (filters: Partial<Filters>): number[] => filtered(ROWS, { ...NO_FILTERS, ...filters }).map(({ n }) => n);

describe('the filters of the list', () => {
  it('let all through when none is set, the newest first', () => {
    expect(ids({})).toEqual([4, 3, 2, 1]);
  });

  it.each<[string, Partial<Filters>, number[]]>([
    ['a part of the id', { text: 'r-2' }, [2]],
    ['a model, a rule, a code or a tenant, in any case', { text: ' ACME ' }, [1]],
    ['a rule', { text: 'bul' }, [2]],
    ['a code', { text: 'queue_' }, [2]],
    ['a model', { text: 'clou' }, [4]],
    ['a priority', { priority: 'critical' }, [1]],
    ['who was served', { outcome: 'served' }, [4, 1]],
    ['who failed, but was not cancelled', { outcome: 'failed' }, [2]],
    ['who was cancelled', { outcome: 'cancelled' }, [3]],
    ['one model alone', { model: 'gpu' }, [3, 1]],
    ['a model that was called and did not answer', { model: 'edge' }, [4]],
    ['the name of a model that was called and did not answer', { text: 'edg' }, [4]],
    ['several calls', { isRepeated: true }, [4]],
    ['more than a duration', { slowerThanMs: 100 }, [4]],
    ['all that is set at once', { model: 'gpu', outcome: 'served' }, [1]],
  ])('narrow it to %s', (_what, filters, expected) => {
    expect(ids(filters)).toEqual(expected);
  });

  it('offer every model that was called, and keep the one that is chosen', () => {
    expect(modelChoices(ROWS, null)).toEqual(['cloud', 'edge', 'gpu']);
    expect(modelChoices(ROWS, 'gone')).toEqual(['cloud', 'edge', 'gone', 'gpu']);
    expect(modelChoices(ROWS, 'gpu')).toEqual(['cloud', 'edge', 'gpu']);
  });
});
