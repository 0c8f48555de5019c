import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalibrationEntry, quantile } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { familyOf } from '../../src/timing/kernels/families.ts';
import { chips, familyIds } from './support.ts';

describe('quantile', () => {
  it.each([
    ['the median of three', [[3, 1, 2]], 0.5, 2],
    ['the least where the share is within it', [[3, 1, 2]], 1 / 3, 1],
    ['the one above the share', [[3, 1, 2]], 0.34, 2],
    ['the largest', [[3, 1, 2]], 1, 3],
    ['nothing of no groups', [], 0.5, 0],
    // one value of a half of the weight, five of a tenth each
    ['a group of one as heavy as a group of five', [[10], [1, 2, 3, 4, 5]], 0.5, 5],
    ['all of a group of one', [[10], [1, 2, 3, 4, 5]], 0.51, 10],
    [
      'a tenth of the values of equal groups',
      [
        [1, 3, 5, 7, 9],
        [2, 4, 6, 8, 10],
      ],
      0.1,
      1,
    ],
    [
      'nine tenths of them',
      [
        [1, 3, 5, 7, 9],
        [2, 4, 6, 8, 10],
      ],
      0.9,
      9,
    ],
  ])('is %s', (_, groups, share, value) => expect(quantile(groups, share)).toBe(value));

  const residuals = fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 9 });

  it('is one of the residuals, and grows with the share', () =>
    fc.assert(
      fc.property(residuals, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (groups, a, b) => {
        const [less, more] = [quantile(groups, Math.min(a, b)), quantile(groups, Math.max(a, b))];
        expect(groups.flat()).toContain(less);
        expect(less).toBeLessThanOrEqual(more);
      }),
    ));

  it('does not depend on how often a whole group is repeated in itself', () =>
    fc.assert(
      fc.property(residuals, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (groups, share) => {
        const repeated = groups.map((group, at) => (at === 0 ? [...group, ...group, ...group] : group));
        expect(quantile(repeated, share)).toBe(quantile(groups, share));
      }),
    ));
});

const { entries, ceilings, rejected, passes } = calibration;
const measured = entries.filter(({ points }) => points > 0);
const entryOf = (id: string): CalibrationEntry => entries.find((entry) => entry.id === id) as CalibrationEntry;

describe('the committed calibration', () => {
  it('has entries of their own ids, for every family', () => {
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect([...new Set(entries.map(({ family }) => family))].sort()).toEqual([...familyIds].sort());
  });

  describe.each(entries.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
    const { family, constants, fitted, because, accelerators, architecture, files, points, error, residuals } = entry;
    const specs = familyOf(family).constants;

    it('has exactly the constants of its family, shares between 0 and 1', () => {
      expect(Object.keys(constants).sort()).toEqual(Object.keys(specs).sort());
      for (const [name, value] of Object.entries(constants)) {
        expect(Number.isFinite(value), name).toBe(true);
        if (specs[name]?.unit === 'share') expect(value > 0 && value <= 1, `${name} ${value}`).toBe(true);
        // only a time can be nothing
        else expect(specs[name]?.unit === 's' ? value >= 0 : value > 0, `${name} ${value}`).toBe(true);
      }
    });

    it('says which constants it measured, and why it did not measure the others', () => {
      expect(fitted.filter((name) => !(name in specs))).toEqual([]);
      expect(because !== null).toBe(fitted.length < Object.keys(specs).length);
      expect(entry.leftOut).not.toBe('');
    });

    it('names chips of the catalogue, of its architecture', () => {
      const known = accelerators.map((id) => chips.find((chip) => chip.id === id)?.architecture);
      expect(known).not.toContain(undefined);
      if (points > 0) expect(new Set(known)).toEqual(new Set([architecture]));
    });

    it('knows the peak of a unit of each chip that was measured', () => {
      const peaks = accelerators.map((id) => chips.find((chip) => chip.id === id)).map((chip) => (chip === undefined ? Number.NaN : Number((chip.peak.bf16 / chip.computeUnits).toPrecision(4))));
      expect([...entry.unitPeaks].sort()).toEqual(points === 0 ? [] : [...new Set(peaks)].sort());
    });

    it('has points, files, errors and residuals, or none of them', () => {
      const present = [points > 0, files.length > 0, architecture !== null, error.inSample !== null, error.heldOut !== null, residuals.length > 0, fitted.length > 0];
      expect(new Set(present).size).toBe(1);
      expect(Object.values(error.byAccelerator).reduce((sum, each) => sum + each.points, 0)).toBe(points);
      expect(Object.values(error.bySize).reduce((sum, each) => sum + each.points, 0)).toBe(points);
      expect(Object.keys(error.byAccelerator).sort()).toEqual(points === 0 ? [] : [...accelerators].sort());
    });

    it('has at most nine residuals a group, sorted, and no more than points', () => {
      for (const group of residuals) {
        expect(group.length >= 1 && group.length <= 9).toBe(true);
        expect(group).toEqual([...group].sort((a, b) => a - b));
      }
      expect(residuals.flat().length).toBeLessThanOrEqual(points);
    });
  });

  it('has errors of chips and of sizes that make up that of all', () => {
    for (const { id, points, error } of measured)
      for (const classes of [error.byAccelerator, error.bySize]) {
        const all = Object.values(classes).reduce((sum, each) => sum + each.points * each.heldOut, 0) / points;
        expect(Math.abs(all / (error.heldOut as number) - 1), id).toBeLessThan(1e-3);
      }
  });

  it('predicts what was left out no better than what was fitted', () => {
    for (const { id, error } of measured) expect(error.heldOut as number, id).toBeGreaterThanOrEqual(error.inSample as number);
  });

  it.each([
    ['decode-attention-h800-h20', 'h800', 0.08],
    ['decode-attention-h800-h20', 'h20', 0.15],
    ['decode-attention-a800', 'a800', 0.08],
    ['decode-attention-h100', 'h100', 0.08],
    ['decode-attention-h100-fp8', 'h100', 0.08],
    ['mla-decode-h100', 'h100', 0.08],
    ['mla-decode-h800', 'h800', 0.08],
    ['mla-decode-h20', 'h20', 0.08],
    ['gemm-h100', 'h100', 0.08],
    ['gemm-h100-fp8', 'h100', 0.08],
    ['gemm-h20', 'h20', 0.08],
    ['gemm-h800', 'h800', 0.12],
    ['grouped-gemm-h800', 'h800', 0.15],
    ['grouped-gemm-h20', 'h20', 0.15],
    ['grouped-gemm-h100', 'h100', 0.15],
    ['collective-h100', 'h100', 0.2],
  ])('meets its target: %s on %s within %d, while left out', (id, chip, target) => {
    expect(entryOf(id).error.byAccelerator[chip]?.heldOut).toBeLessThanOrEqual(target);
  });

  const enough = measured.filter(({ points, residuals }) => residuals.length >= 5 && points >= 50);

  it('has entries of at least 5 groups and 50 points for all kinds of work that have a target', () => {
    expect(new Set(enough.map(({ family }) => family.split('/')[0]))).toEqual(new Set(['decode-attention', 'gemm', 'grouped-gemm', 'collective', 'expert-exchange']));
  });

  it.each(enough.map(({ id, error }) => [id, error.coverage as number] as const))('covers 0.7 to 0.9 of what was left out with intervals of 80 %%: %s', (_, coverage) => {
    expect(coverage).toBeGreaterThanOrEqual(0.7);
    expect(coverage).toBeLessThanOrEqual(0.9);
  });

  it('reaches less of the peak after seconds at the power limit than at first', () => {
    expect(ceilings.map(({ mathBits }) => mathBits)).toEqual([16, 8]);
    for (const { sustained, burst, accelerators } of ceilings) {
      expect(0 < sustained && sustained < burst && burst < 1).toBe(true);
      expect(accelerators.filter((id) => !chips.some((chip) => chip.id === id))).toEqual([]);
    }
  });

  it('covers as many passes as it says, whose groups have residuals', () => {
    expect(new Set(passes.groups.map(({ id }) => id)).size).toBe(passes.groups.length);
    expect(passes.groups.every(({ residuals }) => residuals.length >= 1 && residuals.every(Number.isFinite))).toBe(true);
    expect(passes.coverage.inside).toBeLessThanOrEqual(passes.coverage.points);
    expect(passes.coverage.points).toBeGreaterThanOrEqual(passes.groups.flatMap(({ residuals }) => residuals).length);
  });

  it('rejects only shapes that beat their roofline', () => {
    for (const { utilisation, rows } of rejected) expect(utilisation > 1 && rows >= 1).toBe(true);
  });
});
