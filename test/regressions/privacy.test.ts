import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createActor, fromCallback, type InspectionEvent } from 'xstate';
import { createRequest } from '../../machines/index.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const PROMPT = 'PROMPT-c0ffee: what ails my heart?';
const ANSWER = 'ANSWER-facade: nothing but love';
const PARTIAL = 'PARTIAL-decade: once upon';

it('no prompt and no answer is in a snapshot or an inspection event', async () => {
  const texts = new Set<string>();
  const print = (value: unknown): void => {
    texts.add(JSON.stringify(value) ?? '');
    texts.add(inspect(value, { depth: 12, showHidden: true }));
  };
  // The chart itself is in each snapshot, the same each time and very large: it is looked at once, at the end.
  const light = (inspected: InspectionEvent): object => {
    const { snapshot, actorRef: _, ...rest } = inspected as InspectionEvent & { snapshot?: Record<string, unknown> };
    const { machine: __, _nodes, children: ___, ...state } = snapshot ?? {};
    return { ...rest, state };
  };
  let events = 0;
  const rig = createRig(
    { m: { maxConcurrency: 1, breaker: { failureThreshold: 2 } }, spare: { maxConcurrency: 1 } },
    {
      inspect: (inspected) => {
        events++;
        print(light(inspected));
      },
    },
  );
  const look = (): void => {
    const root = rig.router.actor.getSnapshot();
    for (const ref of [rig.router.actor, ...Object.values(root.context.models)]) print(ref.getSnapshot().context);
    print(rig.router.actor.getPersistedSnapshot());
    print(JSON.stringify(rig.router.actor.getSnapshot()));
  };
  const { m, spare } = rig.backends;

  const asked = [rig.ask({}, PROMPT), rig.ask({ system: PROMPT, metadata: { note: PROMPT } }, PROMPT)];
  const streamed = rig.watch({ model: 'spare' });
  const replyTo = createActor(fromCallback(() => {})).start();
  const message = createRequest(rig.router, { prompt: PROMPT, replyTo: replyTo as never });
  rig.router.actor.send(message.request);
  look();
  spare.lastStream.push(PARTIAL);
  await settled();
  look();
  m.last.fail(new Error(`no: ${PROMPT}`));
  await settled();
  spare.lastStream.fail();
  await settled();
  look();
  for (let round = 0; round < 4; round++) {
    for (const call of [...m.calls, ...spare.calls]) call.succeed({ content: ANSWER, reasoning: ANSWER });
    await settled();
  }
  look();
  rig.ask({}, PROMPT).abort(new Error(PROMPT));
  await settled();

  expect(asked.map(({ answer }) => answer?.content)).toEqual([ANSWER, ANSWER]);
  expect((streamed.error as { partialText: string }).partialText).toBe(PARTIAL);
  expect(events).toBeGreaterThan(100);
  const { machine } = rig.router.actor.getSnapshot() as unknown as { machine: object };
  print(Object.keys(machine));
  for (const secret of [PROMPT, ANSWER, PARTIAL]) {
    const found = [...texts].find((text) => text.includes(secret));
    expect(found?.slice(0, 300)).toBeUndefined();
  }
  await rig.clock.advance(0);
});
