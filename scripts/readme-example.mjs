// The blocks of a Markdown text that are marked to be run: ```ts run
export const runnable = (markdown) => [...markdown.matchAll(/^```ts run\n([\s\S]*?)^```$/gm)].map((match) => match[1]);

/** What a block says it prints: its lines `// => …`. */
export const expected = (code) => [...code.matchAll(/^\s*\/\/ => (.*)$/gm)].map((match) => match[1].trim());
