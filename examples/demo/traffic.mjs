import { LLMRouterError } from 'llm-router';
import { createRandom } from './random.mjs';

/** Requests that arrive in a second of the half hour: 36 at a speed of 15. */
const PER_SECOND = 2.4;
const SHARES = [
  ['critical', 0.1],
  ['high', 0.35],
  ['normal', 0.8],
  ['low', 1],
];
/** For the last third of each minute and a half, more of them arrive. */
const BURST = { everyS: 90, lastS: 30, factor: 1.5 };
/** In seconds of the half hour: of a caller who cannot wait. */
const HURRIED_S = 8;
/** Pieces of a stream that a reader takes who does not want the rest. */
const GLANCE = 3;

const SUBJECTS = ['invoices', 'refunds', 'passwords', 'exports', 'webhooks', 'roles', 'quotas', 'backups'];
const QUESTIONS = [
  'How do I set up {} for my account?',
  'Where in the settings do I find {}?',
  'Which plan includes {} for every member of a team?',
  'Why are {} not available in my region yet?',
  'Who in my organisation may change {}?',
];
const POLITE = ['{}', '{}', '{}', 'Please tell me: {}'];

/**
 * Callers of all four priorities. A third of them asks what others have asked before, with temperature 0; a tenth
 * streams, and some of those leave half-way; a twentieth is in a hurry.
 */
export function createTraffic({ router, clock, speed, seed }) {
  const random = createRandom(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const outcomes = new Map();
  let timer;
  let tickets = 0;

  const count = (outcome) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  const question = () => pick(POLITE).replace('{}', pick(QUESTIONS).replace('{}', pick(SUBJECTS)));

  async function ask() {
    const drawn = random();
    const [priority] = SHARES.find(([, upTo]) => drawn < upTo);
    const isRepeated = random() < 0.35;
    const prompt = isRepeated ? question() : `Summarise ticket ${++tickets} in one sentence.`;
    const options = { priority, temperature: isRepeated ? 0 : 0.7 };
    if (random() < 0.05) options.timeoutMs = (HURRIED_S * 1_000) / speed;
    const manner = random();
    try {
      count(manner < 0.1 ? await read(prompt, options, manner < 0.02) : kindOf(await router.generate(prompt, options)));
    } catch (error) {
      // A caller of the demonstration has no use for its error; whatever is no refusal of the router is a fault here.
      if (!(error instanceof LLMRouterError)) throw error;
      count(error.code);
    }
  }

  async function read(prompt, options, leavesEarly) {
    let pieces = 0;
    for await (const chunk of router.stream(prompt, options)) {
      if (chunk.type === 'done') return kindOf(chunk.answer);
      if (leavesEarly && ++pieces === GLANCE) break;
    }
    return 'left by its reader';
  }

  function arrive(startedAt, dueAt) {
    timer = clock.setTimeout(() => {
      void ask();
      const second = ((dueAt - startedAt) * speed) / 1_000;
      const rest = BURST.everyS - (second % BURST.everyS);
      const rate = PER_SECOND * speed * traffic.surge * (rest <= BURST.lastS ? BURST.factor : 1);
      // Against when this one was due, not when its timer fired, so that the rate does not sink with late timers.
      arrive(startedAt, dueAt - (Math.log(1 - random()) * 1_000) / rate);
    }, dueAt - clock.now());
  }

  const traffic = {
    /** How many times the usual number arrives. */
    surge: 1,
    /** How many requests had which end: `served`, `served from the cache`, `left by its reader`, or an error's code. */
    outcomes,
    start: () => arrive(clock.now(), clock.now()),
    stop: () => clock.clearTimeout(timer),
  };
  return traffic;
}

const kindOf = ({ cached }) => (cached ? 'served from the cache' : 'served');
