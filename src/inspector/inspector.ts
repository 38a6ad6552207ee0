import { inspected } from '../inspected.ts';
import type { Router } from '../router.ts';
import type { RouterEventName, RouterEvents } from '../telemetry/events.ts';
import type { Times } from './figures.ts';
import { type Cursor, FROM_THE_START, Frames } from './frames.ts';
import { Hub } from './hub.ts';
import { Journal } from './journal.ts';
import { LastMinute } from './last-minute.ts';
import type { Command, RequestDetail } from './protocol.ts';
import { RequestLog } from './request-log.ts';
import { Samples } from './samples.ts';

/** Who is shown the frames. */
export interface Viewer {
  /** Takes a frame as JSON text. false: it is behind, and takes no more until it says `caughtUp`. */
  send(json: string): boolean;
}

export interface Watching {
  /** After a `send` that gave false: it can take more, and gets a full frame. */
  caughtUp(): void;
  leave(): void;
}

export interface InspectorOptions {
  /** Keeps prompts and answers of the last 1,000 requests, up to 10,000 characters of each, and shows them. Default false. */
  readonly includeContent?: boolean | undefined;
}

/** At least so long from frame to frame, in milliseconds: 20 a second. */
const FRAME_MS = 50;
/** And so many times as long as the last one took to make, up to a bound: under load there are fewer, not less time for requests. */
const FRAME_SHARE = 40;
const MAX_FRAME_MS = 250;
const SECOND_MS = 1_000;
const COMPLAINT_MS = 60_000;

interface Seat {
  readonly viewer: Viewer;
  /** `new`: it is to get a full frame; `behind`: none until it has caught up. */
  state: 'new' | 'following' | 'behind';
  /** Up to where it has been told. */
  cursor: Cursor;
  /** Events that were told to others while it was behind. */
  missed: number;
}

/**
 * Shows a router to any number of viewers. From its making on it keeps the last rare changes and the last settled
 * requests, which costs a request next to nothing; it observes actors only while somebody watches.
 */
export class Inspector {
  readonly #router: Router;
  readonly #hub: Hub;
  readonly #journal: Journal;
  readonly #requests: RequestLog;
  readonly #samples = new Samples();
  readonly #since: number;
  readonly #unwatch: () => void;
  readonly #seats = new Set<Seat>();
  /** null: nobody watches. */
  #minute: LastMinute | null = null;
  #frames: Frames | null = null;
  #stopListening: (() => void)[] = [];
  #frameTimer: unknown = null;
  #secondTimer: unknown = null;
  #nextFrameAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #nextComplaintAt = Number.NEGATIVE_INFINITY;

  constructor(router: Router, { includeContent = false }: InspectorOptions = {}) {
    this.#router = router;
    const { clock, watch } = router[inspected];
    this.#since = clock.wallNow();
    this.#requests = new RequestLog(includeContent, () => this.#times());
    this.#journal = new Journal(
      router,
      () => this.#times(),
      (mark) => {
        if ('requestId' in mark && mark.requestId !== undefined) this.#requests.keep(mark.requestId);
        this.#announce();
      },
    );
    this.#hub = new Hub({
      root: router.actor,
      wallNow: () => Math.round(clock.wallNow()),
      onChange: () => this.#announce(),
      onError: (error) => this.#failed(error),
    });
    this.#unwatch = watch({
      settled: (event) =>
        this.#safely(() => {
          this.#requests.add(event);
          this.#minute?.settled(event);
        }),
      called: (event) =>
        this.#safely(() => {
          this.#requests.addOwn(event);
          this.#minute?.called(event);
        }),
    });
  }

  /** Whether somebody watches, and the actors are therefore observed. */
  get isAttached(): boolean {
    return this.#hub.isAttached;
  }

  /** Adds a viewer: it gets a full frame within 250 ms, then what changes, at most 20 times a second. */
  watch(viewer: Viewer): Watching {
    const seat: Seat = { viewer, state: 'new', cursor: FROM_THE_START, missed: 0 };
    if (this.#seats.size === 0) this.#begin();
    this.#seats.add(seat);
    this.#announce();
    return {
      caughtUp: () => {
        if (seat.state !== 'behind') return;
        seat.state = 'new';
        this.#announce();
      },
      leave: () => {
        if (this.#seats.delete(seat) && this.#seats.size === 0) this.#end();
      },
    };
  }

  /** undefined: it is neither among the last 1,000 nor the one behind a mark that is kept. */
  request(id: string): RequestDetail | undefined {
    return this.#requests.detail(id);
  }

  /** @throws {ConfigurationError} when there is no such model; {RouterStoppedError} */
  control(model: string, command: Command): void {
    const told = this.#journal.count;
    this.#carryOut(model, command);
    if (this.#journal.count === told) this.#journal.command(model, command);
  }

  #carryOut(model: string, command: Command): void {
    switch (command) {
      case 'force_open':
        this.#router.forceOpen(model);
        break;
      case 'force_closed':
        this.#router.forceClosed(model);
        break;
      default:
        this.#router[command](model);
    }
  }

  /** Leaves nothing behind at the router. */
  close(): void {
    this.#seats.clear();
    this.#end();
    this.#journal.close();
    this.#unwatch();
  }

  #begin(): void {
    const { clock, about, pending, cache } = this.#router[inspected];
    this.#hub.attach();
    this.#minute = new LastMinute(clock.now(), (model) => about(model) !== undefined);
    this.#frames = new Frames({
      router: this.#router,
      about,
      pending,
      cache,
      times: () => this.#times(),
      hub: this.#hub,
      journal: this.#journal,
      samples: this.#samples,
      requests: this.#requests,
      minute: this.#minute,
      since: this.#since,
    });
    this.#listen('attempt.failed', (event) => {
      this.#samples.failed(event);
      this.#minute?.failed(event);
    });
    this.#listen('request.displaced', (event) => this.#samples.displaced(event));
    const gone = this.#router.actor.on('model.removed', ({ model }) => {
      this.#minute?.forget(model);
      this.#samples.forget(model);
    });
    this.#stopListening.push(() => gone.unsubscribe());
    this.#awaitSecond();
  }

  #end(): void {
    const { clock } = this.#router[inspected];
    this.#hub.detach();
    this.#samples.interrupt();
    this.#minute = null;
    this.#frames = null;
    for (const stop of this.#stopListening) stop();
    this.#stopListening = [];
    clock.clearTimeout(this.#frameTimer);
    clock.clearTimeout(this.#secondTimer);
    this.#frameTimer = null;
    this.#secondTimer = null;
  }

  #listen<Name extends RouterEventName>(name: Name, listener: RouterEvents[Name]): void {
    this.#router.on(name, listener);
    this.#stopListening.push(() => this.#router.off(name, listener));
  }

  #awaitSecond(): void {
    this.#secondTimer = this.#router[inspected].clock.setTimeout(() => {
      this.#safely(() => this.#frames?.second());
      this.#announce();
      this.#awaitSecond();
    }, SECOND_MS);
  }

  /** There is something to tell: a frame follows, never within the step of an actor that has caused it. */
  #announce(): void {
    if (this.#frames === null || this.#frameTimer !== null) return;
    const { clock } = this.#router[inspected];
    const waitMs = Math.max(0, this.#nextFrameAt - clock.now());
    this.#frameTimer = clock.setTimeout(() => {
      this.#frameTimer = null;
      const startedAt = clock.now();
      this.#safely(() => this.#tell(this.#frames!));
      const restMs = Math.min(MAX_FRAME_MS, FRAME_SHARE * (clock.now() - startedAt));
      this.#nextFrameAt = startedAt + Math.max(FRAME_MS, restMs);
    }, waitMs);
  }

  #tell(frames: Frames): void {
    const changes = frames.changes();
    // One text for all of them, and one full frame for all who come at once.
    const json = changes === null ? null : JSON.stringify(changes);
    const events = (changes?.log?.length ?? 0) + (changes?.dropped ?? 0);
    let whole: string | null = null;
    for (const seat of this.#seats) {
      if (seat.cursor !== FROM_THE_START && seat.state !== 'following') seat.missed += events;
      if (seat.state === 'behind') continue;
      let text = json;
      if (seat.state === 'new') {
        const isFirst = seat.cursor === FROM_THE_START;
        text = (isFirst ? whole : null) ?? JSON.stringify(frames.whole(seat.cursor, seat.missed));
        if (isFirst) whole = text;
        seat.missed = 0;
      }
      seat.cursor = frames.cursor;
      if (text === null) continue;
      seat.state = 'following';
      this.#safely(() => {
        if (!seat.viewer.send(text)) seat.state = 'behind';
      });
    }
  }

  /** What goes wrong in here is no business of the router's, nor of the process. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Told once a minute at most: what fails at one event may fail at each. */
  #failed(error: unknown): void {
    const { clock, logger } = this.#router[inspected];
    this.#failures++;
    if (clock.now() < this.#nextComplaintAt) return;
    this.#nextComplaintAt = clock.now() + COMPLAINT_MS;
    logger.error({ error, failures: this.#failures }, 'the inspector has failed; the router goes on');
  }

  #times(): Times {
    const { clock } = this.#router[inspected];
    const now = clock.now();
    const shift = clock.wallNow() - now;
    return { now, wallTimeOf: (at) => Math.round(at + shift) };
  }
}
