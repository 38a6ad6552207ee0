import { useMemo } from 'preact/hooks';
import { words } from '../format.ts';
import { hashOf } from '../route.ts';
import { type NamedLane, presentWord } from './lanes-of.ts';
import { wordAt } from './word-at.ts';

/** A lane's name, and its state at the right edge of what is seen. */
export function LaneName({
  lane,
  at,
  isChosen,
}: {
  lane: NamedLane;
  /** null: now. */
  at: number | null;
  isChosen: boolean;
}) {
  const { id, name, present } = lane;
  const said = useMemo(() => (at === null ? presentWord(present) : wordAt(lane, at)), [lane, at]);
  return (
    <li id={`lane ${id}`} data-chosen={isChosen}>
      <a href={hashOf({ view: 'timeline', chosen: id })} aria-current={isChosen ? 'true' : undefined} title={name}>
        {name}
      </a>
      <small data-state={said?.state}>{said === null ? 'not known' : words(said.word)}</small>
    </li>
  );
}
