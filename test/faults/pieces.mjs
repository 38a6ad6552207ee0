// What a model of the wall says: its own name is in every piece, so that half an answer, or another model's, is seen.
export const PIECES = 60;
/** Where a stream breaks off or falls silent. */
export const BROKEN_AFTER = 40;

export const piecesOf = (model) => Array.from({ length: PIECES }, (_, index) => `${model}#${index + 1} `);

/** Its usage is its own as well. */
export const figuresOf = (model) => ({ prompt: 10 + (model.length % 7), completion: 100 + sumOf(model) });

const sumOf = (text) => [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 9_973, 7);
