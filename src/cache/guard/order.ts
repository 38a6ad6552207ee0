import type { Pair } from './pair.ts';
import { type Shared, sharedRoles } from './shared.ts';

type Roles = readonly Shared[];

/** Whether the words that both texts have play other parts in the one than in the other. */
export function isReordered({ a, b }: Pair): boolean {
  const [first, second] = [sharedRoles(a, b), sharedRoles(b, a)];
  const isMoved = first.some(({ key }, at) => key !== second[at]!.key);
  // What its grammar would tell is unknown.
  if (isMoved && !(a.isEnglish && b.isEnglish)) return true;
  if (numbersOf(first) !== numbersOf(second)) return true;
  // A word that occurs twice is found at one place only, so that either side may be the one that tells.
  return isTurned(first, second, isMoved) || isTurned(second, first, isMoved);
}

function isTurned(a: Roles, b: Roles, isMoved: boolean): boolean {
  if (haveExchanged(a, b) || isTurnedPassive(a, b)) return true;
  // One that is passive turns the order and means the same.
  if (!isMoved || a.some(({ isAgent }) => isAgent) !== b.some(({ isAgent }) => isAgent)) return false;
  return hasTurnedPair(a, b) || isInterchanged(a, b);
}

/** Numbers keep their order, whatever becomes of the words: 3/4, 4/3. */
const numbersOf = (roles: Roles): string => roles.flatMap(({ key, isNumber }) => (isNumber ? [key] : [])).join(' ');

/** Words that send what they govern opposite ways. */
const OPPOSED: readonly string[] = ['from to', 'against for'];

/**
 * Whether two words have exchanged what governs them (from X to Y, from Y to X; X than Y, Y than X), or one is governed
 * the opposite way (to X, from X).
 */
function haveExchanged(a: Roles, b: Roles): boolean {
  const markersB = new Map(b.map(({ key, marker }) => [key, marker]));
  const moves = new Set<string>();
  for (const { key, marker, isNumber } of a) {
    const other = markersB.get(key)!;
    if (marker === other) continue;
    if (OPPOSED.includes([marker, other].sort().join(' '))) return true;
    if (moves.has(`${other} ${marker} ${isNumber}`)) return true;
    moves.add(`${marker} ${other} ${isNumber}`);
  }
  return false;
}

/** "The dog is chased by the cat" has the order of "the dog chases the cat", and another meaning. */
function isTurnedPassive(a: Roles, b: Roles): boolean {
  const at = a.findIndex(({ isAgent }) => isAgent);
  if (at < 1) return false;
  const verb = b.findIndex(({ key }) => key === a[at - 1]!.key);
  const agent = b.findIndex(({ key }) => key === a[at]!.key);
  return b[agent]!.marker !== 'by' && verb < agent;
}

/** Two neighbours that have changed places with nothing to tell their parts: parent sues child, child sues parent. */
function hasTurnedPair(a: Roles, b: Roles): boolean {
  const places = placesOf(b);
  return a.some((role, at) => {
    const before = a[at - 1];
    const place = places.get(role.key)!;
    const after = b[place + 1];
    return before !== undefined && after?.key === before.key && isUntold([before], [role], role, after);
  });
}

/** X … Y against Y … X, of one word or more, with all else in place. */
function isInterchanged(a: Roles, b: Roles): boolean {
  let start = 0;
  while (a[start]!.key === b[start]!.key) start++;
  let end = a.length;
  while (a[end - 1]!.key === b[end - 1]!.key) end--;
  const [restA, restB] = [a.slice(start, end), b.slice(start, end)];
  const ofX = restB.length - restB.findLastIndex(({ key }) => key === restA[0]!.key);
  const ofY = restA.length - restA.findLastIndex(({ key }) => key === restB[0]!.key);
  if (ofX + ofY > restA.length) return false;
  const [x, middle, y] = [restA.slice(0, ofX), restA.slice(ofX, -ofY), restA.slice(-ofY)];
  if ([...y, ...middle, ...x].some(({ key }, at) => key !== restB[at]!.key)) return false;
  const xInB = restB.at(-ofX)!;
  if (middle.length === 0) return isUntold(x, y, y[0]!, xInB);
  return areTurned([x[0]!, y[0]!], [xInB, restB[0]!], restA.slice(1), restB.slice(1));
}

/** Whether two neighbours are tied by nothing, or by the same "is", in both orders. Where a number stands is no matter. */
const isUntold = (x: Roles, y: Roles, { tie }: Shared, other: Shared): boolean =>
  tie === other.tie && (tie === 'none' || tie === 'is') && !isNumber(x) && !isNumber(y);

const isNumber = (words: Roles): boolean => words.length === 1 && words[0]!.isNumber;

/**
 * Whether two words that have changed places have also changed parts.
 * @param wordsA the two as they are in one text
 * @param wordsB the same two in the other
 * @param tiedA what holds the whole together in the one, and in the other
 */
function areTurned(
  [x, y]: readonly [Shared, Shared],
  [x2, y2]: readonly [Shared, Shared],
  tiedA: Roles,
  tiedB: Roles,
): boolean {
  // "In Berlin … in 1989": what governs them has moved with them.
  if (x.marker !== null && x.marker === x2.marker && y.marker !== null && y.marker === y2.marker) return false;
  const areAll = (roles: Roles, tie: Shared['tie']): boolean => roles.every((role) => role.tie === tie);
  if (areAll(tiedA, 'list') || areAll(tiedB, 'list')) return false;
  // "The price of gold in Germany" and "the Germany gold price".
  return areAll(tiedA, 'marked') === areAll(tiedB, 'marked');
}

const placesOf = (roles: Roles): ReadonlyMap<string, number> => new Map(roles.map(({ key }, at) => [key, at]));
