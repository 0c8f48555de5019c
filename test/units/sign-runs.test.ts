import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextCurve } from '../../src/units/context-curve.ts';
import { type SignRun, signRuns } from '../../src/units/sign-runs.ts';
import { anyCurve, smallCurve } from './curves.ts';

/** The runs by looking at every context. */
function scanned(curve: ContextCurve, from: number, to: number): readonly SignRun[] {
  const runs: SignRun[] = [];
  for (let S = from; S <= to; S++) {
    const value = curve.exact(S);
    const sign = value > 0n ? 1 : value < 0n ? -1 : 0;
    const last = runs.at(-1);
    if (last?.sign === sign) runs[runs.length - 1] = { ...last, to: S };
    else runs.push({ from: S, to: S, sign });
  }
  return runs;
}

describe('sign runs', () => {
  it.each([
    ['small coefficients', smallCurve],
    ['coefficients up to 2^70', anyCurve],
  ])('equal a scan for %s', (_, curves) => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 600 }), (curve, from, length) => {
        expect(signRuns(curve, from, from + length)).toEqual(scanned(curve, from, from + length));
      }),
      { numRuns: 200 },
    );
  });

  it('of a curve and of its negative are opposite', () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const opposite = signRuns(curve.times(-1), 1, 500).map(({ sign, ...run }) => ({ ...run, sign: sign === 0 ? 0 : -sign }));
        expect(opposite).toEqual(signRuns(curve, 1, 500));
      }),
    );
  });

  it('go both ways through a parabola with integer roots 7 and 14, in one piece', () => {
    const parabola = ContextCurve.linear(1).prefixSum().times(2).plus(ContextCurve.linear(-22)).plus(ContextCurve.constant(98));
    const runs = [
      { from: 1, to: 6, sign: 1 },
      { from: 7, to: 7, sign: 0 },
      { from: 8, to: 13, sign: -1 },
      { from: 14, to: 14, sign: 0 },
      { from: 15, to: 900, sign: 1 },
    ];
    expect(signRuns(parabola, 1, 900)).toEqual(runs);
    expect(scanned(parabola, 1, 900)).toEqual(runs);
  });

  it('find the one context of a tie far out', () => {
    const tie = 2 ** 40 + 7;
    expect(signRuns(ContextCurve.linear(3).plus(ContextCurve.constant(-3 * tie)), 1, 2 ** 41)).toEqual([
      { from: 1, to: tie - 1, sign: -1 },
      { from: tie, to: tie, sign: 0 },
      { from: tie + 1, to: 2 ** 41, sign: 1 },
    ]);
  });
});
