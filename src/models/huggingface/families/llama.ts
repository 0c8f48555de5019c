import type { Sourced } from '../../../provenance/sourced.ts';
import { type Draft, type Family, layersOf, off, otherwise } from '../draft.ts';
import type { Fallback, Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, type HeadsTree, heads, slidingLayers, slidingWindow } from '../parts.ts';

/** What sets one Llama-like family apart from the others. */
interface Rules {
  /** width of a head where the key is absent: hidden size over heads, or a class default */
  readonly headDim: 'quotient' | Fallback<number>;
  readonly tied?: boolean;
  readonly gated?: boolean;
  /** which layers attend a window; none unless given */
  readonly windows?: (keys: Keys, layers: number) => { readonly window: Sourced<number>; readonly slides: (index: number) => boolean } | null;
  /** keys that change no count above 0.1 % here (biases, norms), or nothing */
  readonly harmless?: readonly string[];
  /** keys that are understood at these values only */
  readonly only?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
}

type Windows = NonNullable<Rules['windows']>;

/** A window in every layer; one as long as the context is none. */
const overAll = (keys: Keys, window: Sourced<number> | undefined): ReturnType<Windows> =>
  window === undefined || window.value >= (keys.optionalSize('max_position_embeddings')?.value ?? Number.POSITIVE_INFINITY) ? null : { window, slides: () => true };

/** Mistral: one window for all layers; what an absent key means (4096) is not what null means (none), so that it must be there. */
const everyLayer: Windows = (keys) => {
  const window = keys.sizeOrNull('sliding_window');
  keys.ignore('layer_types');
  return overAll(keys, window);
};

/** Qwen: a window only where `use_sliding_window` is true, in the layers from `max_window_layers` on. */
const qwenWindows: Windows = (keys, layers) => {
  const types = slidingLayers(keys, layers);
  const used = keys.flag('use_sliding_window', off(false)).value;
  keys.ignore('sliding_window', 'max_window_layers');
  if (types?.every((slides) => !slides) ?? !used) return null;
  const first = types === undefined ? keys.count('max_window_layers').value : 0;
  return { window: keys.size('sliding_window'), slides: (index) => types?.[index] ?? index >= first };
};

/** A pattern of sliding layers that ends in a full one, unless `layer_types` says otherwise. */
const pattern =
  (period: number): Windows =>
  (keys, layers) => {
    const types = slidingLayers(keys, layers);
    const every = types === undefined ? keys.size('sliding_window_pattern', otherwise(period)).value : period;
    keys.ignore('sliding_window_pattern');
    if (keys.isNull('sliding_window')) keys.fail('sliding_window', null, 'is not understood in this family, whose layers slide by a pattern');
    return { window: keys.size('sliding_window', otherwise(4096)), slides: (index) => types?.[index] ?? (index + 1) % every !== 0 };
  };

const optionalWindow: Windows = (keys) => overAll(keys, keys.optionalSize('sliding_window'));

const qwen3: Rules = { headDim: otherwise(128, 'class default of Qwen3'), windows: qwenWindows, harmless: ['attention_bias'] };

const RULES: Readonly<Record<string, Rules>> = {
  llama: { headDim: 'quotient', harmless: ['attention_bias', 'mlp_bias'] },
  mistral: { headDim: 'quotient', windows: everyLayer },
  ministral: { headDim: 'quotient', windows: everyLayer },
  ministral3: { headDim: otherwise(128, 'class default of Ministral3'), windows: optionalWindow },
  qwen2: { headDim: 'quotient', windows: qwenWindows },
  qwen2_5_vl_text: { headDim: 'quotient', windows: qwenWindows },
  qwen3,
  qwen3_vl_text: qwen3,
  phi3: { headDim: 'quotient', windows: optionalWindow, harmless: ['full_attn_mod', 'interpolate_factor'] },
  glm4: { headDim: otherwise(128, 'class default of Glm4'), harmless: ['attention_bias'] },
  olmo2: { headDim: 'quotient', harmless: ['attention_bias'] },
  internlm2: { headDim: 'quotient', harmless: ['bias', 'attn_implementation'] },
  exaone4: { headDim: 'quotient', windows: pattern(4) },
  cohere2: {
    headDim: 'quotient',
    only: { layer_switch: [4], order_of_interleaved_layers: ['local_attn_first'], use_embedding_sharing: [true], use_gated_activation: [true] },
    tied: true,
    windows: pattern(4),
    harmless: ['attention_bias', 'logit_scale', 'use_parallel_block', 'use_parallel_embedding', 'position_embedding_type', 'use_qk_norm', 'rotary_pct'],
  },
  starcoder2: { headDim: 'quotient', tied: true, gated: false, windows: optionalWindow, harmless: ['use_bias', 'norm_type'], only: { mlp_type: ['default'] } },
  ernie4_5: { headDim: otherwise(128, 'class default of Ernie4_5'), tied: true, harmless: ['use_bias'] },
  hunyuan_v1_dense: {
    headDim: 'quotient',
    only: { use_cla: [false] },
    harmless: [
      'attention_bias',
      'mlp_bias',
      'use_qk_norm',
      'add_classification_head',
      'class_num',
      'cla_share_factor',
      'norm_type',
      'org_vocab_size',
      'dense_list',
      'mask_init_id',
      'pool_type',
      'pad_id',
      'im_end_id',
      'im_newline_id',
      'im_start_id',
      'text_end_id',
      'text_start_id',
      'sep_id',
    ],
  },
  mimo: { headDim: 'quotient', windows: qwenWindows, harmless: ['attention_bias', 'num_nextn_predict_layers'] },
};

/** Dense decoders with grouped-query attention and a gated feed-forward layer in every layer. */
export const llama: Family = {
  modelTypes: Object.keys(RULES),
  read: (keys, modelType) => readLlama(keys, modelType, RULES[modelType] as Rules),
};

function readLlama(keys: Keys, modelType: string, rules: Rules): Draft {
  const layers = keys.layers();
  keys.ignore(...(rules.harmless ?? []));
  for (const [key, values] of Object.entries(rules.only ?? {})) keys.only(key, values, `is not ${values.join(' or ')}, the only form that is understood in this family`);
  if (modelType === 'mimo' && keys.has('num_nextn_predict_layers')) keys.log.notes.push('prediction heads (num_nextn_predict_layers) are not counted: the config does not describe their layer');
  const own = heads(keys, rules.headDim);
  keys.only('attention_head_dim', [own.headDim.value], `is not head_dim ${own.headDim.value}`);
  const windows = rules.windows?.(keys, layers.value) ?? null;
  const full = fullAttention(own);
  const sliding = windows === null ? full : slidingWindow(own as HeadsTree, windows.window);
  const ffn = denseFfn(keys.size('intermediate_size'), rules.gated ?? true);
  return { ...ends(keys, otherwise(rules.tied ?? false)), layers: layersOf(keys, layers, (index) => ({ attention: windows?.slides(index) ? sliding : full, ffn })) };
}
