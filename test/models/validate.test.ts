import { describe, expect, it } from 'vitest';
import { type Model, modelOf, validateModel } from '../../src/models/index.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const deepseekV3 = modelOf('deepseek-v3');
const { precision } = deepseekV3;
const [dense, moe] = deepseekV3.layers as [Model['layers'][number], Model['layers'][number]];
const { attention } = dense;

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

  it('takes a model whose context is not stated', () => expect(validateModel({ ...deepseekV3, maxContext: null }).maxContext).toBeNull());
});
