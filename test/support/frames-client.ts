import { connect, type Socket } from 'node:net';

/** A viewer of an inspector's frames, that reads or does not. */
export interface FramesClient {
  readonly socket: Socket;
  /** All that it has read, the head of the answer included. */
  readonly text: string;
  readonly isOver: boolean;
  leave(): void;
}

export function openFrames(url: string, headers: Record<string, string> = {}): FramesClient {
  const { hostname, port } = new URL(url);
  let text = '';
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  // Who is cut is told by a reset.
  socket.on('error', () => {});
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /inspector/frames HTTP/1.1\r\n${lines.join('')}\r\n`);
  return {
    socket,
    get text() {
      return text;
    },
    get isOver() {
      return socket.readableEnded || socket.destroyed;
    },
    leave: () => socket.destroy(),
  };
}
