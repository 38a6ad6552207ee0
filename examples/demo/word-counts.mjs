const DIMENSIONS = 512;
/** Words that say how a question is asked, not what it asks. */
const POLITE = new Set(['please', 'hello', 'hi', 'thanks', 'tell', 'me', 'could', 'you', 'can']);

function place(word) {
  let hash = 7;
  for (const letter of word) hash = (Math.imul(hash, 31) + letter.codePointAt(0)) >>> 0;
  return hash % DIMENSIONS;
}

/**
 * Counts words, in the place of an embedding model: two texts are as similar as the words that they share. It knows no
 * synonyms and no order, so it finds the same question asked more politely, and nothing beyond.
 */
export const wordCounts = {
  id: 'word-counts',
  dimensions: DIMENSIONS,
  maxTokens: 1_000,
  async embed(text) {
    const vector = new Float32Array(DIMENSIONS);
    // A text of polite words alone would be a vector of zeros, which has no direction.
    vector[0] = 0.01;
    for (const word of text.toLowerCase().match(/\w+/g) ?? []) if (!POLITE.has(word)) vector[place(word)]++;
    return vector;
  },
};
