import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { editDistance, findOrNearest, nearest } from '../../src/units/nearest.ts';

describe('edit distance', () => {
  test.each([
    ['', '', 0],
    ['', 'h20', 3],
    ['h20', 'h200', 1],
    ['kitten', 'sitting', 3],
    ['l4', '4l', 2],
  ])('%j to %j is %d', (from, to, distance) => expect(editDistance(from, to)).toBe(distance));

  property.prop([fc.string(), fc.string(), fc.string()])('is a metric', (a, b, c) => {
    expect(editDistance(a, b)).toBe(editDistance(b, a));
    expect(editDistance(a, b) === 0).toBe(a === b);
    expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
  });
});

describe('nearest', () => {
  const ids = ['step-3', 'deepseek-v3', 'qwen3-235b-a22b', 'qwen3-32b', 'llama-4-maverick'];
  test('a part of a name finds it, the shortest first', () => expect(nearest('Qwen3', ids, 2)).toEqual(['qwen3-32b', 'qwen3-235b-a22b']));
  test('a slip of the keys finds the name', () => expect(nearest('depseek-v3', ids, 1)).toEqual(['deepseek-v3']));
  test('gives at most what there is, in their order when equally far', () => expect(nearest('x', ['b', 'a'])).toEqual(['b', 'a']));
  test('nothing to choose from is nothing', () => expect(nearest('x', [])).toEqual([]));
});

test('findOrNearest gives the item, and for an unknown id a RangeError with the nearest', () => {
  const items = [{ name: 'step-3' }, { name: 'qwen3-32b' }];
  expect(findOrNearest('models', items, 'qwen3-32b', ({ name }) => name)).toBe(items[1]);
  expect(() => findOrNearest('models', items, 'step3', ({ name }) => name)).toThrow(new RangeError('models: id step3 is unknown; nearest: step-3, qwen3-32b'));
});
