import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefillAttention } from '../../../src/timing/kernels/prefill-attention.ts';
import { chipsOfCatalogue, constantsOf, expectNear, expectNotLess, prefillOf, roundChip, sizes } from '../support.ts';

const constants = { launch: 8e-6, computeShare: 0.5 };
const timeOf = (...given: Parameters<typeof prefillOf>): number => prefillAttention.time(prefillOf(...given), roundChip, constants);

describe('prefillAttention', () => {
  it('pays 256 columns of keys for each row beside its own', () => {
    const compute = (2 * 32 * 256 * ((1000 * 1001) / 2 + 256 * 1000)) / (0.5 * 1e15);
    const memory = (1000 * (4096 + 2 * 32 * 256)) / (0.8 * 1e12);
    expectNear(timeOf(1000), 8e-6 + (compute ** 4 + memory ** 4) ** 0.25);
  });

  it('tends to the work over the share of the peak', () => expect(timeOf(2 ** 20) / ((2 * 32 * 256 * (2 ** 20 * (2 ** 20 + 1))) / 2 / (0.5 * 1e15))).toBeCloseTo(1, 2));

  it('takes four times as long for twice the prompt, and twice for twice the requests, where both are long', () => {
    expect(timeOf(2 ** 21) / timeOf(2 ** 20)).toBeCloseTo(4, 2);
    expect(timeOf(2 ** 20, { batch: 2 }) / timeOf(2 ** 20)).toBeCloseTo(2, 5);
  });

  it('costs twice as much where each attends all, not only those before it', () => {
    expect((timeOf(2 ** 20, { pairs: 2 ** 40 }) - 8e-6) / (timeOf(2 ** 20) - 8e-6)).toBeCloseTo(2, 2);
  });

  it('costs the pairs that a window leaves', () => {
    const [all, window] = [timeOf(2 ** 20), timeOf(2 ** 20, { pairs: 2 ** 20 * 4096 })];
    expect((window - 8e-6) / (all - 8e-6)).toBeCloseTo((4096 + 256) / ((2 ** 20 + 1) / 2 + 256), 4);
  });

  it.each(['prefill-attention-h20', 'prefill-attention-h800'])('never takes less time for a longer prompt, more requests or more pairs, with the constants of %s', (id) => {
    const fitted = constantsOf(id) as typeof constants;
    fc.assert(
      fc.property(sizes(131_072), fc.integer({ min: 1, max: 8 }), sizes(1000), chipsOfCatalogue, (context, batch, more, chip) => {
        const at = (...given: Parameters<typeof prefillOf>): number => prefillAttention.time(prefillOf(...given), chip, fitted);
        expectNotLess(at(context + more, { batch }), at(context, { batch }));
        expectNotLess(at(context, { batch: batch + more }), at(context, { batch }));
        expectNotLess(at(context, { batch, pairs: context * (context + more) }), at(context, { batch, pairs: context }));
      }),
    );
  });
});
