import type { Sourced } from '../../../provenance/sourced.ts';
import { structure } from '../../entry.ts';
import { type AttentionTree, type Family, type FfnTree, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, divides, fullAttention, type HeadsTree, keyValueHeads, maxContext, moe, slidingLayers, slidingWindow } from '../parts.ts';

/** What a Gemma class takes where the file leaves the key out, as published files do; the width of the model, `hidden_size`, they all state. */
interface Defaults {
  readonly vocabulary: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly maxContext: number;
  readonly window?: number;
  /** layers of a period: all but the last slide; 1 for none */
  readonly period: number;
}

const GEMMA: Defaults = { vocabulary: 256000, intermediate: 24576, layers: 28, queryHeads: 16, kvHeads: 16, maxContext: 8192, period: 1 };
const GEMMA2: Defaults = { vocabulary: 256000, intermediate: 9216, layers: 26, queryHeads: 8, kvHeads: 4, maxContext: 8192, window: 4096, period: 2 };
const GEMMA3: Defaults = { vocabulary: 262208, intermediate: 9216, layers: 26, queryHeads: 8, kvHeads: 4, maxContext: 131072, window: 4096, period: 6 };
const GEMMA4: Defaults = { vocabulary: 262144, intermediate: 9216, layers: 30, queryHeads: 8, kvHeads: 4, maxContext: 131072, window: 512, period: 6 };
const BY_TYPE: Readonly<Record<string, Defaults>> = { gemma: GEMMA, gemma2: GEMMA2, gemma3_text: GEMMA3, gemma4_text: GEMMA4 };

function gemmaEnds(keys: Keys, { vocabulary, maxContext: longest }: Defaults) {
  const { value } = maxContext(keys);
  return {
    hidden: keys.size('hidden_size'),
    vocabulary: keys.size('vocab_size', otherwise(vocabulary)),
    tiedEmbeddings: keys.flag('tie_word_embeddings', otherwise(true)),
    maxContext: value === null ? keys.size('max_position_embeddings', otherwise(longest)) : maxContext(keys),
  };
}

function gemmaHeads(keys: Keys, { queryHeads, kvHeads }: Defaults): HeadsTree {
  return {
    queryHeads: keys.size('num_attention_heads', otherwise(queryHeads)),
    kvHeads: divides(keys, 'num_key_value_heads', keys.size('num_key_value_heads', otherwise(kvHeads)), keys.size('num_attention_heads', otherwise(queryHeads)).value, 'num_attention_heads'),
    headDim: keys.size('head_dim', otherwise(256)),
  };
}

/** The window of sliding layers; null, no window, contradicts their pattern. */
function gemmaWindow(keys: Keys, otherSize: number): Sourced<number> {
  if (keys.isNull('sliding_window')) keys.fail('sliding_window', null, 'is not understood in this family, whose layers slide by a pattern');
  const window = keys.size('sliding_window', otherwise(otherSize));
  keys.only('sliding_window_size', [window.value], `is not sliding_window ${window.value}`);
  return window;
}

/** Sliding layers: `layer_types`, else all but each last of a period. */
function gemmaWindows(keys: Keys, layers: number, period: number): (index: number) => boolean {
  const types = slidingLayers(keys, layers);
  return (index) => types?.[index] ?? (index + 1) % period !== 0;
}

/** Gemma 1 to 3: all layers alike but for their windows; sizes that a file leaves out are those of the class. */
export const gemma: Family = {
  modelTypes: ['gemma', 'gemma2', 'gemma3_text'],
  read: (keys, modelType) => {
    const defaults = BY_TYPE[modelType] as Defaults;
    keys.only('use_bidirectional_attention', [false], 'is not false: an encoder is not understood');
    keys.ignore('attention_bias', 'hidden_activation', '_sliding_window_pattern');
    const layers = keys.layers('num_hidden_layers', otherwise(defaults.layers));
    const own = gemmaHeads(keys, defaults);
    const full = fullAttention(own);
    const period = defaults.period === 6 ? keys.size(keys.has('_sliding_window_pattern') ? '_sliding_window_pattern' : 'sliding_window_pattern', otherwise(6)).value : defaults.period;
    const slides = gemmaWindows(keys, layers.value, period);
    if (defaults.window === undefined) keys.only('sliding_window', [], 'is not null: the family has no windows');
    const sliding = defaults.window === undefined ? full : slidingWindow(own, gemmaWindow(keys, defaults.window));
    const ffn = denseFfn(keys.size('intermediate_size', otherwise(defaults.intermediate)));
    return { ...gemmaEnds(keys, defaults), layers: layersOf(keys, layers, (index) => ({ attention: slides(index) ? sliding : full, ffn })) };
  },
};

/** Gemma 4: full layers have heads of their own width and may use their keys as values; a mixture runs beside the dense layer. */
export const gemma4: Family = {
  modelTypes: ['gemma4_text'],
  read: (keys) => {
    const defaults = GEMMA4;
    keys.only('use_bidirectional_attention', ['vision', false], 'is not vision or false: an encoder is not understood');
    keys.only('per_layer_config', [], 'is not null: sizes for single layers are not understood');
    if (keys.count('hidden_size_per_layer_input', otherwise(256)).value > 0)
      keys.fail('hidden_size_per_layer_input', keys.take('hidden_size_per_layer_input'), 'is not 0: embeddings for each layer are not understood');
    keys.ignore('attention_bias', 'vocab_size_per_layer_input', 'expert_intermediate_size', 'hidden_activation', 'use_double_wide_mlp');
    const layers = keys.layers('num_hidden_layers', otherwise(defaults.layers));
    if (keys.count('num_kv_shared_layers', off(0)).value > 0) keys.fail('num_kv_shared_layers', keys.take('num_kv_shared_layers'), 'is not 0: shared caches are not understood in this family');
    const own = gemmaHeads(keys, defaults);
    const sliding = slidingWindow(own, gemmaWindow(keys, defaults.window as number));
    const full = gemma4Full(keys, own);
    const slides = gemmaWindows(keys, layers.value, defaults.period);
    const last = layers.value - 1;
    const ffn = gemma4Ffn(keys, defaults);
    return { ...gemmaEnds(keys, defaults), layers: layersOf(keys, layers, (index) => ({ attention: index < last && slides(index) ? sliding : full, ffn })) };
  },
};

function gemma4Full(keys: Keys, own: HeadsTree): AttentionTree {
  const keysAreValues = keys.flag('attention_k_eq_v', off(false));
  keys.ignore('num_global_key_value_heads');
  const kvHeads: Sourced<number> = keysAreValues.value && keys.has('num_global_key_value_heads') ? keyValueHeads(keys, own.queryHeads, 'num_global_key_value_heads') : own.kvHeads;
  return fullAttention({ ...own, kvHeads, headDim: keys.size('global_head_dim', otherwise(512)), ...(keysAreValues.value ? { keysAreValues } : {}) });
}

function gemma4Ffn(keys: Keys, defaults: Defaults): FfnTree {
  const width = keys.size('intermediate_size', otherwise(defaults.intermediate));
  if (keys.flag('enable_moe_block', off(false)).value)
    return moe(keys, {
      experts: 'num_experts',
      active: 'top_k_experts',
      width: 'moe_intermediate_size',
      shared: { count: structure(1, 'the dense layer beside the mixture, which every token passes'), width },
    });
  keys.only('num_experts', [], 'is not null while enable_moe_block is false');
  keys.ignore('top_k_experts', 'moe_intermediate_size');
  return denseFfn(width);
}
