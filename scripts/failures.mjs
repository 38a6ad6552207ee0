// The table of docs/reference/failures.md, made by asking the function that judges.
import { blame, isTooLong } from '../dist/src/retry/classify.js';

const OF_OPENAI = [
  [400, 'invalid_request_error', 'the request is malformed'],
  [400, 'context_length_exceeded', 'the conversation is longer than the model takes'],
  [400, 'exceed_context_size_error', 'the same, of llama.cpp'],
  [400, 'content_filter', 'the prompt was filtered (Azure)'],
  [401, 'invalid_api_key', 'the key is wrong'],
  [403, undefined, 'the country or the project is not allowed'],
  [404, 'model_not_found', 'there is no such model, or not for this key'],
  [422, undefined, 'the request cannot be processed'],
  [429, 'rate_limit_exceeded', 'too many requests or tokens'],
  [429, 'insufficient_quota', 'the credit is used up'],
  [500, 'server_error', 'the provider failed'],
  [503, undefined, 'the provider is overloaded'],
];
const OF_ANTHROPIC = [
  [400, 'invalid_request_error', 'the request is malformed, or its prompt too long'],
  [401, 'authentication_error', 'the key is wrong'],
  [402, 'billing_error', 'the account has a problem with payment'],
  [403, 'permission_error', 'the key may not do this'],
  [404, 'not_found_error', 'there is no such model'],
  [413, 'request_too_large', 'the request has too many bytes'],
  [429, 'rate_limit_error', 'too many requests or tokens'],
  [500, 'api_error', 'the provider failed'],
  [504, 'timeout_error', 'the provider took too long'],
  [529, 'overloaded_error', 'the provider is overloaded'],
];
const OF_OLLAMA = [
  [400, undefined, 'the request is malformed, or the model cannot do it'],
  [404, undefined, 'the model is not pulled'],
  [500, undefined, 'the model failed, or does not fit into memory'],
  [503, undefined, 'the server is busy: its own queue is full'],
];
const OF_SOCKETS = [
  [undefined, 'ECONNREFUSED', 'nobody listens there'],
  [undefined, 'ECONNRESET', 'the connection was reset'],
  [undefined, 'EPIPE', 'the connection was closed while the request was sent'],
  [undefined, 'ENOTFOUND', 'the name is unknown'],
  [undefined, 'EAI_AGAIN', 'the name could not be looked up'],
  [undefined, 'ETIMEDOUT', 'the system gave up on the connection'],
  [undefined, 'UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  [undefined, 'UND_ERR_HEADERS_TIMEOUT', 'no headers in time'],
  [undefined, 'UND_ERR_BODY_TIMEOUT', 'the body stopped'],
  [undefined, 'UND_ERR_SOCKET', 'the other side closed the connection'],
  [undefined, 'CERT_HAS_EXPIRED', 'the certificate is out of date'],
];
const OF_THE_ROUTER = [
  [undefined, 'attempt_timeout', 'the call took longer than `attemptTimeoutMs`'],
  [undefined, 'first_token_timeout', 'a stream had no content for `firstTokenTimeoutMs`'],
  [undefined, 'idle_timeout', 'a stream was silent for `idleTimeoutMs` after its first content'],
  [undefined, 'too_slow', 'a stream brought fewer tokens than `minTokensPerSecond` asks for'],
  [undefined, 'provider_silent', 'every call in flight was silent for longer than calls ever are'],
  [undefined, 'probe_timeout', 'a probe was silent for `probeTimeoutMs`'],
  [undefined, undefined, 'anything else that is thrown, `success: false`, or an answer that is none'],
];

const BREAKER = {
  failure: 'counts it',
  ignored: 'is left alone',
  rate_limited: 'is left alone; a rate limit begins',
};

function nextOf(figures, { retryable, failoverable }) {
  if (isTooLong(figures)) return 'goes to the next candidate with a larger `contextWindow`';
  if (retryable) return 'is tried again there, then goes to the next candidate';
  return failoverable ? 'goes to the next candidate' : 'fails with `provider_rejected`';
}

const yes = (flag) => (flag ? 'yes' : 'no');

function row([status, code, what]) {
  const figures = { ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
  const judged = blame(figures);
  const { outcome, retryable, failoverable } = judged;
  const name = code === undefined ? '' : `\`${code}\``;
  const flags = `${yes(retryable)} | ${yes(failoverable)}`;
  return `| ${status ?? ''} | ${name} | ${what} | \`${outcome}\` | ${flags} | ${BREAKER[outcome]} | ${nextOf(figures, judged)} |`;
}

const section = (title, rows) => `## ${title}

| status | code | what it says | outcome | retryable | failoverable | the breaker | the request |
|---|---|---|---|---|---|---|---|
${rows.map(row).join('\n')}`;

export const failuresPage = () => `# Failures

Whose fault a failed call was, and what follows. Judged by status and code alone, by one function
(\`src/retry/classify.ts\`), which has made this page: \`npm run definitions\` writes it. A message is for people; it may
say anything, and decides nothing. Where a provider speaks in a way of its own, a model's \`classify\` has the first word.

- \`retryable\`: the same model may do better in a moment. It is asked again as far as \`maxRetries\` and its retry budget go
  ([the guide](../guide/failures.md#retries)).
- \`failoverable\`: another model may do better.

A call that was called off, by its caller or because the request's own time ran out, is \`cancelled\`: nobody's fault.

${section('OpenAI and what speaks its protocol', OF_OPENAI)}

${section('Anthropic', OF_ANTHROPIC)}

A prompt that is too long has no code of its own there, so it is like any other 400.

${section('Ollama', OF_OLLAMA)}

A prompt that is too long is cut by Ollama and answered: no failure is told.

${section('Connections', OF_SOCKETS)}

${section('The router itself', OF_THE_ROUTER)}
`;
