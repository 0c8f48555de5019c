import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { attentionCoreUsd, attentionUsdPerMtok, batchedGemmUsd, gemmUsd, mtpTokensPerStep, partUsdPerMtok, totalUsdPerMtok, trainingUsdPerMtok } from '../../src/cost/formulas.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { modelOf } from '../../src/models/index.ts';
import { assertPrinted } from '../support/printed.ts';

describe('cost formulas', () => {
  it('charge the core for the dearer of work and traffic', () => {
    expect(attentionCoreUsd.evaluate({ coreFlop: 6, coreBytes: 1, usdPerFlop: 2, usdPerByte: 11 })).toBe(12);
    expect(attentionCoreUsd.evaluate({ coreFlop: 5, coreBytes: 1, usdPerFlop: 2, usdPerByte: 11 })).toBe(11);
  });

  it('charge matrix multiplies for work, and in a batch for their share of the weights where that is dearer', () => {
    expect(gemmUsd.evaluate({ flop: 10, usdPerFlop: 3 })).toBe(30);
    const cost = (batch: number) => batchedGemmUsd.evaluate({ flop: 10, usdPerFlop: 3, weightBytes: 120, usdPerByte: 1, batch });
    expect([1, 2, 4, 5, 1000].map(cost)).toEqual([120, 60, 30, 30, 30]);
  });

  it('are per million tokens and add up', () => {
    expect(attentionUsdPerMtok.evaluate({ coreUsd: 2, linearUsd: 3 })).toBe(5e6);
    expect(partUsdPerMtok.evaluate({ partUsd: 4 })).toBe(4e6);
    expect(totalUsdPerMtok.evaluate({ attention: 1, ffn: 2, head: 4 })).toBe(7);
  });
});

describe('trainingUsdPerMtok', () => {
  // Figure 4: training at 8K on 910B
  it.each([
    ['step-3', '0.213'],
    ['pangu-pro-moe', '0.076'],
  ] as const)('reproduces Figure 4, %s', (id, printed) => {
    const model = modelOf(id);
    const { coreFlop, linearFlop, ffnFlop } = compile(model, { counting: step3Counting });
    const price = unitCosts(accelerator('ascend-910b').accelerator, model.precision.math).ffn;
    const usd = trainingUsdPerMtok.evaluate({ coreUsd: price * coreFlop.evaluate(8192), linearUsd: price * linearFlop.evaluate(8192), ffnUsd: price * ffnFlop.evaluate(8192), headUsd: 0 });
    assertPrinted(usd, printed, `Figure 4, ${id}`);
  });

  it('is three forward passes, over a million tokens', () => expect(trainingUsdPerMtok.evaluate({ coreUsd: 1, linearUsd: 2, ffnUsd: 3, headUsd: 4 })).toBe(30e6));
});

describe('mtpTokensPerStep', () => {
  const tokens = (acceptance: number, draftTokens: number) => mtpTokensPerStep.evaluate({ acceptance, draftTokens });

  it('is one token without drafts or where none is accepted, all of them where all are', () => {
    expect([tokens(0.7, 0), tokens(0, 5), tokens(1, 5)]).toEqual([1, 1, 6]);
  });

  it('is the geometric sum of arXiv:2211.17192, equation 1', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.integer({ min: 0, max: 20 }), (a, d) => {
        expect(tokens(a, d)).toBeCloseTo((1 - a ** (d + 1)) / (1 - a), 9);
      }),
    ));
});
