// Rows that anybody can make again from their number, in a child process too.

const WORDS = 'the cache answers what was asked before and leaves every other question to the models behind it '.repeat(
  10,
);

/** @param {number} number @param {object} [changes] */
export function rowOf(number, changes = {}) {
  return {
    key: `key-${number}`.padEnd(43, '_'),
    scope: `scope-${number % 7}`.padEnd(43, '_'),
    text: `question ${number}`,
    answer: { content: `${number}: ${WORDS}`, modelUsed: 'small', provider: 'ollama' },
    storedAt: 1_700_000_000_000 + number,
    expiresAt: 1_900_000_000_000,
    tenant: `tenant ${number % 3}`,
    cacheScope: null,
    vector: vectorOf(number, 8),
    ...changes,
  };
}

/** @param {number} number @param {number} dimensions */
export const vectorOf = (number, dimensions) =>
  Float32Array.from({ length: dimensions }, (_, index) => Math.sin(number * dimensions + index));

/** @param {{ readonly key: string }} row */
export const numberOf = ({ key }) => Number(key.slice('key-'.length).replaceAll('_', ''));
