import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { BackendChunk } from '../../../backends/backend.ts';
import { figuresOf } from '../../../retry/classify.ts';
import { everythingPrinted } from '../printed.ts';
import { indexesOfFinish } from './answers.ts';
import { backendsOwn, rejectionOf, streamOf } from './call.ts';
import type { Contract, ContractCase } from './contract.ts';
import type { ExpectedFailure } from './options.ts';

/** What an error says, and what it must not. */
export function failures(contract: Contract): readonly ContractCase[] {
  const { testCase, behaviours, streams, ways, secrets } = contract;
  const cases = Object.entries(contract.failures).map(([behaviour, expected]) =>
    testCase(`says of ${behaviour} whose fault it was`, behaviour, async (backend) => {
      for (const { way, ask } of ways) assertFailure(await rejectionOf(ask(backend), way), expected, way);
    }),
  );
  if (streams && behaviours.includes('truncated')) {
    cases.push(
      testCase('never takes a stream that was cut for a whole one', 'truncated', async (backend) => {
        const chunks: BackendChunk[] = [];
        const reading = async (): Promise<void> => {
          for await (const chunk of streamOf(backend)) chunks.push(chunk);
        };
        await rejectionOf(reading(), 'a stream that was cut');
        assert.deepEqual(indexesOfFinish(chunks), [], 'a finish says that a cut stream is whole');
      }),
    );
  }
  for (const behaviour of secrets.length === 0 ? [] : ['ok', ...Object.keys(contract.failures)]) {
    cases.push(
      testCase(
        `shows its keys neither in errors nor in a print of itself: ${behaviour}`,
        behaviour,
        async (backend, _, bare) => {
          const values: unknown[] = [bare];
          for (const { ask } of ways) values.push(await ask(backend).catch(backendsOwn));
          for (const value of values) assertNoSecret(value, secrets);
        },
      ),
    );
  }
  return cases;
}

function assertFailure(error: unknown, expected: ExpectedFailure, way: string): void {
  const seen: ReturnType<typeof figuresOf> = figuresOf(error);
  for (const field of ['status', 'code', 'retryAfterMs'] as const) {
    if (!(field in expected)) continue;
    const [wanted, had] = [expected[field], seen[field]];
    if (types.isRegExp(wanted)) assert.match(String(had ?? ''), wanted, `${way}: ${field}`);
    else assert.equal(had, wanted, `${way}: ${field} is ${had}, and was to be ${wanted}`);
  }
}

function assertNoSecret(value: unknown, secrets: readonly string[]): void {
  const printed = everythingPrinted(value);
  const shown = secrets.find((secret) => printed.includes(secret));
  assert.ok(shown === undefined, `a secret that begins with '${shown?.slice(0, 3)}' is printed`);
}
