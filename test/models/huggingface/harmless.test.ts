import { describe, expect, it } from 'vitest';
import { isHarmless } from '../../../src/models/huggingface/harmless.ts';
import { importConfig } from '../../../src/models/huggingface/index.ts';
import { exampleNames, examples } from './configs.ts';
import { pathsOf } from './mutate.ts';

describe('keys that change no count', () => {
  it.each([
    'architectures',
    'transformers_version',
    'rope_theta',
    'rope_scaling',
    'swa_rope_theta',
    'rms_norm_eps',
    'layer_norm_epsilon',
    'initializer_range',
    'attention_dropout',
    'bos_token_id',
    'eos_token_ids',
    'image_token_index',
    'router_aux_loss_coef',
    'router_z_loss_coef',
    'routed_scaling_factor',
    'topk_method',
    'n_group',
    'use_cache',
    '_name_or_path',
    'generation_config',
  ])('%s', (key) => expect(isHarmless(key, 1)).toBe(true));
});

describe('keys that may change one', () => {
  it.each([
    'hidden_size',
    'num_hidden_layers',
    'num_key_value_heads',
    'sliding_window',
    'layer_types',
    'tie_word_embeddings',
    'quantization_config',
    'index_topk',
    'num_experts',
    'n_groups',
    'norm',
    'range',
    'rope',
    'loss_free_experts',
    '__proto__',
    '__init__',
    'constructor',
    'toString',
    '',
  ])('%s', (key) => expect(isHarmless(key, 1)).toBe(false));

  it('are all those that a family reads a size from', () => {
    const sizes = new Set(exampleNames.flatMap((name) => pathsOf(examples[name]).map((path) => String(path.at(-1)))));
    for (const key of ['model_type', 'torch_dtype']) sizes.delete(key);
    expect([...sizes].filter((key) => isHarmless(key, 1))).toEqual([]);
  });
});

describe('a feature that is off', () => {
  it.each([
    ['add_cross_attention', false],
    ['is_encoder_decoder', false],
    ['pruned_heads', {}],
    ['use_mrope', false],
  ])('%s %j changes nothing', (key, value) => expect(isHarmless(key, value)).toBe(true));
  it.each([
    ['add_cross_attention', true],
    ['is_encoder_decoder', 1],
    ['pruned_heads', { 0: [1] }],
    ['pruned_heads', [1]],
    ['other', false],
  ])('%s %j may', (key, value) => expect(isHarmless(key, value)).toBe(false));
});

it('the model is the same with them, and they are listed', () => {
  const noise = { rope_theta: 1e6, attention_dropout: 0.5, eos_token_id: [1, 2], is_encoder_decoder: false, _attn_implementation: 'eager' };
  for (const name of exampleNames) {
    const { entry, ignored } = importConfig({ ...examples[name], ...noise });
    expect(entry.model, name).toEqual(importConfig(examples[name]).entry.model);
    expect(ignored, name).toEqual(Object.keys(noise));
  }
});
