import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASES, type Basis, basisOf, describeSource, type Source, weakestOf } from '../../src/provenance/source.ts';

const EXAMPLES: readonly (readonly [Source, Basis, string])[] = [
  [{ kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 4' }, 'stated', 'arXiv:2507.19427v1, Table 4'],
  [{ kind: 'datasheet', title: 'H20 datasheet', read: '2025-11-01' }, 'stated', 'H20 datasheet (read 2025-11-01)'],
  [{ kind: 'datasheet', title: 'H20 datasheet', url: 'https://example.org/h20', read: '2025-11-01' }, 'stated', 'H20 datasheet, https://example.org/h20 (read 2025-11-01)'],
  [{ kind: 'repository', repo: 'owner/name', file: 'a/b.py', revision: '0123456789abcdef', read: '2025-11-01' }, 'stated', 'owner/name a/b.py@0123456789ab (read 2025-11-01)'],
  [{ kind: 'config', repo: 'owner/model', file: 'config.json' }, 'stated', 'owner/model config.json'],
  [{ kind: 'config', repo: 'owner/model', file: 'config.json', key: 'hidden_size' }, 'stated', 'owner/model config.json, key hidden_size'],
  [{ kind: 'derived', from: 'price / 3600' }, 'derived', 'derived: price / 3600'],
  [{ kind: 'measured', what: 'kernel on one H100', date: '2025-11-01' }, 'measured', 'measured: kernel on one H100 (2025-11-01)'],
  [{ kind: 'assumed', because: 'no price is published' }, 'assumed', 'assumed: no price is published'],
];

describe('source', () => {
  it.each(EXAMPLES)('%j: basis and text', (source, basis, text) => {
    expect(basisOf(source)).toBe(basis);
    expect(describeSource(source)).toBe(text);
  });
});

describe('weakestOf', () => {
  const bases = fc.array(fc.constantFrom(...BASES));

  it('is stated for none', () => expect(weakestOf([])).toBe('stated'));

  it('orders stated, derived, measured, assumed', () => {
    for (const [index, basis] of BASES.entries()) expect(weakestOf(BASES.slice(0, index + 1).reverse())).toBe(basis);
  });

  it('is one of its bases, and none of them is weaker', () =>
    fc.assert(
      fc.property(bases, fc.constantFrom(...BASES), (others, one) => {
        const all = [...others, one];
        const weakest = weakestOf(all);
        expect(all).toContain(weakest);
        for (const basis of all) expect(BASES.indexOf(basis)).toBeLessThanOrEqual(BASES.indexOf(weakest));
      }),
    ));

  it('of parts is that of the whole', () => fc.assert(fc.property(bases, bases, (left, right) => weakestOf([...left, ...right]) === weakestOf([weakestOf(left), weakestOf(right)]))));
});
