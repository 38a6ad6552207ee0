import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, BackendChunk } from '../../src/backends/backend.ts';
import { BackendError } from '../../src/errors.ts';
import { aContext, aRequest, generated, joined, streamed } from '../../src/verify/testing/backend-contract/call.ts';
import type { BackendBehaviour, ExpectedFailure } from '../../src/verify/testing/backend-contract/options.ts';
import { backendContract } from '../../src/verify/testing/backend-contract.ts';
import { rejectionOf } from '../support/leaks.ts';

export { aContext, aRequest };

export async function collect(chunks: AsyncIterable<BackendChunk>): Promise<BackendChunk[]> {
  const all: BackendChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

export const textOf = (chunks: readonly BackendChunk[]): string => joined(chunks, 'text');

/** What a kind of backend can do, and what it must say of the failures that it can meet. */
export interface Capabilities {
  readonly tools: boolean;
  readonly reasoning: boolean;
  /** Its streams come over a connection that can break. */
  readonly remote: boolean;
  readonly failures: Readonly<Record<string, ExpectedFailure>>;
  /** What no error may ever hold. */
  readonly secrets: readonly string[];
}

/** The world behind a kind of backend; see `BackendContractOptions`. */
export interface BackendHarness {
  make(behaviour: BackendBehaviour, tag: string): Backend;
  begun(behaviour: BackendBehaviour, tag: string): Promise<void>;
  left(behaviour: BackendBehaviour, tag: string): Promise<void>;
  released(): Promise<void>;
  close(): Promise<void>;
}

/** A cut answer is named after the socket or after the stream, whichever was cut. */
export const CUT: ExpectedFailure = { code: /./ };

const NOTHING_SAID: ExpectedFailure = { status: undefined, code: undefined, retryAfterMs: undefined };

/** Runs the contract that every backend keeps to, and what these ones promise beyond it. */
export function describeBackend(
  name: string,
  makeHarness: () => Promise<BackendHarness>,
  { tools, reasoning, remote, failures, secrets }: Capabilities,
): void {
  describe(`${name} keeps to the port`, () => {
    let harness: BackendHarness;
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness.close());

    const cases = backendContract({
      make: (behaviour, tag) => harness.make(behaviour, `${name}-${tag}`),
      begun: (behaviour, tag) => harness.begun(behaviour, `${name}-${tag}`),
      left: (behaviour, tag) => harness.left(behaviour, `${name}-${tag}`),
      released: () => harness.released(),
      behaviours: [
        'hang',
        'slow',
        ...(remote ? ['truncated' as const] : []),
        ...(tools ? ['tool_call' as const] : []),
        ...(reasoning ? ['reasoning' as const] : []),
      ],
      failures: Object.fromEntries(
        Object.entries(failures).map(([behaviour, expected]) => [
          behaviour,
          expected === CUT ? CUT : { ...NOTHING_SAID, ...expected },
        ]),
      ),
      secrets,
      keepsAbortReason: true,
      releasesSignal: true,
    });
    for (const { name: what, run } of cases) it(what, run);

    const using = async <T>(behaviour: BackendBehaviour, use: (backend: Backend) => Promise<T>): Promise<T> => {
      const backend = harness.make(behaviour, `${name}-${behaviour}-beyond`);
      try {
        return await use(backend);
      } finally {
        await backend.close?.();
      }
    };

    it('counts its tokens and says why it ended', () =>
      using('ok', async (backend) => {
        const { finishReason, usage } = await generated(backend);
        expect(finishReason).toBe('stop');
        expect(usage!.completionTokens).toBeGreaterThan(0);
      }));

    it('streams in pieces', () =>
      using('ok', async (backend) => {
        const texts = (await streamed(backend)).filter(({ type }) => type === 'text');
        expect(texts.length).toBeGreaterThan(1);
      }));

    it('throws a BackendError for each failure', async () => {
      for (const behaviour of Object.keys(failures)) {
        await using(behaviour, async (backend) => {
          expect(await rejectionOf(generated(backend)), behaviour).toBeInstanceOf(BackendError);
          expect(await rejectionOf(streamed(backend)), behaviour).toBeInstanceOf(BackendError);
        });
      }
    });

    if (tools)
      it('hands the call of a tool on as it came, and says that it ended with one', () =>
        using('tool_call', async (backend) => {
          const request = aRequest({ tools: [{ name: 'get_weather', parameters: { type: 'object' } }] });
          const { toolCalls, finishReason } = await generated(backend, request);
          expect(finishReason).toBe('tool_calls');
          expect(toolCalls).toEqual([
            { id: expect.stringMatching(/^call_/), name: 'get_weather', arguments: expect.any(String) },
          ]);
          expect(JSON.parse(toolCalls![0]!.arguments)).toEqual({ city: 'Köln' });
          const chunks = await streamed(backend, request);
          expect(chunks.find(({ type }) => type === 'tool_call')).toMatchObject({
            index: 0,
            id: toolCalls![0]!.id,
            name: 'get_weather',
          });
          expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool_calls' });
        }));

    if (reasoning)
      it('hands the reasoning on as it came', () =>
        using('reasoning', async (backend) => {
          expect((await generated(backend)).reasoning).toBe('Let me think.');
        }));

    if (remote)
      it('hands on what came before a stream was cut, and names the cut', () =>
        using('truncated', async (backend) => {
          const chunks: BackendChunk[] = [];
          const reading = (async () => {
            for await (const chunk of backend.stream!(aRequest(), aContext())) chunks.push(chunk);
          })();
          expect(await rejectionOf(reading)).toMatchObject({ code: 'stream_truncated' });
          expect(textOf(chunks)).toBe('The answer is');
        }));
  });
}
