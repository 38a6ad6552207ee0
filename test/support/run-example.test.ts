import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expected, runnable } from '../../scripts/readme-example.mjs';
import { runExample } from './run-example.ts';

const left = (): string[] => {
  const folder = new URL('../../.examples/', import.meta.url);
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('planted')) : [];
};

it('takes the blocks that are marked to be run, and no others', () => {
  const page =
    '# A page\n```ts run\nconst a = 1;\n```\ntext\n```ts\nnot this\n```\n```sh run\nnor this\n```\n```ts run\nb();\n```\n';
  expect(runnable(page)).toEqual(['const a = 1;\n', 'b();\n']);
  expect(runnable('# A page without any\n')).toEqual([]);
});

it('takes what a block says it prints', () => {
  expect(expected("console.log('a');\n// => a\n// a comment\n  // => b c\n")).toEqual(['a', 'b c']);
});

it('runs a block against the sources by the names of the package, and gives what it printed', async () => {
  const code = `import { LLMRouter } from 'llm-router';
import { routerMachine } from 'llm-router/machines';
const name: string = LLMRouter.name;
console.log(name, await Promise.resolve(1));
process.stdout.write(routerMachine.id);
`;
  const { LLMRouter } = await import('../../src/llm-router.ts');
  expect(await runExample('planted-good', code)).toBe(`${LLMRouter.name} 1\nllm-router`);
  expect(left()).toEqual([]);
});

it('fails when the block throws, and gives the console back', async () => {
  const { log } = console;
  const { write } = process.stdout;
  await expect(runExample('planted-bad', "console.log('x');\nthrow new Error('on purpose');\n")).rejects.toThrow(
    'on purpose',
  );
  const { log: logAfter } = console;
  expect(logAfter).toBe(log);
  expect(process.stdout.write).toBe(write);
  expect(left()).toEqual([]);
});
