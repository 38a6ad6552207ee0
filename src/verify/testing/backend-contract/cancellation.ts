import assert from 'node:assert/strict';
import { aContext, aRequest, rejectionOf, streamOf } from './call.ts';
import type { Contract, ContractCase } from './contract.ts';

/** What follows when the caller leaves. */
export function cancellation(contract: Contract): readonly ContractCase[] {
  const { testCase, atOnce, behaviours, streams, ways, begun, left, keepsAbortReason } = contract;
  const cases: ContractCase[] = [];
  const reason = new Error('the caller left');
  const assertReason = (error: unknown): void => {
    if (keepsAbortReason) assert.equal(error, reason, 'it is to reject with the reason of its signal');
  };

  for (const { way, ask } of ways) {
    cases.push(
      testCase(`${way} does not begin when the caller has left already`, 'ok', async (_, __, bare) => {
        const call = ask(bare, aRequest(), aContext(AbortSignal.abort(reason)));
        assertReason(await atOnce(`${way} with an aborted signal`, rejectionOf(call, `${way} with an aborted signal`)));
      }),
    );
    if (!behaviours.includes('hang')) continue;
    cases.push(
      testCase(
        `${way} stops at once when the caller leaves before the first sign of an answer`,
        'hang',
        async (_, tag, bare) => {
          const controller = new AbortController();
          const rejected = rejectionOf(ask(bare, aRequest(), aContext(controller.signal)), `${way} of hang`);
          // It is awaited below; until then a wrong end is nobody's.
          rejected.catch(() => {});
          await atOnce('begun()', begun('hang', tag));
          controller.abort(reason);
          assertReason(await atOnce(`${way}, after its signal aborted`, rejected));
          await atOnce('left(), after the signal aborted', left('hang', tag));
        },
      ),
    );
  }

  if (streams && behaviours.includes('slow')) {
    cases.push(
      testCase('stops at once when the caller leaves in mid-stream', 'slow', async (backend, tag) => {
        const controller = new AbortController();
        let pieces = 0;
        const reading = async (): Promise<void> => {
          for await (const chunk of streamOf(backend, aRequest(), aContext(controller.signal))) {
            if (chunk.type === 'text' && ++pieces === 3) controller.abort(reason);
          }
        };
        assertReason(await atOnce('the stream, after its signal aborted', rejectionOf(reading(), 'the stream')));
        assert.equal(pieces, 3, 'three pieces were to come before the signal aborted, and none after');
        await atOnce('left(), after the signal aborted', left('slow', tag));
      }),
      testCase('lets go of the provider when its reader breaks out of the loop', 'slow', async (backend, tag) => {
        for await (const chunk of streamOf(backend)) if (chunk.type === 'text') break;
        await atOnce('left(), after the reader left', left('slow', tag));
      }),
    );
  }
  return cases;
}
