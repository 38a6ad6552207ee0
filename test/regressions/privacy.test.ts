import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Actor, createActor, fromCallback, type InspectionEvent, StateMachine, StateNode } from 'xstate';
import { createRequest } from '../../machines/index.ts';
import { createRig } from '../support/rig.ts';
import { settled } from '../support/virtual-clock.ts';

const PROMPT = 'PROMPT-c0ffee: what ails my heart?';
const ANSWER = 'ANSWER-facade: nothing but love';
const PARTIAL = 'PARTIAL-decade: once upon';
const SECRETS = [PROMPT, ANSWER, PARTIAL];

// The chart is in each snapshot and each actor in each event, very large and the same each time: they print as names,
// and the actors' snapshots are looked at by themselves.
const LARGE = [Actor, StateMachine, StateNode].map(({ prototype }) => prototype as object);
beforeAll(() => {
  for (const prototype of LARGE) {
    Object.defineProperty(prototype, inspect.custom, {
      configurable: true,
      value(this: { id: string }) {
        return `<${this.id}>`;
      },
    });
  }
});
afterAll(() => {
  for (const prototype of LARGE) Reflect.deleteProperty(prototype, inspect.custom);
});

it('no prompt and no answer is in a snapshot or an inspection event', async () => {
  const leaks: string[] = [];
  let printed = 0;
  const print = (value: unknown): void => {
    for (const text of [JSON.stringify(value) ?? '', inspect(value, { depth: 12, showHidden: true })]) {
      printed++;
      if (SECRETS.some((secret) => text.includes(secret))) leaks.push(text.slice(0, 1_000));
    }
  };
  const types = new Set<string>();
  const rig = createRig(
    { m: { maxConcurrency: 1, breaker: { failureThreshold: 2 } }, spare: { maxConcurrency: 1 } },
    {
      inspect: (inspected: InspectionEvent) => {
        types.add(inspected.type);
        print(inspected);
      },
    },
  );
  const look = (): void => {
    const root = rig.router.actor.getSnapshot();
    print(rig.router.actor.getPersistedSnapshot());
    for (const ref of [rig.router.actor, ...Object.values(root.context.models)]) {
      print(ref.getSnapshot());
      for (const child of Object.values(ref.getSnapshot().children)) print((child as Actor<never>).getSnapshot());
    }
  };
  const { m, spare } = rig.backends;

  const asked = [rig.ask({}, PROMPT), rig.ask({ system: PROMPT, metadata: { note: PROMPT } }, PROMPT)];
  const streamed = rig.watch({ model: 'spare', system: PROMPT });
  const replyTo = createActor(fromCallback(() => {})).start();
  rig.router.actor.send(createRequest(rig.router, { prompt: PROMPT, replyTo: replyTo as never }).request);
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
  look();

  expect(asked.map(({ answer }) => answer?.content)).toEqual([ANSWER, ANSWER]);
  expect((streamed.error as { partialText: string }).partialText).toBe(PARTIAL);
  expect(rig.router.getStats().totalRequests).toBe(5);
  for (const type of ['actor', 'event', 'snapshot', 'microstep']) expect(types).toContain(`@xstate.${type}`);
  expect(printed).toBeGreaterThan(200);
  expect(leaks).toEqual([]);
});
