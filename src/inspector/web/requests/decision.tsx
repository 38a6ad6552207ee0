import type { TraceCandidate } from '../../../routing/trace.ts';
import type { RequestDetail } from '../../protocol.ts';
import { clockTime, counted, duration } from '../format.ts';
import { modelId } from '../ids.ts';
import { placeOf } from '../place.ts';
import { hashOf } from '../route.ts';
import { cacheVerdictWords } from './cache-verdict-words.ts';
import { callsOf, endOf } from './calls.ts';
import { verdictWords } from './candidate-words.ts';

/** Why a request went the way that it went. */
export function Decision({ detail }: { detail: RequestDetail }) {
  const { trace, row, candidates } = detail;
  const told = new Map(trace.candidates.map((candidate) => [candidate.model, candidate]));
  return (
    <div class="decision">
      <dl>
        <dt>Rule</dt>
        <dd>{trace.rule ?? 'None matched, or the request named a model itself.'}</dd>
        <dt>Cache</dt>
        <dd>{cacheVerdictWords(trace.cache)}</dd>
        <dt>Deadline</dt>
        <dd>{deadlineWords(detail)}</dd>
        <dt>Parked</dt>
        <dd>
          {trace.parked === undefined
            ? 'Never.'
            : `${counted(trace.parked.count, 'time')}, ${duration(trace.parked.ms)} in all.`}
        </dd>
        <dt>Waiting</dt>
        <dd>{duration(row.waitedMs)} in queues and parked.</dd>
      </dl>
      <h3>Candidates</h3>
      {candidates.length === 0 ? (
        <p>There was none.</p>
      ) : (
        <ol class="candidates">
          {candidates.map((model) => (
            <Candidate key={model} model={model} candidate={told.get(model)} at={row.at} />
          ))}
        </ol>
      )}
      <h3>Calls</h3>
      <Calls detail={detail} />
    </div>
  );
}

function Candidate({ model, candidate, at }: { model: string; candidate: TraceCandidate | undefined; at: number }) {
  return (
    <li data-verdict={candidate?.verdict ?? 'not_asked'}>
      <a href={hashOf({ view: 'timeline', chosen: placeOf({ lane: modelId(model), at }) })}>{model}</a>{' '}
      <span>
        {candidate === undefined ? 'Never asked.' : verdictWords(candidate)}
        {candidate !== undefined && candidate.waitedMs > 0 && ` Waited ${duration(candidate.waitedMs)} in its queue.`}
      </span>
    </li>
  );
}

function Calls({ detail }: { detail: RequestDetail }) {
  const calls = callsOf(detail);
  if (calls.length === 0) return <p>No model was called for it.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section class="calls" aria-label="Calls" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Waited</th>
            <th scope="col">Started</th>
            <th scope="col">First content</th>
            <th scope="col">Duration</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <tr key={`${call.model} ${call.number}`}>
              <th scope="row">{call.model}</th>
              <td>{duration(Math.max(0, call.waitedMs))}</td>
              <td>{clockTime(detail.acceptedAt + call.at)}</td>
              <td>{duration(call.firstTokenMs ?? null)}</td>
              <td>{duration(call.ms)}</td>
              <td>{endOf(call).text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function deadlineWords({ acceptedAt, deadline, row }: RequestDetail): string {
  // JSON has no infinity.
  if (deadline === null || !Number.isFinite(deadline)) return 'It had none.';
  const left = deadline - row.at;
  const rest =
    left > 0
      ? `${duration(left)} left`
      : left === 0
        ? 'it was over then'
        : `it was over ${duration(-left)} before the end`;
  return `${clockTime(deadline)}, ${duration(deadline - acceptedAt)} after it was accepted; ${rest}.`;
}
