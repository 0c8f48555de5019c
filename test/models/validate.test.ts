import { describe, expect, it } from 'vitest';
import { type Model, modelOf, validateModel } from '../../src/models/index.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const deepseekV3 = modelOf('deepseek-v3');
const { precision } = deepseekV3;
const [dense, moe] = deepseekV3.layers as [Model['layers'][number], Model['layers'][number]];
const { attention } = dense;
const vision = {
  layers: 27,
  hidden: 1152,
  attentionWidth: 1152,
  heads: 16,
  intermediate: 4304,
  gated: false,
  stem: [{ name: 'patches', inputs: 588, outputs: 1152, rows: 'patches' }],
  connector: [],
} as const;
const mtp = { count: 1, attention, ffn: moe.ffn } as const;

describe('validateModel', () => {
  it('passes the catalogue as it is', () => {
    for (const { model } of PAPER_MODELS) expect(validateModel(model)).toBe(model);
  });

  it.each([
    [{ hidden: 0 }, 'model deepseek-v3: hidden 0 is not a positive integer'],
    [{ hidden: 7168.5 }, 'model deepseek-v3: hidden 7168.5 is not a positive integer'],
    [{ hidden: '7168' }, 'model deepseek-v3: hidden 7168 is not a positive integer'],
    [{ hidden: Number.MAX_SAFE_INTEGER }, 'model deepseek-v3: hidden 9007199254740991 is more than 2147483648'],
    [{ tiedEmbeddings: 'no' }, 'model deepseek-v3: tiedEmbeddings no is not true or false'],
    [{ precision: null }, 'model deepseek-v3: precision null is not an object'],
    [{ precision: { ...precision, math: {} } }, 'model deepseek-v3: precision.math.attention undefined is not one of fp32,'],
    [{ precision: { ...precision, kvByKind: { gqqa: 'fp8' } } }, 'model deepseek-v3: precision.kvByKind gqqa is not one of gqa,'],
    [{ precision: { ...precision, kvByKind: undefined } }, 'model deepseek-v3: precision.kvByKind undefined is not an object'],
    [{ layers: null }, 'model deepseek-v3: layers null is not a list'],
    [{ layers: [null] }, 'model deepseek-v3: layers.0 null is not an object'],
    [{ layers: [{ count: 1 }] }, 'model deepseek-v3: layers.0.attention undefined is not an object'],
    [{ layers: [{ ...dense, ffn: { ...dense.ffn, gated: 'false' } }] }, 'model deepseek-v3: dense: gated false is not true or false'],
    [{ layers: [{ ...dense, attention: { ...attention, slidingWindow: 4096 } }] }, 'model deepseek-v3: mla: slidingWindow 4096 is not one of its fields, kind, queryHeads,'],
    [{ vocabulary: -1 }, 'model deepseek-v3: vocabulary -1 is not a positive integer'],
    [{ vocabulary: Number.NaN }, 'model deepseek-v3: vocabulary NaN is not a positive integer'],
    [{ maxContext: 0 }, 'model deepseek-v3: maxContext 0 is not a positive integer or null'],
    [{ maxContext: undefined }, 'model deepseek-v3: maxContext undefined is not a positive integer or null'],
    [{ layers: [] }, 'model deepseek-v3: layers [] is empty'],
    [{ layers: [dense, { ...moe, count: 0 }] }, 'model deepseek-v3: layers.1.count 0 is not a positive integer'],
    [{ layers: [{ ...dense, ffn: { ...dense.ffn, intermediate: 0 } }] }, 'model deepseek-v3: dense: intermediate 0 is not a positive integer'],
    [{ layers: [{ ...dense, attention: { kind: 'gqa', queryHeads: 40, kvHeads: 6, headDim: 128 } }] }, 'model deepseek-v3: gqa: queryHeads 40 is not a multiple of kvHeads 6'],
    [{ layers: [{ ...dense, attention: { ...attention, queryHeads: 0 } }] }, 'model deepseek-v3: mla: queryHeads 0 is not a positive integer'],
    [{ layers: [dense, { ...moe, attention: { kind: 'mamba' } }] }, 'model deepseek-v3: layers.1.attention.kind mamba is not one of gqa, mla, mfa, lightning, chunked, sliding-window'],
    [{ layers: [{ ...dense, attention: dense.ffn }] }, 'model deepseek-v3: layers.0.attention.kind dense is not one of gqa, mla, mfa, lightning, chunked, sliding-window'],
    [{ layers: [{ ...dense, ffn: attention }] }, 'model deepseek-v3: layers.0.ffn.kind mla is not one of dense, moe'],
    [{ layers: [{ ...dense, ffn: { kind: 'toString' } }] }, 'model deepseek-v3: layers.0.ffn.kind toString is not one of dense, moe'],
    [{ precision: { ...precision, kv: 'fp7' } }, 'model deepseek-v3: precision.kv fp7 is not one of fp32, bf16, fp16, fp8, int8, fp4, int4'],
    [{ precision: { ...precision, weights: 'toString' } }, 'model deepseek-v3: precision.weights toString is not one of fp32,'],
    [{ precision: { ...precision, activations: undefined } }, 'model deepseek-v3: precision.activations undefined is not one of fp32,'],
    [{ precision: { ...precision, state: 32 } }, 'model deepseek-v3: precision.state 32 is not one of fp32,'],
    [{ precision: { ...precision, kvByKind: { gqa: 'fp7' } } }, 'model deepseek-v3: precision.kvByKind.gqa fp7 is not one of fp32,'],
    [{ precision: { ...precision, math: { ...precision.math, head: 'fp7' } } }, 'model deepseek-v3: precision.math.head fp7 is not one of fp32,'],
  ])('refuses %j', (changes, message) => {
    const check = (): Model => validateModel({ ...deepseekV3, ...changes } as Model);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });

  it.each([
    [{ positions: 0 }, 'model deepseek-v3: positions: positions 0 is not a positive integer'],
    [{ positions: 1024.5 }, 'model deepseek-v3: positions: positions 1024.5 is not a positive integer'],
    [{ positions: null }, 'model deepseek-v3: positions: positions null is not a positive integer'],
    [
      { precision: { ...precision, weightsByComponent: { expert: 'fp8' } } },
      'model deepseek-v3: precision.weightsByComponent expert is not one of embedding, attention, indexer, dense, router, experts,',
    ],
    [{ precision: { ...precision, weightsByComponent: { toString: 'fp8' } } }, 'model deepseek-v3: precision.weightsByComponent toString is not one of embedding,'],
    [{ precision: { ...precision, weightsByComponent: { experts: 'fp3' } } }, 'model deepseek-v3: precision.weightsByComponent.experts fp3 is not one of fp32, bf16,'],
    [{ precision: { ...precision, weightsByComponent: { experts: undefined } } }, 'model deepseek-v3: precision.weightsByComponent.experts undefined is not one of fp32,'],
    [{ precision: { ...precision, weightsByComponent: null } }, 'model deepseek-v3: precision.weightsByComponent null is not an object'],
    [{ precision: { ...precision, activations: 'mxfp4' } }, 'model deepseek-v3: precision.activations mxfp4 is not one of fp32, bf16, fp16, fp8, int8, fp4, int4'],
    [{ precision: { ...precision, math: { ...precision.math, ffn: 'nvfp4' } } }, 'model deepseek-v3: precision.math.ffn nvfp4 is not one of fp32,'],
    [{ vision: { ...vision, layers: 0 } }, 'model deepseek-v3: vision: layers 0 is not a positive integer'],
    [{ vision: { ...vision, attentionWidth: undefined } }, 'model deepseek-v3: vision: attentionWidth undefined is not a positive integer'],
    [{ vision: { ...vision, heads: 5 } }, 'model deepseek-v3: vision: attentionWidth 1152 is not a multiple of heads 5'],
    [{ vision: { ...vision, stem: [{ ...vision.stem[0], rows: 'pixels' }] } }, 'model deepseek-v3: vision: stem patches: rows pixels is not one of patches, tokens, table'],
    [{ vision: { ...vision, gated: 'false' } }, 'model deepseek-v3: vision: gated false is not true or false'],
    [{ vision: { ...vision, stem: [{ name: 'patches', inputs: 0, outputs: 1152 }] } }, 'model deepseek-v3: vision: stem patches: inputs 0 is not a positive integer'],
    [{ vision: { ...vision, connector: [{ name: 'projection', inputs: 1152, outputs: -1 }] } }, 'model deepseek-v3: vision: connector projection: outputs -1 is not a positive integer'],
    [{ mtp: { ...mtp, count: 0 } }, 'model deepseek-v3: mtp: count 0 is not a positive integer'],
    [{ mtp: { ...mtp, count: '1' } }, 'model deepseek-v3: mtp: count 1 is not a positive integer'],
    [{ mtp: { ...mtp, attention: { ...attention, queryHeads: 0 } } }, 'model deepseek-v3: mtp: mla: queryHeads 0 is not a positive integer'],
    [{ mtp: { ...mtp, attention: { ...attention, window: 4096 } } }, 'model deepseek-v3: mtp: mla: window 4096 is not one of its fields, kind, queryHeads,'],
    [{ mtp: { ...mtp, ffn: { ...moe.ffn, activeExperts: 257 } } }, 'model deepseek-v3: mtp: moe: activeExperts 257 is more than experts 256'],
    [{ mtp: { ...mtp, ffn: { kind: 'mamba' } } }, 'model deepseek-v3: mtp.ffn.kind mamba is not one of dense, moe, none'],
  ])('refuses what is optional and wrong: %j', (changes, message) => {
    const check = (): Model => validateModel({ ...deepseekV3, ...changes } as Model);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });

  it.each([
    [{ mtp: { ...mtp, attention: moe.ffn } }, /^model deepseek-v3: mtp.*moe is not one of gqa, mla,/],
    [{ mtp: { ...mtp, ffn: attention } }, /^model deepseek-v3: mtp.*mla is not one of dense, moe/],
    [{ mtp: null }, /^model deepseek-v3: mtp null is not an object$/],
    [{ mtp: { count: 1, ffn: moe.ffn } }, /^model deepseek-v3: mtp.*attention undefined is not an object$/],
    [{ vision: null }, /^model deepseek-v3: vision null is not an object$/],
    [{ vision: { ...vision, stem: undefined } }, /^model deepseek-v3: vision.*stem undefined is not a list$/],
  ])('refuses the wrong kind of thing: %j', (changes, message) => {
    const check = (): Model => validateModel({ ...deepseekV3, ...changes } as Model);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });

  it('takes the smallest sizes and the largest', () => {
    for (const size of [1, 2 ** 31]) for (const field of ['hidden', 'vocabulary', 'maxContext'] as const) expect(validateModel({ ...deepseekV3, [field]: size })[field]).toBe(size);
  });

  it('takes each optional part', () => {
    const complete = {
      ...deepseekV3,
      positions: 2048,
      vision,
      mtp,
      precision: { ...precision, weights: 'mxfp8', weightsByComponent: { experts: 'mxfp4', vision: 'bf16' }, kv: 'mxfp8', state: 'bf16' },
    } as const;
    expect(validateModel(complete)).toBe(complete);
  });

  it('takes a model whose context is not stated', () => expect(validateModel({ ...deepseekV3, maxContext: null }).maxContext).toBeNull());
});
