import type { Reading } from './reading.ts';

/** What stands in quotation marks or backticks. */
export interface Quotation {
  readonly text: string;
  readonly isCode: boolean;
}

// A single quote opens after a blank and closes before none, so that an apostrophe does neither.
const QUOTATION =
  /```[^\n`]*\n?([\s\S]*?)```|`([^`\n]+)`|"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|„([^“”\n]+)[“”]|(?<=^|[\s(\[,:])'(?=\S)([^'\n]*[^'\s])'(?![\p{L}\p{N}])/gu;

/** @param text as `plain` gives it */
export function quotationsIn(text: string): Quotation[] {
  return Array.from(text.matchAll(QUOTATION), ([, fenced, code, ...prose]) => {
    const written = (fenced ?? code ?? prose.find((part) => part !== undefined)!).replaceAll(/\s+/g, ' ').trim();
    const isCode = fenced !== undefined || code !== undefined;
    return { text: isCode ? written : written.toLowerCase().replace(/[.,!?]+$/, ''), isCode };
  });
}

const textsOf = (reading: Reading): string => reading.quotations.map(({ text }) => text).sort().join('\n');

/** Whether both quote, and not the same. */
export const quotesOther = (a: Reading, b: Reading): boolean =>
  a.quotations.length > 0 && b.quotations.length > 0 && textsOf(a) !== textsOf(b);
