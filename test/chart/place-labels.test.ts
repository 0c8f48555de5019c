import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { placeLabels, textSize, withPlaces } from '../../src/chart/place-labels.ts';

const size = { width: 60, height: 14 };

describe('placeLabels', () => {
  it('puts a lone label to the right, and to the left at the right edge', () => {
    expect(placeLabels([{ x: 0.5, y: 100, ...size }], [], 300)).toEqual([{ align: 'left', dx: 10, dy: 0 }]);
    expect(placeLabels([{ x: 1, y: 100, ...size }], [], 300)).toEqual([{ align: 'right', dx: -10, dy: 0 }]);
  });

  it('avoids obstacles', () => {
    const wall = Array.from({ length: 40 }, (_, step) => ({ x: 0.5, dx: 10 + step, y: 100 }));
    expect(placeLabels([{ x: 0.5, y: 100, ...size }], wall, 300)).toEqual([{ align: 'right', dx: -10, dy: 0 }]);
  });

  it('leaves out what covers more than it may', () => {
    const everywhere = Array.from({ length: 400 }, (_, step) => ({ x: 0.5, dx: (step % 20) * 8 - 80, y: 60 + 4 * Math.floor(step / 20) }));
    expect(placeLabels([{ x: 0.5, y: 100, ...size, tolerated: 5 }], everywhere, 300)).toEqual([null]);
    expect(placeLabels([{ x: 0.5, y: 100, ...size }], everywhere, 300)[0]).not.toBeNull();
  });

  test.prop([fc.array(fc.record({ x: fc.double({ min: 0.2, max: 0.8, noNaN: true }), y: fc.integer({ min: 40, max: 260 }) }), { maxLength: 3 })])('keeps labels inside a plot with room', (spots) => {
    const points = spots.map((spot) => ({ ...spot, width: 40, height: 14 }));
    for (const [index, place] of placeLabels(points, [], 300).entries()) {
      const { x = 0, y = 0 } = points[index] ?? {};
      const { align, dx, dy } = place ?? { align: 'left', dx: 0, dy: 0 };
      const start = 640 * x + dx - { left: 0, center: 20, right: 40 }[align];
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start + 40).toBeLessThanOrEqual(640);
      expect(Math.abs(dy) + y).toBeLessThanOrEqual(300);
    }
  });
});

describe('withPlaces', () => {
  it('drops labels without a place and lifts the first of several lines', () => {
    const place = { align: 'left', dx: 4, dy: 0 } as const;
    expect(withPlaces([{ text: 'a' }, { text: 'b\nc' }], [null, place])).toEqual([{ text: 'b\nc', align: 'left', dx: 4, dy: -7 }]);
  });
});

describe('textSize', () => {
  it('measures the longest line', () => expect(textSize('ab\nabcd')).toEqual({ width: 28, height: 28 }));
});
