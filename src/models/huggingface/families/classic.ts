import type { Sourced } from '../../../provenance/sourced.ts';
import { type Draft, type Family, layersOf, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, maxContext, quotientHeadDim } from '../parts.ts';

/** Decoders of multi-head attention and a feed-forward layer without a gate. Biases are not counted: below 0.1 %. */
function classic(
  keys: Keys,
  sizes: { readonly hidden: Sourced<number>; readonly queryHeads: Sourced<number>; readonly layers: Sourced<number>; readonly intermediate: Sourced<number>; readonly names?: string[] },
  rest: Omit<Draft, 'layers' | 'hidden'>,
): Draft {
  const { hidden, queryHeads, layers, intermediate } = sizes;
  const attention = fullAttention({ queryHeads, kvHeads: queryHeads, headDim: quotientHeadDim(keys, hidden, queryHeads, 'head_dim', sizes.names) });
  const ffn = denseFfn(intermediate, false);
  return { ...rest, hidden, layers: layersOf(keys, layers, () => ({ attention, ffn })) };
}

/** OPT: a learned table of two more positions than the context; embeddings as wide as the stream. */
export const opt: Family = {
  modelTypes: ['opt'],
  read: (keys) => {
    const { hidden, vocabulary, tiedEmbeddings } = ends(keys, otherwise(true));
    keys.only('word_embed_proj_dim', [hidden.value], `is not hidden_size ${hidden.value}: projected embeddings are not understood`);
    keys.ignore('do_layer_norm_before', 'enable_bias', 'layer_norm_elementwise_affine', '_remove_final_layer_norm', 'layerdrop');
    const longest = keys.size('max_position_embeddings');
    const sizes = { hidden, queryHeads: keys.size('num_attention_heads'), layers: keys.layers(), intermediate: keys.size('ffn_dim') };
    return classic(keys, sizes, { vocabulary, tiedEmbeddings, maxContext: longest, positions: keys.derived(`max_position_embeddings ${longest.value} and 2`)(longest.value + 2) });
  },
};

/** GPT-2: the feed-forward layer is four times as wide as the stream unless `n_inner` says otherwise. */
export const gpt2: Family = {
  modelTypes: ['gpt2'],
  read: (keys) => {
    keys.only('add_cross_attention', [false], 'is not false: an encoder beside the decoder is not understood');
    keys.only('n_special', [0], 'is not 0: tokens beside the vocabulary are not understood');
    keys.ignore('predict_special_tokens', 'scale_attn_weights', 'scale_attn_by_inverse_layer_idx', 'reorder_and_upcast_attn', 'summary_activation', 'summary_proj_to_labels', 'summary_use_proj');
    const hidden = keys.size('n_embd');
    const positions = keys.size(keys.has('n_positions') ? 'n_positions' : 'n_ctx');
    keys.ignore('n_ctx');
    const intermediate = keys.optionalSize('n_inner') ?? keys.derived(`4 n_embd, n_inner being null`)(4 * hidden.value);
    const sizes = { hidden, queryHeads: keys.size('n_head'), layers: keys.layers('n_layer'), intermediate, names: ['n_embd', 'n_head'] };
    return classic(keys, sizes, { vocabulary: keys.size('vocab_size'), tiedEmbeddings: keys.flag('tie_word_embeddings', otherwise(true)), maxContext: positions, positions });
  },
};

/** BLOOM: no table of positions, a feed-forward layer four times as wide as the stream. */
export const bloom: Family = {
  modelTypes: ['bloom'],
  read: (keys) => {
    const hidden = keys.size(keys.has('n_embed') ? 'n_embed' : 'hidden_size');
    keys.ignore(
      'hidden_size',
      'apply_residual_connection_post_layernorm',
      'slow_but_exact',
      'skip_bias_add',
      'skip_bias_add_qkv',
      'masked_softmax_fusion',
      'attention_softmax_in_fp32',
      'bias_dropout_fusion',
      'offset_alibi',
      'unk_token_id',
      'n_inner',
      'num_attention_heads',
      'n_head',
      'num_hidden_layers',
      'n_layer',
    );
    const heads = keys.has('n_head') ? 'n_head' : 'num_attention_heads';
    const sizes = {
      hidden,
      queryHeads: keys.size(heads),
      names: [keys.has('n_embed') ? 'n_embed' : 'hidden_size', heads],
      layers: keys.layers(keys.has('n_layer') ? 'n_layer' : 'num_hidden_layers'),
      intermediate: keys.derived(`4 times the stream of ${hidden.value}`)(4 * hidden.value),
    };
    return classic(keys, sizes, { vocabulary: keys.size('vocab_size'), tiedEmbeddings: keys.flag('tie_word_embeddings', otherwise(true)), maxContext: maxContext(keys, 'seq_length') });
  },
};
