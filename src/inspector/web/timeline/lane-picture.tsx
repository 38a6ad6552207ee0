import { memo } from 'preact/compat';
import { words } from '../format.ts';
import type { Band } from './bands.ts';
import type { Stretch } from './depth.ts';

/** Of a lane's bands, in pixels; the style sheet knows it too. */
export const BAND_HEIGHT = 28;
/** Room for one letter of a word in a band. */
const LETTER = 7;

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly pxPerMs: number;
}

/** A word that a stretch wears. */
interface Worn extends Stretch {
  readonly state?: string;
  readonly word: string;
  readonly isLow?: boolean;
}

interface Props extends Scale {
  readonly states: readonly Band<string>[];
  /** What keeps a model from taking anything whatever its breaker says, in a word: `rate limited`, `paused`. */
  readonly overlays: readonly (Band<string> & { readonly kind: 'limited' | 'hatched' })[];
  readonly depth: string;
  readonly gaps: readonly Stretch[];
}

/** The bands of one lane and the depth of its queue. It only shows what the lane's points and the list say in words. */
export const LanePicture = memo(function LanePicture({ states, overlays, depth, gaps, ...scale }: Props) {
  const { from, to, pxPerMs } = scale;
  const isSeen = (stretch: Stretch): boolean => stretch.to > from && stretch.from < to;
  const seen = states.filter(isSeen);
  const over = overlays.filter(isSeen);
  // Two words on one line would be none.
  const isBare = (gap: Stretch): boolean => over.every((band) => band.to <= gap.from || band.from >= gap.to);
  return (
    <svg class="lane-picture" width={(to - from) * pxPerMs} height={BAND_HEIGHT} aria-hidden="true">
      {seen.map((band) => (
        <Block key={band.from} class="lane-state" state={band.value} stretch={band} scale={scale} />
      ))}
      <path class="lane-depth" d={depth} />
      {gaps.map((gap) => (
        <Block key={gap.from} class="lane-gap" stretch={gap} scale={scale} />
      ))}
      {over.map((band) => (
        <Block key={`${band.kind} ${band.from}`} class={`lane-${band.kind}`} stretch={band} scale={scale} />
      ))}
      <Words scale={scale} worn={seen.map((band) => ({ ...band, state: band.value, word: words(band.value) }))} />
      <Words scale={scale} worn={gaps.filter(isBare).map((gap) => ({ ...gap, word: 'not watched', isLow: true }))} />
      <Words scale={scale} worn={over.map((band) => ({ ...band, state: band.kind, word: band.value, isLow: true }))} />
    </svg>
  );
});

const xOf = (at: number, { from, to, pxPerMs }: Scale): number => (Math.min(to, Math.max(from, at)) - from) * pxPerMs;

function Block(props: { class: string; state?: string; stretch: Stretch; scale: Scale }) {
  const x = xOf(props.stretch.from, props.scale);
  const width = Math.max(1, xOf(props.stretch.to, props.scale) - x);
  return <rect class={props.class} data-state={props.state} x={x} width={width} height={BAND_HEIGHT} />;
}

function Words({ worn, scale }: { worn: readonly Worn[]; scale: Scale }) {
  return (
    <>
      {worn.flatMap((band) =>
        wordPlaces(band, band.word.length * LETTER + 10, scale).map((x) => (
          <text
            key={x}
            class="lane-word"
            data-state={band.state}
            x={x + 6}
            y={band.isLow === true ? BAND_HEIGHT - 4 : 11}
          >
            {band.word}
          </text>
        )),
      )}
    </>
  );
}

/** Where there is room for a word: at the beginning, and again so often that one of them is seen wherever the window is. */
export function wordPlaces(stretch: Stretch, width: number, scale: Scale): number[] {
  const start = xOf(stretch.from, scale);
  const end = xOf(stretch.to, scale);
  const apart = ((scale.to - scale.from) / 3) * scale.pxPerMs;
  const repeated = [0, 1, 2].map((count) => count * apart).filter((x) => x >= start + Math.max(width, apart / 2));
  return [start, ...repeated].filter((x) => x + width <= end);
}
