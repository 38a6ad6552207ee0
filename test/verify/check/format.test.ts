import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BREAKER } from '../../../src/breaker/options.ts';
import { DEFAULT_BOOSTS } from '../../../src/queue/priority.ts';
import { DEFAULT_BACKOFF } from '../../../src/retry/backoff.ts';
import type { ClassFigures, Finding, PolicyReport } from '../../../src/verify/check/finding.ts';
import { formatJson } from '../../../src/verify/check/format/json.ts';
import { formatMermaid } from '../../../src/verify/check/format/mermaid.ts';
import { formatText } from '../../../src/verify/check/format/text.ts';
import { describeEvent, foldSteps } from '../../../src/verify/describe-event.ts';
import type { Policy, PolicyModel, PolicyRule } from '../../../src/verify/policy.ts';
import type { PolicyEvent } from '../../../src/verify/policy-events.ts';

const request: PolicyEvent = { type: 'request', priority: 'normal' };
const failed = (request: string, model = 'local'): PolicyEvent => ({ type: 'call.failed', request, model });

const finding = (given: Partial<Finding>): Finding => ({
  code: 'attempts_exceed_bound',
  severity: 'error',
  message: 'A request may cost 12 calls; at most 10 are accepted.',
  remedy: 'Lower maxRetries.',
  where: 'rules[0]',
  path: [],
  ...given,
});

const figures = (given: Partial<ClassFigures> = {}): ClassFigures => ({
  rule: 'interactive',
  class: 'critical',
  combinations: 1_000,
  outcomes: { admit: 500, queue: 250, displace: 249, wait_for_limit: 0, park: 0, fail: 1 },
  displaceable: 0,
  ...given,
});

const report = (given: Partial<PolicyReport> = {}): PolicyReport => ({
  ok: !given.findings?.some(({ severity }) => severity === 'error'),
  findings: [],
  isExhaustive: true,
  isDecided: true,
  bounds: [],
  models: [
    {
      model: 'local',
      states: 12_345,
      transitions: 234_567,
      routingStates: 96,
      size: { maxConcurrency: 1, maxQueueDepth: 3, failureThreshold: 5 },
      isExhaustive: true,
    },
  ],
  classes: [figures()],
  decisions: 1_000,
  ...given,
});

const plain = (given: Partial<PolicyReport>): string =>
  formatText(report(given), { name: 'llm-router.yaml', isColoured: false });

describe('events in words', () => {
  it.each<[PolicyEvent, string]>([
    [request, 'a normal request comes'],
    [{ ...request, metadata: { tenant: 'acme', paid: true } }, 'a normal request with tenant: acme, paid: true comes'],
    [{ ...request, model: 'local' }, 'a normal request for local comes'],
    [{ ...request, order: ['a', 'b'] }, 'a normal request comes, for a, b in turn'],
    [{ type: 'call.succeeded', request: 'r1', model: 'local' }, 'local answers (r1)'],
    [failed('r2'), 'local answers 503 (r2)'],
    [
      { type: 'call.failed', request: 'r1', model: 'local', retryAfterMs: 250 },
      'local answers 503, to be asked again after 250 ms (r1)',
    ],
    [{ type: 'call.refused', request: 'r1', model: 'local' }, 'local answers 401 (r1)'],
    [{ type: 'call.ignored', request: 'r1', model: 'local' }, 'local answers 400 (r1)'],
    [
      { type: 'call.rate_limited', request: 'r1', model: 'local', retryAfterMs: 30_000 },
      'local answers 429, to be asked again after 30 s (r1)',
    ],
    [{ type: 'request.cancel', request: 'r1' }, 'the caller leaves (r1)'],
    [{ type: 'time.passed', ms: 1_500 }, '1.5 s pass'],
    [{ type: 'time.passed', ms: 1_234 }, '1234 ms pass'],
    [{ type: 'pause', model: 'local' }, 'local is paused'],
    [{ type: 'resume', model: 'local' }, 'local is resumed'],
    [{ type: 'drain', model: 'local' }, 'local is drained'],
    [{ type: 'breaker.force_open', model: 'local' }, 'the breaker of local is forced open'],
    [{ type: 'breaker.force_closed', model: 'local' }, 'the breaker of local is forced closed'],
    [{ type: 'breaker.reset', model: 'local' }, 'the breaker of local is reset'],
  ])('%o: %s', (event, words) => {
    expect(describeEvent(event)).toBe(words);
  });

  it('are told with the name of the request that each is about', () => {
    const events = [request, { ...request, priority: 'low' } as const, failed('r2')];
    expect(foldSteps(events)).toEqual([
      'a normal request comes (r1)',
      'a low request comes (r2)',
      'local answers 503 (r2)',
    ]);
  });

  it('are one step where the same comes several times in a row', () => {
    expect(foldSteps([request, request])).toEqual(['2 × a normal request comes (r1, r2)']);
    const requests = [request, request, request];
    expect(foldSteps([...requests, failed('r1'), failed('r1'), failed('r3')])).toEqual([
      '3 × a normal request comes (r1 to r3)',
      '3 × local answers 503 (r1, r3)',
    ]);
  });

  it('are one step where several of them come in turns', () => {
    const rounds = ['r1', 'r2', 'r3', 'r4', 'r5'].flatMap((name) => [request, failed(name)]);
    expect(foldSteps([...rounds, request])).toEqual([
      '5 × a normal request comes, then local answers 503 (r1 to r5)',
      'a normal request comes (r6)',
    ]);
  });

  it('keeps apart what only looks alike', () => {
    expect(foldSteps([failed('r1', 'a'), failed('r1', 'b')])).toEqual(['a answers 503 (r1)', 'b answers 503 (r1)']);
    expect(foldSteps([])).toEqual([]);
  });
});

describe('a report as text', () => {
  it('begins with the verdict', () => {
    const warning = finding({ severity: 'warning', code: 'rule_hidden' });
    expect(plain({}).split('\n')[0]).toBe('llm-router.yaml: no errors, no warnings');
    expect(plain({ findings: [finding({}), finding({}), warning] }).split('\n')[0]).toBe(
      'llm-router.yaml: 2 errors, 1 warning',
    );
  });

  it('tells a finding with its place, how it comes about, and what to change', () => {
    const rounds = ['r1', 'r2', 'r3', 'r4', 'r5'].flatMap((name) => [request, failed(name)]);
    const text = plain({ findings: [finding({ line: 14, path: [...rounds, request] })] });
    expect(text.split('\n\n')[1]).toBe(
      [
        'error  attempts_exceed_bound  rules[0] (line 14)',
        '  A request may cost 12 calls; at most 10 are accepted.',
        '  It comes so:',
        '    1. 5 × a normal request comes, then local answers 503 (r1 to r5)',
        '    2. a normal request comes (r6)',
        '  Remedy: Lower maxRetries.',
      ].join('\n'),
    );
  });

  it('names neither a line nor steps where there are none', () => {
    const [, told] = plain({ findings: [finding({})] }).split('\n\n');
    expect(told).toMatch(/^error {2}attempts_exceed_bound {2}rules\[0\]\n/);
    expect(told).not.toContain('It comes so');
  });

  it('has a row for each class, and neither 0 nor 100 per cent of what happens or fails rarely', () => {
    const always = figures({
      rule: null,
      class: 'low',
      outcomes: { admit: 999, queue: 0, displace: 0, wait_for_limit: 1, park: 0, fail: 0 },
      displaceable: 1_000,
    });
    const lines = plain({ classes: [figures(), always] }).split('\n');
    const from = lines.findIndex((line) => line.startsWith('rule'));
    expect(lines.slice(from, from + 3)).toEqual([
      'rule         class     at once  waits  displaces  limit  parked  rejected  displaced',
      'interactive  critical     50 %   25 %       25 %      –       –      <1 %          –',
      '(no rule)    low         >99 %      –          –   <1 %       –         –      100 %',
    ]);
  });

  it('says what was explored, and how far', () => {
    expect(plain({})).toMatch(
      /What was explored: 1,000 decisions\nmodel .*\nlocal +12,345 +234,567 +96 +1 +3 +5 +wholly\ntold apart: .*\n.*\nEvery state that can be reached was looked at\.\n$/,
    );
    const [model] = report().models;
    const bounded = plain({
      isExhaustive: false,
      bounds: ['local: 3 of 100 places'],
      models: [{ ...model!, isExhaustive: false }],
    });
    expect(bounded).toMatch(
      /in part\n.*\n.*\nEvery combination of .* was decided\. .*\nnot every state was looked at:\n- local: 3 of 100 places\n$/,
    );
    expect(plain({ isExhaustive: false, isDecided: false, bounds: ['so many'] })).toMatch(
      /\nNot every state was looked at:\n- so many\n$/,
    );
  });

  it('is never wider than a hundred columns, nor sends what steers a terminal', () => {
    const long = 'm'.repeat(100);
    const text = plain({
      findings: [
        finding({
          message: `${long}${long} ${'word '.repeat(60)}`,
          remedy: 'word '.repeat(60),
          path: [failed('r1', long)],
        }),
        finding({ path: [{ ...request, metadata: { tenant: '\u001b[31m\nred' } }] }),
      ],
      classes: [figures({ rule: long })],
      models: [{ ...report().models[0]!, model: long }],
      bounds: ['word '.repeat(60)],
    });
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('tenant: \\x1b[31m\\x0ared');
  });

  it('cuts what a request of a step says of itself, and says of it that it is cut', () => {
    const tenant = 'acme '.repeat(100_000);
    const text = plain({ findings: [finding({ path: [{ ...request, metadata: { tenant, seats: 3 } }] })] });
    expect(text).toContain('tenant: acme acme');
    expect(text).toMatch(/…,\s+seats: 3 comes \(r1\)\n/);
    expect(text.length).toBeLessThan(2_000);
  });

  it.each([
    ['a mark that turns the order of letters', '\u202egnp', '\\u{202e}gnp'],
    ['a joiner', 'a\u200db', 'a\\u{200d}b'],
    ['the end of a line', 'a\u2028b', 'a\\u{2028}b'],
    ['a tag', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['a command of one byte', 'a\u009bb', 'a\\x9bb'],
  ])('shows %s, as the flowchart does, and JSON has it escaped', (_, tenant, shown) => {
    const given = finding({ path: [{ ...request, metadata: { tenant } }] });
    expect(plain({ findings: [given] })).toContain(`tenant: ${shown} comes`);
    const drawn = formatMermaid(report(), policy(['local'], [rule('all', ['local'], [tenant])]));
    expect(drawn).toContain(shown.replace('\\', '#92;').replace('{', '#123;').replace('}', '#125;'));
    const json = formatJson(report({ findings: [given] }), { models: {} });
    expect(json).not.toContain(tenant);
    expect((JSON.parse(json) as PolicyReport).findings).toEqual([given]);
  });

  it('is the same text in colours', () => {
    const findings = [finding({}), finding({ severity: 'warning' })];
    const coloured = formatText(report({ findings }), { name: 'llm-router.yaml', isColoured: true });
    expect(coloured).toContain('\u001b[31m');
    expect(coloured).toContain('\u001b[33m');
    expect(stripVTControlCharacters(coloured)).toBe(plain({ findings }));
  });
});

it('a report as JSON is the report, its version, and the configuration as it is written', () => {
  const written = { models: { gpt: { provider: 'openai', apiKey: '$' + '{KEY}' } } };
  expect(JSON.parse(formatJson(report(), written))).toEqual({ version: 1, ...report(), config: written });
});

const model = (name: string): PolicyModel => ({
  name,
  maxConcurrency: 1,
  maxQueueDepth: 3,
  breaker: DEFAULT_BREAKER,
  weight: 1,
  pricing: null,
  contextWindow: null,
  upstream: null,
  attemptTimeoutMs: null,
  firstTokenTimeoutMs: 60_000,
  isStreamed: true,
  abortGraceMs: 1_000,
  expectedLatencyMs: 1_000,
});

const rule = (name: string, targets: readonly string[], fallback: readonly string[] = []): PolicyRule => ({
  name,
  match: {},
  targets,
  fallback,
  strategy: 'ordered',
  timeoutMs: null,
  whenUnavailable: 'fail',
  maxRetries: null,
  onStreamFailure: 'fail',
  expectedRps: null,
});

const policy = (models: readonly string[], rules: readonly PolicyRule[]): Policy => ({
  models: models.map(model),
  rules,
  boosts: DEFAULT_BOOSTS,
  maxParked: 1_000,
  timeoutMs: 120_000,
  maxRetries: 2,
  backoff: DEFAULT_BACKOFF,
});

describe('a policy as a flowchart', () => {
  it('goes from classes over rules to the models, in the order in which they are asked', () => {
    const classes = [figures(), figures({ rule: null, class: 'low' })];
    const text = formatMermaid(
      report({ classes }),
      policy(['local', 'gpt'], [rule('interactive', ['local'], ['gpt'])]),
    );
    expect(text.split('\n')).toEqual([
      'flowchart LR',
      '  class_critical["critical"]',
      '  class_low["low"]',
      '  rule_0["interactive"]',
      '  no_rule["no rule"]',
      '  model_0["local"]',
      '  model_1["gpt"]',
      '  rule_0 -->|"1"| model_0',
      '  rule_0 -.->|"2"| model_1',
      '  no_rule -->|"1"| model_0',
      '  no_rule -->|"2"| model_1',
      '  class_critical --> rule_0',
      '  class_low --> no_rule',
      '  classDef error stroke:#c62828,stroke-width:3px',
      '  classDef warning stroke:#b26a00,stroke-width:3px',
      '',
    ]);
  });

  it('marks a finding where it is', () => {
    const findings = [
      finding({}),
      finding({ code: 'duplicate_candidate', where: 'rules[0].fallback[0]' }),
      finding({ code: 'open_longer_than_deadlines', severity: 'warning', where: 'models["gpt.4"].breaker' }),
      finding({ code: 'boost_above_half_deadline', severity: 'warning', where: 'queue.boostMs' }),
      finding({ code: 'latency_exceeds_deadline', where: 'models' }),
    ];
    const drawn = policy(['gpt', 'gpt.4'], [rule('interactive', ['gpt'], ['gpt.4'])]);
    const classes = [figures(), figures({ rule: null })];
    const text = formatMermaid(report({ findings, classes }), drawn);
    expect(text).toContain('  no_rule["no rule<br/>error: latency_exceeds_deadline"]:::error\n');
    expect(text).toContain('  rule_0["interactive<br/>error: attempts_exceed_bound"]:::error\n');
    expect(text).toContain('  rule_0 -.->|"2<br/>error: duplicate_candidate"| model_1\n');
    expect(text).toContain('  linkStyle 1 stroke:#c62828,stroke-width:3px\n');
    expect(text).toContain('["gpt.4<br/>warning: open_longer_than_deadlines"]:::warning\n');
    expect(text).toContain('  model_0["gpt"]\n  model_1["gpt.4<br/>');
    expect(text).toContain('  policy["policy<br/>warning: boost_above_half_deadline"]:::warning\n');
  });

  it('shows a candidate that is no model, and escapes what the syntax gives a meaning', () => {
    const text = formatMermaid(report(), policy([], [rule('a"]; end', ['gone'])]));
    expect(text).toContain('  rule_0["a#34;#93;#59; end"]\n');
    expect(text).toContain('  model_0["gone (no such model)"]\n');
  });
});
