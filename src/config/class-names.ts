import { PRIORITY_CLASSES } from '../queue/priority.ts';

/** Puts the names of classes in the matches of rules into lower case, as requests may name them in any. */
export function lowerClassNames(config: unknown): void {
  const rules = isRecord(config) ? config['rules'] : undefined;
  if (!Array.isArray(rules)) return;
  for (const rule of rules as readonly unknown[]) {
    if (!isRecord(rule)) continue;
    const { match } = rule;
    if (typeof match === 'string') rule['match'] = lowered(match);
    else if (isRecord(match) && match['priority'] !== undefined) match['priority'] = lowered(match['priority']);
  }
}

function lowered(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(lowered);
  const name = typeof given === 'string' ? given.toLowerCase() : '';
  return PRIORITY_CLASSES.find((known) => known === name) ?? given;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
