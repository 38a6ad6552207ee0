const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;

/**
 * Says what happens, a line each, at its time within the half hour: the incidents as they are played, and below each,
 * further in, what the router makes of it.
 */
export function createNews({ router, clock, speed, print }) {
  let startedAt = clock.now();
  const limited = new Set();

  function consequence(model, text) {
    print(`${timeOf((clock.now() - startedAt) * speed)}     ${model}: ${text}`);
  }

  router.on('breaker.changed', ({ model, from, to, cause, openForMs }) => {
    const duration = openForMs === null ? '' : `, for ${secondsOf(openForMs * speed)} s`;
    consequence(model, `breaker ${wordsOf(from)} → ${wordsOf(to)} (${wordsOf(cause)})${duration}`);
  });
  router.on('rate_limit.began', ({ model, forMs }) => {
    // Also told when a limit that holds is lengthened.
    if (limited.has(model)) return;
    limited.add(model);
    consequence(model, `left alone for ${secondsOf(forMs * speed)} s, as it asks`);
  });
  router.on('rate_limit.ended', ({ model }) => limited.delete(model));
  return {
    /** The half hour begins. */
    begin() {
      startedAt = clock.now();
    },
    tell: ({ minute, who, says }) => print(`${timeOf(minute * MS_PER_MINUTE)} ${who}: ${says}`),
  };
}

const secondsOf = (ms) => Math.round(ms / MS_PER_SECOND);
const wordsOf = (name) => name.replaceAll('_', ' ');
const pad = (number) => String(number).padStart(2, '0');

function timeOf(ms) {
  const seconds = secondsOf(ms);
  return `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
}
