const SECOND = 1_000;
const MINUTE = 60_000;
/** How long the story is, in its own minutes. */
export const MINUTES = 30;

const refused = { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
const unwell = { message: 'the server had an error', status: 503, code: 'overloaded' };

/** Fails every n-th call, and at once, because whoever refuses does not work first. */
const fails = (model, failure, every = 1) => {
  model.slowness = every === 1 ? 0.1 : 1;
  model.failure = (call) => (call % every === 0 ? failure : null);
};
const recovers = (model) => {
  model.slowness = 1;
  model.failure = () => null;
};
const limits = (model, speed) => {
  const retryAfterMs = (30 * SECOND) / speed;
  fails(model, { message: 'too many requests', status: 429, code: 'rate_limit_exceeded', retryAfterMs });
};

/** What happens, when (in minutes of the half hour), and to whom. */
export const STORY = [
  { minute: 0, who: 'all models', says: 'answer as usual', happens: () => {} },
  {
    minute: 3,
    who: 'cpu-cheap',
    says: 'answers five times as slowly',
    happens: ({ conditions }) => {
      conditions['cpu-cheap'].slowness = 5;
    },
  },
  {
    minute: 4.75,
    who: 'cpu-cheap',
    says: 'is as quick as before',
    happens: ({ conditions }) => recovers(conditions['cpu-cheap']),
  },
  {
    minute: 8,
    who: 'gpu-fast',
    says: 'refuses every connection',
    happens: ({ conditions }) => fails(conditions['gpu-fast'], refused),
  },
  { minute: 10.5, who: 'gpu-fast', says: 'is up again', happens: ({ conditions }) => recovers(conditions['gpu-fast']) },
  {
    minute: 13,
    who: 'cloud',
    says: 'answers every call with 429, too many requests',
    happens: ({ conditions, speed }) => limits(conditions.cloud, speed),
  },
  { minute: 15, who: 'cloud', says: 'takes requests again', happens: ({ conditions }) => recovers(conditions.cloud) },
  { minute: 17, who: 'batch', says: 'is paused by its operator', happens: ({ router }) => router.pause('batch') },
  {
    minute: 18.5,
    who: 'traffic',
    says: 'rises to two and a half times the usual',
    happens: ({ traffic }) => {
      traffic.surge = 2.5;
    },
  },
  {
    minute: 19,
    who: 'gpu-fast',
    says: 'refuses every connection',
    happens: ({ conditions }) => fails(conditions['gpu-fast'], refused),
  },
  {
    minute: 19.5,
    who: 'cloud',
    says: 'answers every call with 429, too many requests',
    happens: ({ conditions, speed }) => limits(conditions.cloud, speed),
  },
  { minute: 21, who: 'cloud', says: 'takes requests again', happens: ({ conditions }) => recovers(conditions.cloud) },
  {
    minute: 21.5,
    who: 'traffic',
    says: 'is as usual',
    happens: ({ traffic }) => {
      traffic.surge = 1;
    },
  },
  { minute: 21.5, who: 'gpu-fast', says: 'is up again', happens: ({ conditions }) => recovers(conditions['gpu-fast']) },
  { minute: 23.5, who: 'batch', says: 'is resumed by its operator', happens: ({ router }) => router.resume('batch') },
  {
    minute: 26,
    who: 'batch',
    says: 'fails every third call',
    happens: ({ conditions }) => fails(conditions.batch, unwell, 3),
  },
  { minute: 28, who: 'batch', says: 'fails no more', happens: ({ conditions }) => recovers(conditions.batch) },
];

/**
 * Plays the story once. The promise resolves at its end, which is where it began: it can be played again.
 * @param world `{ router, conditions, traffic, clock, speed }`
 * @param tell called with each step as it happens
 */
export async function play(world, tell) {
  const { clock, speed } = world;
  const startedAt = clock.now();
  const until = (minute) =>
    new Promise((resolve) => clock.setTimeout(resolve, startedAt + (minute * MINUTE) / speed - clock.now()));
  for (const step of STORY) {
    await until(step.minute);
    if (world.router.isStopped) return;
    step.happens(world);
    tell(step);
  }
  await until(MINUTES);
}
