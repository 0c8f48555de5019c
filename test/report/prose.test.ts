import { describe, expect, it } from 'vitest';
import { lintProse, parseProse } from '../../src/report/prose.ts';

describe('parseProse', () => {
  it('splits a sentence at its slots', () => {
    expect(parseProse('Step-3 costs {{demo/cost@paper}} on H20; see {{#table-6}}.')).toEqual([
      { kind: 'text', text: 'Step-3 costs ' },
      { kind: 'number', id: 'demo/cost@paper' },
      { kind: 'text', text: ' on H20; see ' },
      { kind: 'link', anchor: 'table-6' },
      { kind: 'text', text: '.' },
    ]);
    expect(parseProse('')).toEqual([]);
  });

  it.each(['a {{ b', 'a }} b', '{{}}', '{{#}}', '{{a}} {{'])('refuses %j', (text) => {
    expect(() => parseProse(text)).toThrow(/^prose: text /);
  });
});

describe('lintProse', () => {
  it.each([
    'Step-3 is cheaper than DeepSeek-V3 and Qwen3-235B-A22B on H20, A800 and H800.',
    'See Table 6, Figures 1 to 5 and Section 4.1 of arXiv:2507.19427v1, published in 2025.',
    'FP8 and BF16 at 8K, 32K and 1M tokens.',
    'Costs {{demo/cost-8k}} more.',
  ])('passes %j', (text) => {
    expect(lintProse(text)).toEqual([]);
  });

  it.each([
    ['It costs 0.055 USD.', ['0.055']],
    ['About $3 (40% less) or 3.5x.', ['$3', '40%', '3.5x.']],
    ['A factor of 10 at 8K.', ['10']],
    ['Table 6 has 81 cells.', ['81']],
  ])('finds the typed numbers of %j', (text, found) => {
    expect(lintProse(text)).toEqual(found);
  });

  it('allows names that are given', () => {
    expect(lintProse('Ascend 910B and Qwen3 32B', ['Ascend 910B', 'Qwen3 32B'])).toEqual([]);
    expect(lintProse('Ascend 910B')).toEqual(['910B']);
  });
});
