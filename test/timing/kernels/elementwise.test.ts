import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementwise } from '../../../src/timing/kernels/elementwise.ts';
import { chipsOfCatalogue, elementwiseOf, expectNear, expectNotLess, roundChip, sizes } from '../support.ts';

const constants = { launch: 2e-6, memoryShare: 0.9 };
const timeOf = (bytes: number, flop = 0): number => elementwise.time(elementwiseOf(bytes, flop), roundChip, constants);

describe('elementwise', () => {
  it('is a launch and its bytes at a share of the bandwidth', () => expectNear(timeOf(4e9), 2e-6 + 4e9 / (0.9 * 1e12)));
  it('computes on vector units, a sixteenth of the 16-bit peak', () => expectNear(timeOf(0, 1e12), 2e-6 + 1e12 / (1e15 / 16)));
  it('adds both smoothly', () => expectNear(timeOf(4e9, 1e12), 2e-6 + ((4e9 / (0.9 * 1e12)) ** 4 + (1e12 / (1e15 / 16)) ** 4) ** 0.25));
  it('is a launch where there is nothing to do', () => expect(timeOf(0)).toBe(2e-6));
  it('grows with bytes and with FLOP', () =>
    fc.assert(
      fc.property(sizes(1e10), sizes(1e12), sizes(1e10), chipsOfCatalogue, (bytes, flop, more, chip) => {
        const at = (moved: number, done: number): number => elementwise.time(elementwiseOf(moved, done), chip, constants);
        expectNotLess(at(bytes + more, flop), at(bytes, flop));
        expectNotLess(at(bytes, flop + more), at(bytes, flop));
      }),
    ));
});
