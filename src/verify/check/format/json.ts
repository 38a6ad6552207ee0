import type { RouterConfig } from '../../../config/router-config.ts';
import type { PolicyReport } from '../finding.ts';

/** A report for a program: the `PolicyReport`, and the configuration it is about. `version` grows when a key changes. */
export interface JsonReport extends PolicyReport {
  readonly version: 1;
  /** As written: references to the environment stay references. */
  readonly config: RouterConfig;
}

export function formatJson(report: PolicyReport, written: RouterConfig): string {
  const whole: JsonReport = { version: 1, ...report, config: written };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
