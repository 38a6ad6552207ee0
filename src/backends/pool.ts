import { Agent, type Dispatcher } from 'undici';

/** Silence after which undici gives a call up; the router's own limits come first. */
const SILENCE_MS = 300_000;

interface SharedAgent {
  readonly agent: Agent;
  users: number;
}

const agents = new Map<string, SharedAgent>();

/** A part in the connections to one origin. */
export interface Lease {
  readonly dispatcher: Dispatcher;
  /** Gives the part back; the last one closes every connection. A second call is nothing. */
  release(): Promise<void>;
}

/**
 * Models at one origin share one pool of keep-alive connections, so that ten models do not open ten sets; those that
 * wait for a connection for another time have their own.
 */
export function leaseAgent(origin: string, connectTimeoutMs: number): Lease {
  const key = `${origin} ${connectTimeoutMs}`;
  let shared = agents.get(key);
  if (shared === undefined) {
    const agent = new Agent({
      connect: { timeout: connectTimeoutMs },
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
    });
    shared = { agent, users: 0 };
    agents.set(key, shared);
  }
  const { agent } = shared;
  const mine = shared;
  mine.users++;
  let isReleased = false;
  return {
    dispatcher: agent,
    async release() {
      if (isReleased) return;
      isReleased = true;
      mine.users--;
      if (mine.users > 0) return;
      agents.delete(key);
      // Not `close`, which waits for calls in flight: a backend is closed after the router has called its calls off.
      await agent.destroy();
    },
  };
}
