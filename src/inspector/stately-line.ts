import type { Socket } from 'node:net';
import { Agent, buildConnector, WebSocket } from 'undici';

/** A connection that messages are sent over and nothing is expected from. */
export interface Line {
  /** More waits to be sent than a reader at ease leaves; then messages should be left out. */
  readonly isBehind: boolean;
  /** Everything has been handed to the system. */
  readonly isClear: boolean;
  send(text: string): void;
  /** Ends the connection at once. */
  close(): void;
}

export interface LineEvents {
  onOpen(): void;
  /** It could not be opened, or has ended, by `close` too. */
  onEnd(cause: unknown): void;
}

/** Bytes that may wait for a slow reader, which are some 1,600 messages. */
const MOST_WAITING = 1_048_576;
const ANSWER_MS = 10_000;

/**
 * A WebSocket of undici's, over an agent of its own: a proxy that the process has set for its calls is not asked. It
 * does not keep the process alive.
 */
export function openLine(url: string, { onOpen, onEnd }: LineEvents): Line {
  let raw: Socket | null = null;
  let fault: Error | null = null;
  const connect = buildConnector({ timeout: ANSWER_MS });
  const agent = new Agent({
    headersTimeout: ANSWER_MS,
    connect: (options, callback) =>
      connect(options, (...[error, socket]) => {
        raw = socket?.unref() ?? null;
        fault = error;
        if (error === null) callback(null, socket!);
        else callback(error, null);
      }),
  });
  const socket = new WebSocket(url, { dispatcher: agent });
  socket.addEventListener('open', onOpen);
  // Its event `error` comes before that, and says nothing of why.
  socket.addEventListener('close', ({ code }) => onEnd(fault ?? new Error(`it was closed with code ${code}`)));
  return {
    get isBehind() {
      return socket.bufferedAmount > MOST_WAITING;
    },
    get isClear() {
      return socket.bufferedAmount === 0;
    },
    send: (text) => socket.send(text),
    close() {
      socket.close();
      // A peer that is gone, or reads no more, would never answer the closing frame.
      raw?.destroy();
    },
  };
}
