import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseSpec, dense, ffnInWeights, ffnOutWeights } from '../../src/layers/dense.ts';
import { contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const qwen3: DenseSpec = { kind: 'dense', intermediate: 25600, gated: true };
const size = fc.integer({ min: 1, max: 65536 });

describe('dense', () => {
  it.each(countsOf('Qwen3 32B'))('reproduces $at', ({ at, contextLength, printed }) =>
    assertPrinted(64 * flopOf(dense.lower(qwen3, contextOf({ hidden: 5120 }))).evaluate(contextLength), printed.ffnFlop, `${at}, FFN FLOP`),
  );

  it('is three matrices when gated and two when not', () =>
    fc.assert(
      fc.property(size, size, fc.boolean(), (hidden, intermediate, gated) => {
        const operators = dense.lower({ kind: 'dense', intermediate, gated }, contextOf({ hidden }));
        const weights = (gated ? 3 : 2) * hidden * intermediate;
        expect(weightsOf(operators)).toBe(weights);
        expect(weightsOf(operators, 'activeWeights')).toBe(weights);
        expect(flopOf(operators, 'ffn').toString()).toBe(String(2 * weights));
      }),
    ));

  it('goes up to the intermediate width and down again', () => {
    const operators = dense.lower(qwen3, contextOf({ hidden: 5120 }));
    expect(operators.map(({ id, part, kind }) => `${id} ${part} ${kind}`)).toEqual(['gate-up ffn gemm', 'down ffn gemm']);
    expect(operatorOf(operators, 'gate-up').shape).toMatchObject({ k: 5120, n: 51200 });
    expect(operatorOf(operators, 'down').shape).toMatchObject({ k: 25600, n: 5120 });
    expect(operators.map(({ shardBy }) => shardBy)).toEqual(['columns', 'rows']);
  });

  it('prefills N tokens with N times the work', () => expect(flopOf(dense.lower(qwen3, contextOf({ phase: 'prefill' }))).evaluate(77)).toBe(77 * flopOf(dense.lower(qwen3, contextOf())).evaluate(1)));

  it('has cards for both directions', () => {
    expect(ffnInWeights.evaluate({ hidden: 5120, intermediate: 25600, inputMatrices: 2 })).toBe(262_144_000);
    expect(ffnOutWeights.evaluate({ hidden: 5120, intermediate: 25600 })).toBe(131_072_000);
  });

  refusesNonPositiveIntegers('dense', dense, qwen3, ['intermediate']);
});
