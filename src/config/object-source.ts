import { quoted } from '../options.ts';
import type { Raw, Source } from './plain.ts';

const PLAIN_ONLY = 'accepted: plain data, as it could stand in a file';

/** Objects of the program, of which only plain data is taken: no accessor is asked, and nothing is changed. */
export const objectSource: Source<unknown> = {
  identityOf: (value) => value,
  placeOf: () => undefined,
  look(value): Raw<unknown> {
    if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) {
      return { kind: 'scalar', value: value as string };
    }
    if (typeof value !== 'object') return { kind: 'unfit', text: `given a ${typeof value}; ${PLAIN_ONLY}` };
    try {
      return lookInto(value as object);
    } catch {
      return { kind: 'unfit', text: `given an object that cannot be read; ${PLAIN_ONLY}` };
    }
  },
};

function lookInto(value: object): Raw<unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isList = Array.isArray(value);
  // Asked for its shape, because an object of another realm has another Object.
  if (!isList && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return { kind: 'unfit', text: `given an instance of a class; ${PLAIN_ONLY}` };
  }
  const keys = Object.keys(value);
  if (isList) {
    // Indexes come first, so without holes the last index stands just before whatever else there is.
    const { length } = value;
    if (length > 0 && keys[length - 1] !== String(length - 1))
      return { kind: 'unfit', text: `given an array with holes; ${PLAIN_ONLY}` };
    if (keys.length > length)
      return { kind: 'unfit', text: `given an array with a property, ${quoted(keys[length]!)}; ${PLAIN_ONLY}` };
  }
  const entries: { readonly key: string; readonly value: unknown }[] = [];
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (!('value' in descriptor)) return { kind: 'unfit', text: `given an accessor, ${quoted(key)}; ${PLAIN_ONLY}` };
    entries.push({ key, value: descriptor.value });
  }
  return isList ? { kind: 'list', items: entries.map((entry) => entry.value) } : { kind: 'map', entries };
}
