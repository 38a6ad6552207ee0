import type { Policy } from '../../policy.ts';
import type { Finding, PolicyReport } from '../finding.ts';
import { partsOf } from './parts.ts';
import { visible } from './wrap.ts';

/**
 * A policy as a flowchart that Mermaid draws: classes, the rules that take them, and the models in the order in which
 * they are asked, fallbacks behind dotted arrows. Findings stand at the node or the arrow that they are about.
 */
export function formatMermaid(report: PolicyReport, policy: Policy): string {
  const { nodes, edges } = partsOf(report, policy);
  return [
    'flowchart LR',
    ...nodes.map(({ id, label, findings }) => `  ${id}["${lines([label, ...marks(findings)])}"]${styleOf(findings)}`),
    ...edges.map(({ from, to, label, isFallback, findings }) => {
      const text = lines([...(label === '' ? [] : [label]), ...marks(findings)]);
      return `  ${from} ${isFallback ? '-.->' : '-->'}${text === '' ? '' : `|"${text}"|`} ${to}`;
    }),
    ...edges.flatMap(({ findings }, index) =>
      findings.length === 0 ? [] : [`  linkStyle ${index} stroke:${COLOURS[worst(findings)]},stroke-width:3px`],
    ),
    ...Object.entries(COLOURS).map(([severity, colour]) => `  classDef ${severity} stroke:${colour},stroke-width:3px`),
    '',
  ].join('\n');
}

const COLOURS = { error: '#c62828', warning: '#b26a00' } as const;

const marks = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.map(({ severity, code }) => `${severity}: ${code}`)),
];

const worst = (findings: readonly Finding[]): Finding['severity'] =>
  findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';

const styleOf = (findings: readonly Finding[]): string => (findings.length === 0 ? '' : `:::${worst(findings)}`);

const lines = (texts: readonly string[]): string => texts.map(escaped).join('<br/>');

/** What the syntax gives a meaning is written as the number of its letter. */
const escaped = (label: string): string =>
  visible(label).replaceAll(/[^\w .,:()-]/gu, (letter) => `#${letter.codePointAt(0)};`);
