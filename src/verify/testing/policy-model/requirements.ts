import { PRIORITY_CLASSES } from '../../../queue/priority.ts';
import type { Policy } from '../../policy.ts';
import { routeOf } from './itinerary.ts';

/** Nothing is left to chance but what events say. */
export function requireDetermined({ models, rules, backoff, maxRetries }: Policy): void {
  const jittery = models.find(({ breaker }) => breaker !== null && breaker.openJitter > 0);
  if (jittery !== undefined)
    throw new Error(
      `Model '${jittery.name}': openJitter is ${jittery.breaker?.openJitter}, which draws open times at random; it has to be 0. smallPolicy() and testablePolicy() make a policy so.`,
    );
  if (backoff.baseMs === 0) return;
  const retrying = rules.find((rule) => (rule.maxRetries ?? maxRetries) > 0);
  const isAnyUnruled = PRIORITY_CLASSES.some((priority) => routeOf({ models, rules }, { priority }).rule === null);
  if (retrying === undefined && !(isAnyUnruled && maxRetries > 0)) return;
  const who = retrying === undefined ? 'requests without a rule retry' : `rule '${retrying.name}' retries`;
  throw new Error(
    `backoff.baseMs is ${backoff.baseMs}, which draws back-off times at random; it has to be 0, as ${who}.`,
  );
}

/** Every name in a rule is a model's. */
export function requireModels({ models, rules }: Policy): void {
  for (const { name, targets, fallback } of rules)
    for (const target of [...targets, ...fallback])
      if (!models.some((model) => model.name === target))
        throw new Error(`Rule '${name}' names the model '${target}', which does not exist.`);
}
