import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CheckFlags, check, checkCommand } from '../../src/cli/check.ts';
import { progressLine } from '../../src/cli/progress-line.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Finding } from '../../src/verify/check/finding.ts';
import type { JsonReport } from '../../src/verify/check/format/json.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llm-router-check-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = `\${${'CHECK_KEY'}}`;

/** Small, so that it is explored in no time. */
const GOOD = `
models:
  local: { provider: simulated }
  gpt: { provider: openai, model: gpt-4o-mini, apiKey: "${KEY}" }
queue: { maxConcurrency: 1, maxQueueDepth: 2 }
breaker: false
retries: { maxRetries: 1 }
rules:
  - { name: all, targets: [local], fallback: [gpt] }
`;

const NO_SUCH_MODEL = GOOD.replace('fallback: [gpt]', 'fallback: [gpt, gone]');
const HIDDEN_RULE = `${GOOD}  - { name: hidden, match: { priority: low }, targets: [gpt] }\n`;

function run(text: string, flags: Partial<CheckFlags> = {}, terminal: { isTTY?: boolean } = {}, environment = {}) {
  const file = join(folder, 'llm-router.yaml');
  writeFileSync(file, text);
  // As a stream does, it knows where it writes to by `this` only.
  const port = {
    said: '',
    isTTY: terminal.isTTY ?? false,
    write(text: string) {
      this.said += text;
    },
  };
  const out = { ...port };
  const err = { ...port };
  const code = check(
    file,
    { format: 'text', strict: false, progress: true, ...flags },
    {
      out,
      err,
      environment,
    },
  );
  return { code, out: out.said, err: err.said };
}

const codesOf = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);

describe('llm-router check', () => {
  it('passes a policy without errors, whose variables need not be set', () => {
    const { code, out, err } = run(GOOD);
    expect(out.split('\n')[0]).toBe('llm-router.yaml: no errors, no warnings');
    expect([code, err]).toEqual([0, '']);
  });

  it('fails on an error, and tells its line', () => {
    const { code, out } = run(NO_SUCH_MODEL);
    expect(code).toBe(1);
    expect(out).toMatch(/^llm-router\.yaml: \d+ errors?, /);
    expect(out).toMatch(/^error {2}unknown_target {2}rules\[0\]\.fallback\[1\] \(line 9\)$/m);
  });

  it('fails on a warning when it is to be strict, and only then', () => {
    const lenient = run(HIDDEN_RULE);
    expect(lenient.out).toMatch(/^warning {2}rule_hidden {2}rules\[1\]/m);
    expect([lenient.code, run(HIDDEN_RULE, { strict: true }).code]).toEqual([0, 1]);
    expect(run(GOOD, { strict: true }).code).toBe(0);
  });

  it('throws every mistake of a file that is wrong, and prints nothing', () => {
    const wrong = GOOD.replace('maxRetries: 1', 'maxRetries: -1').replace('targets: [local]', 'target: [local]');
    const mistakes = (() => {
      try {
        run(wrong);
        return [];
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return (error as ConfigError).message.split('\n');
      }
    })();
    expect(mistakes.length).toBeGreaterThan(1);
    expect(mistakes.filter((line) => /llm-router\.yaml:\d+/.test(line)).length).toBeGreaterThan(1);
  });

  it('prints the report as JSON, with references as they are written', () => {
    const { code, out } = run(NO_SUCH_MODEL, { format: 'json' }, {}, { CHECK_KEY: 'sk-secret' });
    const report = JSON.parse(out) as JsonReport;
    expect([code, report.version, report.ok]).toEqual([1, 1, false]);
    expect(codesOf(report.findings)).toContain('unknown_target');
    expect(report.config.models['gpt']).toMatchObject({ apiKey: KEY });
  });

  it.each(['text', 'json', 'mermaid'] as const)('shows nothing that a reference stands for: %s', (format) => {
    const text = `
models:
  local: { provider: simulated, upstream: "${'$'}{UP}" }
  gpt: { provider: simulated, upstream: "${'$'}{UP}" }
queue: { maxConcurrency: 1, maxQueueDepth: 2 }
breaker: false
rules:
  - name: "${'$'}{NAME}"
    match: { priority: "${'$'}{CLASS}", metadata: { tenant: "${'$'}{TENANT}" } }
    targets: ["${'$'}{TARGET}", "${'$'}{GONE}"]
    fallback: [gpt]
  - match: { metadata: { tenant: ["${'$'}{TENANT}", "${'$'}{OTHER}"] } }
    targets: [local]
server: { port: "${'$'}{PORT}" }
`;
    const hidden = { UP: 'hush-up', NAME: 'hush-name', TENANT: 'hush tenant', OTHER: 'hush-other', GONE: 'hush-gone' };
    const { code, out } = run(text, { format }, {}, { ...hidden, CLASS: 'high', TARGET: 'local' });
    expect(code).toBe(1);
    expect(out).toContain('unknown_target');
    expect(out).not.toMatch(/hush/);
    expect(out).toContain(format === 'mermaid' ? 'rule-0:NAME' : "'rule-0:NAME'");
    expect(out).toContain(format === 'mermaid' ? '#36;#123;GONE#125;' : `'${'$'}{GONE}'`);
  });

  it.each(['text', 'json', 'mermaid'] as const)('shows no key that stands in the file: %s', (format) => {
    const text = `
models:
  local: { provider: simulated, upstream: sk-proj-upstream }
  gpt:
    provider: openai
    model: gpt-4o-mini
    apiKey: hush
    baseUrl: "https://models.example/v1?key=hush"
    headers: { Authorization: "Bearer hush", X-Of: "Bearer ${KEY}" }
    upstream: sk-proj-upstream
  meta_llama_3_1_70b_instruct: { provider: simulated, upstream: sk-proj-another }
  azure: { provider: azure-openai, model: x, baseUrl: "https://x.example", apiKey: "${KEY.replace('}', ':-hush}')}" }
queue: { maxConcurrency: 1, maxQueueDepth: 2 }
breaker: { failureThreshold: 1 }
rules:
  - match: { metadata: { tenant: sk-proj-one } }
    targets: [local, sk-proj-gone]
    fallback: [gpt]
  - name: sk-proj-named
    match: { metadata: { tenant: sk-proj-two } }
    targets: [meta_llama_3_1_70b_instruct]
    fallback: [local]
server: { adminKey: hush }
`;
    const { code, out } = run(text, { format });
    expect(code).toBe(1);
    expect(out).not.toMatch(/sk-proj|hush/);
    expect(out).toMatch(/unknown_target/);
    expect(out).toContain(format === 'mermaid' ? '#91;redacted' : '[redacted');
    // What only looks like a key is told apart: neither is the second rule hidden, nor has it one upstream.
    expect(out).not.toMatch(/rule_hidden|'local' stands in for/);
    expect(out).toContain('meta_llama_3_1_70b_instruct');
  });

  it('prints as JSON where a key stands, and which variable one is taken from', () => {
    const text = `
models:
  gpt:
    provider: openai
    model: gpt-4o-mini
    apiKey: hush
    baseUrl: "https://models.example/v1?key=hush"
    headers: { Authorization: "Bearer ${KEY}", X-Own: "${KEY.replace('}', ':-hush}')}", X-Other: hush }
    upstream: "${'$'}{A_LONG_NAME_OF_A_VARIABLE_2}"
  meta_llama_3_1_70b_instruct: { provider: simulated }
rules: [{ match: { metadata: { token: plain, other: sk-one } }, targets: [meta_llama_3_1_70b_instruct] }]
queue: { maxConcurrency: 1, maxQueueDepth: 2 }
server: { adminKey: "${KEY}" }
`;
    const { config } = JSON.parse(run(text, { format: 'json' }).out) as JsonReport;
    expect(config).toMatchObject({
      models: {
        gpt: {
          model: 'gpt-4o-mini',
          apiKey: '[redacted]',
          baseUrl: 'https://models.example/v1?[redacted]',
          headers: {
            Authorization: `Bearer ${KEY}`,
            'X-Own': KEY.replace('}', ':-[redacted]}'),
            'X-Other': '[redacted]',
          },
          upstream: `\${${'A_LONG_NAME_OF_A_VARIABLE_2'}}`,
        },
      },
      rules: [
        {
          match: { metadata: { token: 'plain', other: '[redacted]' } },
          // A name of a model is none, whatever it looks like.
          targets: ['meta_llama_3_1_70b_instruct'],
        },
      ],
      server: { adminKey: KEY },
    });
  });

  it('prints the policy as a flowchart', () => {
    const { out } = run(NO_SUCH_MODEL, { format: 'mermaid' });
    expect(out).toMatch(/^flowchart LR\n/);
    expect(out).toContain('-.->|"3<br/>error: unknown_target"|');
  });

  it('hands on how much may be explored, and how many calls a request may cost', () => {
    const all = JSON.parse(run(GOOD, { format: 'json' }).out) as JsonReport;
    const few = JSON.parse(run(GOOD, { format: 'json', maxStates: 50 }).out) as JsonReport;
    expect([all.isExhaustive, few.isExhaustive]).toEqual([true, false]);
    const cheap = JSON.parse(run(GOOD, { format: 'json', maxAttempts: 2 }).out) as JsonReport;
    expect(codesOf(cheap.findings)).toContain('attempts_exceed_bound');
  });

  it('shows colours and progress on a terminal only, and the last line of progress goes away', () => {
    const piped = run(GOOD);
    const shown = run(GOOD, {}, { isTTY: true });
    expect(piped.out).not.toContain('\u001b');
    expect(shown.out).toContain('\u001b[1m');
    expect(stripVTControlCharacters(shown.out)).toBe(piped.out);
    expect(shown.err).toMatch(/\d+ % /);
    expect(shown.err.endsWith('\r\u001b[K')).toBe(true);
    expect(run(GOOD, { progress: false }, { isTTY: true }).err).toBe('');
    expect(run(GOOD, {}, { isTTY: true }, { NO_COLOR: '1' }).out).toBe(piped.out);
  });
});

it.each(['0', '7', '1.5', 'many'])('llm-router check refuses %s calls by the option', (given) => {
  const refused = checkCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  expect(() => refused.parse(['a.yaml', '--max-attempts', given], { from: 'user' })).toThrow(
    /--max-attempts <n>' argument '.+' is invalid\. Accepted: an integer from 1 to 6\./,
  );
});

describe('the line of progress', () => {
  it('is rewritten when it has changed, never wider than the terminal, and removed at the end', () => {
    const written: string[] = [];
    const line = progressLine({ columns: 12, write: (text) => written.push(text) });
    line.show({ done: 0, total: 0, what: 'the model local' });
    line.show({ done: 1, total: 3, what: 'decisions' });
    line.show({ done: 1, total: 3, what: 'decisions' });
    line.remove();
    expect(written.map((text) => text.replace('\r\u001b[K', '|'))).toEqual(['|0 % the mod', '|33 % decisi', '|']);
  });

  it('is written whole where the terminal does not know its width', () => {
    const written: string[] = [];
    progressLine({ columns: 0, write: (text) => written.push(text) }).show({ done: 1, total: 2, what: 'the model a' });
    expect(written.join('')).toContain('50 % the model a');
  });

  it('leaves nothing where nothing was shown', () => {
    const written: string[] = [];
    progressLine({ write: (text) => written.push(text) }).remove();
    expect(written).toEqual([]);
  });
});
