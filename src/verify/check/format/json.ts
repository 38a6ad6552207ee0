import type { RouterConfig } from '../../../config/router-config.ts';
import type { PolicyReport } from '../finding.ts';

/** A report for a program: the `PolicyReport`, and the configuration it is about. `version` grows when a key changes. */
export interface JsonReport extends PolicyReport {
  readonly version: 1;
  /** As written, without keys: references to the environment stay references. */
  readonly config: RouterConfig;
}

/** What steers a terminal, or is not seen, but for what JSON escapes itself. */
const UNSEEN = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

const inUnits = (letter: string): string =>
  letter
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** @param written without keys */
export function formatJson(report: PolicyReport, written: RouterConfig): string {
  const whole: JsonReport = { version: 1, ...report, config: written };
  // As a text of JSON has it, so that it stays the same text to whoever parses it.
  return `${JSON.stringify(whole, null, 2).replaceAll(UNSEEN, inUnits)}\n`;
}
