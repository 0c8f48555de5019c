import { spans } from '../units/context-curve.ts';
import { groupedQuery, QUERY_HEAD_FIELDS, type QueryHeads, validateQueryHeads } from './grouped-query.ts';
import type { LayerModel } from './lowering.ts';

/** Full grouped-query attention; MHA and MQA are settings of it. */
export interface GqaSpec extends QueryHeads {
  readonly kind: 'gqa';
}

/**
 * Grouped-query attention, one layer, one decoded token at context S; b = bytes of a KV element.
 *   kvRead  = 2 n_kv d_h b S            [B]     K and V, each [S, n_kv, d_h]
 *   core    = 4 n_q d_h S               [FLOP]  q K^T and p V
 *   linear  = 2 H d_h (2 n_q + 2 n_kv)  [FLOP]  Wq, Wo: [H, n_q d_h]; Wk, Wv: [H, n_kv d_h]
 * With a valueDim d_v, d_h + d_v takes the place of 2 d_h and Wo is [n_q d_v, H]. An output gate adds [H, n_q d_v] or [H, n_q]; values that
 * are keys leave out Wv; a shared cache leaves out Wk, Wv and what is stored. Attention sinks (a learned logit a head) change nothing here.
 * Ignored: softmax, norm, rotary embedding (O(S n_q)).
 * Source: Ainslie et al., arXiv:2305.13245, section 2; counting rule of arXiv:2507.19427v1, section 4.1.
 */
export const gqa: LayerModel<GqaSpec> = {
  fields: ['kind', ...QUERY_HEAD_FIELDS],
  validate: (spec) => validateQueryHeads('gqa', spec),
  lower: (spec, context) => groupedQuery(spec, { span: spans.linear, limit: null }, context),
};
