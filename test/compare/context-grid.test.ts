import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { contextGrid } from '../../src/compare/context-grid.ts';

describe('contextGrid', () => {
  it('rounds 2^(k / 2)', () => {
    expect(contextGrid(1000, 5000, 2)).toEqual([1000, 1024, 1448, 2048, 2896, 4096, 5000]);
    expect(contextGrid(7, 7, 4)).toEqual([7]);
  });

  test.prop([fc.integer({ min: 1, max: 1e7 }), fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 1, max: 50 })])(
    'rises from one end to the other through every power of two',
    (from, more, density) => {
      const to = from + more;
      const grid = contextGrid(from, to, density);
      expect(grid[0]).toBe(from);
      expect(grid.at(-1)).toBe(to);
      grid.forEach((context, i) => {
        expect(Number.isSafeInteger(context)).toBe(true);
        if (i > 0) expect(context).toBeGreaterThan(grid[i - 1] as number);
      });
      for (let power = 1; power <= to; power *= 2) if (power >= from) expect(grid).toContain(power);
    },
  );

  it('refuses ranges and densities that are none', () => {
    expect(() => contextGrid(0, 10, 1)).toThrow('context-grid: from 0 is not a positive integer');
    expect(() => contextGrid(10, 9, 1)).toThrow('context-grid: to 9 is not an integer of at least from 10');
    expect(() => contextGrid(1, 10, 0.5)).toThrow('context-grid: pointsPerOctave 0.5 is not a positive integer');
  });
});
