import type { BackendChunk } from '../backends/backend.ts';
import type { StoredAnswer } from './entry.ts';

/** A piece of a stored answer. */
export type ReplayedChunk = Exclude<BackendChunk, { type: 'finish' }>;

/** Lengths of pieces in UTF-16 code units; the last of a text may be shorter. */
const SHORTEST = 24;
const LONGEST = 64;

/** A stored answer as the chunks of a stream: reasoning, text, and each tool call as a whole. */
export function* chunksOf({ content, reasoning = '', toolCalls = [] }: StoredAnswer): Generator<ReplayedChunk> {
  for (const text of piecesOf(reasoning)) yield { type: 'reasoning', text };
  for (const text of piecesOf(content)) yield { type: 'text', text };
  for (const [index, { id, name, arguments: given }] of toolCalls.entries()) {
    yield { type: 'tool_call', index, id, name, arguments: given };
  }
}

/** No piece begins or ends inside what a reader sees as one character. */
function* piecesOf(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > LONGEST) {
    const to = from + lengthOfPiece(text, from);
    yield text.slice(from, to);
    from = to;
  }
  if (from < text.length) yield text.slice(from);
}

/** At the last gap between words; where there is none, as late as possible. */
function lengthOfPiece(text: string, from: number): number {
  for (let length = LONGEST; length >= SHORTEST; length--) {
    if (isSpace(text, from + length - 1) && isSimpleGap(text, from + length)) return length;
  }
  return isSimpleGap(text, from + LONGEST) ? LONGEST : lengthOfWholeCharacters(text, from);
}

const isSpace = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\n';

/** Below the first combining mark, U+0300, every code unit is a character of its own, but for CR LF. */
const isSimpleGap = (text: string, at: number): boolean =>
  text.charCodeAt(at - 1) < 0x300 && text.charCodeAt(at) < 0x300 && !(text[at - 1] === '\r' && text[at] === '\n');

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Costs some microseconds, so it is for scripts beyond Latin only. */
function lengthOfWholeCharacters(text: string, from: number): number {
  // One unit more than the piece says whether a character goes on at its end; another one, whether that is half a pair.
  const { index } = segmenter.segment(text.slice(from, from + LONGEST + 2)).containing(LONGEST)!;
  if (index > 0) return index;
  // A character that is longer than a piece: marks without end.
  const isHalf = text.codePointAt(from + LONGEST - 1)! > 0xffff;
  return isHalf ? LONGEST - 1 : LONGEST;
}
