// What a definition's names say in words. Names are written as propositions and verbs, so taking them apart is enough.

/** `takesLastSlot` → `takes last slot`, `forced_open` → `forced open`. */
export const words = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

interface Named {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly params?: unknown;
}
interface Combined {
  readonly name: string;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
}

/** A guard as a sentence: `is retried and not: is draining`. null: there is none. */
export function guardWords(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return words(guard);
  if (typeof guard === 'function') return combined(guard as unknown as Combined);
  return named(guard as Named);
}

/** What `and`, `or`, `not` and `stateIn` of XState make are functions with the parts as their properties. */
function combined({ name, guards = [], stateValue }: Combined): string {
  if (stateValue !== undefined) return `in state ${stateWords(stateValue)}`;
  const [first, ...others] = guards;
  if (first === undefined) return words(name === '' ? 'an unnamed condition' : name);
  if (name === 'not' || others.length === 0) return `not ${part(first)}`;
  return guards.map(part).join(` ${name} `);
}

/** A combination within another one stands in brackets. */
function part(guard: unknown): string {
  const text = guardWords(guard) ?? '';
  return typeof guard === 'function' && (guard as unknown as Combined).guards !== undefined && guard.name !== 'not'
    ? `(${text})`
    : text;
}

function stateWords(value: unknown): string {
  if (typeof value === 'string') return words(value.replace(/^#/, ''));
  return Object.entries(value as object)
    .map(([region, inner]) => `${words(region)}: ${stateWords(inner)}`)
    .join(', ');
}

/** An action as words, `reject (reason: draining)`; null: XState's own, which arms or clears the timer of an `after`. */
export function actionWords(action: unknown): string | null {
  if (typeof action === 'string') return words(action);
  const { type } = action as Named;
  if (typeof action === 'function' && (type === 'xstate.raise' || type === 'xstate.cancel')) {
    const { event, sendId } = action as unknown as { readonly event?: { readonly type?: string }; sendId?: string };
    if (`${event?.type ?? sendId}`.startsWith('xstate.after.')) return null;
  }
  return named(action as Named);
}

function named({ type, name, params }: Named): string {
  const title = words(String(type ?? name ?? '').replace(/^xstate\./, ''));
  if (typeof params !== 'object' || params === null) return title;
  return `${title} (${Object.entries(params)
    .map(([key, value]) => `${words(key)}: ${words(String(value))}`)
    .join(', ')})`;
}

/** An event as words: `after recovery`, `always`, `any event`; others by their names. `node`: the id of its source. */
export function eventWords(event: string, node: string): string {
  if (event === '') return 'always';
  if (event === '*') return 'any event';
  const after = /^xstate\.after\.(.+)$/.exec(event)?.[1];
  if (after !== undefined)
    return `after ${delayWords(after.endsWith(`.${node}`) ? after.slice(0, -node.length - 1) : after)}`;
  const [, what, actor] = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.+)$/.exec(event) ?? [];
  if (what === 'done.actor') return `${actor} is done`;
  if (what === 'error.actor') return `${actor} fails`;
  if (what === 'snapshot') return `${actor} changes`;
  return event.startsWith('xstate.done.state.') ? 'its states are done' : event;
}

/** A delay is a name, or a number of milliseconds. */
const delayWords = (delay: string): string =>
  Number.isNaN(Number(delay)) ? delay : Number(delay) < 1_000 ? `${delay} ms` : `${Number(delay) / 1_000} s`;
