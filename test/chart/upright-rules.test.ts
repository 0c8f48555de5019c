import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { textSize } from '../../src/chart/place-labels.ts';
import { SERIES_HEIGHT } from '../../src/chart/series-lines.ts';
import type { JsonObject } from '../../src/chart/spec.ts';
import { type Upright, uprightRules } from '../../src/chart/upright-rules.ts';

const WIDTH = 200;
const x: JsonObject = { field: 'x', type: 'quantitative' };
const mark = (share: number, text: string): Upright => ({ x: share, share, text, colour: 'red' });
interface Placed {
  readonly share: number;
  readonly text: string;
  readonly late: boolean;
  readonly pixel: number;
  readonly foot: number;
}
const placed = (...marks: readonly Upright[]): readonly Placed[] =>
  uprightRules(marks, { x, narrowest: WIDTH })
    .filter(({ mark: drawn }) => (drawn as JsonObject).type === 'rule')
    .flatMap(({ data }) => (data as unknown as { readonly values: readonly Placed[] }).values);
const extent = ({ share, text, late }: Placed): readonly [number, number] => {
  const [rule, width] = [share * WIDTH, textSize(text).width];
  return late ? [rule - width, rule] : [rule, rule + width];
};

describe('uprightRules', () => {
  it('is nothing without marks', () => {
    expect(uprightRules([], { x, narrowest: WIDTH })).toEqual([]);
  });

  it('goes down to the axis, text on the side where it has room', () => {
    expect(placed(mark(0.1, 'abc'), mark(0.9, 'abc'))).toMatchObject([
      { late: false, foot: SERIES_HEIGHT },
      { late: true, foot: SERIES_HEIGHT },
    ]);
  });

  it('ends a rule above the text that would cross it', () => {
    const [first, second] = placed(mark(0.1, 'a long text'), mark(0.2, 'other')).toSorted((a, b) => a.share - b.share) as [Placed, Placed];
    expect(first.foot).toBe(SERIES_HEIGHT);
    expect(second.pixel).toBeLessThan(first.pixel);
    expect(second.foot).toBeLessThan(first.pixel);
  });

  property.prop([fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 14 })), { minLength: 2, maxLength: 4 })])('puts no two texts over each other', (given) => {
    const all = placed(...given.map(([share, letters]) => mark(share, 'a'.repeat(letters))));
    expect(all).toHaveLength(given.length);
    for (const [at, a] of all.entries())
      for (const b of all.slice(at + 1))
        if (a.pixel === b.pixel) {
          const [[from, to], [start, end]] = [extent(a), extent(b)];
          expect(to <= start || end <= from).toBe(true);
        }
  });
});
