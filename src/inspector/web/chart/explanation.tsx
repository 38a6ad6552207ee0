import type { ChartEdge } from '../../chart/graph.ts';
import type { Chart } from '../../chart/placed-chart.ts';
import { count } from '../format.ts';
import { explained } from './explained.ts';

/** What the part of the drawing that is pointed at means, in the definition's own words. */
export function Explanation({
  chart,
  part,
  counts,
}: {
  chart: Chart;
  part: string | null;
  counts: Readonly<Record<string, number>>;
}) {
  const shown = explained(chart, part);
  if (shown === null) {
    return (
      <section class="chart-explanation" aria-label="Explanation">
        <p class="chart-hint">
          Point at a state or an arrow’s words, tap them or reach them with Tab and the arrow keys, and they are
          explained here.
        </p>
      </section>
    );
  }
  const { title, kind, description, node, edges } = shown;
  const keys = new Map(chart.nodes.map(({ id, key }) => [id, key]));
  return (
    <section class="chart-explanation" aria-label="Explanation">
      <h2>{title}</h2>
      <p class="chart-hint">{kind}</p>
      {description !== null && <p>{description}</p>}
      {node !== null && <Actions label="On entry" actions={node.entry} />}
      {node !== null && <Actions label="On exit" actions={node.exit} />}
      <ul>
        {edges.map((edge) => (
          <Edge key={edge.id} edge={edge} keys={keys} taken={counts[edge.id] ?? 0} />
        ))}
      </ul>
    </section>
  );
}

function Edge({ edge, keys, taken }: { edge: ChartEdge; keys: ReadonlyMap<string, string>; taken: number }) {
  const { event, guard, actions, description, targets, source, reenters } = edge;
  const to = targets.map((id) => keys.get(id)).join(', ');
  return (
    <li>
      <div class="chart-edge">
        <b>{event}</b>
        <span>{taken === 0 ? 'not taken while watched' : `taken ${count(taken)} ×`}</span>
      </div>
      {description !== null && <p>{description}</p>}
      <dl>
        {guard !== null && (
          <div>
            <dt>if</dt>
            <dd>{guard}</dd>
          </div>
        )}
        <div>
          <dt>from</dt>
          <dd>
            {keys.get(source)}
            {to === '' ? ', and stays there' : ` to ${to}${reenters ? ', which is entered anew' : ''}`}
          </dd>
        </div>
        {actions.length > 0 && (
          <div>
            <dt>does</dt>
            <dd>{actions.join('; ')}</dd>
          </div>
        )}
      </dl>
    </li>
  );
}

function Actions({ label, actions }: { label: string; actions: readonly string[] }) {
  if (actions.length === 0) return null;
  return (
    <p>
      {label}: {actions.join('; ')}.
    </p>
  );
}
