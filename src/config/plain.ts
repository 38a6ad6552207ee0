import type { Fault } from './fault.ts';
import { type Path, type Place, pathText } from './place.ts';

// Makes plain data of a file's nodes and of objects alike, and holds both to the same bounds.

export type Scalar = string | number | boolean | null | undefined;
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

/** One value of a source, before it is known to be plain. */
export type Raw<Node> =
  | { readonly kind: 'scalar'; readonly value: Scalar }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly RawEntry<Node>[] }
  | { readonly kind: 'unfit'; readonly text: string };

export interface RawEntry<Node> {
  readonly key: string;
  /** Why it cannot be one. */
  readonly unfit?: string | undefined;
  readonly value: Node;
  readonly place?: Place | undefined;
}

/** Where values come from. */
export interface Source<Node> {
  look(node: Node): Raw<Node>;
  /** Equal for a value that stands in several places. */
  identityOf(node: Node): unknown;
  placeOf(node: Node): Place | undefined;
}

export interface PlainResult {
  /** Without what was at fault. */
  readonly value: Plain;
  readonly faults: readonly Fault[];
  /** By the text of a path. */
  readonly places: ReadonlyMap<string, Place>;
}

export const MAX_DEPTH = 64;
/** A text, and the path to a value, count as one more for each so many letters: every path is kept. */
const MAX_VALUES = 100_000;
const LETTERS_PER_VALUE = 100;
const MAX_KEY_LETTERS = 200;
/** What every object has: as a key, code that looks it up would find something else. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

export function plainOf<Node>(root: Node, source: Source<Node>): PlainResult {
  const faults: Fault[] = [];
  const places = new Map<string, Place>();
  const open = new Set<unknown>();
  let left = MAX_VALUES;

  function refuse(path: Path, text: string, place?: Place): undefined {
    spend(path);
    faults.push({ path, text, place });
  }

  function spend(path: Path, letters = 0): void {
    left -= 1 + (letters + lettersOf(path)) / LETTERS_PER_VALUE;
    if (left < 0) throw new TooManyError(path);
  }

  function convert(node: Node, path: Path): Plain {
    const raw = source.look(node);
    spend(path, raw.kind === 'scalar' && typeof raw.value === 'string' ? raw.value.length : 0);
    if (raw.kind === 'scalar') return raw.value;
    if (raw.kind === 'unfit') return refuse(path, raw.text);
    const identity = source.identityOf(node);
    if (open.has(identity)) return refuse(path, 'it contains itself; accepted: data that ends');
    if (path.length >= MAX_DEPTH) return refuse(path, `nested too deeply; accepted: at most ${MAX_DEPTH} levels`);
    open.add(identity);
    const value = raw.kind === 'list' ? listOf(raw.items, path) : mapOf(raw.entries, path);
    open.delete(identity);
    return value;
  }

  function listOf(items: readonly Node[], path: Path): Plain {
    return items.map((item, index) => {
      const at = [...path, index];
      note(at, source.placeOf(item));
      return convert(item, at);
    });
  }

  function mapOf(entries: readonly RawEntry<Node>[], path: Path): Plain {
    const map: Record<string, Plain> = {};
    for (const { key, value, place, unfit } of entries) {
      if (unfit !== undefined) {
        refuse(path, unfit, place);
        continue;
      }
      if (key.length > MAX_KEY_LETTERS) {
        refuse(path, `given a key of ${key.length} letters; accepted: at most ${MAX_KEY_LETTERS}`, place);
        continue;
      }
      const at = [...path, key];
      if (RESERVED.includes(key)) {
        refuse(at, 'given a key that every object has; accepted: any other', place);
      } else if (Object.hasOwn(map, key)) {
        const first = places.get(pathText(at));
        refuse(at, `given twice${first === undefined ? '' : `, first in line ${first.line}`}; accepted: once`, place);
      } else {
        note(at, place);
        map[key] = convert(value, at);
      }
    }
    return map;
  }

  function note(path: Path, place: Place | undefined): void {
    if (place !== undefined) places.set(pathText(path), place);
  }

  note([], source.placeOf(root));
  try {
    return { value: convert(root, []), faults, places };
  } catch (error) {
    if (!(error instanceof TooManyError)) throw error;
    const text = `it stands for more than ${MAX_VALUES.toLocaleString('en-US')} values; accepted: at most as many`;
    return { value: undefined, faults: [...faults, { path: error.path, text }], places };
  }
}

const lettersOf = (path: Path): number =>
  path.reduce<number>((letters, key) => letters + (typeof key === 'number' ? 0 : key.length), 0);

class TooManyError extends Error {
  readonly path: Path;
  constructor(path: Path) {
    super('too many values');
    this.path = path;
  }
}
