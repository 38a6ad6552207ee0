import { z } from 'zod';
import type { Backend } from '../../backends/backend.ts';
import { afterReactions, type Clock } from '../../clock.ts';
import type { RouterConfig } from '../../config/router-config.ts';
import { BackendError } from '../../errors.ts';
import type { GenerateOptions } from '../../generate-options.ts';
import type { LLMRouter } from '../../llm-router.ts';
import { parseOptions } from '../../options.ts';
import type { Policy } from '../policy.ts';
import type { ModelObservation, PolicyEvent, PolicyObservation, PolicyOutcome } from '../policy-events.ts';
import { loadedFrom, type PolicySource } from '../policy-source.ts';
import { drawsLots } from './lots.ts';
import { ScriptedBackend, type ScriptedCall } from './scripted-backend.ts';
import { isSpaced, MOMENT_MS } from './spaced.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Makes the router that is tested. */
export type CreateRouter = (parts: {
  /** What it is to do. */
  readonly config: RouterConfig;
  readonly clock: Clock;
  /** What stands in for a model's provider; undefined: there is no such model. */
  readonly backendOf: (model: string) => Backend | undefined;
}) => LLMRouter;

const STATUS = { 'call.failed': 503, 'call.refused': 401, 'call.ignored': 400, 'call.rate_limited': 429 } as const;

type RequestEvent = Extract<PolicyEvent, { type: 'request' }>;

const optionsOf = ({ priority, metadata, model }: RequestEvent): GenerateOptions => ({ priority, metadata, model });

const routerSchema = z
  .custom<LLMRouter>((value) => {
    const { generate, getModelStatus, stop } = (value ?? {}) as Partial<LLMRouter>;
    return [generate, getModelStatus, stop].every((method) => typeof method === 'function');
  })
  .describe('a router, made at once and not in an async function');

/** Why a caller leaves. */
const LEFT = Symbol('left');

/**
 * Drives a router through the events of a policy, in virtual time over scripted backends, and looks at it from outside:
 * with what every user can call, so that it fits any router.
 */
export class PolicyDriver {
  readonly router: LLMRouter;
  readonly clock = new VirtualClock();
  readonly #policy: Policy;
  readonly #backends: ReadonlyMap<string, ScriptedBackend>;
  readonly #callers: AbortController[] = [];
  readonly #settled: Record<string, PolicyOutcome> = {};
  #pending = 0;
  #isClockAsked = false;
  #areBackendsAsked = false;

  /**
   * @param policy what `policyOf` makes of the source
   * @throws {ConfigError} when it is no configuration
   * @throws {ConfigurationError} when `createRouter` gives no router
   */
  constructor(source: PolicySource, policy: Policy, createRouter: CreateRouter) {
    this.#policy = policy;
    this.#backends = new Map(policy.models.map(({ name }) => [name, new ScriptedBackend({ heedsAbort: true })]));
    const given = createRouter({
      config: loadedFrom(source).config,
      clock: {
        ...this.clock,
        now: () => {
          this.#isClockAsked = true;
          return this.clock.now();
        },
      },
      backendOf: (model) => {
        this.#areBackendsAsked = true;
        return this.#backends.get(model);
      },
    });
    this.router = parseOptions(routerSchema, given, 'createRouter()');
  }

  /** What `createRouter` has not handed on to the router, as far as can be told by now. */
  get omitted(): readonly ('clock' | 'backendOf')[] {
    return [
      // No request comes without its time being asked.
      ...(this.#callers.length > 0 && !this.#isClockAsked ? (['clock'] as const) : []),
      ...(this.#areBackendsAsked ? [] : (['backendOf'] as const)),
    ];
  }

  /** The event as the policy needs it: a request whose rule draws lots says in which order its targets are asked. */
  resolve(event: PolicyEvent): PolicyEvent {
    if (event.type !== 'request') return event;
    const { rules } = this.#policy;
    if (!rules.some(drawsLots)) return event;
    const { rule, candidates } = this.router.explain(this.#nextName, optionsOf(event));
    const taken = rules.find(({ name }) => name === rule);
    if (taken === undefined || !drawsLots(taken)) return event;
    return { ...event, order: candidates.slice(0, taken.targets.length).map(({ model }) => model) };
  }

  /** Lets the event happen, and all that comes of it at once. */
  async apply(event: PolicyEvent): Promise<void> {
    if (isSpaced(event)) await this.clock.advance(MOMENT_MS);
    switch (event.type) {
      case 'time.passed':
        return this.clock.advance(event.ms);
      case 'request':
        this.#request(event);
        break;
      case 'request.cancel':
        this.#callers[Number(event.request.slice(1)) - 1]!.abort(LEFT);
        break;
      case 'call.succeeded':
        this.#call(event).succeed();
        break;
      case 'call.failed':
      case 'call.refused':
      case 'call.ignored':
      case 'call.rate_limited':
        this.#call(event).fail(
          new BackendError('as the test says', {
            status: STATUS[event.type],
            ...('retryAfterMs' in event && { retryAfterMs: event.retryAfterMs }),
          }),
        );
        break;
      case 'pause':
      case 'resume':
      case 'drain':
        this.router[event.type](event.model);
        break;
      case 'breaker.force_open':
        this.router.forceOpen(event.model);
        break;
      case 'breaker.force_closed':
        this.router.forceClosed(event.model);
        break;
      default:
        this.router.reset(event.model);
    }
    await afterReactions();
  }

  observe(): PolicyObservation {
    const models: Record<string, ModelObservation> = {};
    let held = 0;
    for (const [name, status] of Object.entries(this.router.getModelStatus())) {
      const backend = this.#backends.get(name);
      if (backend === undefined) continue;
      const { state, failureCount } = status.circuitBreaker;
      held += status.queueDepth;
      models[name] = {
        control: status.control,
        breaker: state,
        failures: state === 'closed' ? failureCount : 0,
        isLimited: status.limitedUntil !== null,
        running: runningAt(backend),
        waiting: status.waiting,
        backingOff: status.backingOff,
      };
    }
    return { models, settled: { ...this.#settled }, parked: this.#pending - held };
  }

  /** Stops the router. @throws when something outlives it: a request without an answer, or a timer */
  async stop(): Promise<void> {
    const stopped = this.router.stop({ graceMs: 0 });
    await this.clock.advance(0);
    await stopped;
    await afterReactions();
    const left = [
      ...(this.#pending > 0 ? [`${this.#pending} requests have no answer`] : []),
      ...(this.clock.pending > 0 ? [`${this.clock.pending} timers are set`] : []),
    ];
    if (left.length > 0) throw new Error(`after stop(): ${left.join(', ')}`);
  }

  get #nextName(): string {
    return `r${this.#callers.length + 1}`;
  }

  #request(event: RequestEvent): void {
    const name = this.#nextName;
    const caller = new AbortController();
    this.#callers.push(caller);
    this.#pending++;
    const settle = (outcome: PolicyOutcome): void => {
      this.#settled[name] = outcome;
      this.#pending--;
    };
    // Its prompt is its name, by which its calls are known again.
    this.router.generate(name, { ...optionsOf(event), signal: caller.signal }).then(
      ({ modelUsed }) => settle(`served:${modelUsed}`),
      (error) => settle(error === LEFT ? 'cancelled' : `failed:${codeOf(error)}`),
    );
  }

  #call({ request, model }: { readonly request: string; readonly model: string }): ScriptedCall {
    const call = this.#backends.get(model)?.calls.findLast((one) => one.request.prompt === request && one.isOpen);
    if (call === undefined) throw new Error(`no call of ${request} runs at ${model}`);
    return call;
  }
}

function runningAt({ calls }: ScriptedBackend): readonly string[] {
  const running = calls.filter(({ isOpen }) => isOpen).map(({ request }) => request.prompt);
  return running.length < 2 ? running : running.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

/** What its error says, or that it has none of the router's codes. */
const codeOf = (error: unknown): string => (error as { readonly code?: string } | null)?.code ?? String(error);
