import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = [
  ...[
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'machines/README.md',
    'bench/README.md',
    'examples/demo/README.md',
    'examples/policies/local-first/README.md',
    'examples/policies/batch-and-interactive/README.md',
    'examples/policies/two-regions/README.md',
  ],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');

/** Where a page leads to on this side: links, pictures, and the sources of HTML. */
function linksOf(page: string): string[] {
  const found = textOf(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g);
  return [...found].map((match) => (match[1] ?? match[2])!).filter((link) => !/^[a-z]+:/.test(link));
}

/** As GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && statSync(join(ROOT, target)).isFile() && !anchorsOf(target).includes(anchor);
}

it('every link and picture of the documents leads somewhere', () => {
  const links = PAGES.flatMap((page) => linksOf(page).map((link) => ({ page, link })));

  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ page, link }) => isBroken(page, link))).toEqual([]);
});

it('sees a link that leads nowhere', () => {
  expect(isBroken('README.md', 'docs/no-such-page.md')).toBe(true);
  expect(isBroken('README.md', '#no-such-heading')).toBe(true);
  expect(isBroken('docs/guide/queues.md', '../../README.md#run-it')).toBe(false);
});

it('every picture is shown by some document', () => {
  const shown = new Set(PAGES.flatMap((page) => linksOf(page).map((link) => join(dirname(page), link))));
  const pictures = readdirSync(join(ROOT, 'docs/images')).map((name) => `docs/images/${name}`);

  expect(pictures.length).toBeGreaterThan(5);
  expect(pictures.filter((picture) => !shown.has(picture))).toEqual([]);
});
