/** What is counted of a request; every request to a backend is one of these. */
export interface PromptContent {
  readonly messages: readonly {
    readonly content:
      | string
      | readonly ({ readonly type: 'text'; readonly text: string } | { readonly type: 'image' })[];
  }[];
}

/** English text has about four characters to a token in the tokenizers of the common models. */
export const CHARACTERS_PER_TOKEN = 4;

/**
 * Roughly how many tokens a prompt has, at least 1: the length of its text (UTF-16 units, all messages) by four, rounded
 * up. Good enough to compare prices, since it is equally wrong for every target; source code and languages other than
 * English have up to a few times more. Images, tools and the markers between messages are not counted.
 */
export function estimateTokens(prompt: string | PromptContent): number {
  const length = typeof prompt === 'string' ? prompt.length : sum(prompt.messages, ({ content }) => lengthOf(content));
  return Math.max(1, Math.ceil(length / CHARACTERS_PER_TOKEN));
}

const lengthOf = (content: PromptContent['messages'][number]['content']): number =>
  typeof content === 'string' ? content.length : sum(content, (part) => (part.type === 'text' ? part.text.length : 0));

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
