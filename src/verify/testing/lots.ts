import { ConfigurationError } from '../../errors.ts';
import type { Policy, PolicyRule } from '../policy.ts';

/** Whether the rule's strategy draws lots, so that nobody can say beforehand which target is asked first. */
export const drawsLots = ({ strategy }: Pick<PolicyRule, 'strategy'>): boolean =>
  strategy === 'weighted' || strategy === 'latency';

/** @throws {ConfigurationError} naming the first rule that draws lots */
export function assertNoLots({ rules }: Policy, where: string): void {
  const rule = rules.find(drawsLots);
  if (rule === undefined) return;
  const message =
    `${where}: rule '${rule.name}' has the strategy ${rule.strategy}, which draws lots, so that no path is sure; ` +
    'accepted: ordered, round-robin, least-busy, cost; or walks, which ask the router for its order';
  throw new ConfigurationError('strategy', message);
}
