import { useMemo } from 'preact/hooks';
import type { RequestDetail } from '../../protocol.ts';
import { duration } from '../format.ts';
import '../style/sequence.css';
import { useNarrow } from './narrow.ts';
import { pausesOf } from './pauses.ts';
import { type Sequence, sequenceOf } from './sequence.ts';

/** Of a column, in pixels, and of all where they must share a narrow screen. */
const WIDTH = 84;
const NARROW_SCREEN = 326;
const BAR = 8;
/** How far above the end of its row an arrow is drawn; the style sheet knows it too. */
const FOOT = 16;

/** A request's way, from above to below: the time, the arrow between its actors, and what it means. */
export function SequenceDiagram({ detail }: { detail: RequestDetail }) {
  const sequence = useMemo(() => sequenceOf(detail), [detail]);
  const pauses = useMemo(() => pausesOf(sequence.steps, detail.trace.totalMs), [sequence, detail]);
  const isNarrow = useNarrow();
  const { length } = sequence.columns;
  const width = isNarrow ? Math.min(WIDTH, Math.floor(NARROW_SCREEN / length)) : WIDTH;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section class="sequence" aria-label="Sequence" tabIndex={0} style={{ '--lanes': `${width * length}px` }}>
      <div class="sequence-head" aria-hidden="true">
        <div class="sequence-names">
          {sequence.columns.map(({ kind, name }) => (
            <span key={`${kind} ${name}`} data-kind={kind} title={name} style={{ width: `${width}px` }}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <ol>
        {sequence.steps.map(({ at, from, to, tone, text }, index) => {
          const pause = pauses[index]!;
          return (
            <li key={index} data-tone={tone} style={{ '--pause': `${pause.px}px` }}>
              <span class="sequence-time">
                {at === null ? <abbr title="The trace does not tell when">–</abbr> : duration(at)}
              </span>
              <StepPicture sequence={sequence} index={index} width={width} />
              <span class="sequence-text">
                <span class="sequence-way">
                  {sequence.columns[from]!.name}
                  {from !== to && ` → ${sequence.columns[to]!.name}`}
                </span>{' '}
                {text}
              </span>
              {pause.isCut && (
                <span class="sequence-cut" aria-hidden="true">
                  {duration(pause.ms)}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The part of the columns beside one step: what lies above its arrow, the arrow, and what lies below. */
function StepPicture({
  sequence: { columns, steps, spans },
  index,
  width,
}: {
  sequence: Sequence;
  index: number;
  /** Of a column. */
  width: number;
}) {
  const { from, to } = steps[index]!;
  const centre = (column: number): number => (column + 0.5) * width;
  const whole = columns.length * width;
  return (
    <div class="sequence-picture">
      <svg class="sequence-lines" width={whole} aria-hidden="true">
        {columns.map(({ name, kind }, column) => (
          <g key={`${kind} ${name}`} class="sequence-line">
            {index > 0 && <rect class="above" x={centre(column) - 0.75} width={1.5} />}
            <rect class="below" x={centre(column) - 0.75} width={1.5} />
          </g>
        ))}
        {spans
          .filter((span) => span.from <= index && index <= span.to)
          .map((span) => (
            <g key={`${span.column} ${span.kind} ${span.from}`} class="sequence-span" data-kind={span.kind}>
              {span.from < index && <rect class="above" x={centre(span.column) - BAR / 2} width={BAR} />}
              {index < span.to && <rect class="below" x={centre(span.column) - BAR / 2} width={BAR} />}
            </g>
          ))}
      </svg>
      <svg class="sequence-step" width={whole} height={FOOT * 2} aria-hidden="true">
        {from === to ? (
          <circle class="sequence-dot" cx={centre(from)} cy={FOOT} r="5" />
        ) : (
          <Arrow from={centre(from)} to={centre(to)} />
        )}
      </svg>
    </div>
  );
}

function Arrow({ from, to }: { from: number; to: number }) {
  const way = Math.sign(to - from);
  const end = to - way * (BAR / 2 + 1);
  const head = end - way * 8;
  return (
    <g class="sequence-arrow" transform={`translate(0 ${FOOT})`}>
      <line x1={from + way * (BAR / 2)} x2={head} y1="0" y2="0" />
      <path d={`M${end} 0L${head} -4.5L${head} 4.5Z`} />
    </g>
  );
}
