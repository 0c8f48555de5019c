import { describe, expect, it } from 'vitest';
import { COMPONENTS } from '../../src/layers/precision.ts';
import { lowerModel, type Model, modelEntries, modelOf, parameters, precisionPolicies, validateModel } from '../../src/models/index.ts';
import { mtpProjectionWeights } from '../../src/models/parameters.ts';
import { assertPrinted } from '../support/printed.ts';
import { HAND_MODELS } from '../support/step3-by-hand.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

/** Published, in billions: total, active, and the convention of counting embeddings that gives the active figure; `4.0e2` is a name that ends in zeros. */
const PUBLISHED = [
  ['deepseek-v3', '671', '37', 'withoutInputEmbedding', 'model card'],
  ['qwen3-235b-a22b', '235', '22', 'all', 'model name'],
  ['qwen3-32b', '32.8', '32.8', 'all', 'model card'],
  ['llama-4-maverick', '4.0e2', '17', 'all', 'model name and card'],
  ['minimax-m1', '456', '45.9', 'withoutEmbeddings', 'model card'],
  ['ernie-4.5-300b-a47b', '3.0e2', '47', 'withoutInputEmbedding', 'model name'],
  ['pangu-pro-moe', '72', '16.5', 'all', 'model name; active: arXiv:2507.19427v1, Table 6'],
  ['step-3', '316', '38', 'withoutInputEmbedding', 'arXiv:2507.19427v1, Table 1'],
] as const;

describe('parameters', () => {
  it.each(PUBLISHED)('%s: %sB in all, %sB active (%s, %s)', (id, total, active, convention, where) => {
    const counts = parameters(modelOf(id));
    assertPrinted(counts.total.all / 1e9, total, `${id}, total, ${where}`);
    assertPrinted(counts.active[convention] / 1e9, active, `${id}, active, ${where}`);
  });

  it('kimi-k2: 1T in all, 32B active (model card)', () => {
    const { total, active } = parameters(modelOf('kimi-k2'));
    assertPrinted(total.all / 1e12, '1.0', 'total');
    assertPrinted(active.withoutInputEmbedding / 1e9, '32', 'active');
  });

  it.each(PAPER_MODELS)('$paperName: active parts are those that the paper multiplies by', ({ model }) => {
    const { linear, ffn, router, head } = HAND_MODELS[model.id] as (typeof HAND_MODELS)[string];
    const { active, total, parts } = parameters(model);
    expect(active.withoutEmbeddings).toBe(linear + ffn + router);
    expect(active.withoutInputEmbedding).toBe(linear + ffn + router + head);
    expect(active.all).toBe(linear + ffn + router + 2 * head);
    expect(parts.attention).toBe(linear);
    expect([parts.embedding, parts.head]).toEqual([head, head]);
    expect(total.all).toBe(parts.embedding + parts.attention + parts.dense + parts.router + parts.experts + parts.sharedExperts + parts.head);
  });

  it.each(PAPER_MODELS)('$paperName: is the sum over operators, and each convention leaves out what it says', ({ model }) => {
    const { total, active, parts } = parameters(model);
    const sum = (key: 'weights' | 'activeWeights') => lowerModel(model).reduce((weights, operator) => weights + operator[key] * operator.repeat, 0);
    expect([total.all, active.all]).toEqual([sum('weights'), sum('activeWeights')]);
    expect(total.all - total.withoutInputEmbedding).toBe(parts.embedding);
    expect(total.withoutInputEmbedding - total.withoutEmbeddings).toBe(parts.head);
    expect(active.withoutEmbeddings).toBeLessThanOrEqual(total.withoutEmbeddings);
  });

  it('is all active in a dense model', () => {
    const { total, active } = parameters(modelOf('qwen3-32b'));
    expect(active).toEqual(total);
  });

  it('counts one table of a tied model, as its head', () => {
    const model = modelOf('qwen3-32b');
    const [tied, untied] = [parameters({ ...model, tiedEmbeddings: true }), parameters(model)];
    expect(tied.parts.embedding).toBe(0);
    expect(tied.total.all).toBe(untied.total.withoutInputEmbedding);
    expect(tied.total.withoutEmbeddings).toBe(untied.total.withoutEmbeddings);
    expect(tied.bytes).toBe(untied.bytes - untied.parts.embedding);
    expect(tied.bytes).toBe(tied.total.all);
  });

  it('takes one byte each in 8 bit, two in 16 bit', () => {
    const model = modelOf('step-3');
    expect(parameters(model).bytes).toBe(parameters(model).total.all);
    expect(parameters({ ...model, precision: precisionPolicies.bf16 }).bytes).toBe(2 * parameters(model).total.all);
  });
});

const deepseekV3 = modelOf('deepseek-v3');
const [dense, mixture] = deepseekV3.layers as [Model['layers'][number], Model['layers'][number]];

/** DeepSeek-V3 by hand, of one layer */
const BY_HAND = {
  attention: 7168 * 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 * 128 * 256 + 128 * 128 * 7168,
  dense: 3 * 7168 * 18432,
  router: 7168 * 256,
  expert: 3 * 7168 * 2048,
} as const;

describe('the parts of a model', () => {
  it('are, in DeepSeek-V3, those by hand', () => {
    const { parts, activeParts } = parameters(deepseekV3);
    const always = {
      embedding: 129280 * 7168,
      attention: 61 * BY_HAND.attention,
      indexer: 0,
      dense: 3 * BY_HAND.dense,
      router: 58 * BY_HAND.router,
      sharedExperts: 58 * BY_HAND.expert,
      head: 129280 * 7168,
      vision: 0,
    };
    expect(parts).toEqual({ ...always, experts: 58 * 256 * BY_HAND.expert });
    expect(activeParts).toEqual({ ...always, experts: 58 * 8 * BY_HAND.expert });
  });

  it.each(modelEntries)('$model.id: sum to the totals, active to active', ({ model }) => {
    const { total, active, parts, activeParts } = parameters(model);
    const sum = (counts: typeof parts) => COMPONENTS.reduce((all, component) => all + counts[component], 0);
    expect(Object.keys(parts).sort()).toEqual([...COMPONENTS].sort());
    expect([sum(parts), sum(activeParts)]).toEqual([total.all, active.all]);
    for (const component of COMPONENTS) expect(activeParts[component], component).toBeLessThanOrEqual(parts[component]);
    expect(active.all - active.withoutInputEmbedding).toBe(activeParts.embedding);
    expect(active.withoutInputEmbedding - active.withoutEmbeddings).toBe(activeParts.head);
  });

  it('have an indexer in sparse attention, all of it active', () => {
    const attention = { kind: 'dsa', queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128, indexHeads: 64, indexDim: 128, topK: 2048 } as const;
    const sparse = validateModel({ ...deepseekV3, layers: deepseekV3.layers.map((group) => ({ ...group, attention })) });
    const { parts, activeParts } = parameters(sparse);
    expect([parts.indexer, activeParts.indexer]).toEqual([61 * 13_959_168, 61 * 13_959_168]);
    expect(parts.attention).toBe(61 * BY_HAND.attention);
  });

  it('count a table of positions with the embedding, tied or not', () => {
    const model = modelOf('qwen3-32b');
    for (const tiedEmbeddings of [false, true]) {
      const [plain, learned] = [parameters({ ...model, tiedEmbeddings }), parameters({ ...model, tiedEmbeddings, positions: 2048 })];
      expect(learned.parts).toEqual({ ...plain.parts, embedding: plain.parts.embedding + 2048 * 5120 });
      expect(learned.total.withoutInputEmbedding).toBe(plain.total.withoutInputEmbedding);
      expect(learned.active.all - plain.active.all).toBe(2048 * 5120);
    }
  });
});

describe('the bytes of a model', () => {
  it('are those of each component in its format', () => {
    const { parts, bytes } = parameters({ ...deepseekV3, precision: { ...deepseekV3.precision, weights: 'bf16', weightsByComponent: { experts: 'int4-g128', router: 'fp32', head: 'fp8' } } });
    const { experts, router, head } = parts;
    const rest = parts.embedding + parts.attention + parts.dense + parts.sharedExperts;
    expect(bytes).toBe((experts * 4.125) / 8 + 4 * router + head + 2 * rest);
  });

  it('fill up the last byte of each component', () => {
    const layers = [{ count: 1, attention: { kind: 'none' }, ffn: { kind: 'dense', intermediate: 3, gated: true } }] as const;
    const tiny = validateModel({ ...deepseekV3, hidden: 5, vocabulary: 3, layers, precision: { ...deepseekV3.precision, weights: 'int4' } });
    expect(parameters(tiny).total.all).toBe(15 + 45 + 15);
    expect(parameters(tiny).bytes).toBe(8 + 23 + 8);
  });

  it('have the vision encoder in them, and the prediction head not', () => {
    const vision = { layers: 1, hidden: 8, attentionWidth: 8, heads: 2, intermediate: 16, gated: true, stem: [], connector: [] } as const;
    const mtp = { count: 1, attention: mixture.attention, ffn: mixture.ffn } as const;
    expect(parameters({ ...deepseekV3, vision, mtp }).bytes - parameters(deepseekV3).bytes).toBe(4 * 64 + 3 * 8 * 16);
  });
});

describe('multi-token prediction', () => {
  const mtp = { count: 1, attention: mixture.attention, ffn: mixture.ffn } as const;
  const head = 2 * 7168 * 7168 + BY_HAND.attention + BY_HAND.router + 257 * BY_HAND.expert;

  it('of DeepSeek-V3 has 11.6B weights: a projection, one layer, and no embedding or head of its own', () => {
    expect(mtpProjectionWeights.evaluate({ hidden: 7168 })).toBe(102_760_448);
    expect(parameters(validateModel({ ...deepseekV3, mtp })).mtp).toBe(head);
    assertPrinted(head / 1e9, '11.6', 'DeepSeek-V3, one prediction head');
  });

  it('stands beside the totals', () => {
    const { mtp: _, ...rest } = parameters(deepseekV3);
    const { mtp: counted, ...others } = parameters({ ...deepseekV3, mtp });
    expect(counted).toBeGreaterThan(0);
    expect(others).toEqual(rest);
  });

  it('counts each head, and the layer that it says', () => {
    expect(parameters({ ...deepseekV3, mtp: { ...mtp, count: 3 } }).mtp).toBe(3 * head);
    expect(parameters({ ...deepseekV3, mtp: { ...mtp, ffn: dense.ffn } }).mtp).toBe(2 * 7168 * 7168 + BY_HAND.attention + BY_HAND.dense);
    expect(parameters({ ...deepseekV3, layers: [dense], mtp }).mtp).toBe(head);
  });

  it('is not there unless a model says so', () => {
    expect(parameters(deepseekV3).mtp).toBe(0);
    for (const { model } of modelEntries) expect(parameters(model).mtp > 0, model.id).toBe(model.mtp !== undefined);
  });
});

describe('a vision encoder', () => {
  /** SigLIP so400m, and a projection to the hidden width */
  const vision = {
    layers: 27,
    hidden: 1152,
    attentionWidth: 1152,
    heads: 16,
    intermediate: 4304,
    gated: false,
    stem: [
      { name: 'patch embedding', inputs: 588, outputs: 1152, rows: 'patches' },
      { name: 'positions', inputs: 4096, outputs: 1152, rows: 'table' },
    ],
    connector: [{ name: 'projection', inputs: 1152, outputs: 5120, rows: 'tokens' }],
  } as const;
  const [text, seeing] = [parameters(modelOf('qwen3-32b')), parameters(validateModel({ ...modelOf('qwen3-32b'), vision }))];
  const weights = 27 * (4 * 1152 * 1152 + 2 * 1152 * 4304) + (588 + 4096) * 1152 + 1152 * 5120;

  it('is in the totals of every convention', () => {
    expect(seeing.parts).toEqual({ ...text.parts, vision: weights });
    for (const convention of ['all', 'withoutInputEmbedding', 'withoutEmbeddings'] as const) expect(seeing.total[convention] - text.total[convention]).toBe(weights);
  });

  it('is not in what a token touches', () => {
    expect(seeing.active).toEqual(text.active);
    expect(seeing.activeParts).toEqual(text.activeParts);
  });
});
