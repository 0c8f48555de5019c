import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { trainingCost } from '../../src/cost/training.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { attentionIntensity } from '../../src/cost/variants.ts';
import { coreResolvers, createEvidence, defaultScenario, type Evidence, paperScenario, type ReportedNumber, SUM, scenarioOf } from '../../src/evidence/index.ts';
import { modelCache } from '../../src/models/cache.ts';
import { modelEntries, modelOf, parameters, precisionPolicies } from '../../src/models/index.ts';
import { openEvidence, step3Paper } from '../../src/papers/index.ts';
import { BASES } from '../../src/provenance/source.ts';

const CHIPS = ['h800', 'h20', 'a800', 'ascend-910b'];
const CONTEXTS = [1, 5000, 8192, 8193, 32768, 1_000_000];
const close = (actual: number, expected: number): void => expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));

describe.each([paperScenario, defaultScenario, scenarioOf('paper+chunkPosition+kvWrite')])('numbers of scenario $id', (scenario) => {
  const evidence = createEvidence(coreResolvers, scenario);

  it.each(modelEntries.map(({ model }) => model))('agree with the cost model for $id', (model) => {
    const compiled = compile(model, { counting: scenario.counting });
    for (const chip of CHIPS) {
      const costs = unitCosts(accelerator(chip).accelerator, model.precision.math);
      for (const context of CONTEXTS) {
        const point = costAt(compiled, costs, context);
        const cost = (what: string): number => evidence.number(`cost/${model.id}/${chip}/${context}/${what}`).value;
        close(evidence.number(`training/${model.id}/${chip}/${context}`).value, trainingCost(compiled, costs, context));
        close(evidence.number(`intensity/${model.id}/${context}`).value, attentionIntensity(compiled, context));
        close(cost('attention'), point.attentionUsdPerMtok);
        close(cost('ffn'), point.ffnUsdPerMtok);
        close(cost('head'), point.headUsdPerMtok);
        close(cost('total'), point.totalUsdPerMtok);
        close(evidence.number(`decode/${model.id}/${context}/kv-bytes`).value, point.kvBytesRead);
        close(evidence.number(`decode/${model.id}/${context}/core-flop`).value, point.attentionFlop);
        close(evidence.number(`token/${model.id}/linear-flop`).value, point.linearFlop);
        close(evidence.number(`token/${model.id}/ffn-flop`).value, point.ffnFlop);
        close(evidence.number(`token/${model.id}/head-flop`).value, point.headFlop);
      }
    }
  });

  it.each(modelEntries.map(({ model }) => model))('agree with the cache of $id', (model) => {
    const cache = modelCache(model);
    for (const context of CONTEXTS) {
      expect(evidence.number(`cache/${model.id}/${context}/request`).value).toBe(cache.perRequest.evaluate(context));
      expect(evidence.number(`cache/${model.id}/${context}/paged`).value).toBe(cache.paged.evaluate(context) + cache.state);
    }
  });

  it.each(modelEntries.map(({ model }) => model))('agree with the parameters of $id', (model) => {
    const { total, active } = parameters(model);
    for (const [kind, counts] of Object.entries({ total, active })) {
      close(evidence.number(`parameters/${model.id}/${kind}/all`).value, counts.all);
      close(evidence.number(`parameters/${model.id}/${kind}/without-input-embedding`).value, counts.withoutInputEmbedding);
      close(evidence.number(`parameters/${model.id}/${kind}/without-embeddings`).value, counts.withoutEmbeddings);
    }
  });
});

describe('a precision policy for all models', () => {
  it('changes bytes as it changes them in the model, and says so in the scenario', () => {
    const scenario = scenarioOf('default:bf16');
    const evidence = createEvidence(coreResolvers, scenario);
    const number = evidence.number('cache/deepseek-v3/32768/request');
    expect(number).toMatchObject({ value: modelCache({ ...modelOf('deepseek-v3'), precision: precisionPolicies.bf16 }).perRequest.evaluate(32768), scenario: 'default:bf16' });
    expect(evidence.tree(number.id).find(({ id }) => id.includes('bytes-per-element'))?.source).toEqual({ kind: 'derived', from: 'precision policy bf16, chosen by name' });
  });

  it.each(['default:fp7', 'default:bf16:fp8', ':bf16', 'default:toString'])('refuses %s', (name) => expect(() => scenarioOf(name)).toThrow(/^evidence: scenario /));
});

describe('the tree of a number', () => {
  const evidence = openEvidence(paperScenario);
  const open = new Set(step3Paper.open.map(({ cell }) => cell));
  const cells = step3Paper.cells.filter(({ id }) => !open.has(id));

  it('ends in leaves that each have a source', () => {
    for (const { id } of cells) for (const number of evidence.tree(id)) if (number.formula === null) expect(number.source, number.id).not.toBeNull();
  });

  it('has no leaf without a recorded source', () => {
    const missing = cells.flatMap(({ id }) => evidence.tree(id)).filter(({ source }) => source?.kind === 'assumed' && source.because === 'no source recorded');
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('recomputes: every value follows from its inputs by its formula', () => {
    for (const { id } of cells) for (const number of evidence.tree(id)) if (number.formula !== null) close(recompute(evidence, number), number.value);
  });

  it('names the weakest basis below each number', () => {
    for (const number of evidence.tree('step3/table-6/step-3/h20/attention-8k')) {
      const below = evidence.tree(number.id).map(({ basis }) => BASES.indexOf(basis));
      expect(BASES.indexOf(number.weakest)).toBe(Math.max(...below));
    }
  });

  it('has unique ids and keeps its numbers', () => {
    const ids = evidence.tree('step3/figure-1/step-3').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(evidence.number('step3/figure-1/step-3')).toBe(evidence.number('step3/figure-1/step-3@paper'));
  });
});

describe('createEvidence', () => {
  const evidence = openEvidence(paperScenario);

  it.each([
    ['modle/step-3/hidden', /^evidence: id modle\/step-3\/hidden names no number; nearest prefixes: model, \S+, \S+$/],
    ['toString/step-3', /^evidence: id toString\/step-3 names no number; nearest prefixes: /],
    ['decode/step-3/0/core-flop', /^evidence: id [^ ]+ names no number$/],
    ['decode/step-3/eight/core-flop', /names no number/],
    ['decode/step-33/8192/core-flop', /^models: id step-33 is unknown; nearest: step-3/],
    ['cost/step-3/h2O/8192/total', /^accelerators: id h2O is unknown; nearest: h20/],
    ['model/step-3/toString', /names no number/],
    ['decode/step-3/8192/constructor', /names no number/],
    ['epd/text/ttft-reduction/internvl2-8b', /^epd: cell epd\/text\/ttft-reduction\/internvl2-8b is open, it needs a time of encode or prefill of this model/],
    ['step3/table-6/step-3/h20/attention-64k', /names no number/],
    ['step3/figure-3/step-3/cost-512k', /names no number/],
    ['step3/table-5/h20/usd-per-flip', /names no number/],
    ['step3/table-4/h20/anything', /names no number/],
    ['cost/step-3/h20/0x2000/total', /context\/0x2000 names no number/],
    ['cost/step-3/h20/8192/total/junk', /names no number/],
    ['cost/step-3/h20/8192/total/', /names no number/],
    ['crossover/step-3/deepseek-v3/h20/1.0', /names no number/],
    ['effective-rank/minimax-m1', /^evidence: id effective-rank\/minimax-m1 names no number$/],
    ['activation-ratio/qwen3-32b', /^evidence: id activation-ratio\/qwen3-32b names no number$/],
    ['model/step-3/layers.9.ffn.inputMatrices', /names no number/],
    ['model/step-3/bytes-per-element/99/kv', /names no number/],
    ['ridge-point/h20/nonsense', /^accelerators: precision nonsense is not one of fp32, bf16, /],
    ['cost/step-3/h20/8192/total@paper@paper', /names more than one scenario$/],
    ['cost/step-3/h20/8192/total@default', /^evidence: scenario default is not the open one, paper$/],
  ])('refuses %s', (id, message) => {
    expect(() => evidence.number(id)).toThrow(message);
  });

  it('counts no work where the counting leaves an operator out', () => {
    const flop = (of: Evidence, id: string) => of.number(`operator/step-3/decode/${id}/flop`).value;
    const exact = openEvidence(defaultScenario);
    for (const id of ['1.router', 'head', 'embedding']) expect(flop(evidence, id), id).toBe(0);
    expect([flop(exact, '1.router'), flop(exact, 'head'), flop(exact, 'embedding')]).toEqual([2 * 7168 * 48, 2 * 128815 * 7168, 0]);
  });

  it('refuses a number that depends on itself', () => {
    const loop = createEvidence({ loop: () => ({ kind: 'sum', label: 'loop', unit: '1', terms: ['loop/again', 'loop/'] }) }, paperScenario);
    expect(() => loop.number('loop/')).toThrow(/^evidence: id loop\/(again)? depends on itself$/);
  });

  it('has one id for a scenario, whatever the order of its switches', () => {
    expect(scenarioOf('paper+head+router').id).toBe(scenarioOf('paper+router+head').id);
    expect(() => scenarioOf('paper+head+head')).toThrow(/each once$/);
  });

  it('refuses an unknown scenario', () => {
    expect(() => scenarioOf('paper+heads')).toThrow(/^evidence: scenario paper\+heads is not default, paper, or paper\+ with /);
    expect(() => scenarioOf('printed')).toThrow(/is not default/);
  });
});

function recompute(evidence: Evidence, { formula, inputs, value }: ReportedNumber): number {
  const values = Object.fromEntries(Object.entries(inputs).map(([symbol, id]) => [symbol, evidence.number(id).value]));
  if (formula === SUM) return Object.values(values).reduce((sum, term) => sum + term, 0);
  const card = evidence.card(String(formula));
  return card?.kind === 'formula' ? card.evaluate(values) : value;
}
