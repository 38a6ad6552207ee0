import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../../src/errors.ts';
import type { Viewer } from '../../src/inspector/inspector.ts';
import type { Command, RequestDetail } from '../../src/inspector/protocol.ts';
import { createApp } from '../../src/server/app.ts';
import { addInspector, type InspectorPort } from '../../src/server/inspector.ts';
import { createLogger } from '../../src/server/log.ts';
import { ask, linesOf, type Reply } from './running-server.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An inspector whose frames a test sends itself. */
export class ScriptedInspector implements InspectorPort {
  readonly viewers: Viewer[] = [];
  readonly commands: (readonly [string, Command])[] = [];
  caughtUp = 0;
  isClosed = false;

  watch(viewer: Viewer) {
    this.viewers.push(viewer);
    return {
      caughtUp: () => void this.caughtUp++,
      leave: () => {
        const index = this.viewers.indexOf(viewer);
        if (index >= 0) this.viewers.splice(index, 1);
      },
    };
  }

  request(id: string): RequestDetail | undefined {
    return id === 'req/1' ? ({ row: { id } } as RequestDetail) : undefined;
  }

  control(model: string, command: Command): void {
    if (model !== 'gpu') throw new ConfigurationError('name', `given '${model}'; accepted: a model (gpu)`);
    this.commands.push([model, command]);
  }

  close(): void {
    this.isClosed = true;
  }
}

export interface InspectorApp {
  readonly app: FastifyInstance;
  readonly inspector: ScriptedInspector;
  readonly clock: VirtualClock;
  readonly url: string;
  /** Where the page lies. */
  readonly folder: string;
  readonly log: { readonly text: string; readonly lines: readonly Record<string, unknown>[] };
  /** Below `/inspector/`. */
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** With the page's own header and a JSON body, unless the options say otherwise. */
  send(method: 'POST' | 'DELETE', path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const OWN_HEADER = { 'x-llm-router-inspector': '1' };

/** The inspector's endpoints under virtual time, over a scripted inspector and a page of three files. */
export async function runInspectorApp(adminKey?: string, readerTimeoutMs = 60_000): Promise<InspectorApp> {
  const parent = mkdtempSync(join(tmpdir(), 'inspector-page-'));
  const folder = join(parent, 'page');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'beside.json'), '{}');
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'index-abc.css'), 'a{}');
  writeFileSync(join(folder, 'notes.txt'), 'not sent');
  let text = '';
  const clock = new VirtualClock();
  const inspector = new ScriptedInspector();
  const app = createApp({
    allowHosts: [],
    bodyLimitBytes: 1_048_576,
    readerTimeoutMs,
    logger: createLogger({ write: (line) => (text += line) }),
    readiness: { phase: 'running' },
    routes: '/inspector',
  });
  addInspector(app, inspector, { adminKey, clock, folder });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const at = (path: string, options: RequestOptions, body?: string) => ask(`${url}/inspector/${path}`, options, body);
  return {
    app,
    inspector,
    clock,
    url,
    folder,
    log: {
      get text() {
        return text;
      },
      get lines() {
        return linesOf(text);
      },
    },
    get: (path, headers = {}) => at(path, { headers }),
    send(method, path, body, headers = {}) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const json = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      return at(path, { method, headers: { ...OWN_HEADER, ...type, ...headers } }, json as string | undefined);
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** The cookie that an answer sets, as a request sends it back. */
export const cookieOf = ({ headers }: Reply): string => headers['set-cookie']![0]!.split(';')[0]!;
