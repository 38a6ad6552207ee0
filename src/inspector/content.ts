import { TextToEmbed } from '../entry.ts';
import type { Settled } from '../ledger.ts';
import { requestOf } from '../request.ts';
import type { RequestDetail } from './protocol.ts';

/** The longest text that is kept, in characters; a thousand requests are. */
const LONGEST = 10_000;

/** What was asked and answered, as plain text: one paragraph a message, its role before it. */
export function contentOf({ outcome: { content }, output }: Settled): RequestDetail['content'] {
  return { prompt: shortened(promptOf(content)), answer: output === undefined ? null : shortened(output.content) };
}

function promptOf(content: Settled['outcome']['content']): string {
  if (typeof content === 'string') return content;
  if (content instanceof TextToEmbed) return content.text;
  return requestOf(content)
    .messages.map(({ role, content: parts }) => {
      const text =
        typeof parts === 'string'
          ? parts
          : parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
      return `${role}: ${text}`;
    })
    .join('\n\n');
}

/** By way of bytes, because a part of a string keeps the whole of it in memory. */
const shortened = (text: string): string =>
  text.length > LONGEST ? `${Buffer.from(text.slice(0, LONGEST)).toString()} …` : text;
