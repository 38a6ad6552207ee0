import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { withoutSecrets } from '../config/without-secrets.ts';
import { withoutValues } from '../config/without-values.ts';
import { MAX_ATTEMPTS } from '../routing/slip.ts';
import { checkPolicy } from '../verify/check/check-policy.ts';
import type { PolicyReport } from '../verify/check/finding.ts';
import { formatJson } from '../verify/check/format/json.ts';
import { formatMermaid } from '../verify/check/format/mermaid.ts';
import { formatText } from '../verify/check/format/text.ts';
import { policyOf } from '../verify/policy.ts';
import { wholeNumber } from './numbers.ts';
import { progressLine } from './progress-line.ts';
import type { Terminal } from './terminal.ts';

/** Up to which an integer is exact. */
const atLeastOne = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const FORMATS = ['text', 'json', 'mermaid'] as const;

export interface CheckFlags {
  readonly format: (typeof FORMATS)[number];
  readonly maxStates?: number;
  readonly maxAttempts?: number;
  readonly strict: boolean;
  readonly progress: boolean;
}

export interface CheckPorts {
  readonly out?: Terminal;
  readonly err?: Terminal;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** `llm-router check`: what a policy does in every state that its models can be in, before anybody relies on it. */
export function checkCommand(): Command {
  return new Command('check')
    .description('prove the policy of a configuration file: no loop, no starvation, no dead route')
    .argument('<config>', 'the file')
    .addOption(new Option('--format <format>', 'how the report is printed').choices(FORMATS).default('text'))
    .option(
      '--max-states <n>',
      'states of a chart that are explored, and decisions of a route that are made, at most',
      atLeastOne,
    )
    .option('--max-attempts <n>', 'calls that one request may cost at most', wholeNumber(1, MAX_ATTEMPTS), MAX_ATTEMPTS)
    .option('--strict', 'fail on warnings too', false)
    .option('--no-progress', 'show no progress on a terminal')
    .action((file: string, flags: CheckFlags) => {
      // Whoever reads has enough, as `head` does: the exit code still tells.
      process.stdout.on('error', () => {});
      process.exitCode = check(file, flags);
    });
}

/** The exit code: 0, or 1 when the policy has errors. @throws {ConfigError} when the file is wrong */
export function check(
  file: string,
  { format, maxStates, maxAttempts, strict, progress }: CheckFlags,
  { out = process.stdout, err = process.stderr, environment = process.env }: CheckPorts = {},
): 0 | 1 {
  const loaded = loadConfig(file, { environment, missing: 'keep', semantics: 'keep' });
  const line = progress && err.isTTY ? progressLine(err) : null;
  let report: PolicyReport;
  try {
    report = checkPolicy(loaded, {
      ...(maxStates !== undefined && { maxStates }),
      ...(maxAttempts !== undefined && { maxAttempts }),
      ...(line && { onProgress: line.show }),
    });
  } finally {
    line?.remove();
  }
  const isColoured = out.isTTY === true && !environment['NO_COLOR'];
  out.write(
    {
      text: () => formatText(report, { name: basename(file), isColoured }),
      json: () => formatJson(report, withoutSecrets(loaded.written)),
      mermaid: () => formatMermaid(report, policyOf(withoutValues(loaded).config)),
    }[format](),
  );
  return report.ok && !(strict && report.findings.length > 0) ? 0 : 1;
}
