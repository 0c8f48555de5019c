import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directLabels, spread } from '../../src/chart/direct-labels.ts';

describe('spread', () => {
  it('leaves what is apart where it is', () => {
    expect(spread([10, 50, 90], 15, [0, 100])).toEqual([10, 50, 90]);
  });

  it('centres what touches on where it wanted to be', () => {
    expect(spread([50, 50, 50], 10, [0, 100])).toEqual([40, 50, 60]);
  });

  it('stays inside the bounds where all fits', () => {
    expect(spread([0, 1], 10, [0, 100])).toEqual([0, 10]);
    expect(spread([99, 100], 10, [0, 100])).toEqual([90, 100]);
  });

  it('keeps the order, and the gap between free labels', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 200, max: 800, noNaN: true }), { maxLength: 12 }), (wanted) => {
        const placed = spread(
          [...wanted].sort((a, b) => a - b),
          15,
          [0, 1000],
        );
        expect(placed).toHaveLength(wanted.length);
        for (let index = 1; index < placed.length; index += 1) expect((placed[index] as number) - (placed[index - 1] as number)).toBeGreaterThanOrEqual(15 - 1e-9);
      }),
    );
  });
});

describe('directLabels', () => {
  it('names the last point of each line, in the order in which the lines end', () => {
    const rows = [
      { model: 'a', context: 1, usd: 1 },
      { model: 'a', context: 2, usd: 10 },
      { model: 'b', context: 2, usd: 100 },
      { model: 'b', context: 1, usd: 50 },
    ];
    const layer = directLabels({ rows, x: 'context', y: 'usd', series: 'model', colour: (id) => `var(--${id})`, height: 200, domain: [1, 100], log: true });
    expect(layer.data).toEqual({
      values: [
        { label: 'b', colour: 'var(--b)', end: 0, pixel: 0 },
        { label: 'a', colour: 'var(--a)', end: 100, pixel: 100 },
      ],
    });
  });
});
