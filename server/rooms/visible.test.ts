import { expect, test } from "bun:test";
import fc from "fast-check";
import { cut } from "./visible.ts";

test("what may be read and what is hidden follow each other without a hole", () => {
  const ranges = [
    { from: 3, to: 5 },
    { from: 9, to: 12 },
  ];
  expect(cut(ranges, 1, 10)).toEqual([
    { from: 1, to: 2, hidden: true },
    { from: 3, to: 5, hidden: false },
    { from: 6, to: 8, hidden: true },
    { from: 9, to: 10, hidden: false },
  ]);
  expect(cut(ranges, 13, 12)).toEqual([]);
  expect(cut([], 1, 4)).toEqual([{ from: 1, to: 4, hidden: true }]);
});

test("every seq is in exactly one part, and hidden exactly when no range has it", () => {
  const ordered = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }).map((ends) => {
    const sorted = ends.sort((a, b) => a - b);
    const ranges = [];
    for (let i = 0; i + 1 < sorted.length; i += 2) ranges.push({ from: sorted[i] ?? 0, to: (sorted[i + 1] ?? 0) - 1 });
    return ranges;
  });
  fc.assert(
    fc.property(ordered, fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 70 }), (ranges, from, to) => {
      const parts = cut(ranges, from, to);
      for (let seq = from; seq <= to; seq++) {
        const holding = parts.filter((part) => part.from <= seq && seq <= part.to);
        expect(holding).toHaveLength(1);
        expect(holding[0]?.hidden).toBe(!ranges.some((range) => range.from <= seq && seq <= range.to));
      }
    }),
  );
});
