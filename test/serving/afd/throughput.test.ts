import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { batchThroughput, hourlyPrice, throughputCost } from '../../../src/serving/afd/throughput.ts';
import { expectNear } from '../../timing/support.ts';

const counts = fc.integer({ min: 1, max: 1e6 });
const amounts = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

describe('batchThroughput', () => {
  it('of three micro-batches of 2048 on 32 chips within 50 ms is 3840 tokens a second and chip', () =>
    expectNear(batchThroughput.evaluate({ microBatches: 3, microBatch: 2048, chips: 32, tpot: 0.05 }), (3 * 2048) / 32 / 0.05));

  test.prop([counts, counts, counts, amounts, fc.integer({ min: 2, max: 64 })])(
    'is the same with so many times the requests on as many times the chips, and that many times with the requests alone',
    (microBatches, microBatch, chips, tpot, times) => {
      const of = (factor: number, also: number): number => batchThroughput.evaluate({ microBatches, microBatch: factor * microBatch, chips: also * chips, tpot });
      expectNear(of(times, times), of(1, 1));
      expectNear(of(times, 1), times * of(1, 1));
      expectNear(batchThroughput.evaluate({ microBatches, microBatch, chips, tpot: times * tpot }), of(1, 1) / times);
    },
  );
});

describe('hourlyPrice', () => {
  it('of 24 H20 for 0.80 and 16 H800 for 2 is 51.20 USD an hour', () => expectNear(hourlyPrice.evaluate({ attentionChips: 24, attentionPrice: 0.8, ffnChips: 16, ffnPrice: 2 }), 51.2));

  it('of one side is that of the other side with nothing', () => expect(hourlyPrice.evaluate({ attentionChips: 8, attentionPrice: 2, ffnChips: 0, ffnPrice: 2 })).toBe(16));

  test.prop([counts, amounts, counts, amounts])('has no side that costs more than its chips', (attentionChips, attentionPrice, ffnChips, ffnPrice) => {
    const price = hourlyPrice.evaluate({ attentionChips, attentionPrice, ffnChips, ffnPrice });
    expectNear(price, hourlyPrice.evaluate({ attentionChips: ffnChips, attentionPrice: ffnPrice, ffnChips: attentionChips, ffnPrice: attentionPrice }));
    expectNear(price, attentionChips * attentionPrice + ffnChips * ffnPrice);
  });
});

describe('throughputCost', () => {
  it('of 32 chips for 64 USD an hour, 4000 tokens a second each, is 13.9 cents a million', () =>
    // 64 / 3600 USD a second for 32 x 4000 tokens
    expectNear(throughputCost.evaluate({ usdPerHour: 64, chips: 32, throughput: 4000 }), 64 / 3600 / 0.128));

  test.prop([counts, counts, counts, amounts, amounts])('of a batch is the price of its chips while it has a token each', (microBatches, microBatch, chips, tpot, usdPerHour) => {
    const throughput = batchThroughput.evaluate({ microBatches, microBatch, chips, tpot });
    expectNear(throughputCost.evaluate({ usdPerHour, chips, throughput }), ((usdPerHour / 3600) * tpot * 1e6) / (microBatches * microBatch));
    expectNear(throughputCost.evaluate({ usdPerHour: 3 * usdPerHour, chips, throughput }), 3 * throughputCost.evaluate({ usdPerHour, chips, throughput }));
  });
});
