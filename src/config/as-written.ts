import { quoted } from '../options.ts';
import type { Fault } from './fault.ts';
import type { Path } from './place.ts';

/** The same with references in place of the numbers that they stand for, which nobody may be shown. */
export const asWritten = (faults: readonly Fault[], config: unknown, written: unknown): readonly Fault[] =>
  faults.map((fault) => ({ ...fault, text: referencesIn(fault, config, written) }));

function referencesIn({ path, text }: Fault, config: unknown, written: unknown): string {
  const given = at(config, path);
  const own = at(written, path);
  const start = `given ${given};`;
  const isReferred = typeof own === 'string' && given !== own && text.startsWith(start);
  const words = isReferred ? `given ${shown(own)};${text.slice(start.length)}` : text;
  // What an option is compared with stands behind its name, and beside it in the file or among the defaults of models.
  return words.replaceAll(/(\w+) \(([^()]*)\)/g, (all, option: string, value: string) => {
    for (const place of [
      [...path.slice(0, -1), option],
      ['queue', option],
    ]) {
      const compared = at(config, place);
      if (compared === undefined) continue;
      const reference = at(written, place);
      return String(compared) === value && compared !== reference ? `${option} (${shown(reference)})` : all;
    }
    return all;
  });
}

/** A reference alone stands without quotes, as the number would. */
const shown = (written: unknown): string =>
  typeof written === 'string' && /^\$\{\w+\}$/.test(written) ? written : quoted(String(written));

function at(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}
