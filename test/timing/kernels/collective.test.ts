import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collective, exchangedBytes, linkRate, sentBytes, spanOf } from '../../../src/timing/kernels/collective.ts';
import { COLLECTIVES, type CollectiveKernel } from '../../../src/timing/kernels/kernel.ts';
import { chipOf, chipsOfCatalogue, collectiveOf, collectives, constantsOf, expectNear, expectNotLess, roundChip, sizes } from '../support.ts';

const constants = {
  base: 5e-6,
  hop: 1e-6,
  fill: 20e-6,
  fillBytes: 1e6,
  linkShare: 0.5,
  memoryShare: 0.8,
  switchBase: 70e-6,
  switchShare: 0.6,
  peerBase: 7e-6,
  peerFill: 6e-6,
  peerBytes: 40e3,
};
const timeOf = (changes: Partial<CollectiveKernel>, chip = roundChip): number => collective.time(collectiveOf(changes), chip, constants);

describe('what a chip sends', () => {
  it('is all but its own part, as nccl-tests count sizes', () => {
    expect(exchangedBytes.evaluate({ bytes: 8000, gpus: 8 })).toBe(7000);
    expect(COLLECTIVES.map((operation) => sentBytes(collectiveOf({ operation, bytes: 8000 })))).toEqual([14_000, 7000, 7000, 7000]);
  });

  it('in an all-reduce is that of a reduce-scatter and an all-gather', () =>
    fc.assert(
      fc.property(collectives, (kernel) => {
        const sent = (operation: CollectiveKernel['operation']): number => sentBytes({ ...kernel, operation });
        expect(sent('all-reduce')).toBe(sent('reduce-scatter') + sent('all-gather'));
      }),
    ));

  it('is nothing on one chip, and tends to the whole buffer', () => {
    expect(exchangedBytes.evaluate({ bytes: 8000, gpus: 1 })).toBe(0);
    expect(exchangedBytes.evaluate({ bytes: 8000, gpus: 1e6 })).toBeCloseTo(8000, 1);
  });
});

describe('linkRate', () => {
  it('is that of the links inside a domain, else that of the network card', () => {
    expect([2, 8, 9, 64].map((gpus) => linkRate(roundChip, gpus))).toEqual([1e11, 1e11, 1e10, 1e10]);
    expect([8, 16].map((gpus) => linkRate(chipOf('h800'), gpus))).toEqual([2e11, 5e10]);
  });

  it('refuses a chip whose link is unknown', () => {
    expect(() => linkRate({ ...roundChip, scaleUpPerDirection: null }, 8)).toThrow(/^timing: gpus 8 need scaleUpPerDirection of round, which is not catalogued$/);
    expect(() => linkRate({ ...roundChip, nicPerAcceleratorPerDirection: null }, 9)).toThrow(/^timing: gpus 9 need nicPerAcceleratorPerDirection of round, which is not catalogued$/);
    expect(() => linkRate({ ...roundChip, nicPerAcceleratorPerDirection: null }, 9)).toThrow(RangeError);
  });
});

describe('spanOf', () => {
  it('is the chips that take part, unless they lie among more', () => {
    expect(spanOf(collectiveOf({ gpus: 4 }))).toBe(4);
    expect(spanOf(collectiveOf({ gpus: 2, among: 16 }))).toBe(16);
  });

  it('decides which link is crossed, and nothing else', () =>
    fc.assert(
      fc.property(collectives, sizes(64), (kernel, among) => {
        const apart = { ...kernel, among: Math.max(kernel.gpus, among) };
        const even = { ...roundChip, nicPerAcceleratorPerDirection: roundChip.scaleUpPerDirection };
        // where both links are as fast, being apart costs only the reduction in the switch
        expectNotLess(collective.time(apart, even, constants), collective.time(kernel, even, constants));
        if (kernel.operation !== 'all-reduce') expectNear(collective.time(apart, even, constants), collective.time(kernel, even, constants));
      }),
    ));
});

describe('collective', () => {
  it.each(['all-gather', 'reduce-scatter'] as const)('%s goes round a ring and copies the own part', (operation) => {
    const sent = (4e6 * 3) / 4;
    const copy = (2 * 4e6) / 4 / (0.8 * 1e12);
    expectNear(timeOf({ operation, gpus: 4, bytes: 4e6 }), 5e-6 + 3 * 1e-6 + (20e-6 * sent) / (sent + 1e6) + sent / (0.5 * 1e11) + copy);
  });

  it('an all-reduce goes round twice and copies nothing, where switches do not add', () => {
    const sent = (2 * 4e6 * 3) / 4;
    const ring = 5e-6 + 6 * 1e-6 + (20e-6 * sent) / (sent + 1e6) + sent / (0.5 * 1e11);
    const changes = { operation: 'all-reduce', gpus: 4, bytes: 4e6 } as const;
    expectNear(timeOf({ ...changes, floating: false }), ring);
    expectNear(timeOf(changes, { ...roundChip, architecture: 'ampere' }), ring);
  });

  it('a floating-point all-reduce is added up in the switches of Hopper where that is faster', () => {
    const inSwitch = 70e-6 + (4e9 * (1 + 1 / 4)) / (0.6 * 1e11);
    expectNear(timeOf({ operation: 'all-reduce', gpus: 4, bytes: 4e9 }), inSwitch);
    expectNear(timeOf({ operation: 'all-reduce', gpus: 4, bytes: 4e9, floating: true }), inSwitch);
    // the ring is faster for a small one
    expect(timeOf({ operation: 'all-reduce', gpus: 4, bytes: 4000 })).toBe(timeOf({ operation: 'all-reduce', gpus: 4, bytes: 4000, floating: false }));
  });

  it('but not outside of a domain', () => {
    const far = { operation: 'all-reduce', gpus: 16, bytes: 4e9 } as const;
    expect(timeOf(far)).toBe(timeOf({ ...far, floating: false }));
    const sent = (2 * 4e9 * 15) / 16;
    expectNear(timeOf(far), 5e-6 + 30 * 1e-6 + (20e-6 * sent) / (sent + 1e6) + sent / (0.5 * 1e10));
  });

  it.each([
    ['small messages', 4 * 10e3, 1 / 4],
    ['messages as large as the threshold', 4 * 40e3, 1],
    ['large messages', 4 * 4e6, 1],
  ])('an all-to-all of %s has no ring', (_, bytes, filled) => {
    expectNear(timeOf({ operation: 'all-to-all', gpus: 4, bytes }), 7e-6 + 6e-6 * filled + (bytes * 3) / 4 / (0.5 * 1e11) + (2 * bytes) / 4 / (0.8 * 1e12));
  });

  it('of one chip takes no time', () => {
    for (const operation of COLLECTIVES) expect(timeOf({ operation, gpus: 1, bytes: 1e9 })).toBe(0);
  });

  it('as an all-reduce by the ring is a reduce-scatter and an all-gather, less one launch, one fill and their copies', () =>
    fc.assert(
      fc.property(collectives, chipsOfCatalogue, (kernel, chip) => {
        const bare = { ...constants, fill: 0, base: 0 };
        const at = (operation: CollectiveKernel['operation']): number => collective.time({ ...kernel, operation, floating: false }, chip, { ...bare, memoryShare: 1e12 });
        expect(at('all-reduce') / (at('reduce-scatter') + at('all-gather') || 1)).toBeCloseTo(kernel.gpus === 1 ? 0 : 1, 9);
      }),
    ));

  it('never takes less time for more bytes', () =>
    fc.assert(
      fc.property(collectives, chipsOfCatalogue, sizes(1e9), fc.constantFrom(constants, constantsOf('collective-h100') as typeof constants), (kernel, chip, more, given) => {
        expectNotLess(collective.time({ ...kernel, bytes: kernel.bytes + more }, chip, given), collective.time(kernel, chip, given));
      }),
    ));

  it('tends to the bytes sent over the share of the link', () => {
    expect((1e15 * 7) / 8 / timeOf({ bytes: 1e15 })).toBeCloseTo(1 / (1 / (0.5 * 1e11) + 2 / 7 / (0.8 * 1e12)), -6);
  });
});
