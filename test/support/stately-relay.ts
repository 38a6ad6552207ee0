import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';

/** What `@statelyai/inspect` sends, as far as the tests look. */
export interface Message {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot';
  readonly sessionId: string;
  readonly rootId?: string;
  readonly parentId?: string;
  readonly sourceId?: string;
  readonly name?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly status: string; readonly value?: unknown; readonly context?: unknown };
}

interface Peer {
  readonly _socket: Socket;
  send(text: string): void;
  on(event: 'message', listener: (data: Buffer) => void): void;
  close(): void;
  terminate(): void;
}

interface Server {
  readonly clients: ReadonlySet<Peer>;
  address(): AddressInfo;
  on(event: 'connection', listener: (peer: Peer) => void): void;
  once(event: string, listener: () => void): void;
  close(): void;
}

/** The package that `@statelyai/inspect` itself sends with. */
const { WebSocketServer } = createRequire(import.meta.resolve('@statelyai/inspect'))('ws') as {
  WebSocketServer: new (options: { readonly host: string; readonly port: number }) => Server;
};

export interface Relay {
  readonly url: string;
  /** Every message so far, as it came over the wire. */
  readonly wire: readonly string[];
  readonly messages: readonly Message[];
  /** Connections so far, and those that are open. */
  readonly connections: number;
  readonly open: number;
  /** Resolves when what came over the wire, or who is connected, makes it true. */
  until(holds: () => boolean): Promise<void>;
  /** Stops reading, or reads on. */
  pause(): void;
  resume(): void;
  /** Takes no more notice of what is sent, the closing frame included. */
  ignore(): void;
  /** Ends every connection. */
  hangUp(): void;
  close(): void;
}

/** As `createInspectorServer` of the package, on the loopback and without a browser. */
export async function startRelay(): Promise<Relay> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server as never, 'listening');
  const wire: string[] = [];
  const messages: Message[] = [];
  let connections = 0;
  let looks: (() => void)[] = [];
  const lookAgain = (): void => {
    const asked = looks;
    looks = [];
    for (const look of asked) look();
  };
  server.on('connection', (peer) => {
    connections++;
    // What keeps this process alive is the client's doing alone.
    peer._socket.unref();
    peer._socket.on('close', () => setImmediate(lookAgain));
    for (const message of wire) peer.send(message);
    peer.on('message', (data) => {
      wire.push(String(data));
      messages.push(JSON.parse(String(data)) as Message);
      for (const client of server.clients) if (client !== peer) client.send(String(data));
      lookAgain();
    });
    lookAgain();
  });
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    wire,
    messages,
    get connections() {
      return connections;
    },
    get open() {
      return server.clients.size;
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (holds()) resolve();
          else looks.push(look);
        };
        look();
      }),
    pause: () => server.clients.forEach(({ _socket }) => void _socket.pause()),
    resume: () => server.clients.forEach(({ _socket }) => void _socket.resume()),
    ignore: () =>
      server.clients.forEach(({ _socket }) => {
        _socket.removeAllListeners('data').on('data', () => {});
      }),
    hangUp: () => server.clients.forEach((peer) => void peer.close()),
    close() {
      for (const peer of server.clients) peer.terminate();
      server.close();
    },
  };
}
