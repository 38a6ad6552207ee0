import { cut } from '../options.ts';
import type { Fault } from './fault.ts';
import { type Path, pathText } from './place.ts';
import type { Plain } from './plain.ts';

// `${NAME}` stands for a variable of the environment, `${NAME:-text}` for the text where that is unset or empty, and
// `$${` for itself without the first dollar.

/** Variables by name; undefined: not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Resolution {
  readonly value: Plain;
  readonly faults: readonly Fault[];
  /** The texts that are one whole reference, by the text of their path: may stand for a number or a boolean. */
  readonly whole: ReadonlyMap<string, Path>;
  /** Paths of texts in which a reference is left as it was written. */
  readonly kept: ReadonlySet<string>;
}

const TOKEN = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-((?:(?!\$\{)[^}])*))?\})?/g;
const IS_WHOLE = /^\$\{[^}]*\}$/;
/** Letters that all variables together may stand for. */
const MAX_LETTERS = 1_048_576;

/** @param keepsMissing a reference to a variable that is not set stays as it is written, instead of being at fault */
export function resolveReferences(written: Plain, environment: Environment, keepsMissing: boolean): Resolution {
  const faults: Fault[] = [];
  const whole = new Map<string, Path>();
  const kept = new Set<string>();
  let letters = 0;

  function resolve(value: Plain, path: Path): Plain {
    if (typeof value === 'string') return value.includes('${') ? resolveText(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, [...path, key])]));
  }

  function resolveText(text: string, path: Path): string {
    if (IS_WHOLE.test(text)) whole.set(pathText(path), path);
    return text.replaceAll(TOKEN, (token, name: string | undefined, fallback: string | undefined) => {
      if (token === '$${') return '${';
      // One mistake a text is enough: what follows may be a part of it.
      if (faults.at(-1)?.path === path) return token;
      if (name === undefined) {
        faults.push({
          path,
          text: `given '\${' without a name and '}' behind it; accepted: \${NAME}, \${NAME:-text}, or $\${ for a plain \${`,
        });
        return token;
      }
      const given = Object.hasOwn(environment, name) ? environment[name] : undefined;
      const found = fallback === undefined ? given : given || fallback;
      if (found === undefined) {
        if (keepsMissing) kept.add(pathText(path));
        else {
          const hint = `accepted: a variable that is set, or a text for when it is not: \${${cut(name)}:-…}`;
          faults.push({ path, text: `the variable ${cut(name)} is not set; ${hint}` });
        }
        return token;
      }
      letters += found.length;
      if (letters <= MAX_LETTERS) return found;
      if (letters - found.length <= MAX_LETTERS) faults.push({ path, text: tooLong });
      return token;
    });
  }

  return { value: resolve(written, []), faults, whole, kept };
}

const tooLong = `the variables stand for more than ${MAX_LETTERS.toLocaleString('en-US')} letters; accepted: at most as many`;
