import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { edgeIdOf } from '../../../src/inspector/chart/edge-id.ts';
import { graphOf } from '../../../src/inspector/chart/graph.ts';
import { createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';
import { MACHINES, NAMES } from './support.ts';

/** The ids of all transitions that a busy router took, and the machine of each. */
async function taken(): Promise<Map<string, string>> {
  const rig = createRig({ a: { maxConcurrency: 1, maxQueueDepth: 2, breaker: { failureThreshold: 1 } } });
  const ids = new Map<string, string>();
  rig.router.start();
  rig.router.actor.system.inspect((event: InspectionEvent) => {
    if (event.type !== '@xstate.microstep') return;
    for (const transition of event._transitions as readonly AnyTransitionDefinition[]) {
      ids.set(edgeIdOf(transition), transition.source.machine.id);
    }
  });
  for (let count = 0; count < 4; count++) rig.ask();
  await settled();
  rig.router.pause('a');
  rig.router.resume('a');
  rig.backends.a.last.succeed();
  await settled();
  rig.backends.a.last.fail();
  await rig.clock.advance(120_000);
  rig.ask();
  await settled();
  const stopped = rig.router.stop({ graceMs: 0 });
  await rig.clock.advance(20_000);
  await stopped;
  return ids;
}

describe('the ids of edges', () => {
  let ids: Map<string, string>;
  beforeAll(async () => {
    ids = await taken();
  });

  it.each(NAMES)('are in the graph of the %s chart for every transition that is taken', (name) => {
    const known = new Set(graphOf(MACHINES[name]).edges.map(({ id }) => id));
    const own = [...ids].filter(([, machine]) => machine === MACHINES[name].id).map(([id]) => id);

    expect(own.filter((id) => !known.has(id))).toEqual([]);
  });

  it('cover transitions without an event, delays and wildcards', () => {
    const all = [...ids.keys()];

    expect(all.some((id) => id.startsWith('model.queue.advancing  '))).toBe(true);
    expect(all.some((id) => id.includes('xstate.after.recovery'))).toBe(true);
    expect(all.some((id) => id.includes(' call.* '))).toBe(true);
    expect(all.length).toBeGreaterThan(15);
    expect(all.filter((id) => id.endsWith(' -1'))).toEqual([]);
  });
});
