import { describe, expect, it } from 'vitest';
import { formula, procedure } from '../../src/provenance/card.ts';

const source = { kind: 'assumed', because: 'test' } as const;

describe('cards', () => {
  it('a formula is its card, and computes', () => {
    const area = formula({
      id: 'test/area',
      name: 'area',
      symbols: { width: { unit: '1', meaning: 'width' }, height: { unit: '1', meaning: 'height' } },
      expression: 'width * height',
      unit: '1',
      evaluate: ({ width, height }) => width * height,
      source,
    });
    expect(area).toMatchObject({ kind: 'formula', id: 'test/area', source });
    expect(area.evaluate({ width: 6, height: 7 })).toBe(42);
  });

  it('a procedure is its card', () => expect(procedure({ id: 'test/fit', name: 'fit', steps: ['fit'], source })).toEqual({ kind: 'procedure', id: 'test/fit', name: 'fit', steps: ['fit'], source }));
});
