/** How a backend behaves for a while: how often it does what. */
export const MOODS = {
  healthy: { succeed: 90, succeedAtOnce: 6, settleTwice: 2, fail: 1, refuse: 1 },
  mixed: {
    succeed: 50,
    succeedAtOnce: 4,
    settleTwice: 4,
    fail: 8,
    refuse: 5,
    refuseKey: 2,
    limitFor: 4,
    limit: 0.3,
    hang: 3,
    hangDeaf: 3,
    neverSettle: 1,
    throwAtOnce: 3,
    sayFailed: 3,
    sayNonsense: 3,
    throwNonsense: 2,
    breakLater: 6,
    breakFirst: 2,
    stall: 2,
  },
  slow: { succeedSlowly: 90, fail: 5, breakLater: 5 },
  flaky: { succeed: 70, fail: 14, throwAtOnce: 5, breakFirst: 5, sayFailed: 4, breakLater: 2 },
  down: { fail: 70, throwAtOnce: 10, sayFailed: 5, breakFirst: 10, refuseKey: 5 },
  throttled: { succeed: 60, limitFor: 38, limit: 2 },
  deaf: { hangDeaf: 40, hang: 30, neverSettle: 10, succeed: 10, stall: 10 },
};

export const MOOD_WEIGHTS = { healthy: 56, mixed: 20, flaky: 6, slow: 5, down: 5, throttled: 5, deaf: 3 };
