import type { PolicyReport } from '../finding.ts';

export const count = (amount: number): string => amount.toLocaleString('en-US');

export const plural = (amount: number, noun: string): string => `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** `2 errors, 1 warning`; `no errors` comes with every warning. */
export function verdict({ findings }: PolicyReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const parts = [
    errors === 0 ? 'no errors' : plural(errors, 'error'),
    warnings === 0 ? 'no warnings' : plural(warnings, 'warning'),
  ];
  return parts.join(', ');
}

/** Never `0 %` of what happens, nor `100 %` of what does not always. */
export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '–';
  const percent = Math.round((part / whole) * 100);
  if (percent === 0) return '<1 %';
  return percent === 100 && part < whole ? '>99 %' : `${percent} %`;
}
