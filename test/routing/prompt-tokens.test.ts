import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LLMRequest, Message } from '../../src/backends/backend.ts';
import { estimateTokens } from '../../src/routing/prompt-tokens.ts';

const requestWith = (...messages: Message[]): LLMRequest => ({ prompt: 'x'.repeat(400), messages });

it.each([
  ['', 1],
  ['a', 1],
  ['abcd', 1],
  ['abcde', 2],
  ['a'.repeat(4_000), 1_000],
  ['a'.repeat(4_001), 1_001],
])('a prompt has a token for every four characters begun, and at least one (%#)', (prompt, tokens) => {
  expect(estimateTokens(prompt)).toBe(tokens);
});

it('a request has the texts of all its messages, its prompt being one of them', () => {
  const request = requestWith(
    { role: 'system', content: 'a'.repeat(10) },
    { role: 'user', content: 'b'.repeat(400) },
    { role: 'assistant', content: '' },
  );
  expect(estimateTokens(request)).toBe(103);
});

it('counts the text parts of a message and no image', () => {
  const request = requestWith({
    role: 'user',
    content: [
      { type: 'text', text: 'a'.repeat(6) },
      { type: 'image', image: 'A'.repeat(100_000), mediaType: 'image/png' },
      { type: 'text', text: 'b'.repeat(6) },
    ],
  });
  expect(estimateTokens(request)).toBe(3);
  expect(estimateTokens(requestWith({ role: 'user', content: [{ type: 'image', image: 'A'.repeat(400) }] }))).toBe(1);
});

it('is the same however the text is cut into messages and parts', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { maxLength: 4 }), { minLength: 1, maxLength: 5 }), (texts) => {
      const inParts = texts.map(
        (parts): Message => ({
          role: 'user',
          content: parts.map((text) => ({ type: 'text', text })),
        }),
      );
      const whole = texts.map((parts): Message => ({ role: 'user', content: parts.join('') }));
      expect(estimateTokens(requestWith(...inParts))).toBe(estimateTokens(texts.flat().join('')));
      expect(estimateTokens(requestWith(...whole))).toBe(estimateTokens(texts.flat().join('')));
    }),
  );
});
