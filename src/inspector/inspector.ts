import type { Router } from '../router.ts';
import type { Command, RequestDetail } from './protocol.ts';

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
  /** Keeps prompts and answers of the last requests, and shows them. Default false. */
  readonly includeContent?: boolean | undefined;
}

export class Inspector {
  constructor(_router: Router, _options: InspectorOptions = {}) {}
  watch(_viewer: Viewer): Watching {
    return { caughtUp() {}, leave() {} };
  }
  /** undefined: it is not among the last 1,000. */
  request(_id: string): RequestDetail | undefined {
    return undefined;
  }
  control(_model: string, _command: Command): void {}
  close(): void {}
}
