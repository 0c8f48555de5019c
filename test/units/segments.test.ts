import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCurve } from '../../src/units/context-curve.ts';
import { type CurveTree, segments, treeSum } from '../../src/units/segments.ts';
import { anyCurve, baseCurve } from './curves.ts';

const treeOf = (leaf: typeof anyCurve): fc.Arbitrary<CurveTree> =>
  fc.letrec<{ tree: CurveTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      fc.record({ kind: fc.constantFrom('sum' as const, 'max' as const, 'min' as const), of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    ),
  })).tree;

/** A tree at one context, straight from its definition. */
function exactly(tree: CurveTree, S: number): bigint {
  if (isCurve(tree)) return tree.exact(S);
  const sides = tree.of.map((side) => exactly(side, S));
  if (tree.kind === 'sum') return sides.reduce((a, b) => a + b);
  return sides.reduce((a, b) => (a > b === (tree.kind === 'max') ? a : b));
}

const from = fc.integer({ min: 0, max: 50 });
const length = fc.integer({ min: 0, max: 400 });

describe('segments of a tree', () => {
  it('cover the range in order, each with the curve that the tree equals there', () => {
    fc.assert(
      fc.property(treeOf(anyCurve), from, length, (tree, low, more) => {
        const parts = segments(tree, low, low + more);
        expect([parts.at(0)?.from, parts.at(-1)?.to]).toEqual([low, low + more]);
        for (const [i, part] of parts.entries()) {
          expect(part.from).toBe(i === 0 ? low : Number(parts[i - 1]?.to) + 1);
          for (let S = part.from; S <= part.to; S++) expect(part.curve.exact(S)).toBe(exactly(tree, S));
        }
      }),
    );
  });

  it('of one curve are that curve', () => {
    fc.assert(
      fc.property(anyCurve, from, length, (curve, low, more) => {
        expect(segments(curve, low, low + more)).toEqual([{ from: low, to: low + more, curve }]);
      }),
    );
  });
});

describe('the sum of a tree', () => {
  it('is that of its values', () => {
    fc.assert(
      fc.property(treeOf(baseCurve), from, length, (tree, low, more) => {
        let sum = 0n;
        for (let S = low; S <= low + more; S++) sum += exactly(tree, S);
        expect(treeSum(tree, low, low + more)).toBe(sum);
      }),
    );
  });

  it('over two ranges that meet is the sum of both', () => {
    fc.assert(
      fc.property(treeOf(baseCurve), from, length, length, (tree, low, first, second) => {
        const middle = low + first;
        expect(treeSum(tree, low, middle) + treeSum(tree, middle + 1, middle + 1 + second)).toBe(treeSum(tree, low, middle + 1 + second));
      }),
    );
  });
});
