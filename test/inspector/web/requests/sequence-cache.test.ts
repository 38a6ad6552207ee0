import { describe, expect, it } from 'vitest';
import { sequenceOf } from '../../../../src/inspector/web/requests/sequence.ts';
import { settled } from '../../../support/virtual-clock.ts';
import { createDetailedRig } from './detailed-rig.ts';

const COLD = { temperature: 0 } as const;

function cachedRig() {
  const rig = createDetailedRig({ a: {} });
  rig.router.enableCache({ embedder: false });
  return rig;
}

describe('the sequence of a request that the cache was asked about', () => {
  it('tells a miss without a time, and the call after it', async () => {
    const { ask, backends, clock, lines } = cachedRig();
    ask(COLD);
    await clock.advance(40);
    backends.a.last.succeed();
    await settled();
    expect(lines()).toEqual([
      '0 caller→router accepted with priority normal',
      '0 router→cache looked up',
      '? cache→router missed: no embedder',
      '0 router→a called',
      '40 a→router answered',
      '40 router→caller answered after 40 ms',
    ]);
  });

  it('tells a hit, and nothing of models', async () => {
    const { ask, backends, detail, lines } = cachedRig();
    ask(COLD);
    await settled();
    backends.a.last.succeed();
    await settled();
    ask(COLD);
    await settled();
    expect(lines().slice(1)).toEqual([
      '0 router→cache looked up',
      '0 cache→router hit, exact',
      '0 router→caller answered after 0 ms',
    ]);
    expect(sequenceOf(detail()).columns.map(({ name }) => name)).toEqual(['caller', 'router', 'cache']);
  });

  it('tells of a request that shared the call of another', async () => {
    const { ask, backends, clock, lines } = cachedRig();
    ask(COLD);
    await clock.advance(10);
    ask(COLD);
    await clock.advance(30);
    backends.a.last.succeed();
    await settled();
    expect(lines().slice(1)).toEqual([
      '0 router→cache looked up',
      '30 cache→router answered by the call of an identical request',
      '30 router→caller answered after 30 ms',
    ]);
  });

  it('draws no answer of a cache that had none yet', async () => {
    const { ask, clock, lines } = cachedRig();
    ask(COLD);
    await clock.advance(10);
    const asked = ask(COLD);
    await clock.advance(30);
    asked.abort();
    await settled();
    expect(lines().slice(1)).toEqual([
      '0 router→cache looked up',
      '? cache→router shares the call of an identical request',
      '30 caller→router cancelled by the caller',
    ]);
  });

  it('says so when it inherits a call that had begun before it came', async () => {
    const { ask, backends, clock, lines } = cachedRig();
    const first = ask(COLD);
    await clock.advance(200);
    ask(COLD);
    await clock.advance(10);
    first.abort();
    await clock.advance(20);
    backends.a.last.succeed();
    await settled();
    expect(lines().slice(1)).toEqual([
      '0 router→cache looked up',
      '? cache→router missed: no embedder',
      '? router→a joined a call that had begun 200 ms before',
      '30 a→router answered',
      '30 router→caller answered after 30 ms',
    ]);
  });

  it('leaves the cache out when it was not asked', async () => {
    const { ask, backends, lines } = cachedRig();
    ask({ ...COLD, cache: 'refresh' });
    await settled();
    backends.a.last.succeed();
    await settled();
    expect(lines()[1]).toBe('0 router→a called');
    ask({ temperature: 1 });
    await settled();
    backends.a.last.succeed();
    await settled();
    expect(lines()[1]).toBe('0 router→a called');
  });
});
