import type { Traffic } from '../../protocol.ts';
import { count } from '../format.ts';

/** What the edges of a model show, in words: who sent it requests in the last minute, and where it handed them on to. */
export function trafficWords({ first, fallback }: Traffic, name: string): string[] {
  const list = (parts: readonly (readonly [string, number])[]): string =>
    parts.map(([who, requests]) => `${count(requests)} ${who}`).join(', ');
  const direct = first.filter(({ model }) => model === name);
  const caught = fallback.filter(({ to }) => to === name);
  const handedOn = fallback.filter(({ from }) => from === name);
  return [
    ...(direct.length === 0 ? [] : [`asked first: ${list(direct.map((way) => [way.priority, way.count]))}`]),
    ...(caught.length === 0 ? [] : [`took over: ${list(caught.map((way) => [`from ${way.from}`, way.count]))}`]),
    ...(handedOn.length === 0 ? [] : [`handed on: ${list(handedOn.map((way) => [`to ${way.to}`, way.count]))}`]),
  ];
}
