import type { Sourced } from '../../../provenance/sourced.ts';
import { structure } from '../../entry.ts';
import { type AttentionTree, type Draft, type Family, type FfnTree, type LayerPlan, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, divides, ends, fullAttention, type HeadsTree, keyValueHeads, moe } from '../parts.ts';

const NO_ATTENTION: AttentionTree = { kind: structure('none', 'a layer is a mixer or a feed-forward layer') };
const NO_FFN: FfnTree = { kind: structure('none', 'a layer is a mixer or a feed-forward layer') };

type Letter = 'M' | '*' | 'E' | '-';
const LETTERS: Readonly<Record<string, Letter>> = { mamba: 'M', linear_attention: 'M', attention: '*', full_attention: '*', moe: 'E', mlp: '-' };

/** Nemotron-H and Nemotron 3: layers that are Mamba-2, attention, a mixture or a feed-forward layer without a gate, by a pattern. */
export const nemotronH: Family = {
  modelTypes: ['nemotron_h'],
  read: (keys) => {
    const letters = pattern(keys);
    keys.only('sliding_window', [], 'is not null: windows are not understood in this family');
    keys.only('mamba_proj_bias', [false], 'is not false');
    keys.only('mlp_hidden_act', ['relu2', 'silu', 'gelu'], 'is not an activation without a gate');
    keys.ignore(...HARMLESS);
    const planOf = plans(keys);
    const layers =
      letters.length === keys.layers('num_hidden_layers', otherwise(letters.length, 'length of the pattern')).value
        ? keys.layers('num_hidden_layers', otherwise(letters.length))
        : keys.fail('num_hidden_layers', keys.take('num_hidden_layers'), `is not the length of the pattern, ${letters.length}`);
    const mtp = nemotronMtp(keys, planOf);
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => planOf(letters[index] as Letter)), ...(mtp === undefined ? {} : { mtp }) };
  },
};

const HARMLESS = [
  'attention_bias',
  'mlp_bias',
  'use_bias',
  'use_conv_bias',
  'mamba_conv_bias',
  'chunk_size',
  'mamba_chunk_size',
  'expand',
  'mamba_expand',
  'mamba_hidden_act',
  'mamba_ssm_cache_dtype',
  'time_step_floor',
  'time_step_max',
  'time_step_min',
  'time_step_limit',
  'time_step_rank',
  'rescale_prenorm_residual',
  'num_logits_to_keep',
  'use_mamba_kernels',
  'moe_shared_expert_overlap',
  'moe_latent_use_norm',
  'mamba_dt_init_floor',
  'rms_norm',
  'use_associative_scan',
  'num_query_groups',
  'mamba_num_groups_per_device',
  'is_hybrid_model',
  'moe_router_force_load_balancing',
];

/** The kinds of all layers: a list of words, else a text of letters. */
function pattern(keys: Keys): readonly Letter[] {
  const words = keys.words('layers_block_type', null, Object.keys(LETTERS));
  const text = keys.take('hybrid_override_pattern');
  if (words?.length === 0) keys.fail('layers_block_type', '[]', 'is empty');
  if (words) return words.map((word) => LETTERS[word] as Letter);
  if (typeof text !== 'string' || text === '' || text.length > 4096) return keys.fail('hybrid_override_pattern', text, 'is not a text of M, *, E and -');
  return [...text].map((letter) => (letter === 'M' || letter === '*' || letter === 'E' || letter === '-' ? letter : keys.fail('hybrid_override_pattern', letter, 'is not one of M, *, E, -')));
}

/** The layer of each letter; sizes are read only for the letters that occur. */
function plans(keys: Keys): (letter: Letter) => LayerPlan {
  const known = new Map<Letter, LayerPlan>();
  const make: Readonly<Record<Letter, () => LayerPlan>> = {
    M: () => ({ attention: mamba(keys), ffn: NO_FFN }),
    '*': () => ({ attention: fullAttention(attentionHeads(keys)), ffn: NO_FFN }),
    E: () => ({ attention: NO_ATTENTION, ffn: mixture(keys) }),
    '-': () => ({ attention: NO_ATTENTION, ffn: denseFfn(keys.size('intermediate_size'), false) }),
  };
  keys.ignore(
    'intermediate_size',
    'num_attention_heads',
    'num_key_value_heads',
    'head_dim',
    'attention_head_dim',
    'mamba_num_heads',
    'mamba_head_dim',
    'n_groups',
    'ssm_state_size',
    'conv_kernel',
    'n_routed_experts',
    'num_experts_per_tok',
    'moe_intermediate_size',
    'moe_shared_expert_intermediate_size',
    'n_shared_experts',
    'moe_latent_size',
  );
  return (letter) => {
    const plan = known.get(letter) ?? make[letter]();
    known.set(letter, plan);
    return plan;
  };
}

function attentionHeads(keys: Keys): HeadsTree {
  const [own, other] = [keys.optionalSize('head_dim'), keys.optionalSize('attention_head_dim')];
  if (own && other && own.value !== other.value) keys.fail('attention_head_dim', other.value, `is not head_dim ${own.value}`);
  const queryHeads = keys.size('num_attention_heads');
  return { queryHeads, kvHeads: keyValueHeads(keys, queryHeads), headDim: own ?? other ?? keys.size('head_dim', otherwise(128, 'class default of Nemotron-H')) };
}

const mamba = (keys: Keys): AttentionTree => ({
  kind: structure('mamba2'),
  heads: keys.size('mamba_num_heads'),
  headDim: keys.size('mamba_head_dim'),
  groups: mambaGroups(keys),
  stateDim: keys.size('ssm_state_size'),
  convKernel: keys.size(keys.has('conv_kernel') ? 'conv_kernel' : 'mamba_d_conv'),
});

function mambaGroups(keys: Keys): Sourced<number> {
  const key = keys.has('n_groups') ? 'n_groups' : 'mamba_n_groups';
  return divides(keys, key, keys.size(key), keys.size('mamba_num_heads').value, 'mamba_num_heads');
}

function mixture(keys: Keys): FfnTree {
  keys.only('n_shared_experts', [1, 0], 'is not 0 or 1');
  const latent = keys.optionalSize('moe_latent_size');
  const shared: Sourced<number> = keys.count('n_shared_experts');
  return moe(keys, {
    experts: 'n_routed_experts',
    active: 'num_experts_per_tok',
    width: 'moe_intermediate_size',
    gated: false,
    shared: { count: shared, width: shared.value > 0 ? keys.size('moe_shared_expert_intermediate_size') : shared },
    ...(latent === undefined ? {} : { latent }),
  });
}

function nemotronMtp(keys: Keys, planOf: (letter: Letter) => LayerPlan): Draft['mtp'] {
  const count = keys.count('num_nextn_predict_layers', off(0));
  const text = keys.take('mtp_hybrid_override_pattern');
  const words = keys.words('mtp_layers_block_type', null, Object.keys(LETTERS));
  if (count.value === 0) return undefined;
  if (text !== undefined && (typeof text !== 'string' || !/^[M*E-]+$/.test(text))) keys.fail('mtp_hybrid_override_pattern', text, 'is not a text of M, *, E and -');
  const letters = words?.map((word) => LETTERS[word]).join('') ?? text ?? '*E';
  if (letters !== '*E') {
    keys.log.notes.push('prediction heads (num_nextn_predict_layers) are not counted: their layers are not attention and a mixture');
    return undefined;
  }
  return { count, attention: planOf('*').attention, ffn: planOf('E').ffn };
}
