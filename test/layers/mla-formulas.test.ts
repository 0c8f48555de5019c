import { describe, expect, it } from 'vitest';
import * as formulas from '../../src/layers/mla-formulas.ts';

const deepseekV3 = { hidden: 7168, queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128, bytesPerElement: 1 };

// DeepSeek-V3: 128 heads of 128 + 64 and 128, latent 512, query rank 1536
const EXPECTED: Readonly<Record<keyof typeof formulas, number>> = {
  mlaQueryDownWeights: 11_010_048,
  mlaQueryUpWeights: 37_748_736,
  mlaQueryWeights: 176_160_768,
  mlaKvDownWeights: 4_128_768,
  mlaKeyUpWeights: 8_388_608,
  mlaValueUpWeights: 8_388_608,
  mlaOutputWeights: 117_440_512,
  mlaKvBytes: 576,
  mlaAbsorbedCoreFlop: 278_528,
  mlaPaperCoreFlop: 294_912,
  mlaExpandedCoreFlop: 81_920,
  mlaReexpansionCoreFlop: 33_636_352,
  mlaEffectiveRank: 16_384,
};

describe('mla formulas of DeepSeek-V3', () => {
  it.each(Object.entries(formulas))('%s', (name, card) => expect(card.evaluate(deepseekV3)).toBe(EXPECTED[name as keyof typeof formulas]));

  it('the paper counts the value product as wide as the key product: 2 x 64 FLOP more per head', () =>
    expect(formulas.mlaPaperCoreFlop.evaluate(deepseekV3) - formulas.mlaAbsorbedCoreFlop.evaluate(deepseekV3)).toBe(128 * 2 * 64));
});
