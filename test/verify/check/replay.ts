import type { RouterConfig } from '../../../src/config/router-config.ts';
import { LLMRouter } from '../../../src/llm-router.ts';
import { policyOf } from '../../../src/verify/policy.ts';
import type { PolicyEvent, PolicyObservation } from '../../../src/verify/policy-events.ts';
import { type CreateRouter, PolicyDriver } from '../../../src/verify/testing/policy-driver.ts';

export interface Replayed {
  readonly driver: PolicyDriver;
  /** What was seen in the beginning, and after each event. */
  readonly seen: readonly PolicyObservation[];
  readonly last: PolicyObservation;
  /** What has become of the request that was made last. */
  readonly latest: string | undefined;
}

/** Takes a real router through a path, looks at what came of it, and stops the router. */
export async function replay(
  config: RouterConfig,
  path: readonly PolicyEvent[],
  look: (replayed: Replayed) => Promise<void> | void,
  createRouter: CreateRouter = (parts) =>
    LLMRouter.fromConfig(parts.config, { clock: parts.clock, backendOf: parts.backendOf, seed: 1 }),
): Promise<void> {
  const driver = new PolicyDriver(config, policyOf(config), createRouter);
  const seen = [driver.observe()];
  let requests = 0;
  for (const event of path) {
    await driver.apply(event);
    if (event.type === 'request') requests++;
    seen.push(driver.observe());
  }
  const last = seen.at(-1)!;
  await look({ driver, seen, last, latest: last.settled[`r${requests}`] });
  await driver.stop();
}
