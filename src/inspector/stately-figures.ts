// What of an event or a context may leave the process: figures, and words only where a word is a name or a code.

/** Objects that are looked into; their fields are the charts' own, never a caller's. */
const OPENED = new Set([
  'after',
  'attempts',
  'breaker',
  'cache',
  'lack',
  'lastTrip',
  'limits',
  'load',
  'parked',
  'permit',
  'polled',
  'rateLimit',
  'retries',
  'skipped',
  'slip',
  'streams',
  'terms',
  'timeouts',
]);
/** Ids of requests, and names that an operator gave to models and rules. */
const NAMES = new Set(['call', 'candidates', 'chatModels', 'id', 'key', 'model', 'models', 'name', 'rule']);
/** Words out of fixed sets; and a provider's code, which looks like one. */
const CODES = new Set([
  'cause',
  'class',
  'code',
  'command',
  'kind',
  'outcome',
  'reason',
  'status',
  'strategy',
  'streaming',
  'verdict',
  'whenUnavailable',
]);

const FIELD = /^[a-z][A-Za-z]{0,31}$/;
const NAME = /^[A-Za-z0-9][\w.:/-]{0,99}$/;
/** snake_case or UPPER_CASE: neither a sentence nor a key looks like that. */
const CODE = /^(?:[a-z][a-z_.]{0,47}|[A-Z][A-Z_\d]{0,47})$/;
const TYPE = /^[\w.:#*/()-]{1,160}$/;
/** A slip lies two levels deep, its attempts three; nothing of the charts' own lies deeper. */
const DEEPEST = 4;

export type Figures = { readonly [field: string]: Figure };
type Figure = number | boolean | string | null | Figures | readonly Figure[];

/** The figures of an object, by an allow-list: numbers and booleans; ids, names and short codes; nothing else. */
export function figuresOf(value: object, depth = 0): Figures {
  const figures: Record<string, Figure> = {};
  for (const [field, given] of Object.entries(value)) {
    const figure = FIELD.test(field) ? figureOf(field, given, depth) : undefined;
    if (figure !== undefined) figures[field] = figure;
  }
  return figures;
}

/** An event's type and figures. A type that is none of a chart's is not told. */
export const eventFigures = (event: { readonly type: string }): Figures & { readonly type: string } => ({
  ...figuresOf(event),
  type: TYPE.test(event.type) ? event.type : 'unknown',
});

function figureOf(field: string, value: unknown, depth: number): Figure | undefined {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return value;
    case 'string':
      return isWord(field, value) ? value : undefined;
    case 'object':
      if (value === null) return null;
      if (NAMES.has(field)) return Array.isArray(value) ? value.filter((name) => isWord(field, name)) : undefined;
      if (!OPENED.has(field) || depth === DEEPEST) return undefined;
      return Array.isArray(value)
        ? value.flatMap((part) => (typeof part === 'object' && part !== null ? [figuresOf(part, depth + 1)] : []))
        : figuresOf(value, depth + 1);
    default:
      return undefined;
  }
}

const isWord = (field: string, value: unknown): boolean =>
  typeof value === 'string' && ((NAMES.has(field) && NAME.test(value)) || (CODES.has(field) && CODE.test(value)));
