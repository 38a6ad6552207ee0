import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../src/backends/provider-error.ts';
import { createRedactor, hidePrompts } from '../../src/backends/redact.ts';

const KEY = 'sk-a"b&c+d/0123';

describe('hiding secrets', () => {
  it.each([
    ['as it is', KEY],
    ['in another case', KEY.toUpperCase()],
    ['as JSON writes it', JSON.stringify({ key: KEY })],
    ['as a URL writes it', `?key=${encodeURIComponent(KEY)}`],
    ['as HTML writes it', 'sk-a&quot;b&amp;c+d/0123'],
    ['in base64', Buffer.from(KEY).toString('base64')],
  ])('finds a key %s', (_how, text) => {
    const hidden = createRedactor([`Bearer ${KEY}`])(`before ${text} after`);
    expect(hidden).toContain('[redacted]');
    expect(hidden).not.toMatch(/0123|MDEyMw/);
    expect(hidden).toMatch(/^before .*after$/);
  });

  it('finds both halves of basic credentials', () => {
    const redact = createRedactor([`Basic ${Buffer.from('johanna:open-sesame').toString('base64')}`]);
    expect(redact('user johanna with open-sesame')).toBe('user [redacted] with [redacted]');
  });

  it('hides a short value only where it stands alone', () => {
    const redact = createRedactor(['1', 'eu']);
    expect(redact('region eu, try 1 of 11 neurons')).toBe('region [redacted], try [redacted] of 11 neurons');
  });

  it('leaves a text alone when there is no secret', () => {
    expect(createRedactor([])('a text')).toBe('a text');
    expect(createRedactor(['', ' '])('a text')).toBe('a text');
  });

  it('leaves nothing of any key of eight characters or more, wherever it stands', () => {
    const key = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019-_.+/=$^*()[]{}|?\\') });
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
        expect(createRedactor([secret])(`${before}${secret}${after}`)).not.toContain(secret);
      }),
    );
  });
});

it('a key is hidden before a message is cut, wherever the cut falls', () => {
  const redact = createRedactor([KEY]);
  for (let before = 480; before < 510; before++) {
    const quoted = quote(`${'.'.repeat(before)}${KEY}`, redact);
    expect(quoted).not.toContain('sk-');
    expect(quoted.length).toBeLessThan(510);
  }
});

describe('hiding the conversation', () => {
  const prompt = 'Please summarise the confidential report about the merger of the two northern plants.';

  it('hides a whole text', () => {
    expect(hidePrompts(`invalid input: ${prompt} (too long)`, [prompt])).toBe('invalid input: [prompt] (too long)');
  });

  it('hides a part that is quoted', () => {
    expect(hidePrompts(`near "${prompt.slice(7, 60)}…"`, [prompt])).toBe('near "[prompt]…"');
  });

  it('leaves what only resembles it', () => {
    expect(hidePrompts('Please shorten the report.', [prompt])).toBe('Please shorten the report.');
    expect(hidePrompts('this is it', ['is'])).toBe('this is it');
  });

  it('finds every run of 31 characters, wherever it was cut out', () => {
    fc.assert(
      fc.property(fc.nat(prompt.length - 31), fc.string(), (start, around) => {
        const quoted = prompt.slice(start, start + 31);
        expect(hidePrompts(`${around}${quoted}${around}`, [prompt])).not.toContain(quoted);
      }),
    );
  });
});
