import type { z } from 'zod';
import { innermost, mistakesOf } from '../options.ts';
import { lowerClassNames } from './class-names.ts';
import type { Mistake } from './config-error.ts';
import { type Fault, PathSet } from './fault.ts';
import { objectSource } from './object-source.ts';
import { type Path, type Place, pathText, pathWithoutKeys } from './place.ts';
import { type Plain, type PlainResult, plainOf } from './plain.ts';
import { readText } from './read-text.ts';
import { type Environment, type Resolution, resolveReferences } from './references.ts';
import { configSchemaFor } from './schema.ts';
import { readYaml } from './yaml-source.ts';

/** A configuration as far as it could be read, and what is wrong with it. */
export interface Reading {
  readonly config: Plain;
  readonly written: Plain;
  readonly file: string | null;
  readonly faults: readonly Fault[];
  readonly places: ReadonlyMap<string, Place>;
}

/** @throws {ConfigError} when a file cannot be had */
export function readConfig(source: unknown, environment: Environment, keepsMissing: boolean): Reading {
  const { file, value, faults, places } = readPlain(source);
  const isReadable = value !== undefined || faults.length === 0;
  if (!isReadable) return { config: value, written: value, file, faults, places };
  const resolution = resolveReferences(value, environment, keepsMissing);
  lowerClassNames(resolution.value);
  const { config, faults: shape } = validate(resolution, value);
  const before = [...faults, ...resolution.faults];
  // What is at fault already need not be told again for what is left of it, or of what it was in.
  const told = new PathSet(before.map(({ path }) => path));
  const fresh = shape.filter(({ path }) => !told.touches(path));
  return { config, written: value, file, faults: [...before, ...fresh], places };
}

function readPlain(source: unknown): PlainResult & { readonly file: string | null } {
  if (typeof source !== 'string' && !(source instanceof URL)) return { ...plainOf(source, objectSource), file: null };
  const { file, text } = readText(source);
  const reading = readYaml(text);
  if ('root' in reading) return { ...plainOf(reading.root, reading.source), file };
  return { value: undefined, faults: [{ path: [], ...reading.fault }], places: new Map(), file };
}

function validate(
  { value, whole, kept }: Resolution,
  written: Plain,
): { readonly config: Plain; readonly faults: readonly Fault[] } {
  const config = value;
  let schema = configSchemaFor(config);
  let { error } = schema.safeParse(config);
  if (error !== undefined && whole.size > 0) {
    putScalars(config, innermost(error.issues, schema), whole);
    schema = configSchemaFor(config);
    error = schema.safeParse(config).error;
  }
  if (error === undefined) return { config, faults: [] };
  const isKept = (path: readonly PropertyKey[]): boolean => kept.has(pathText(path as Path));
  // Nobody listens while a configuration is only looked at: what the server's references stand for can wait.
  const issues = innermost(error.issues, schema).filter(
    ({ path, code }) => !(isKept(path) && (FORM.includes(code) || path[0] === 'server')),
  );
  const faults = mistakesOf(issues, schema, written).map(({ path, text }) => ({
    path,
    text: isKept(path) ? text.replace(GIVEN_TEXT, '$&, whose variable is not set') : text,
  }));
  return { config, faults };
}

/** What is held against a text that would be one with another content. */
const FORM: readonly string[] = ['invalid_format', 'custom'];
const GIVEN_TEXT = /^given (?:a string|"(?:[^"\\]|\\.)*")/;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Puts numbers and booleans in place of the references that were refused as texts. */
function putScalars(config: Plain, issues: readonly z.core.$ZodIssue[], whole: ReadonlyMap<string, Path>): void {
  const refused = new PathSet(
    issues.filter(({ code }) => code !== 'unrecognized_keys').map(({ path }) => path as Path),
  );
  for (const path of whole.values()) {
    if (!refused.covers(path)) continue;
    let holder = config as Record<string | number, Plain>;
    for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, Plain>;
    const last = path.at(-1)!;
    holder[last] = scalarOf(holder[last]);
  }
}

function scalarOf(value: Plain): Plain {
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return NUMBER.test(value) ? Number(value) : value;
}

/** Mistakes as they are told. */
export const mistakesAt = (faults: readonly Fault[], placeOf: (path: Path) => Place | undefined): readonly Mistake[] =>
  faults.map(({ path, text, place = placeOf(path) }) => ({
    path: pathText(pathWithoutKeys(path)),
    ...place,
    message: text,
  }));

/** Where something stands, or what it is missing in. */
export function nearestPlace(path: Path, places: ReadonlyMap<string, Place>): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const place = places.get(pathText(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return undefined;
}
