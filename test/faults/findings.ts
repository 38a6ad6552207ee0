import type { Seen } from './surfaces.ts';

/** `safe`: a typed error where an answer was asked for; `fail`: anything else that a row does not allow. */
export type Verdict = 'pass' | 'safe' | 'fail' | 'n/a';

/** What was found wrong with a scenario, from the caller's side and from the provider's. */
export class Findings {
  readonly #found: { readonly verdict: 'safe' | 'fail'; readonly what: string }[] = [];

  holds(isSo: boolean, what: string): void {
    if (!isSo) this.#found.push({ verdict: 'fail', what });
  }

  equals(actual: unknown, wanted: unknown, what: string): void {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(wanted)];
    this.holds(is === should, `${what}: ${is}, not ${should}`);
  }

  /** The caller got an error where an answer was due. */
  refused(seen: Seen, what: string): void {
    const { error } = seen;
    const isTyped = error?.isTyped === true;
    this.#found.push({ verdict: isTyped ? 'safe' : 'fail', what: `${what}: ${JSON.stringify(error)}` });
  }

  get verdict(): Exclude<Verdict, 'n/a'> {
    if (this.#found.length === 0) return 'pass';
    return this.#found.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'safe';
  }

  get reasons(): readonly string[] {
    return this.#found.map(({ what }) => what);
  }
}
