import type { Answer, StreamChunk } from '../../src/answer.ts';
import type { GenerateOptions } from '../../src/generate-options.ts';
import { LLMRouter } from '../../src/llm-router.ts';
import type { ModelOptions } from '../../src/model-options.ts';
import type { RouterOptions } from '../../src/router-options.ts';
import type { RouterEventName, RouterEvents } from '../../src/telemetry/events.ts';
import { ScriptedStreamingBackend } from './scripted-backend.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

/** What has become of a request so far. */
export interface Asked {
  answer?: Answer;
  error?: unknown;
  isSettled: boolean;
  /** The error's code, when it has one. */
  readonly code: string | undefined;
  abort(reason?: unknown): void;
}

/** What a stream has handed out so far. */
export interface Watched extends Asked {
  readonly chunks: StreamChunk[];
  readonly text: string;
}

export interface Rig<Name extends string> {
  readonly clock: VirtualClock;
  readonly router: LLMRouter;
  readonly backends: Readonly<Record<Name, ScriptedStreamingBackend>>;
  ask(options?: GenerateOptions, prompt?: string): Asked;
  /** Streams, and reads as fast as it can. */
  watch(options?: GenerateOptions): Watched;
  /** Every event of that name from now on. */
  heard<Event extends RouterEventName>(name: Event): Parameters<RouterEvents[Event]>[0][];
  /** Fails so many calls of a model, one after the other. */
  fail(model: Name, times: number, error?: unknown): Promise<void>;
  breaker(model: Name): string;
}

/** A router under virtual time, over scripted backends, that retries nothing, with breakers that draw no jitter. */
export function createRig<Name extends string>(
  models: Readonly<Record<Name, Omit<ModelOptions, 'backend'>>>,
  options: RouterOptions = {},
): Rig<Name> {
  const clock = new VirtualClock();
  const router = new LLMRouter({ clock, seed: 1, breaker: { openJitter: 0 }, retries: { maxRetries: 0 }, ...options });
  const backends = {} as Record<Name, ScriptedStreamingBackend>;
  for (const [name, given] of Object.entries(models) as [Name, ModelOptions][]) {
    backends[name] = new ScriptedStreamingBackend();
    const breaker =
      given.breaker === undefined ? {} : { breaker: given.breaker && { openJitter: 0, ...given.breaker } };
    router.addModel(name, { ...given, ...breaker, backend: backends[name] });
  }
  return {
    clock,
    router,
    backends,
    ask: (request, prompt) => ask(router, request, prompt),
    watch: (request) => watch(router, request),
    heard(name) {
      const events: Parameters<RouterEvents[typeof name]>[0][] = [];
      router.on(name, ((event: never) => events.push(event)) as never);
      return events;
    },
    async fail(model, times, error) {
      for (let count = 0; count < times; count++) {
        ask(router, { model });
        backends[model].last.fail(error);
        await settled();
      }
    },
    breaker: (model) => router.getModelStatus()[model]!.circuitBreaker.state,
  };
}

function newAsked(controller: AbortController): Asked {
  return {
    isSettled: false,
    get code() {
      return (this.error as { code?: string } | undefined)?.code;
    },
    abort: (reason) => controller.abort(reason),
  };
}

export function ask(router: LLMRouter, options: GenerateOptions = {}, prompt = 'hi'): Asked {
  const controller = new AbortController();
  const asked = newAsked(controller);
  router.generate(prompt, { signal: controller.signal, ...options }).then(
    (answer) => Object.assign(asked, { answer, isSettled: true }),
    (error: unknown) => Object.assign(asked, { error, isSettled: true }),
  );
  return asked;
}

export function watch(router: LLMRouter, options: GenerateOptions = {}): Watched {
  const controller = new AbortController();
  const watched: Watched = Object.defineProperties(
    { chunks: [] as StreamChunk[], text: '' },
    Object.getOwnPropertyDescriptors(newAsked(controller)),
  ) as never;
  const read = async (): Promise<void> => {
    for await (const chunk of router.stream('hi', { signal: controller.signal, ...options })) {
      watched.chunks.push(chunk);
      if (chunk.type === 'text') Object.assign(watched, { text: watched.text + chunk.text });
      if (chunk.type === 'done') watched.answer = chunk.answer;
    }
  };
  read().then(
    () => Object.assign(watched, { isSettled: true }),
    (error: unknown) => Object.assign(watched, { error, isSettled: true }),
  );
  return watched;
}
