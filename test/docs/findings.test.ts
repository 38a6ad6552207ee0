import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { checkPolicy } from '../../src/verify/check/check-policy.ts';
import { ERROR_CODES, type FindingCode, WARNING_CODES } from '../../src/verify/check/finding.ts';
import { formatText } from '../../src/verify/check/format/text.ts';
import { blocksOf } from '../support/transcript.ts';

const PAGE = readFileSync(new URL('../../docs/reference/findings.md', import.meta.url), 'utf8');

/** A section of the page: its heading is a code, the part that it stands in says how grave that is. */
const SECTIONS = PAGE.split(/^## /m).flatMap((part) =>
  part
    .split(/^### /m)
    .slice(1)
    .map((text) => ({
      code: text.split('\n')[0]! as FindingCode,
      part: part.split('\n')[0],
      text,
      config: blocksOf(text).find(({ language }) => language === 'yaml')?.text,
      printed: blocksOf(text).find(({ language }) => language === 'text')?.text,
    })),
);

/** What is wrong with a chart cannot be brought about by a configuration. */
const OF_CHARTS: readonly FindingCode[] = ['request_lost', 'probe_stranded', 'overtaking_unbounded'];

function load(text: string, semantics: 'error' | 'keep' = 'keep'): LoadedConfig {
  const folder = mkdtempSync(join(tmpdir(), 'llm-router-findings-'));
  try {
    const file = join(folder, 'llm-router.yaml');
    writeFileSync(file, text);
    return loadConfig(file, { environment: {}, missing: 'keep', semantics });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('has a section for each code, in order, among errors or warnings, and says how it is judged', () => {
  const codesIn = (part: string) => SECTIONS.filter((section) => section.part === part).map(({ code }) => code);
  expect(codesIn('Errors')).toEqual(ERROR_CODES);
  expect(codesIn('Warnings')).toEqual(WARNING_CODES);
  for (const { text } of SECTIONS) expect(text).toMatch(/^- \*\*Judged:\*\* [\s\S]*^\*\*Change:\*\* /m);
});

it('leads to each section from its table', () => {
  const linked = [...PAGE.split(/^## /m)[0]!.matchAll(/\[`(\w+)`\]\(#(\w+)\)/g)].map(([, code, anchor]) => {
    expect(anchor).toBe(code);
    return code;
  });
  expect(linked.sort()).toEqual([...ERROR_CODES, ...WARNING_CODES].sort());
});

it('has an example of each, but of what is wrong with a chart', () => {
  const without = SECTIONS.filter(({ config, printed }) => config === undefined || printed === undefined);
  expect(without.map(({ code }) => code)).toEqual(OF_CHARTS);
});

describe('the example of', () => {
  it.each(SECTIONS.filter(({ config }) => config !== undefined))('$code has it, told as it is shown', (section) => {
    const report = checkPolicy(load(section.config!));
    const findings = report.findings.filter(({ code }) => code === section.code);
    expect(findings).toHaveLength(1);
    const [, told] = formatText({ ...report, findings }, { name: 'llm-router.yaml', isColoured: false }).split('\n\n');
    expect(told).toBe(section.printed!.trimEnd());
  });
});

it.each(
  SECTIONS.filter(({ text }) => text.includes('`LLMRouter.fromConfig` refuse such a file')),
)('what serves refuses the example of $code', ({ config }) => {
  expect(() => load(config!, 'error')).toThrow(ConfigError);
});
