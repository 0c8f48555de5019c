import { describe, expect, it } from 'vitest';
import type { CalibrationEntry } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { interval, type Uncertain } from '../../src/timing/interval.ts';
import { expectNear } from './support.ts';

const base = calibration.entries[0] as CalibrationEntry;

/** A part of an entry with given residuals, carried by a widening. */
let shapes = 0;
const part = (seconds: number, residuals: readonly (readonly number[])[], { id = 'entry', widening = 0 } = {}): Uncertain => ({
  seconds,
  hidden: 0,
  shape: `shape ${shapes++}`,
  estimate: { choice: { entry: { ...base, id, residuals }, family: base.family, constants: base.constants, carried: widening === 0 ? null : 'constants of another', widening } },
});
const intervalOf = (parts: readonly Uncertain[], runs = 1, passes: readonly (readonly number[])[] = []) =>
  interval(
    parts.map((each) => ({ ...each, seconds: runs * each.seconds })),
    passes,
  );
const width = ({ low, high }: { readonly low: number; readonly high: number }): number => Math.log(high / low);

const SYMMETRIC = [
  [-0.2, -0.1, 0, 0.1, 0.2],
  [-0.3, 0, 0.3],
];

describe('interval', () => {
  it('is the same each time', () => {
    const parts = [part(1e-3, SYMMETRIC), part(2e-3, SYMMETRIC, { widening: 0.15 })];
    expect(intervalOf(parts)).toEqual(intervalOf(parts));
  });

  it('of parts that were never off is their sum', () => {
    const parts = [part(1e-3, [[0, 0], [0]]), part(2e-3, [])];
    expect(intervalOf(parts)).toEqual({ low: 3e-3, high: 3e-3 });
    expect(interval([], [])).toEqual({ low: 0, high: 0 });
  });

  it('contains the sum where residuals are symmetric', () => {
    for (const count of [1, 2, 10, 100]) {
      const { low, high } = intervalOf(Array.from({ length: count }, () => part(1e-3, SYMMETRIC)));
      expect(low).toBeLessThan(count * 1e-3);
      expect(high).toBeGreaterThan(count * 1e-3);
    }
  });

  it('of a part that is always off is off by as much', () => {
    const { low, high } = intervalOf([part(1e-3, [[0.5]])]);
    expectNear(low, 1e-3 * Math.exp(0.5));
    expectNear(high, 1e-3 * Math.exp(0.5));
  });

  it('lies between the outermost residuals', () => {
    const { low, high } = intervalOf([part(1e-3, SYMMETRIC)]);
    expect(low).toBeGreaterThanOrEqual(1e-3 * Math.exp(-0.3));
    expect(high).toBeLessThanOrEqual(1e-3 * Math.exp(0.3));
  });

  it('draws groups alike, however many residuals they have', () => {
    // one residual of one group says +1, a hundred of the other -1: the upper end is of the first
    const { low, high } = intervalOf([part(1, [[1], Array.from({ length: 100 }, () => -1)])]);
    expectNear(low, Math.exp(-1));
    expectNear(high, Math.exp(1));
  });

  it('grows in proportion to the seconds', () => {
    const [one, thousand] = [1e-3, 1].map((seconds) => intervalOf([part(seconds, SYMMETRIC)])) as [ReturnType<typeof intervalOf>, ReturnType<typeof intervalOf>];
    expectNear(thousand.low, 1000 * one.low);
    expectNear(thousand.high, 1000 * one.high);
  });
});

describe('a part that runs often', () => {
  it('has one residual for all of its runs: as wide as one run', () => {
    const [one, layers] = [1, 61].map((runs) => intervalOf([part(1e-3, SYMMETRIC)], runs)) as [ReturnType<typeof intervalOf>, ReturnType<typeof intervalOf>];
    expectNear(layers.low, 61 * one.low);
    expectNear(layers.high, 61 * one.high);
  });

  it('is wider than as many different parts, which are not off alike', () => {
    const widths = [1, 4, 16, 64].map((count) => width(intervalOf(Array.from({ length: count }, () => part(1e-3, SYMMETRIC)))));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(new Set(widths).size).toBe(4);
    // independent parts: a quarter as wide for sixteen
    expect((widths[2] as number) / (widths[0] as number)).toBeLessThan(0.5);
    expect(width(intervalOf([part(1e-3, SYMMETRIC)], 16))).toBeGreaterThan(2 * (widths[2] as number));
  });
});

describe('parts of one shape', () => {
  it('are off alike, as one part of their time', () => {
    const first = part(1e-3, SYMMETRIC);
    const [one, three] = [intervalOf([first], 3), intervalOf([first, first, first])];
    expectNear(three.low, one.low);
    expectNear(three.high, one.high);
  });
});

describe('hidden parts', () => {
  it('count as far as they are longer than the rest', () => {
    const shown = part(1e-3, [[0]]);
    const hidden = (seconds: number) => ({ ...part(seconds, [[0]]), hidden: 1 });
    expect(intervalOf([shown, hidden(0.5e-3)])).toEqual({ low: 1e-3, high: 1e-3 });
    expect(intervalOf([shown, hidden(2e-3)])).toEqual({ low: 2e-3, high: 2e-3 });
  });
});

describe('carried constants', () => {
  it('widen the interval, the more the less they are trusted', () => {
    for (const [residuals, widenings] of [
      [[], [0, 0.1, 0.15, 0.35]],
      [[[0]], [0, 0.1, 0.15, 0.35]],
      // of few residuals the interval without widening ends at the outermost
      [SYMMETRIC, [0.1, 0.15, 0.35]],
    ] as const) {
      const widths = widenings.map((widening) => width(intervalOf([part(1e-3, residuals, { widening })])));
      expect(widths).toEqual([...widths].sort((a, b) => a - b));
      expect(new Set(widths).size).toBe(widenings.length);
    }
  });

  it('by their half width in the logarithm of time to each side, for 80 of 100 draws', () => {
    const { low, high } = intervalOf([part(1, [[0]], { widening: 0.35 })]);
    // the 10 % quantile of 1,000 draws is known to sqrt(0.1 x 0.9 / 1000) / 0.1755 = 0.054 deviations, 0.042 half widths: within three and a half of them
    for (const end of [Math.log(high), -Math.log(low)]) expect(Math.abs(end / 0.35 - 1)).toBeLessThan(3.5 * 0.042);
  });

  it('of one entry are off for all of its parts alike', () => {
    const [one, four] = [1, 4].map((count) => intervalOf(Array.from({ length: count }, () => part(1e-3, [[0]], { widening: 0.35 })))) as [ReturnType<typeof intervalOf>, ReturnType<typeof intervalOf>];
    expect(Math.abs(width(four) - width(one))).toBeLessThan(0.1 * width(one));
  });

  it('of different entries are not', () => {
    const apart = Array.from({ length: 16 }, (_, at) => part(1e-3, [[0]], { widening: 0.35, id: `entry ${at}` }));
    const together = apart.map(({ seconds }) => part(seconds, [[0]], { widening: 0.35 }));
    expect(width(intervalOf(apart))).toBeLessThan(0.5 * width(intervalOf(together)));
  });
});

describe('whole passes', () => {
  const exact = [part(1e-3, [[0]]), part(2e-3, [[0]])];

  it.each([0.2, -0.2])('that were off by %d put the sum off by up to as much, to either side', (residual) => {
    const { low, high } = intervalOf(exact, 1, [[residual]]);
    // evenly from -0.2 to 0.2: 80 % within 0.16, known from 1,000 draws to 0.4 sqrt(0.1 x 0.9 / 1000) = 0.0038; within three and a half of them
    for (const end of [Math.log(high / 3e-3), -Math.log(low / 3e-3)]) expect(Math.abs(end - 0.16)).toBeLessThan(3.5 * 0.0038);
  });

  it('that were off by nothing, or not measured, change nothing', () => {
    expect(intervalOf(exact, 1, [[0], [0, 0]])).toEqual({ low: 3e-3, high: 3e-3 });
    expect(intervalOf(exact, 1, [])).toEqual({ low: 3e-3, high: 3e-3 });
  });

  it('put the whole off: different parts do not make up for it', () => {
    const many = Array.from({ length: 64 }, () => part(1e-3, [[0]]));
    expect(width(intervalOf(many, 1, SYMMETRIC)) / width(intervalOf([part(1e-3, [[0]])], 1, SYMMETRIC))).toBeGreaterThan(0.8);
  });

  it('draw groups alike, however many passes they have', () => {
    // half of the draws lie evenly from -1 to 1: the outer tenth of all begins at 0.6; of 101 passes drawn alike it would be at 0
    const { low, high } = intervalOf(exact, 1, [[1], Array.from({ length: 100 }, () => 0)]);
    for (const end of [Math.log(high / 3e-3), -Math.log(low / 3e-3)]) expect(Math.abs(end - 0.6)).toBeLessThan(0.15);
  });

  it('widen what parts alone give', () => {
    const parts = Array.from({ length: 64 }, () => part(1e-3, SYMMETRIC));
    expect(width(intervalOf(parts, 1, SYMMETRIC))).toBeGreaterThan(2 * width(intervalOf(parts)));
  });
});
