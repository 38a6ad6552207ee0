import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArguments } from '../../examples/demo/arguments.mjs';
import { createNews } from '../../examples/demo/news.mjs';
import { createShow, type Show, type Step } from '../../examples/demo/show.mjs';
import type { RouterEventName, RouterEvents } from '../../src/telemetry/events.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const SPEED = 15;
const HALF_HOUR_MS = 120_000;
const MS_PER_MINUTE = HALF_HOUR_MS / 30;

type Heard = { [Name in RouterEventName]: Parameters<RouterEvents[Name]>[0][] };

const HEARD = [
  'breaker.changed',
  'rate_limit.began',
  'request.displaced',
  'request.parked',
  'request.settled',
  'control.changed',
  'attempt.failed',
] as const;

describe('the half hour', () => {
  const clock = new VirtualClock();
  const heard = Object.fromEntries(HEARD.map((name) => [name, [] as unknown[]])) as Pick<Heard, (typeof HEARD)[number]>;
  const told: (Step & { readonly at: number; readonly settled: number })[] = [];
  let show: Show;
  const printed: string[] = [];
  let isOver = false;

  const between =
    (from: number, to: number) =>
    (event: { readonly at: number }): boolean =>
      event.at >= from * MS_PER_MINUTE && event.at < to * MS_PER_MINUTE;
  const changesOf = (model: string, from: number, to: number) =>
    heard['breaker.changed'].filter((event) => event.model === model && between(from, to)(event));
  const settledBy = (code: string) => heard['request.settled'].filter((event) => event.code === code);

  beforeAll(async () => {
    show = createShow({ clock, speed: SPEED });
    for (const name of HEARD) show.router.on(name, ((event: never) => void heard[name].push(event)) as never);
    const news = createNews({ router: show.router, clock, speed: SPEED, print: (line) => printed.push(line) });
    show.start();
    void show
      .play((step) => {
        told.push({ ...step, at: clock.now(), settled: show.router.getStats().totalRequests });
        news.tell(step);
      })
      .then(() => {
        isOver = true;
      });
    await clock.advance(HALF_HOUR_MS);
  }, 60_000);

  afterAll(async () => {
    const stopped = show.stop();
    await clock.advance(0);
    await stopped;
  });

  it('tells each incident at its minute, and is over after the last', () => {
    expect(told.length).toBeGreaterThan(10);
    for (const { minute, at } of told) expect(at).toBeCloseTo(minute * MS_PER_MINUTE);
    expect(isOver).toBe(true);
  });

  it('says on the terminal what happens, and below it what the router makes of it', () => {
    const from = printed.indexOf('08:00 gpu-fast: refuses every connection');
    expect(printed[from + 1]).toMatch(/^08:0\d {5}gpu-fast: breaker closed → open \(failures\), for (6\d|7[0-2]) s$/);
    expect(printed).toContainEqual(expect.stringMatching(/^13:\d\d {5}cloud: left alone for 30 s, as it asks$/));
    for (const line of printed) expect(line).toMatch(/^[0-2]\d:[0-5]\d /);
  });

  it('says once that a limit holds, however many calls meet it', () => {
    const limits = printed.filter((line) => /^1[34]:.*left alone/.test(line));
    const storm = printed.filter((line) => /^(19|20):.*left alone/.test(line));
    expect(limits.length).toBeGreaterThan(2);
    expect(storm.length).toBeLessThan(5);
  });

  it('opens a breaker by failures in a row, probes too early, opens it again, and closes it by three probes', () => {
    expect(changesOf('gpu-fast', 8, 13)).toMatchObject([
      { from: 'closed', to: 'open', cause: 'failures', trip: { failures: 5 }, code: 'ECONNREFUSED' },
      { from: 'open', to: 'half_open', cause: 'recovery_due' },
      { from: 'half_open', to: 'open', cause: 'probe_failed', opens: 2 },
      { from: 'open', to: 'half_open', cause: 'recovery_due' },
      { from: 'half_open', to: 'closed', cause: 'recovered' },
    ]);
  });

  it('keeps a breaker open for as long as the half hour says, at its speed', () => {
    const [opened] = changesOf('gpu-fast', 8, 13);
    expect(opened!.openForMs).toBeGreaterThanOrEqual(60_000 / SPEED);
    expect(opened!.openForMs).toBeLessThanOrEqual((60_000 * 1.2) / SPEED);
  });

  it('opens a breaker because its model is slow, though nothing fails, and closes it when that is over', () => {
    expect(changesOf('cpu-cheap', 3, 8)).toMatchObject([
      { to: 'open', cause: 'slow_call_rate', trip: { failures: 0 } },
      { to: 'half_open' },
      { to: 'closed', cause: 'recovered' },
    ]);
  });

  it('has several rate limits in a row, none of which opens a breaker', () => {
    const limits = heard['rate_limit.began'].filter(between(13, 15));
    expect(limits.map(({ model, strikes }) => `${model} ${strikes}`)).toEqual(
      expect.arrayContaining(['cloud 1', 'cloud 2', 'cloud 3']),
    );
    for (const { forMs } of limits) expect(forMs).toBeCloseTo(30_000 / SPEED);
    expect(changesOf('cloud', 0, 30)).toEqual([]);
  });

  it('has more than twice the usual traffic before a queue overflows', () => {
    const perMinute = (from: number, to: number): number => {
      const settledBefore = (minute: number): number => told.find((step) => step.minute === minute)!.settled;
      return (settledBefore(to) - settledBefore(from)) / (to - from);
    };
    expect(perMinute(18.5, 21.5)).toBeGreaterThan(2 * perMinute(8, 13));
  });

  it('overflows a queue: critical displaces low, and what finds no place is refused', () => {
    const displaced = heard['request.displaced'].filter(between(18.5, 22));
    expect(displaced).toContainEqual(
      expect.objectContaining({ model: 'cpu-cheap', class: 'low', byClass: 'critical' }),
    );
    expect(settledBy('queue_full').length).toBeGreaterThan(50);
  });

  it('spares the critical while others are refused', () => {
    const refused = settledBy('queue_full').filter(({ trace }) => trace.class === 'critical');
    expect(refused).toEqual([]);
  });

  it('has an operator pause and resume a model, whose requests go elsewhere or wait', () => {
    expect(heard['control.changed']).toMatchObject([
      { model: 'batch', from: 'active', to: 'paused' },
      { model: 'batch', from: 'paused', to: 'active' },
    ]);
    expect(heard['request.parked'].length).toBeGreaterThan(0);
  });

  it('tries again what fails in passing, and serves it', () => {
    const retried = heard['request.settled'].filter(
      ({ success, trace }) =>
        success &&
        trace.candidates.some(
          ({ model, attempts }) =>
            model === 'batch' && attempts.map(({ outcome }) => outcome).join() === 'failure,success',
        ),
    );
    expect(retried.length).toBeGreaterThan(0);
  });

  it('answers from the cache what was asked before, in the same words and in politer ones', () => {
    const { cache } = show.router.getStats();
    expect(cache!.hits.exact).toBeGreaterThan(100);
    expect(cache!.hits.semantic).toBeGreaterThan(100);
    expect(cache!.misses).toBeGreaterThan(100);
  });

  it('has requests of every priority, streams that their readers leave, and deadlines that are missed', () => {
    const { requestsByPriority } = show.router.getStats();
    for (const count of Object.values(requestsByPriority)) expect(count).toBeGreaterThan(300);
    expect(settledBy('cancelled').length).toBeGreaterThan(10);
    expect(settledBy('deadline_exceeded').length).toBeGreaterThan(0);
  });

  it('counts every request’s end, and has no failure that it does not know', () => {
    const { totalRequests, successes, cancelled } = show.router.getStats();
    const { outcomes } = show;
    const counted = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(totalRequests);
    expect(outcomes.get('served')! + outcomes.get('served from the cache')!).toBe(successes);
    expect(outcomes.get('left by its reader')).toBe(cancelled);
  });

  it('leaves all models as it found them, so that it can be played again', () => {
    for (const { control, circuitBreaker, limitedUntil, runningLimit, maxConcurrency } of Object.values(
      show.router.getModelStatus(),
    )) {
      expect({ control, state: circuitBreaker.state, limitedUntil }).toEqual({
        control: 'active',
        state: 'closed',
        limitedUntil: null,
      });
      expect(runningLimit).toBe(maxConcurrency);
    }
  });
});

describe('its command line', () => {
  it('has a default for everything', () => {
    expect(readArguments([])).toEqual({ port: 8100, open: true, speed: 15, once: false, help: false });
  });

  it('takes what it says it takes', () => {
    const given = ['--port', '0', '--no-open', '--speed=7.5', '--once'];
    expect(readArguments(given)).toEqual({ port: 0, open: false, speed: 7.5, once: true, help: false });
  });

  it.each([
    [['--prot', '1'], "Unknown option '--prot'; accepted: --port, --no-open, --speed, --once, --help"],
    [['8000'], "Unexpected argument '8000'"],
    [['--port', '65536'], "--port: given '65536'; accepted: an integer of 0 to 65535"],
    [['--port', ''], "--port: given ''; accepted: an integer of 0 to 65535"],
    [['--port', '1.5'], "--port: given '1.5'; accepted: an integer"],
    [['--speed', 'fast'], "--speed: given 'fast'; accepted: a number of 1 to 60"],
    [['--speed', '0'], "--speed: given '0'; accepted: a number of 1 to 60"],
    [['--port'], "Option '--port <value>' argument missing; accepted: --port"],
  ])('refuses %j in words', (given, words) => {
    expect(() => readArguments(given)).toThrow(words);
  });
});
