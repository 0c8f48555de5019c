import type { Sourced } from '../../../provenance/sourced.ts';
import { structure } from '../../entry.ts';
import { type AttentionTree, type Family, type FfnTree, type LayerPlan, layersOf } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, quotientHeadDim } from '../parts.ts';

const WITHOUT: AttentionTree & FfnTree = { kind: structure('none', 'no_op: the layer has no such side') };

/** Llama with layers found by architecture search: each states its own heads and width, or has none. */
export const nemotronNas: Family = {
  modelTypes: ['nemotron-nas'],
  read: (keys) => {
    const layers = keys.layers();
    const { hidden, ...tables } = ends(keys);
    const queryHeads = keys.size('num_attention_heads');
    const headDim = quotientHeadDim(keys, hidden, queryHeads);
    keys.only('num_key_value_heads', [], 'is not null beside block_configs');
    keys.only('intermediate_size', [], 'is not null beside block_configs');
    keys.ignore('attention_bias', 'mlp_bias', 'bias');
    const blocks = keys.sections('block_configs', layers.value);
    const plans = new Map<string, LayerPlan>();
    const planAt = (index: number): LayerPlan => {
      const block = blocks[index] as Keys;
      const attention = attentionOf(block.required('attention'), queryHeads, headDim);
      const ffn = ffnOf(block.required('ffn'), hidden.value);
      const shape = `${attention.kvHeads}/${ffn.width}`;
      const plan = plans.get(shape) ?? { attention: attention.tree, ffn: ffn.tree };
      plans.set(shape, plan);
      return plan;
    };
    return { hidden, ...tables, layers: layersOf(keys, layers, planAt) };
  },
};

function attentionOf(block: Keys, queryHeads: Sourced<number>, headDim: Sourced<number>): { readonly tree: AttentionTree; readonly kvHeads: number } {
  for (const key of ['replace_with_linear', 'sparsify', 'unshifted_sink', 'use_prefill_window_in_sink_attention']) block.only(key, [false], 'is not understood');
  for (const key of ['window_length', 'num_sink_tokens']) block.only(key, [], 'is not understood');
  if (block.flag('no_op').value) {
    block.ignore('n_heads_in_group');
    return { tree: WITHOUT, kvHeads: 0 };
  }
  const group = block.size('n_heads_in_group');
  if (queryHeads.value % group.value !== 0) block.fail('n_heads_in_group', group.value, `does not divide num_attention_heads ${queryHeads.value}`);
  const kvHeads = queryHeads.value / group.value;
  return { tree: fullAttention({ queryHeads, kvHeads: block.derived(`num_attention_heads ${queryHeads.value} over n_heads_in_group ${group.value}`)(kvHeads), headDim }), kvHeads };
}

/** The width is 2/3 of `ffn_mult` times the stream, rounded up to a multiple of 256, unless the block states it. */
function ffnOf(block: Keys, hidden: number): { readonly tree: FfnTree; readonly width: number } {
  for (const key of ['replace_with_linear', 'sparsify']) block.only(key, [false], 'is not understood');
  block.ignore('hidden_act');
  if (block.flag('no_op').value) {
    block.ignore('ffn_mult', 'intermediate_size');
    return { tree: WITHOUT, width: 0 };
  }
  const stated = block.optionalSize('intermediate_size');
  const multiple = block.take('ffn_mult');
  if (stated) return { tree: denseFfn(stated), width: stated.value };
  if (typeof multiple !== 'number' || !(multiple > 0 && multiple < 1000)) return block.fail('ffn_mult', multiple, 'is not a number above 0');
  const width = Math.ceil(Math.floor((2 * multiple * hidden) / 3) / 256) * 256;
  return { tree: denseFfn(block.derived(`2/3 x ffn_mult ${multiple} x hidden_size ${hidden}, up to a multiple of 256`)(width)), width };
}
