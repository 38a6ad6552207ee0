import type { modelMachine } from '../../../machines/model/model.machine.ts';
import type { Policy, PolicyModel } from '../policy.ts';
import { cachedBy } from './cached-by.ts';
import { clipped } from './clipped.ts';
import { Decisions } from './decide.ts';
import { type Grain, type ModelState, modelStates } from './model-states.ts';
import { type Reached, reach } from './reach.ts';
import { candidatesOf, type Route, type Routing, routingOf } from './routes.ts';
import type { RouteTerms } from './stance.ts';

/** What a policy's requests can meet: its routes, and the states that its models can be in. Worked out when asked. */
export class PolicySpace {
  readonly policy: Policy;
  readonly machine: typeof modelMachine;
  readonly routing: Routing;
  readonly routes: readonly Route[];
  readonly #grain: Grain;
  readonly #models: ReadonlyMap<string, PolicyModel>;
  readonly #reached = new Map<string, readonly Reached[]>();
  readonly #states = new Map<string, readonly ModelState[]>();
  readonly #decisions = new Map<string, Decisions>();

  /** @param grain which states of a model are told apart */
  constructor(policy: Policy, machine: typeof modelMachine, grain: Grain = 'decisions') {
    this.policy = policy;
    this.#grain = grain;
    this.machine = machine;
    this.routing = routingOf(policy);
    this.routes = this.routing.routes;
    this.#models = new Map(policy.models.map((model) => [model.name, model]));
  }

  /** @param name of a model that is there */
  readonly modelOf = (name: string): PolicyModel => this.#models.get(name)!;

  /** All that requests on these terms can tell apart, the state that a router begins in first. */
  statesOf(name: string, { timeoutMs, whenUnavailable }: RouteTerms): readonly ModelState[] {
    const key = `${timeoutMs} ${whenUnavailable} ${name}`;
    let states = this.#states.get(key);
    if (states === undefined) {
      states = modelStates(this.reachedOf(name), { timeoutMs, whenUnavailable }, this.policy.boosts, this.#grain);
      this.#states.set(key, states);
    }
    return states;
  }

  decisionsOf(route: Route): Decisions {
    const { timeoutMs, whenUnavailable } = route;
    const { length } = candidatesOf(route);
    const key = `${timeoutMs} ${whenUnavailable} ${length}`;
    let decisions = this.#decisions.get(key);
    if (decisions === undefined) {
      decisions = new Decisions({ timeoutMs, whenUnavailable, canPark: this.policy.maxParked > 0 }, length);
      this.#decisions.set(key, decisions);
    }
    return decisions;
  }

  /** Every state of it that routing can tell from others, the nearest first. */
  reachedOf(name: string): readonly Reached[] {
    // Its own, because a policy may have more models than are remembered for the next one.
    let states = this.#reached.get(name);
    if (states === undefined) {
      states = this.#reach(name);
      this.#reached.set(name, states);
    }
    return states;
  }

  #reach(name: string): readonly Reached[] {
    const { machine, policy } = this;
    const { boosts, timeoutMs: pinnedTimeoutMs } = policy;
    const timeouts = [...new Set([pinnedTimeoutMs, ...this.routes.map(({ timeoutMs }) => timeoutMs)])];
    const retries = [policy, ...this.routes].some(({ maxRetries }) => maxRetries > 0);
    // Models often differ in nothing but their names.
    const { name: _, ...model } = clipped(this.modelOf(name));
    const key = JSON.stringify([model, boosts, timeouts, pinnedTimeoutMs, retries]);
    return reached(machine, key, () => reach({ machine, model, boosts, timeouts, pinnedTimeoutMs, retries }));
  }
}

const reached = cachedBy<typeof modelMachine, readonly Reached[]>();
