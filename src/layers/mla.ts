import { spans } from '../units/context-curve.ts';
import { LATENT_HEAD_FIELDS, type LatentForm, type LatentHeads, latentAttention, validateLatentHeads } from './latent-attention.ts';
import type { LayerModel, Phase } from './lowering.ts';

/** Multi-head latent attention. `decodeForm` says whether decode multiplies in the latent space or rebuilds keys and values. */
export interface MlaSpec extends LatentHeads {
  readonly kind: 'mla';
  readonly decodeForm: 'absorbed' | 'expanded';
}

/**
 * Multi-head latent attention, one layer, one decoded token at context S; b = bytes of a KV element.
 *   kvRead  = (r_kv + d_r) b S                     [B]     one latent and one rotary key, [S, r_kv + d_r]
 *   core    = 2 n_q (2 r_kv + d_r) S               [FLOP]  absorbed; the Step-3 paper counts 4 n_q (r_kv + d_r) S
 *           = 2 n_q (d_n + d_r + d_v) S            [FLOP]  expanded (prefill), plus 2 n_q r_kv (d_n + d_v) S to rebuild K and V in decode
 *   linear  = 2 (H r_q + r_q n_q (d_n + d_r) + H (r_kv + d_r) + n_q d_n r_kv + n_q d_v r_kv + n_q d_v H)  [FLOP]
 * Prefill is always expanded. The up-projections (n_q d_n r_kv and n_q d_v r_kv) are counted in `linear` where they are paid once
 * per token: absorbed they multiply the query and the attended latent of the new token, in prefill the latent of each prompt
 * token. Expanded decode pays them for every attended token, so it counts them in the core; their weights stay in `linear`.
 * Shape: absorbed, n_q query heads over one latent; expanded, n_q heads of their own keys and values. Either way the core splits
 * by heads, and each shard holds the cached latent.
 * Ignored: softmax, norms, rotary embedding.
 * Source: arXiv:2412.19437, section 2.1.1; arXiv:2405.04434, section 2.1; counting of arXiv:2507.19427v1, Tables 2 and 3.
 */
export const mla: LayerModel<MlaSpec> = {
  fields: ['kind', ...LATENT_HEAD_FIELDS, 'decodeForm'],
  validate: (spec) => {
    validateLatentHeads('mla', spec);
    if (spec.decodeForm !== 'absorbed' && spec.decodeForm !== 'expanded') throw new RangeError(`mla: decodeForm ${String(spec.decodeForm)} is not absorbed or expanded`);
  },
  lower: (spec, context) => latentAttention(spec, { kind: 'mla', form: formOf(context.phase, spec.decodeForm), attends: { span: spans.linear, limit: null } }, context),
};

const formOf = (phase: Phase, decodeForm: MlaSpec['decodeForm']): LatentForm => {
  if (phase === 'prefill') return 'expanded';
  return decodeForm === 'absorbed' ? 'absorbed' : 'rebuilt';
};
