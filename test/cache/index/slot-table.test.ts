import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NONE, SlotTable } from '../../../src/cache/index/slot-table.ts';

const steps = fc.array(fc.record({ take: fc.boolean(), pick: fc.nat() }), { maxLength: 400, size: 'max' });

it('never gives out a slot that is in use, and none past the most that were in use at once', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const table = new SlotTable(1_000);
      const used: number[] = [];
      let most = 0;
      for (const { take, pick } of list) {
        if (take || used.length === 0) {
          const slot = table.take();
          expect(used).not.toContain(slot);
          used.push(slot);
          most = Math.max(most, used.length);
          expect(slot).toBeLessThan(most);
        } else {
          const [slot] = used.splice(pick % used.length, 1);
          table.free(slot!);
          expect(table.isLive(slot!)).toBe(false);
        }
        expect(table.live).toBe(used.length);
        expect(used.every((slot) => table.isLive(slot))).toBe(true);
      }
    }),
  );
});

it('gives a slot another generation each time that it is freed, and keeps those of the others', () => {
  const table = new SlotTable(10);
  const [kept, freed] = [table.take(), table.take()];
  const before = [table.generationOf(kept), table.generationOf(freed)];
  table.free(freed);
  expect(table.take()).toBe(freed);
  expect(table.generationOf(kept)).toBe(before[0]);
  expect(table.generationOf(freed)).not.toBe(before[1]);
});

it('remembers positions while it grows', () => {
  const table = new SlotTable(5_000);
  for (let slot = 0; slot < 5_000; slot++) table.place(table.take(), slot * 2);
  for (let slot = 0; slot < 5_000; slot++) expect(table.positionOf(slot)).toBe(slot * 2);
});

it('refuses a slot beyond the last, and gives one out again after one was freed', () => {
  const table = new SlotTable(70);
  for (let taken = 0; taken < 70; taken++) table.take();
  expect(() => table.take()).toThrow(new RangeError('all 70 slots of the vector index are taken'));
  table.free(33);
  expect(table.take()).toBe(33);
});

it.each([-1, 7, 1_000, 0.5, Number.NaN, NONE])('knows no slot %d that it never gave out', (slot) => {
  const table = new SlotTable(10);
  table.take();
  expect(table.isLive(slot)).toBe(false);
  expect(table.positionOf(slot)).toBe(NONE);
});

it('frees all at once', () => {
  const table = new SlotTable(100);
  for (let taken = 0; taken < 100; taken++) table.take();
  table.free(5);
  table.clear();
  expect(table.live).toBe(0);
  expect(new Set(Array.from({ length: 100 }, () => table.take())).size).toBe(100);
});
