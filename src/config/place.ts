import { cut, inQuotes, withoutKey } from '../options.ts';

/** Keys and indexes from the top of a configuration to one of its values. */
export type Path = readonly (string | number)[];

/** Where something stands in a file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `rules[1].fallback[0]`; a key that is no plain word stands in quotes: `models["gpt-4.1"].apiKey`. */
export const pathText = (path: Path): string =>
  path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[\w-]+$/.test(key) ? `.${key}` : `[${inQuotes(key)}]`;
    })
    .join('')
    .replace(/^\./, '');

/** The same for a message: its keys cut. */
export const shortPathText = (path: Path): string =>
  pathText(path.map((key) => (typeof key === 'number' ? key : cut(key))));

/** The same without keys that stand where a name belongs. The name of a model stays, which may look like one. */
export const pathWithoutKeys = (path: Path): Path =>
  path.map((key, index) => {
    const isModel = index === 1 && path[0] === 'models' && path.length > 2;
    return typeof key === 'number' || isModel ? key : withoutKey(key);
  });

const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.[\]]+)/g;

/** What `pathText` was made of. */
export const pathOf = (text: string): Path =>
  [...text.matchAll(STEP)].map(([, index, quoted, word]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : word!,
  );
