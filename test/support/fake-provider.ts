import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One call as the provider saw it. */
export interface LoggedAttempt {
  readonly id: number;
  readonly path: string;
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** When its answer was whole; null: it never was. */
  readonly endedAt: number | null;
  /** The connection it came over, counted from 1. */
  readonly socket: number;
  readonly ended: boolean;
  /** Nothing more passes over it: it ended, or either side has closed the connection. */
  readonly closed: boolean;
  /** The client closed the connection before the answer was whole. */
  readonly clientClosed: boolean;
}

export interface ProviderLog {
  readonly attempts: readonly LoggedAttempt[];
  /** Connections that are open, the one of this question apart. */
  readonly sockets: number;
}

/** A provider on the loopback, in a process of its own. */
export interface FakeProvider {
  readonly url: string;
  log(): Promise<ProviderLog>;
  /** Resolves with the log when a call of the model has got there. */
  reached(model: string, state: 'started' | 'ended' | 'client_closed'): Promise<ProviderLog>;
  /** Resolves when at most so many connections are open. */
  openSockets(atMost: number): Promise<ProviderLog>;
  /** The calls of the model, once none is under way. @throws when one still is after the limit */
  over(model: string, limitMs: number): Promise<readonly LoggedAttempt[]>;
  /** The latest call of the model. */
  last(model: string): Promise<LoggedAttempt>;
  stop(): Promise<void>;
}

/** @param script what it runs, if not the provider of these tests */
export async function startFakeProvider(
  script: URL = new URL('./fake-provider.mjs', import.meta.url),
): Promise<FakeProvider> {
  const child: ChildProcess = fork(fileURLToPath(script), { execArgv: [] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  // A connection of its own for each question, so that the count of open ones is the router's.
  const ask = async (path: string, signal: AbortSignal | null = null): Promise<ProviderLog> => {
    const response = await fetch(url + path, { headers: { connection: 'close' }, signal });
    return (await response.json()) as ProviderLog;
  };
  const log = (): Promise<ProviderLog> => ask('/__log');
  return {
    url,
    log,
    reached: (model, state) => ask(`/__wait?model=${encodeURIComponent(model)}&state=${state}`),
    openSockets: (atMost) => ask(`/__wait?sockets=${atMost}`),
    async over(model, limitMs) {
      const { attempts } = await ask(`/__over?model=${encodeURIComponent(model)}`, AbortSignal.timeout(limitMs));
      return attempts;
    },
    async last(model) {
      return (await log()).attempts.findLast((attempt) => attempt.model === model)!;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
