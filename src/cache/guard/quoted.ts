import type { Pair } from './pair.ts';
import type { Quotation, Reading } from './reading.ts';

// A single quote opens after a blank and closes before none, so that an apostrophe does neither.
const QUOTATION =
  /```[^\n`]*\n?([^`]+)```|`([^`\n]+)`|"([^"\n]+)"|“([^“”\n]+)”|«([^«»\n]+)»|„([^„“”\n]+)[“”]|(?<=^|[\s([,:])'(?=\S)([^'\n]*[^'\s])'(?![\p{L}\p{N}])/gu;

/** @param text as `plain` gives it */
export function quotationsIn(text: string): Quotation[] {
  return Array.from(text.matchAll(QUOTATION), ([, fenced, code, ...prose]) => {
    const isCode = fenced !== undefined || code !== undefined;
    const quoted = collapsed(fenced ?? code ?? prose.find((part) => part !== undefined)!);
    return { text: isCode ? quoted : quoted.toLowerCase().replace(/(?<![ .,!?])[ .,!?]+$/, ''), isCode };
  });
}

/** White space of any kind and length as one blank. */
export const collapsed = (text: string): string => text.replaceAll(/\s{2,}|[^\S ]/g, ' ').trim();

/** Whether one text quotes what does not stand in the other, quoted or not. */
export const quotesOther = ({ a, b }: Pair): boolean => quotesMore(a, b, false) || quotesMore(b, a, false);

/** The same of code, where case counts. */
export const quotesOtherCode = (a: Reading, b: Reading): boolean => quotesMore(a, b, true) || quotesMore(b, a, true);

const quotesMore = (a: Reading, b: Reading, isCode: boolean): boolean =>
  a.quotations.some(
    (quotation) => quotation.isCode === isCode && !(isCode ? b.text : b.lower).includes(quotation.text),
  );
