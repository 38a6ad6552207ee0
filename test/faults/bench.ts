import { LLMRouter } from '../../src/llm-router.ts';
import type { RouteOptions } from '../../src/routing-options.ts';
import type { FakeProvider, LoggedAttempt } from '../support/fake-provider.ts';
import { MODEL, ROUTER } from './config.ts';
import type { Findings } from './findings.ts';
import { figuresOf, piecesOf } from './pieces.mjs';
import type { OpenSurface, Question, Seen, Surface } from './surfaces.ts';

export type Protocol = 'openai' | 'ollama';
export const PROTOCOLS: readonly Protocol[] = ['openai', 'ollama'];

/** One column of a row: where it is asked, and what the provider speaks. */
export interface Place {
  readonly surface: Surface;
  readonly protocol: Protocol;
}

/** What one router of a scenario has before it. */
export interface Setup {
  /** What its first model does: the name of a fault. */
  readonly primary: string;
  /** What its second one does. Default: it answers. */
  readonly fallback?: string;
  readonly rule?: Pick<RouteOptions, 'onStreamFailure'>;
  readonly contextWindows?: { readonly primary: number; readonly fallback: number };
}

export type Role = 'primary' | 'fallback';
/** Every call of a model, as the provider saw it. */
export type Calls = Readonly<Record<Role, readonly LoggedAttempt[]>>;

/** Calls of one request on all models together; more are a storm. */
const MAX_CALLS = 6;
/** How long after the last caller was told a call may still be under way. */
const LEAVE_MS = 5_000;
const textOf = (model: string): string => piecesOf(model).join('');

/** A router with its two models, asked over one surface, both sides of which are looked at. */
export class Bench {
  readonly findings: Findings;
  readonly router: LLMRouter;
  readonly #place: Place;
  readonly #provider: FakeProvider;
  readonly #names: Readonly<Record<Role, string>>;
  #surface: OpenSurface | null = null;
  #asked = 0;

  constructor(key: string, setup: Setup, place: Place, provider: FakeProvider, findings: Findings) {
    const { primary, fallback = 'answers', rule = {}, contextWindows } = setup;
    this.findings = findings;
    this.#place = place;
    this.#provider = provider;
    this.#names = { primary: `${primary}:${key}`, fallback: `${fallback}:${key}-2` };
    this.router = new LLMRouter(ROUTER);
    const { protocol } = place;
    const baseUrl = protocol === 'openai' ? `${provider.url}/v1` : provider.url;
    for (const role of ['primary', 'fallback'] as const) {
      const contextWindow = contextWindows?.[role];
      this.router.addModel(role, {
        ...MODEL,
        provider: protocol,
        baseUrl,
        model: this.#names[role],
        ...(contextWindow !== undefined && { contextWindow }),
      });
    }
    this.router.addRoute({}, { targets: ['primary'], fallback: ['fallback'], ...rule });
  }

  async ask(question: Question = {}): Promise<Seen> {
    this.#asked++;
    this.#surface ??= await this.#place.surface.open(this.router);
    const seen = await this.#surface.ask(question);
    this.#checkHonesty(seen);
    return seen;
  }

  /** What the provider saw, once none of its calls is under way. */
  async calls(): Promise<Calls> {
    const of = async (role: Role): Promise<readonly LoggedAttempt[]> => {
      try {
        return await this.#provider.over(this.#names[role], LEAVE_MS);
      } catch {
        this.findings.holds(false, `a call of the ${role} is still open ${LEAVE_MS} ms after its caller was told`);
        const { attempts } = await this.#provider.log();
        return attempts.filter(({ model }) => model === this.#names[role]);
      }
    };
    const calls = { primary: await of('primary'), fallback: await of('fallback') };
    const count = calls.primary.length + calls.fallback.length;
    const most = MAX_CALLS * this.#asked;
    this.findings.holds(count <= most, `${count} calls for ${this.#asked} requests, more than ${most}`);
    return calls;
  }

  /** The caller has the whole answer of that model, with its name and usage. */
  servedBy(role: Role, seen: Seen): void {
    const { answer, text } = seen;
    if (answer === null) {
      this.findings.refused(seen, `no answer, where the ${role} should have given one`);
      return;
    }
    const model = this.#names[role];
    this.findings.equals(answer.modelUsed, role, 'modelUsed');
    this.findings.holds(text === textOf(model), `the text is not that of the ${role}: ${text.slice(0, 80)}…`);
    this.findings.equals(answer.usage, figuresOf(model), 'usage');
    if (!this.#place.surface.name.startsWith('server'))
      this.findings.equals(answer.finishReason, 'stop', 'finishReason');
  }

  /** The caller was told in documented words why there is no answer. */
  failedWith(code: string, seen: Seen): void {
    this.findings.holds(seen.answer === null, `an answer, where ${code} was due`);
    this.findings.holds(seen.error?.isTyped === true, `no typed error: ${JSON.stringify(seen.error)}`);
    this.findings.equals(seen.error?.code, code, 'error code');
  }

  /** The caller has so many pieces of that model and nothing else. */
  hasPieces(role: Role, count: number, text: string): void {
    const wanted = piecesOf(this.#names[role]).slice(0, count).join('');
    this.findings.holds(text === wanted, `not the first ${count} pieces of the ${role}, but ${text.length} characters`);
  }

  isUntouched(role: Role): void {
    const { state, failureCount } = this.router.getModelStatus()[role]!.circuitBreaker;
    this.findings.equals([state, failureCount], ['closed', 0], `breaker of the ${role}`);
  }

  isOpen(role: Role): boolean {
    return this.router.getModelStatus()[role]!.circuitBreaker.state !== 'closed';
  }

  /** Nothing is left behind: no slot taken, nobody waiting. */
  async close(): Promise<void> {
    for (const [name, { running, lingering, queueDepth }] of Object.entries(this.router.getModelStatus())) {
      this.findings.equals({ running, lingering, queueDepth }, { running: 0, lingering: 0, queueDepth: 0 }, name);
    }
    await this.#surface?.close();
  }

  /** Whatever happens, a success is whole and what was read piece by piece is what it says. */
  #checkHonesty({ answer, error, text }: Seen): void {
    this.findings.holds(answer !== null || error !== null, 'neither an answer nor an error: cut without a word');
    this.findings.holds(answer === null || error === null, 'both an answer and an error');
    if (error !== null) this.findings.holds(error.isTyped, `no typed error: ${error.code}`);
    if (answer === null) return;
    const whole = Object.values(this.#names).map(textOf);
    this.findings.holds(whole.includes(answer.content), 'a success that is no whole answer of any model');
    this.findings.holds(answer.content === text, 'the pieces are not the answer');
  }
}
