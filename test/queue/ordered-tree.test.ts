import fc from 'fast-check';
import { expect, it } from 'vitest';
import { find, first, insert, last, type OrderedTree, remove, sizeOf, toArray } from '../../src/queue/ordered-tree.ts';

type Tree = OrderedTree<number> | null;

const heightOf = (tree: Tree): number => (tree === null ? 0 : 1 + Math.max(heightOf(tree.left), heightOf(tree.right)));

const steps = fc.array(fc.record({ add: fc.boolean(), arrival: fc.integer({ min: 0, max: 9 }), pick: fc.nat() }), {
  maxLength: 200,
});

it('is a sorted array under any insertions and removals, and every old version stays true', () => {
  fc.assert(
    fc.property(steps, (list) => {
      let tree: Tree = null;
      let model: { arrival: number; seq: number }[] = [];
      const versions: [Tree, number[]][] = [];
      list.forEach(({ add, arrival, pick }, seq) => {
        if (add || model.length === 0) {
          tree = insert(tree, arrival, seq, seq);
          model = [...model, { arrival, seq }].sort((a, b) => a.arrival - b.arrival || a.seq - b.seq);
        } else {
          const gone = model[pick % model.length]!;
          tree = remove(tree, gone.arrival, gone.seq);
          model = model.filter((entry) => entry !== gone);
        }
        versions.push([tree, model.map((entry) => entry.seq)]);
      });
      for (const [version, values] of versions) {
        expect(toArray(version)).toEqual(values);
        expect(sizeOf(version)).toBe(values.length);
        expect(first(version)).toBe(values[0] ?? null);
        expect(last(version)).toBe(values.at(-1) ?? null);
      }
      for (const { arrival, seq } of model) expect(find(tree, arrival, seq)).toBe(seq);
    }),
  );
});

it('gives the very same tree back when there is nothing to remove', () => {
  const tree = insert(insert(null, 1, 1, 1), 2, 2, 2);
  expect(remove(tree, 3, 3)).toBe(tree);
  expect(remove(null, 1, 1)).toBeNull();
  expect(find(tree, 1, 2)).toBeNull();
});

it('gives the very same tree back for any key that it does not hold', () => {
  const keys = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 40 });
  fc.assert(
    fc.property(keys, fc.nat(20), fc.nat(20), (list, arrival, seq) => {
      const others = list.filter(([a, s]) => a !== arrival || s !== seq);
      const distinct = new Map(others.map(([a, s]) => [`${a} ${s}`, [a, s] as const]));
      let tree: Tree = null;
      for (const [a, s] of distinct.values()) tree = insert(tree, a, s, s);
      expect(remove(tree, arrival, seq)).toBe(tree);
      expect(find(tree, arrival, seq)).toBeNull();
    }),
  );
});

it('stays shallow when everything arrives in order', () => {
  let tree: Tree = null;
  for (let seq = 0; seq < 10_000; seq++) tree = insert(tree, seq, seq, seq);
  // log2(10,000) is 13.3; a random treap's height stays within a small multiple of it.
  expect(heightOf(tree)).toBeLessThan(45);
});

it('stays shallow while the earliest leaves and the latest comes', () => {
  let tree: Tree = null;
  for (let seq = 0; seq < 1_000; seq++) tree = insert(tree, seq, seq, seq);
  for (let seq = 1_000; seq < 10_000; seq++) {
    const earliest = first(tree)!;
    tree = insert(remove(tree, earliest, earliest), seq, seq, seq);
  }
  expect(sizeOf(tree)).toBe(1_000);
  expect(toArray(tree)).toEqual(Array.from({ length: 1_000 }, (_, index) => 9_000 + index));
  expect(heightOf(tree)).toBeLessThan(35);
});

it('shares all but one path with the version before', () => {
  const nodesOf = (tree: Tree): Tree[] => (tree === null ? [] : [tree, ...nodesOf(tree.left), ...nodesOf(tree.right)]);
  let tree: Tree = null;
  for (let seq = 0; seq < 4_096; seq++) tree = insert(tree, seq, seq, seq);
  const before = new Set(nodesOf(tree));
  const isNew = (node: Tree): boolean => !before.has(node);
  expect(nodesOf(insert(tree, 2_000, 9_999, 0)).filter(isNew).length).toBeLessThan(60);
  expect(nodesOf(remove(tree, 2_000, 2_000)).filter(isNew).length).toBeLessThan(60);
});

it('depends on its keys alone, never on their history', () => {
  const forward = [1, 2, 3, 4, 5].reduce<Tree>((tree, seq) => insert(tree, seq, seq, seq), null);
  const backward = [5, 4, 3, 2, 1].reduce<Tree>((tree, seq) => insert(tree, seq, seq, seq), null);
  expect(remove(insert(forward, 9, 9, 9), 9, 9)).toEqual(backward);
});
