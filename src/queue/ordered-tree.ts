/**
 * A persistent balanced tree keyed by (arrival, seq): inserting and removing give a new tree that shares all but
 * O(log n) nodes with the old one, so that every snapshot of a queue stays true. A treap whose heap order is a hash of
 * `seq`: the shape depends on the keys alone, never on their history (Seidel and Aragon, "Randomized Search Trees",
 * Algorithmica 16, 1996).
 */
export interface OrderedTree<V> {
  readonly arrival: number;
  readonly seq: number;
  readonly value: V;
  /** Entries in this tree. */
  readonly size: number;
  readonly left: OrderedTree<V> | null;
  readonly right: OrderedTree<V> | null;
  /** Heap order: a node's is never below its children's. */
  readonly rank: number;
}

type Tree<V> = OrderedTree<V> | null;

export const sizeOf = (tree: Tree<unknown>): number => (tree === null ? 0 : tree.size);

export function insert<V>(tree: Tree<V>, arrival: number, seq: number, value: V): OrderedTree<V> {
  return insertRanked(tree, arrival, seq, value, hash(seq));
}

/** The tree without that key; the same tree when it is not there. */
export function remove<V>(tree: Tree<V>, arrival: number, seq: number): Tree<V> {
  if (tree === null) return null;
  if (tree.arrival === arrival && tree.seq === seq) return join(tree.left, tree.right);
  if (precedes(arrival, seq, tree)) {
    const left = remove(tree.left, arrival, seq);
    return left === tree.left ? tree : withChildren(tree, left, tree.right, tree.size - 1);
  }
  const right = remove(tree.right, arrival, seq);
  return right === tree.right ? tree : withChildren(tree, tree.left, right, tree.size - 1);
}

export function find<V>(tree: Tree<V>, arrival: number, seq: number): V | null {
  let node = tree;
  while (node !== null) {
    if (node.arrival === arrival && node.seq === seq) return node.value;
    node = precedes(arrival, seq, node) ? node.left : node.right;
  }
  return null;
}

/** How many entries come before that key, whether or not it is there. */
export function countBefore(tree: Tree<unknown>, arrival: number, seq: number): number {
  let count = 0;
  let node = tree;
  while (node !== null) {
    if (node.arrival < arrival || (node.arrival === arrival && node.seq < seq)) {
      count += sizeOf(node.left) + 1;
      node = node.right;
    } else {
      node = node.left;
    }
  }
  return count;
}

/** The earliest entry. */
export function first<V>(tree: Tree<V>): V | null {
  if (tree === null) return null;
  let node = tree;
  while (node.left !== null) node = node.left;
  return node.value;
}

/** The latest entry. */
export function last<V>(tree: Tree<V>): V | null {
  if (tree === null) return null;
  let node = tree;
  while (node.right !== null) node = node.right;
  return node.value;
}

/** All entries from the earliest to the latest. */
export function toArray<V>(tree: Tree<V>): V[] {
  const values: V[] = [];
  const path: OrderedTree<V>[] = [];
  let node = tree;
  while (node !== null || path.length > 0) {
    while (node !== null) {
      path.push(node);
      node = node.left;
    }
    const next = path.pop()!;
    values.push(next.value);
    node = next.right;
  }
  return values;
}

function insertRanked<V>(tree: Tree<V>, arrival: number, seq: number, value: V, rank: number): OrderedTree<V> {
  if (tree === null || rank > tree.rank) {
    const [left, right] = split(tree, arrival, seq);
    return { arrival, seq, value, rank, left, right, size: sizeOf(left) + sizeOf(right) + 1 };
  }
  return precedes(arrival, seq, tree)
    ? withChildren(tree, insertRanked(tree.left, arrival, seq, value, rank), tree.right, tree.size + 1)
    : withChildren(tree, tree.left, insertRanked(tree.right, arrival, seq, value, rank), tree.size + 1);
}

function split<V>(tree: Tree<V>, arrival: number, seq: number): readonly [Tree<V>, Tree<V>] {
  if (tree === null) return [null, null];
  if (precedes(arrival, seq, tree)) {
    const [before, after] = split(tree.left, arrival, seq);
    return [before, withChildren(tree, after, tree.right, tree.size - sizeOf(before))];
  }
  const [before, after] = split(tree.right, arrival, seq);
  return [withChildren(tree, tree.left, before, tree.size - sizeOf(after)), after];
}

function join<V>(left: Tree<V>, right: Tree<V>): Tree<V> {
  if (left === null) return right;
  if (right === null) return left;
  const size = left.size + right.size;
  return left.rank > right.rank
    ? withChildren(left, left.left, join(left.right, right), size)
    : withChildren(right, join(left, right.left), right.right, size);
}

/** The size is the caller's to know: adding the children's up would touch a node beside the path at every level. */
function withChildren<V>(node: OrderedTree<V>, left: Tree<V>, right: Tree<V>, size: number): OrderedTree<V> {
  const { arrival, seq, value, rank } = node;
  return { arrival, seq, value, rank, left, right, size };
}

const precedes = (arrival: number, seq: number, node: { arrival: number; seq: number }): boolean =>
  arrival === node.arrival ? seq < node.seq : arrival < node.arrival;

function hash(seq: number): number {
  let x = Math.imul(seq ^ (seq >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0;
}
