import { describe, expect, it } from 'vitest';
import type { Component } from '../../../src/layers/precision.ts';
import { type KeyLog, Keys } from '../../../src/models/huggingface/keys.ts';
import { componentOf, excludedComponents } from '../../../src/models/huggingface/modules.ts';

describe('a module belongs to', () => {
  it.each<readonly [string, Component | undefined]>([
    ['lm_head', 'head'],
    ['model.embed_tokens', 'embedding'],
    ['model.layers.3.self_attn.q_proj', 'attention'],
    ['model.layers.3.self_attn*', 'attention'],
    ['re:.*self_attn.*', 'attention'],
    ['model.layers.0.linear_attn.in_proj_qkvz', 'attention'],
    ['backbone.layers.5.mixer.in_proj', 'attention'],
    ['model.layers.0.self_attn.indexer.wq_b', 'indexer'],
    ['model.layers.3.mlp.gate', 'router'],
    ['model.layers.0.block_sparse_moe.gate', 'router'],
    ['gate', 'router'],
    ['model.layers.0.mlp.router', 'router'],
    ['model.layers.0.mlp.gate_proj', 'dense'],
    ['model.layers.0.feed_forward.down_proj', 'dense'],
    ['model.layers.3.mlp.experts.7.gate_proj', 'experts'],
    ['model.layers.3.mlp.shared_experts.up_proj', 'sharedExperts'],
    ['model.layers.3.share_expert.up_proj', 'sharedExperts'],
    ['model.visual.blocks.0.attn.qkv', 'vision'],
    ['vision_tower.encoder.layers.0.self_attn.q_proj', 'vision'],
    ['model.multi_modal_projector', 'vision'],
    ['mtp.layers.0.mlp.experts.0.up_proj', 'embedding'],
    ['model.norm', undefined],
    ['model.layers.0.*', undefined],
    ['', undefined],
  ])('%s: %s', (name, component) => expect(componentOf(name)).toBe(component));
});

describe('excluded components', () => {
  const log: KeyLog = { defaults: [], ignored: [], notes: [] };
  function excluded(names: readonly string[], layers?: number): { readonly components: readonly Component[]; readonly notes: readonly string[] } {
    log.notes.length = 0;
    const components = excludedComponents(names, new Keys(layers === undefined ? {} : { num_hidden_layers: layers }, 'family', { repo: 'r', file: 'f' }, log, new Set()));
    return { components: [...components].sort(), notes: [...log.notes] };
  }
  const inLayers = (count: number, module: string): readonly string[] => Array.from({ length: count }, (_, layer) => `model.layers.${layer}.${module}`);

  it('are those of a pattern over all layers', () => expect(excluded(['lm_head', 'model.layers.*.self_attn', 're:.*shared_experts.*'], 10).components).toEqual(['attention', 'head', 'sharedExperts']));
  it('are those of at least half of the layers', () => {
    expect(excluded(inLayers(5, 'self_attn.q_proj'), 10)).toEqual({ components: ['attention'], notes: [] });
    expect(excluded(inLayers(4, 'self_attn.q_proj'), 10)).toEqual({ components: [], notes: ['attention weights of 4 of 10 layers are not quantised, which is not counted'] });
  });
  it('count a layer once, however many of its modules are named', () =>
    expect(excluded([...inLayers(2, 'mlp.gate_proj'), ...inLayers(2, 'mlp.up_proj'), ...inLayers(2, 'mlp.down_proj')], 10).notes).toEqual([
      'dense weights of 2 of 10 layers are not quantised, which is not counted',
    ]));
  it('are measured by the component named most often where the number of layers is not there', () =>
    expect(excluded([...inLayers(8, 'mlp.gate'), ...inLayers(4, 'self_attn'), ...inLayers(3, 'mlp.shared_experts')])).toEqual({
      components: ['attention', 'router'],
      notes: ['sharedExperts weights of 3 of 8 layers are not quantised, which is not counted'],
    }));
  it('are not those of norms and biases, which no scheme quantises', () =>
    expect(excluded([...inLayers(10, 'self_attn.q_norm'), ...inLayers(10, 'input_layernorm'), ...inLayers(10, 'mlp.gate.e_score_correction_bias'), ...inLayers(10, 'linear_attn.conv1d')], 10)).toEqual(
      {
        components: [],
        notes: [],
      },
    ));
  it('are none of an empty list', () => expect(excluded([], 10)).toEqual({ components: [], notes: [] }));
});
