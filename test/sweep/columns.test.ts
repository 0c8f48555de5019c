import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { type CompiledModel, compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import type { Model } from '../../src/models/model.ts';
import { attentionLine } from '../../src/sweep/attention-line.ts';
import { costColumns, emptyColumns } from '../../src/sweep/columns.ts';
import { ContextCurve, spans } from '../../src/units/context-curve.ts';

const CHIPS = ['h800', 'h20', 'a800', 'ascend-910b'].map((id) => accelerator(id).accelerator);
const CONTEXTS = Float64Array.from([1, 2, 3, 100, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385, 32768, 100_000, 1_048_576, 9_999_991]);
const COUNTINGS = { step3: step3Counting, exact: exactCounting };
const h800 = CHIPS[0] as (typeof CHIPS)[number];
const step3 = modelOf('step-3');

/** Windows of two sizes: more spans than one loop holds. */
const head = { queryHeads: 8, kvHeads: 8, headDim: 64 } as const;
const twoWindows: Model = {
  ...step3,
  layers: [
    { count: 3, attention: { kind: 'sliding-window', window: 1000, ...head }, ffn: { kind: 'dense', intermediate: 1024, gated: true } },
    { count: 2, attention: { kind: 'sliding-window', window: 5000, ...head }, ffn: { kind: 'dense', intermediate: 1024, gated: true } },
  ],
};
const oneWindow: Model = { ...twoWindows, layers: twoWindows.layers.slice(0, 1) };

function expectCostAt(model: Model, chip: (typeof CHIPS)[number], counting: typeof exactCounting, change: Partial<CompiledModel> = {}): void {
  const compiled = { ...compile(model, { counting }), ...change };
  const costs = unitCosts(chip, model.precision.math);
  const columns = costColumns(compiled, costs, CONTEXTS);
  CONTEXTS.forEach((context, i) => {
    const point = costAt(compiled, costs, context);
    const pairs = [
      [columns.attention[i], point.attentionUsdPerMtok],
      [columns.ffn[i], point.ffnUsdPerMtok],
      [columns.head[i], point.headUsdPerMtok],
      [columns.total[i], point.totalUsdPerMtok],
    ] as const;
    for (const [column, value] of pairs) expect(Math.abs((column as number) - value), `${model.id} at ${context}`).toBeLessThanOrEqual(1e-12 * value);
  });
}

describe('cost columns', () => {
  for (const [name, counting] of Object.entries(COUNTINGS)) {
    for (const { model } of modelEntries) {
      it(`equal costAt for ${model.id}, ${name} counting`, () => {
        for (const chip of CHIPS) expectCostAt(model, chip, counting);
      });
    }
    it(`equal costAt for windows, one and two, ${name} counting`, () => {
      for (const model of [oneWindow, twoWindows]) for (const chip of CHIPS) expectCostAt(model, chip, counting);
    });
    it(`take one loop for every model of the Step-3 paper, ${name} counting`, () => {
      for (const { model, paperName } of modelEntries)
        for (const chip of CHIPS) if (paperName !== null) expect(attentionLine(compile(model, { counting }), unitCosts(chip, model.precision.math)), model.id).not.toBeNull();
    });
  }

  it('fall back to points where one loop does not do', () => {
    expect(attentionLine(compile(twoWindows, { counting: exactCounting }), unitCosts(h800, step3.precision.math))).toBeNull();
  });

  it('equal costAt where projections, feed-forward or head grow with the context', () => {
    const growing = ContextCurve.linear(1000).plus(ContextCurve.of(7, spans.ceil(64)));
    for (const change of [{ linearFlop: growing }, { ffnFlop: growing }, { headFlop: ContextCurve.linear(3) }, { linearFlop: ContextCurve.linear(5) }])
      expectCostAt(step3, h800, exactCounting, change);
  });

  it('keep a maximum whose larger side changes with the context', () => {
    const compiled = compile(step3, { counting: exactCounting });
    const costs = unitCosts(h800, step3.precision.math);
    const [core] = compiled.cores;
    const ratio = (core?.flop.evaluate(100) as number) / (core?.bytes.evaluate(100) as number);
    const tied = { ...costs, byte: costs.attention * ratio };
    const line = attentionLine(compiled, tied);
    expect(line?.compute).not.toBe(line?.memory);
    const columns = costColumns(compiled, tied, CONTEXTS);
    for (const [i, context] of CONTEXTS.entries()) expect(columns.total[i]).toBeCloseTo(costAt(compiled, tied, context).totalUsdPerMtok, 12);
    expect(costAt(compiled, tied, 10).bound).toBe('memory');
    expect(costAt(compiled, tied, 1000).bound).toBe('compute');
  });

  it('overwrite and return what they are given', () => {
    const compiled = compile(step3);
    const costs = unitCosts(h800, step3.precision.math);
    const out = emptyColumns(CONTEXTS.length);
    out.attention.fill(Number.NaN);
    out.total.fill(7);
    expect(costColumns(compiled, costs, CONTEXTS, out)).toBe(out);
    expect(out).toEqual(costColumns(compiled, costs, CONTEXTS));
  });

  it('refuse what is no context, an output of another length, and prefill', () => {
    const costs = unitCosts(h800, step3.precision.math);
    for (const model of [step3, oneWindow, twoWindows, modelOf('llama-4-maverick')])
      for (const context of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
        expect(() => costColumns(compile(model), costs, Float64Array.of(8192, context))).toThrow(new RangeError(`columns: context ${context} is not a positive integer`));
    expect(() => costColumns(compile(step3), costs, CONTEXTS, emptyColumns(3))).toThrow('columns: length 3 is not the 16 of the contexts');
    expect(() => costColumns(compile(step3, { phase: 'prefill' }), costs, CONTEXTS)).toThrow('columns: phase prefill is not decode');
  });
});
