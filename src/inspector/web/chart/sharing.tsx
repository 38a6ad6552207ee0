import { useMemo, useState } from 'preact/hooks';
import { mermaidOf } from '../../chart/mermaid.ts';
import type { Chart } from '../../chart/placed-chart.ts';
import type { StateValue } from '../../protocol.ts';
import { CopyButton } from '../parts/copy.tsx';
import { hashOf } from '../route.ts';
import tokens from '../style/tokens.css?raw';
import { stateText } from './active.ts';
import drawing from './drawing.css?raw';
import { svgFile } from './svg-file.tsx';

interface SharingProps {
  readonly actor: string;
  readonly chart: Chart | undefined;
  readonly state: StateValue | null;
  readonly counts: Readonly<Record<string, number>>;
}

/** Ways to hand what is seen to somebody else: a link, a drawing, a text. */
export function Sharing({ actor, chart, state, counts }: SharingProps) {
  const [told, setTold] = useState('');
  const mermaid = useMemo(() => (chart === undefined ? null : mermaidOf(chart)), [chart]);
  return (
    <div class="chart-sharing">
      <span role="status">{told}</span>
      <CopyButton label="Copy link" text={new URL(hashOf({ view: 'chart', chosen: actor }), location.href).href} />
      {chart !== undefined && mermaid !== null && (
        <>
          <button
            type="button"
            onClick={() => {
              const titles = { title: `Statechart of ${actor}`, description: `Its state is ${stateText(state)}.` };
              const text = svgFile({ chart, active: state, counts, fired: {} }, titles, { tokens, drawing });
              save(`${actor.replaceAll(/[^\w.-]+/g, '-')}.svg`, text);
              setTold('SVG saved.');
            }}
          >
            Export SVG
          </button>
          <CopyButton label="Copy Mermaid" text={mermaid} />
        </>
      )}
    </div>
  );
}

function save(name: string, svg: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
