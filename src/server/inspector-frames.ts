import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Inspector } from '../inspector/inspector.ts';
import { ServerError } from './errors.ts';
import type { Access } from './inspector-access.ts';

/** Each is sent every frame, so their number bounds the work. */
const MAX_VIEWERS = 32;
/** Often enough for a proxy that closes what is silent. */
const PULSE_MS = 15_000;

export interface FramesPorts {
  readonly inspector: Pick<Inspector, 'watch'>;
  readonly access: Access;
  readonly clock: Clock;
}

/** `GET frames`: what the inspector tells, as server-sent events, until the viewer leaves or its session ends. */
export function addFrames(app: FastifyInstance, { inspector, access, clock }: FramesPorts): void {
  const streams = new Set<FrameStream>();
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const stream of streams) stream.end();
  });
  // A HEAD of it would never end.
  app.get('/frames', { exposeHeadRoute: false }, (request, reply) => {
    if (isClosing) throw new ServerError('viewer_refused', 'the server is closing');
    if (streams.size >= MAX_VIEWERS) {
      const message = `${MAX_VIEWERS} viewers are watching already, which is the most; one must leave first`;
      throw new ServerError('viewer_refused', message);
    }
    const { raw } = reply.hijack();
    if (raw.destroyed) return;
    // A proxy that gathers events before it passes them on would undo the streaming.
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    raw.writeHead(200, headers as Record<string, string>).flushHeaders();
    const isBySession = access.hasSession(request);
    const stream = new FrameStream(raw, inspector, clock, () => !isBySession || access.hasSession(request));
    streams.add(stream);
    raw.once('close', () => {
      stream.leave();
      streams.delete(stream);
    });
  });
}

/** One viewer's frames. Of what it has not taken, one frame is kept behind the one that is on its way, and no more. */
class FrameStream {
  readonly #raw: ServerResponse;
  readonly #clock: Clock;
  readonly #mayGoOn: () => boolean;
  readonly #leave: () => void;
  #isBehind = false;
  #pulse: unknown;

  constructor(raw: ServerResponse, inspector: FramesPorts['inspector'], clock: Clock, mayGoOn: () => boolean) {
    this.#raw = raw;
    this.#clock = clock;
    this.#mayGoOn = mayGoOn;
    const { caughtUp, leave } = inspector.watch({ send: (json) => this.#send(json) });
    this.#leave = leave;
    raw.on('drain', () => {
      if (!this.#isBehind) return;
      this.#isBehind = false;
      caughtUp();
    });
    this.#beat();
  }

  leave(): void {
    this.#clock.clearTimeout(this.#pulse);
    this.#leave();
  }

  /** Ends it at once: what has not been taken by now is not waited for. */
  end(): void {
    this.leave();
    if (this.#raw.writableLength > 0) this.#raw.destroy();
    else this.#raw.end();
  }

  /**
   * A whole frame is larger than the buffer of any socket, and says nothing of its reader: who still has one to take
   * when the next comes is behind.
   */
  #send(json: string): boolean {
    this.#isBehind = this.#raw.writableNeedDrain;
    this.#raw.write(`data: ${json}\n\n`);
    return !this.#isBehind;
  }

  #beat(): void {
    this.#pulse = this.#clock.setTimeout(() => {
      if (!this.#mayGoOn()) return this.end();
      // A write would have the connection look alive, whose reader may take nothing.
      if (!this.#raw.writableNeedDrain) this.#raw.write(':\n\n');
      this.#beat();
    }, PULSE_MS);
  }
}
