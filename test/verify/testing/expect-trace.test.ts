import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/errors.ts';
import { expectTrace, type TraceExpectation } from '../../../src/verify/testing/expect-trace.ts';
import { type Asked, createRig } from '../../support/rig.ts';
import { settled } from '../../support/virtual-clock.ts';

/** A request of class high that `local` failed and `edge`, which is paused, was passed over for, before `cloud` served it. */
async function fellBack(): Promise<Asked> {
  const rig = createRig({ local: {}, edge: {}, cloud: {} });
  rig.router.addRoute('high', { name: 'interactive', targets: ['local', 'edge'], fallback: ['cloud'] });
  rig.router.pause('edge');
  const asked = rig.ask({ priority: 'high' });
  await rig.clock.advance(5);
  rig.backends.local.last.fail(new BackendError('down', { status: 503, code: 'overloaded' }));
  await rig.clock.advance(20.04);
  rig.backends.cloud.last.succeed();
  await settled();
  return asked;
}

/** One that waited for `local`, which was paused, and was left by its caller's time. */
async function ranOut(): Promise<Asked> {
  const rig = createRig({ local: {} });
  rig.router.addRoute({}, { name: 'patient', targets: ['local'], whenUnavailable: 'wait' });
  rig.router.pause('local');
  const asked = rig.ask({ timeoutMs: 100 });
  await rig.clock.advance(100);
  return asked;
}

/** An answer from the cache. */
async function stored(): Promise<Asked> {
  const rig = createRig({ local: {} });
  rig.router.enableCache({ embedder: false });
  rig.ask({ temperature: 0 });
  await settled();
  rig.backends.local.last.succeed();
  await settled();
  const asked = rig.ask({ temperature: 0 });
  await settled();
  return asked;
}

function failureOf(value: unknown, expectation: (trace: TraceExpectation) => unknown): AssertionError {
  try {
    expectation(expectTrace(value));
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    return error as AssertionError;
  }
  throw new Error('the expectation held');
}

describe('what a trace says', () => {
  it('holds in one chain, of an answer and of its trace', async () => {
    const { answer } = await fellBack();

    for (const value of [answer, answer!.trace]) {
      expectTrace(value)
        .ofClass('high')
        .byRule('interactive')
        .tried('local')
        .tried('local', 'failure')
        .skipped('edge')
        .skipped('edge', 'paused')
        .notTried('edge')
        .inOrder('local', 'cloud')
        .servedBy('cloud')
        .attempts(2)
        .attempts(1, 'local')
        .parked(0);
    }
  });

  it('holds of an error', async () => {
    const { error } = await ranOut();

    expectTrace(error).notServed().byRule('patient').skipped('local', 'paused').attempts(0).parked(1);
  });

  it('tells the cache from the model whose answer it stored', async () => {
    const { answer } = await stored();

    expectTrace(answer).servedByCache().servedByCache('exact').attempts(0);
    expect(failureOf(answer, (trace) => trace.servedBy('local')).message).toMatch(
      /^expected the request to be served by 'local', but it was served by the cache \(exact\)\n/,
    );
    expect(failureOf(answer, (trace) => trace.notServed()).message).toMatch(/it was served by the cache/);
    expect(failureOf(answer, (trace) => trace.servedByCache('semantic')).message).toMatch(
      /to be served by the cache \(semantic\), but/,
    );
  });

  it('knows the model of an answer that identical requests shared', async () => {
    const rig = createRig({ local: {} });
    rig.router.enableCache({ embedder: false });
    rig.ask({ temperature: 0 });
    const second = rig.ask({ temperature: 0 });
    await settled();
    rig.backends.local.last.succeed();
    await settled();

    expectTrace(second.answer).servedBy('local').attempts(0);
  });
});

describe('a trace that says otherwise', () => {
  it('is printed whole, in words', async () => {
    const { answer } = await fellBack();

    const { message, expected, actual } = failureOf(answer, (trace) => trace.servedBy('local'));

    expect(message).toBe(
      [
        "expected the request to be served by 'local', but it was served by 'cloud'",
        "request req-1: class high, rule 'interactive', 25 ms",
        '  1. local: failed; call: failure 503 overloaded after 5 ms',
        '  2. edge: skipped (paused)',
        '  3. cloud: served; call: success after 20 ms',
      ].join('\n'),
    );
    expect({ expected, actual }).toEqual({ expected: 'local', actual: 'cloud' });
  });

  it('says that it waited, and what the cache did', async () => {
    const waited = failureOf((await ranOut()).error, (trace) => trace.servedBy('local')).message;
    const hit = failureOf((await stored()).answer, (trace) => trace.attempts(1)).message;

    expect(waited.split('\n')).toEqual([
      "expected the request to be served by 'local', but it was not served",
      "request req-1: class normal, rule 'patient', 100 ms",
      '  1. local: skipped (paused)',
      '  waited outside every model: once, 100 ms',
    ]);
    expect(hit.split('\n')).toEqual([
      'expected 1 attempt, but there were 0',
      'request req-3: class normal, no rule, 0 ms',
      '  no model was asked',
      '  cache: hit, exact',
    ]);
  });

  it.each<[string, (trace: TraceExpectation) => unknown, string]>([
    ['served', (trace) => trace.notServed(), "not to be served, but it was served by 'cloud'"],
    ['not from the cache', (trace) => trace.servedByCache(), "by the cache, but it was served by 'cloud'"],
    ['not tried', (trace) => trace.tried('edge'), "'edge' to be tried, but it was not called"],
    [
      'tried otherwise',
      (trace) => trace.tried('local', 'success'),
      'outcome success, but its calls ended with failure',
    ],
    ['tried', (trace) => trace.notTried('local'), "'local' not to be tried, but it was called once"],
    ['never asked', (trace) => trace.skipped('other'), "'other' to be skipped, but its turn never came"],
    ['failed', (trace) => trace.skipped('local'), "'local' to be skipped, but it failed"],
    ['for another reason', (trace) => trace.skipped('edge', 'half_open'), 'for half_open, but it was for paused'],
    ['in another order', (trace) => trace.inOrder('cloud', 'local'), 'but these were asked: local, edge, cloud'],
    ['in part', (trace) => trace.inOrder('local', 'other'), 'local, other to be asked in this order, but'],
    ['once each', (trace) => trace.inOrder('local', 'local'), 'local, local to be asked in this order, but'],
    ['so many attempts', (trace) => trace.attempts(3), '3 attempts, but there were 2'],
    ['so many at one', (trace) => trace.attempts(2, 'local'), "2 attempts at 'local', but there were 1"],
    ['by another rule', (trace) => trace.byRule('batch'), "the rule 'batch' to decide, but 'interactive' did"],
    ['by a rule', (trace) => trace.byRule(null), "no rule to decide, but 'interactive' did"],
    ['of another class', (trace) => trace.ofClass('low'), 'of class low, but it was of class high'],
    ['at once', (trace) => trace.parked(2), 'to wait outside every model 2 times, but it waited 0 times'],
  ])('fails: %s', async (_, expectation, text) => {
    const { answer } = await fellBack();

    expect(failureOf(answer, expectation).message.split('\n')[0]).toContain(text);
  });

  it('stops a chain at its first fault', async () => {
    const { answer } = await fellBack();

    expect(failureOf(answer, (trace) => trace.servedBy('cloud').attempts(9).servedBy('local')).message).toContain('9 ');
  });
});

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'given undefined'],
  ['a promise', Promise.resolve(), 'given a promise; await it first'],
  ['an answer that is a text', 'the answer', 'given a string'],
  ['an error of somebody else', new Error('boom'), "given the Error 'boom'"],
  ['any object', { content: 'the answer' }, 'given an object of the class Object'],
])('takes no trace from %s', (_, value, text) => {
  expect(() => expectTrace(value)).toThrow(TypeError);
  expect(() => expectTrace(value)).toThrow(`expected an answer, an error with a trace, or a trace; ${text}`);
});
