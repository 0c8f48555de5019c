import { describe, expect, it } from 'vitest';
import { accelerator, withOverrides } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { type CostPoint, costAt } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from '../../src/layers/counting.ts';
import type { Model } from '../../src/models/index.ts';
import { HAND_MODELS } from '../support/step3-by-hand.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

type Switch = keyof Counting;
type Column = Exclude<keyof CostPoint, 'contextLength' | 'bound'>;

const h800 = accelerator('h800').accelerator;
/** odd, beyond one chunk, and not the last of a chunk */
const S = 12_345;
/** doubles added up in another order are no change */
const ROUNDING = 1e-14;

const pointOf = (model: Model, counting: Counting, chip = h800, at = S) => costAt(compile(model, { counting }), unitCosts(chip, model.precision.math), at);

function changedColumns(model: Model, name: Switch, base: Counting, at = S): readonly Column[] {
  const [off, on] = [false, true].map((value) => pointOf(model, { ...base, [name]: value }, h800, at)) as [CostPoint, CostPoint];
  return (Object.keys(off) as (keyof CostPoint)[]).filter(
    (column): column is Column => column !== 'bound' && column !== 'contextLength' && Math.abs(on[column] - off[column]) > ROUNDING * off[column],
  );
}

const kindsOf = (model: Model): ReadonlySet<string> => new Set(model.layers.flatMap(({ attention, ffn }) => [attention.kind, ffn.kind]));

const has =
  (kind: string) =>
  (model: Model): boolean =>
    kindsOf(model).has(kind);

/** On H800 at S: which columns a switch changes, for the models it concerns; nothing changes for any other model. */
const EFFECTS: Readonly<Record<Switch, { readonly concerns: (model: Model) => boolean; readonly columns: (model: Model) => readonly Column[] }>> = {
  // MLA is memory-bound on H800 in both countings, at 484 and 512 FLOP per byte: work changes, cost does not
  mlaValueWidth: { concerns: has('mla'), columns: () => ['attentionFlop'] },
  chunkPosition: { concerns: has('chunked'), columns: () => ['kvBytesRead', 'attentionFlop', 'attentionUsdPerMtok', 'totalUsdPerMtok'] },
  // every core of every model is memory-bound on H800: the maximum of the sums is the sum of the maxima
  perOperatorRoofline: { concerns: () => false, columns: () => [] },
  router: { concerns: has('moe'), columns: () => ['ffnFlop', 'ffnUsdPerMtok', 'totalUsdPerMtok'] },
  head: { concerns: () => true, columns: () => ['headFlop', 'headUsdPerMtok', 'totalUsdPerMtok'] },
  kvWrite: { concerns: () => true, columns: () => ['attentionUsdPerMtok', 'totalUsdPerMtok'] },
};

describe('counting', () => {
  it('lists each switch once', () => {
    expect(Object.keys(EFFECTS).sort()).toEqual([...COUNTING_SWITCHES].sort());
    expect(Object.keys(exactCounting).sort()).toEqual([...COUNTING_SWITCHES].sort());
  });

  it('is all off for the paper, all on by default, and frozen', () => {
    for (const name of COUNTING_SWITCHES) expect([step3Counting[name], exactCounting[name]]).toEqual([false, true]);
    expect([step3Counting, exactCounting].every(Object.isFrozen)).toBe(true);
  });
});

describe.each(COUNTING_SWITCHES)('counting.%s', (name) => {
  const { concerns, columns } = EFFECTS[name];
  it.each(PAPER_MODELS)('$paperName: changes exactly what it says, from the paper and from exact counting', ({ model }) => {
    const expected = concerns(model) ? columns(model) : [];
    for (const base of [step3Counting, exactCounting]) expect(changedColumns(model, name, base)).toEqual(expected);
  });
});

describe('what each switch changes, by how much', () => {
  const difference = (model: Model, name: Switch, column: Column, at = S, chip = h800): number =>
    pointOf(model, { ...step3Counting, [name]: true }, chip, at)[column] - pointOf(model, step3Counting, chip, at)[column];
  const handOf = (model: Model) => HAND_MODELS[model.id] as (typeof HAND_MODELS)[string];
  const withKind = (kind: string) => PAPER_MODELS.filter(({ model }) => kindsOf(model).has(kind));

  it.each(withKind('mla'))('mlaValueWidth, $paperName: 2 x 64 FLOP fewer per head, layer and token', ({ model }) => {
    const heads = model.id === 'kimi-k2' ? 64 : 128;
    expect(difference(model, 'mlaValueWidth', 'attentionFlop')).toBe(-61 * heads * 2 * 64 * S);
  });

  it('mlaValueWidth lowers the cost where MLA is compute-bound', () => {
    for (const { model } of withKind('mla')) expect(difference(model, 'mlaValueWidth', 'attentionUsdPerMtok', S, accelerator('h20').accelerator)).toBeLessThan(0);
  });

  it.each(withKind('chunked'))('chunkPosition, $paperName: the part of the last chunk that is not there yet, in 36 layers', ({ model }) => {
    expect(difference(model, 'chunkPosition', 'kvBytesRead')).toBe(36 * 2048 * (S - 8192 - 8192));
    for (const at of [1, 8191, 8192, 16384, 32768]) expect(changedColumns(model, 'chunkPosition', step3Counting, at)).toEqual([]);
  });

  it('perOperatorRoofline raises the cost where two kinds of attention wait for different things, and nothing else', () => {
    const ridgeBetween = withOverrides(h800, { peak: { fp8: 7 * h800.memoryBandwidth } });
    for (const { model, paperName } of PAPER_MODELS) {
      const mixed = paperName === 'Llama 4 M' || paperName === 'MM M1';
      const more = difference(model, 'perOperatorRoofline', 'attentionUsdPerMtok', S, ridgeBetween);
      if (mixed) expect(more, paperName).toBeGreaterThan(0);
      else expect(more, paperName).toBe(0);
      for (const column of ['kvBytesRead', 'attentionFlop', 'linearFlop', 'ffnFlop', 'headFlop', 'ffnUsdPerMtok'] as const)
        expect(difference(model, 'perOperatorRoofline', column, S, ridgeBetween)).toBe(0);
    }
  });

  it.each(withKind('moe'))('router, $paperName: 2 H E per MoE layer', ({ model }) => expect(difference(model, 'router', 'ffnFlop')).toBe(2 * handOf(model).router));

  it.each(PAPER_MODELS)('head, $paperName: 2 V H', ({ model }) => expect(difference(model, 'head', 'headFlop')).toBe(2 * handOf(model).head));

  it.each(PAPER_MODELS)('kvWrite, $paperName: the bytes of one token on the memory side', ({ model }) => {
    const bytes = handOf(model).cores.reduce((sum, { newToken }) => sum + newToken, 0);
    const usd = (1e6 * 2 * bytes) / 3600 / 3.35e12;
    expect(difference(model, 'kvWrite', 'attentionUsdPerMtok')).toBeCloseTo(usd, 10);
    expect(usd).toBeGreaterThan(1e-6);
  });

  it('none changes projections', () => {
    for (const { model } of PAPER_MODELS) for (const name of COUNTING_SWITCHES) expect(difference(model, name, 'linearFlop')).toBe(0);
  });
});
