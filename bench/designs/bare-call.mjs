/** Just the backend. */
export function create({ backend }) {
  return { generate: (prompt) => backend(prompt), stop() {} };
}
