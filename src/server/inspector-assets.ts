import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ServerError } from './errors.ts';

/** A file of the page, as it is sent. */
interface Asset {
  readonly body: Buffer;
  readonly type: string;
  readonly caching: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** The page's files. Only what was found in its folder has a path, so no path leads out of it. */
export function addAssets(app: FastifyInstance, folder: string | undefined): void {
  let assets: ReadonlyMap<string, Asset> | null = null;
  app.get<{ Params: { readonly '*': string } }>('/*', async ({ params }, reply) => {
    assets ??= readAssets(folder ?? pageFolder());
    const asset = assets.get(params['*'] || 'index.html');
    if (asset === undefined) return reply.callNotFound();
    return reply.headers({ 'content-type': asset.type, 'cache-control': asset.caching }).send(asset.body);
  });
}

/** Of this package, wherever it is installed. */
const pageFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('llm-router/package.json')), 'dist', 'inspector');

/** @throws {ServerError} when the page is not there */
function readAssets(folder: string): ReadonlyMap<string, Asset> {
  try {
    const index = readFileSync(join(folder, 'index.html'));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) in TYPES);
    const assets = files.map((path) => [
      path.split(sep).join('/'),
      path === 'index.html' ? assetOf(path, index) : assetOf(path, readFileSync(join(folder, path))),
    ]);
    return new Map(assets as [string, Asset][]);
  } catch {
    throw new ServerError('page_not_built', "the inspector's page is not built; run 'npm run build' in the package");
  }
}

/** What the build has put below `assets` is named after its content, and never changes under that name. */
const assetOf = (path: string, body: Buffer): Asset => ({
  body,
  type: TYPES[extname(path)]!,
  caching: path.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-store',
});
