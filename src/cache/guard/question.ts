import type { Pair } from './pair.ts';
import type { Token } from './tokens.ts';

/** What is asked for; null: a thing, or nothing in particular. */
type Asked = 'person' | 'time' | 'place' | 'reason' | 'amount' | 'manner' | 'whether' | 'may' | 'ought';

const WORDS: ReadonlyMap<string, Asked> = new Map([
  ['who', 'person'],
  ['whom', 'person'],
  ['whose', 'person'],
  ['when', 'time'],
  ['where', 'place'],
  ['why', 'reason'],
]);
const AMOUNTS = new Set(
  'many much long far often old tall big large high deep wide heavy fast hot cold frequently'.split(' '),
);
const AUXILIARIES = new Set('is are was were am do does did has have had will would'.split(' '));

/** What a text asks for, when it asks for one kind of thing only. */
function askedBy(tokens: readonly Token[]): Asked | null {
  const asked = new Set<Asked>();
  tokens.forEach(({ lower, startsSentence }, at) => {
    const next = tokens[at + 1]?.lower ?? '';
    if (lower === 'how') asked.add(AMOUNTS.has(next) ? 'amount' : 'manner');
    const word = WORDS.get(lower);
    if (word !== undefined) asked.add(word);
    if (startsSentence) {
      const polar = polarOf(lower, next);
      if (polar !== null) asked.add(polar);
    }
  });
  return asked.size === 1 ? [...asked][0]! : null;
}

/** A question for yes or no begins with its verb; "Can you …" asks for nothing yet, nor does "Is there a way …". */
function polarOf(first: string, next: string): Asked | null {
  if (next === 'you' || next === 'there' || next === 'it') return null;
  if (AUXILIARIES.has(first)) return 'whether';
  if (first === 'can' || first === 'could' || first === 'may') return 'may';
  return first === 'should' || first === 'must' ? 'ought' : null;
}

/** Where and how one does a thing are the same question, and so are whether one does and whether one may. */
const ALIKE: readonly string[] = ['manner place', 'may whether'];

/** Whether one text asks, say, when and the other why. */
export function asksOther({ a, b }: Pair): boolean {
  const [first, second] = [askedBy(a.tokens), askedBy(b.tokens)];
  if (first === null || second === null || first === second) return false;
  return !ALIKE.includes([first, second].sort().join(' '));
}
