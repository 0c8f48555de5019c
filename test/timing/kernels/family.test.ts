import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idealTime } from '../../../src/timing/ideal.ts';
import { type FamilyId, familyOf } from '../../../src/timing/kernels/families.ts';
import { type ConstantSpec, computeTime, kernelTime, memoryTime, smoothMax } from '../../../src/timing/kernels/family.ts';
import { chipsOfCatalogue, expectNear, expectNotLess, familyIds, kernelsOf, timeOf } from '../support.ts';

const times = fc.double({ min: 1e-9, max: 1, noNaN: true });

describe('the times that families are made of', () => {
  it('are work over a share of the peak, and bytes over a share of the bandwidth', () => {
    expectNear(computeTime.evaluate({ flop: 3e12, computeShare: 0.5, peak: 1e15 }), 3e12 / (0.5 * 1e15));
    expectNear(memoryTime.evaluate({ bytes: 3e9, memoryShare: 0.75, memoryBandwidth: 2e12 }), 3e9 / (0.75 * 2e12));
  });

  it('come after a launch, as a smooth maximum', () => {
    expectNear(kernelTime.evaluate({ launch: 5e-6, compute: 3e-6, memory: 4e-6 }), 5e-6 + (3e-6 ** 4 + 4e-6 ** 4) ** 0.25);
    expect(kernelTime.evaluate({ launch: 5e-6, compute: 0, memory: 0 })).toBe(5e-6);
  });
});

describe('smoothMax', () => {
  it('of one time is that time, and of none that is more than nothing nothing', () => {
    expect(smoothMax(7e-6)).toBe(7e-6);
    expect(smoothMax(0, 7e-6)).toBe(7e-6);
    expect([smoothMax(0), smoothMax(0, 0)]).toEqual([0, 0]);
  });

  it('of n equal times is n^(1/4) of them', () => {
    for (const n of [2, 3, 16]) expectNear(smoothMax(...Array.from({ length: n }, () => 3e-6)), 3e-6 * n ** 0.25);
  });

  it('lies between the largest and n^(1/4) of it', () =>
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), (all) => {
        expectNotLess(smoothMax(...all), Math.max(...all));
        expectNotLess(all.length ** 0.25 * Math.max(...all), smoothMax(...all));
      }),
    ));

  it('grows with each time, and in proportion to all', () =>
    fc.assert(
      fc.property(times, times, times, (a, b, more) => {
        expectNotLess(smoothMax(a + more, b), smoothMax(a, b));
        expectNear(smoothMax(1000 * a, 1000 * b), 1000 * smoothMax(a, b));
      }),
    ));

  it('does not vanish with times whose fourth power does', () => expectNear(smoothMax(1e-90, 1e-90), 1e-90 * 2 ** 0.25));
});

/** Any constants that a family may have: shares up to 1, other amounts over orders of magnitude. */
const RANGES: Readonly<Record<ConstantSpec['unit'], readonly [number, number]>> = { share: [-2, 0], s: [-9, -3], B: [0, 9], 'B/s': [9, 15], '1/s': [8, 15], '1': [0, 3] };

function constantsFor(id: FamilyId): fc.Arbitrary<Readonly<Record<string, number>>> {
  const specs = Object.entries(familyOf(id).constants);
  return fc.record(
    Object.fromEntries(
      specs.map(([name, { unit }]) => {
        const [min, max] = RANGES[unit];
        return [name, fc.double({ min, max, noNaN: true }).map((exponent) => 10 ** exponent)];
      }),
    ),
  );
}

describe.each(familyIds)('%s', (id) => {
  const family = familyOf(id);

  it('has its id, its constants have a meaning, and nobody changes it', () => {
    expect(family.id).toBe(id);
    expect(Object.isFrozen(family)).toBe(true);
    expect(family.name).not.toBe('');
    const specs = Object.entries(family.constants);
    expect(specs.length).toBeGreaterThan(0);
    for (const [name, { unit, meaning }] of specs) {
      expect(meaning, name).not.toBe('');
      expect(unit === 'share', name).toBe(name.endsWith('Share'));
    }
  });

  it('never beats the roofline bound, whatever its constants', () =>
    fc.assert(
      fc.property(kernelsOf[id], chipsOfCatalogue, constantsFor(id), (kernel, chip, constants) => {
        const time = timeOf(id, kernel, chip, constants);
        expect(time).toBeLessThan(Number.POSITIVE_INFINITY);
        expectNotLess(time, idealTime(kernel, chip).seconds);
      }),
      { numRuns: 200 },
    ));

  it('takes longer with a longer constant time, and no longer with a larger share, rate or threshold', () =>
    fc.assert(
      fc.property(
        kernelsOf[id],
        chipsOfCatalogue,
        constantsFor(id),
        fc.constantFrom(...Object.keys(family.constants)),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (kernel, chip, more, name, part) => {
          const less = { ...more, [name]: (more[name] as number) * part };
          const [lessTime, moreTime] = [timeOf(id, kernel, chip, less), timeOf(id, kernel, chip, more)];
          if (family.constants[name]?.unit === 's') expectNotLess(moreTime, lessTime, `${name}: `);
          else expectNotLess(lessTime, moreTime, `${name}: `);
        },
      ),
      { numRuns: 200 },
    ));

  it('depends on every constant somewhere', () => {
    const kernels = fc.sample(fc.tuple(kernelsOf[id], chipsOfCatalogue, constantsFor(id)), { numRuns: 400, seed: 20260101 });
    const idle = Object.keys(family.constants).filter((name) =>
      kernels.every(([kernel, chip, constants]) => timeOf(id, kernel, chip, constants) === timeOf(id, kernel, chip, { ...constants, [name]: (constants[name] as number) / 2 })),
    );
    expect(idle).toEqual([]);
  });
});
