import type { RuleInfo, Traffic } from '../../protocol.ts';
import { count } from '../format.ts';
import { isStandIn } from './routes.ts';

/** What the edges of a model show, in words: who sent it requests in the last minute, and where it handed them on to. */
export function trafficWords({ first, fallback }: Traffic, rules: readonly RuleInfo[], name: string): string[] {
  const direct = first.filter(({ model }) => model === name);
  const stoodIn = direct.filter(({ rule }) => isStandIn(rules, rule, name));
  const asked = direct.filter((way) => !stoodIn.includes(way));
  const tookOver = [
    ...fallback.filter(({ to }) => to === name).map(({ from, count }) => [`from ${from}`, count] as const),
    ...stoodIn.map(({ rule, count }) => [`at once, as no target of rule ${rule} took them`, count] as const),
  ];
  const handedOn = fallback.filter(({ from }) => from === name).map(({ to, count }) => [`to ${to}`, count] as const);
  return [
    ...line(
      'asked first',
      asked.map(({ priority, count }) => [priority, count] as const),
    ),
    ...line('took over', tookOver),
    ...line('handed on', handedOn),
  ];
}

/** Those of one name as one; none: no line. */
function line(what: string, parts: readonly (readonly [string, number])[]): string[] {
  const sums = new Map<string, number>();
  for (const [who, requests] of parts) sums.set(who, (sums.get(who) ?? 0) + requests);
  const told = [...sums].map(([who, requests]) => `${count(requests)} ${who}`);
  return told.length === 0 ? [] : [`${what}: ${told.join(', ')}`];
}
