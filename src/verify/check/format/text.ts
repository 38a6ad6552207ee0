import { styleText } from 'node:util';
import { foldSteps } from '../../describe-event.ts';
import type { DecisionOutcome, Finding, PolicyReport } from '../finding.ts';
import { table } from './table.ts';
import { count, plural, share, verdict } from './words.ts';
import { visible, wrap } from './wrap.ts';

export interface TextOptions {
  /** What was checked, as the reader calls it: its file. */
  readonly name: string;
  readonly isColoured: boolean;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** A report for a reader: the verdict, each finding with how it comes about, and what was looked at. */
export function formatText(report: PolicyReport, { name, isColoured }: TextOptions): string {
  const paint: Paint = (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text);
  const parts = [
    [paint('bold', visible(`${name}: ${verdict(report)}`))],
    ...report.findings.map((finding) => findingLines(finding, paint)),
    ...(report.classes.length === 0 ? [] : [classLines(report, paint)]),
    exploredLines(report, paint),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function findingLines(finding: Finding, paint: Paint): string[] {
  const { severity, code, where, line, message, remedy, path } = finding;
  const place = line === undefined ? where : `${where} (line ${line})`;
  const steps = foldSteps(path);
  return [
    `${paint(['bold', severity === 'error' ? 'red' : 'yellow'], severity)}  ${paint('bold', code)}  ${visible(place)}`,
    ...wrap(message, '  '),
    ...(steps.length === 0 ? [] : ['  It comes so:']),
    ...steps.flatMap((step, index) => wrap(step, `${String(index + 1).padStart(5)}. `)),
    ...wrap(remedy, '  Remedy: ').map((text) => paint('green', text)),
  ];
}

const OUTCOMES: readonly (readonly [heading: string, outcome: DecisionOutcome])[] = [
  ['at once', 'admit'],
  ['waits', 'queue'],
  ['displaces', 'displace'],
  ['limit', 'wait_for_limit'],
  ['parked', 'park'],
  ['rejected', 'fail'],
];

function classLines({ classes }: PolicyReport, paint: Paint): string[] {
  const headings = ['rule', 'class', ...OUTCOMES.map(([heading]) => heading), 'displaced'];
  const rows = classes.map(({ rule, class: name, combinations, outcomes, displaceable }) => [
    rule ?? '(no rule)',
    name,
    ...OUTCOMES.map(([, outcome]) => share(outcomes[outcome], combinations)),
    share(displaceable, combinations),
  ]);
  return [
    paint('bold', 'What becomes of a request, as shares of the states that its candidates can be in together'),
    ...table(headings, rows, (column) => column > 1),
    "displaces: takes a less important one's place; limit: waits for the end of a rate limit;",
    'displaced: may lose its place while it waits.',
  ];
}

const SIZE_WORDS = [
  'told apart: states that differ for routing; calls, places, failures: maxConcurrency, maxQueueDepth',
  'and failureThreshold of the chart that was explored.',
];

function howFar({ isExhaustive, isDecided }: PolicyReport): readonly string[] {
  if (isExhaustive) return ['Every state that can be reached was looked at.'];
  if (!isDecided) return ['Not every state was looked at:'];
  return [
    'Every combination of states that routing can tell apart was decided. Of the charts by themselves',
    'not every state was looked at:',
  ];
}

function exploredLines(report: PolicyReport, paint: Paint): string[] {
  const { models, decisions, bounds } = report;
  const headings = ['model', 'states', 'transitions', 'told apart', 'calls', 'places', 'failures', 'explored'];
  const rows = models.map((one) => [
    one.model,
    count(one.states),
    count(one.transitions),
    count(one.routingStates),
    count(one.size.maxConcurrency),
    count(one.size.maxQueueDepth),
    // Without a breaker none is counted.
    one.size.failureThreshold === 0 ? '–' : count(one.size.failureThreshold),
    one.isExhaustive ? 'wholly' : 'in part',
  ]);
  return [
    paint('bold', `What was explored: ${plural(decisions, 'decision')}`),
    ...(rows.length === 0
      ? []
      : [...table(headings, rows, (column) => column > 0 && column < headings.length - 1), ...SIZE_WORDS]),
    ...howFar(report),
    ...bounds.flatMap((bound) => wrap(bound, '- ')),
  ];
}
