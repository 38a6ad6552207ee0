import { isSecretLike } from '../options.ts';
import type { Fault } from './fault.ts';
import type { Path } from './place.ts';

/** The same with references in place of what they stand for, which nobody may be shown. */
export const asWritten = (faults: readonly Fault[], config: unknown, written: unknown): readonly Fault[] =>
  faults.map((fault) => ({ ...fault, text: referencesIn(fault, config, written) }));

function referencesIn({ path, text }: Fault, config: unknown, written: unknown): string {
  const given = at(config, path);
  const own = shown(at(written, path));
  // What an option is compared with stands beside it, or among the defaults of all models.
  const compared = [path.slice(0, -1), ['queue']].flatMap((place) =>
    Object.entries((at(written, place) ?? {}) as object).map(([key, value]) => [at(config, [...place, key]), value]),
  );
  return [...(given === own ? [] : [[given, own]]), ...compared.filter(([value, reference]) => value !== reference)]
    .filter(([value]) => typeof value === 'string' || typeof value === 'number')
    .reduce(
      (words, [value, reference]) =>
        words
          .replace(`given ${value};`, () => `given ${reference};`)
          .replace(`given '${value}'`, () => `given '${reference}'`)
          .replace(`(${value})`, () => `(${reference})`),
      text,
    );
}

const shown = (value: unknown): unknown => (typeof value === 'string' && isSecretLike(value) ? '[redacted]' : value);

function at(value: unknown, path: Path): unknown {
  let current = value;
  for (const key of path) current = (current as Record<string | number, unknown> | null | undefined)?.[key];
  return current;
}
