export type Redact = (text: string) => string;

const HIDDEN = '[redacted]';
/** A shorter secret is hidden only where it stands alone: else a header value of `1` would eat every 1 in a message. */
const ANYWHERE_FROM = 8;

/**
 * Hides secrets in whatever a provider or a socket says, because providers echo keys: as they were sent, in the forms
 * that JSON, URLs, HTML and base64 give them, and each part of a compound one such as `Bearer <key>`.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.flatMap(partsOf).flatMap(formsOf))].sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map(patternOf).join('|'), 'gi');
  return (text) => text.replace(pattern, HIDDEN);
}

function partsOf(secret: string): string[] {
  const tokens = [/\s+/, /[\s,;="']+/].flatMap((separator) => secret.split(separator));
  const basic = /^basic\s+(\S+)$/i.exec(secret)?.[1];
  const credentials = basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':');
  const long = tokens.filter((token) => token.length >= ANYWHERE_FROM);
  return [secret.trim(), ...long, ...credentials].filter((part) => part !== '');
}

function formsOf(part: string): string[] {
  if (part.length < ANYWHERE_FROM) return [part];
  const html = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const base64 = Buffer.from(part).toString('base64');
  return [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part), html, base64, base64.replace(/=+$/, '')];
}

function patternOf(form: string): string {
  const literal = form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return form.length < ANYWHERE_FROM ? `(?<![\\w-])${literal}(?![\\w-])` : literal;
}

const SHINGLE = 16;
/** Below it a prompt is an everyday word, and hiding it would only spoil the message. */
const SHORTEST_PROMPT = 8;

/**
 * Hides what a provider quotes of the conversation: whole texts, and any run of 31 characters or more that a text and
 * the message share. One pass over each, so a long prompt costs no more than its length.
 */
export function hidePrompts(message: string, prompts: readonly string[]): string {
  let hidden = message;
  for (const prompt of prompts) {
    if (prompt.length >= SHORTEST_PROMPT) hidden = hidden.replaceAll(prompt, '[prompt]');
  }
  for (const prompt of prompts) {
    if (prompt.length >= SHINGLE) hidden = hideRuns(hidden, prompt);
  }
  return hidden;
}

function hideRuns(message: string, prompt: string): string {
  const places = new Map<string, number>();
  for (let at = 0; at + SHINGLE <= prompt.length; at += SHINGLE) places.set(prompt.slice(at, at + SHINGLE), at);
  let result = '';
  let kept = 0;
  for (let at = 0; at + SHINGLE <= message.length; ) {
    const place = places.get(message.slice(at, at + SHINGLE));
    if (place === undefined) {
      at++;
      continue;
    }
    let before = 0;
    while (at - before > kept && place > before && message[at - before - 1] === prompt[place - before - 1]) before++;
    let after = SHINGLE;
    while (at + after < message.length && message[at + after] === prompt[place + after]) after++;
    result += `${message.slice(kept, at - before)}[prompt]`;
    at += after;
    kept = at;
  }
  return result + message.slice(kept);
}
