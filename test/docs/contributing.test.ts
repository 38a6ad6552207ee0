import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const url = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): string => readFileSync(url(path), 'utf8');

const CODE = [...read('CONTRIBUTING.md').matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
const FILES = readdirSync(url('test'), { recursive: true, encoding: 'utf8' }).map((path) => `test/${path}`);

/** `a/{b,c}-d.ts` is two paths. */
function paths(text: string): string[] {
  const braces = /^(.*)\{(.*)\}(.*)$/.exec(text);
  return braces ? braces[2]!.split(',').map((part) => `${braces[1]}${part}${braces[3]}`) : [text];
}

it('names files and folders that are there', () => {
  const named = CODE.filter((text) => /^[\w.{},-]+\/[\w.{},/-]*$/.test(text)).flatMap(paths);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(url(path)))).toEqual([]);
});

it('names tests that are there and npm scripts that exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> };
  const commands = CODE.flatMap((text) => text.split(' && '));
  const tests = commands
    .filter((text) => text.startsWith('npx vitest run '))
    .flatMap((text) => text.split(' ').slice(3));
  const named = commands.flatMap((text) => /^npm run (\S+)/.exec(text)?.[1] ?? []);
  expect(tests.length).toBeGreaterThan(10);
  const hasTests = (filter: string) => FILES.some((path) => path.startsWith(filter) && path.endsWith('.test.ts'));
  expect(tests.filter((filter) => !hasTests(filter))).toEqual([]);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

it('has every folder of sources on its map', () => {
  const folders = readdirSync(url('src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => `src/${name}/`).filter((folder) => !CODE.includes(folder))).toEqual([]);
});
