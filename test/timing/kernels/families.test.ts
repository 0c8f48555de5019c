import { describe, expect, it } from 'vitest';
import { families, familyOf } from '../../../src/timing/kernels/families.ts';
import { familyIds } from '../support.ts';

describe('families', () => {
  it('are those that the laws of this folder run over', () => expect(Object.keys(families).sort()).toEqual([...familyIds].sort()));
  it('are found by their id', () => {
    for (const id of familyIds) expect(familyOf(id)).toBe(families[id]);
  });
  it('have names of their own', () => expect(new Set(familyIds.map((id) => familyOf(id).name)).size).toBe(familyIds.length));
});
