import { collective } from './collective.ts';
import { indexer, sparseMla, split64Attention, splitAttention, tile64Attention, tunedAttention, unpaddedAttention } from './decode-attention.ts';
import { elementwise } from './elementwise.ts';
import { lowLatencyExchange, normalExchange } from './expert-exchange.ts';
import type { Family } from './family.ts';
import { blockScaledGemm, gemm } from './gemm.ts';
import { groupedGemm } from './grouped-gemm.ts';
import { flashInferMla, flashMla } from './mla-decode.ts';
import { prefillAttention } from './prefill-attention.ts';

/** Every family by its id. Constants are read by name, as the calibration holds them. */
export const families = {
  'decode-attention/fa2': splitAttention,
  'decode-attention/fa2-tile64': split64Attention,
  'decode-attention/tuned': tunedAttention,
  'decode-attention/tile64': tile64Attention,
  'decode-attention/unpadded': unpaddedAttention,
  'mla-decode/flashmla': flashMla,
  'mla-decode/flashinfer': flashInferMla,
  'sparse-mla': sparseMla,
  indexer,
  'prefill-attention': prefillAttention,
  gemm,
  'gemm/block-scaled': blockScaledGemm,
  'grouped-gemm': groupedGemm,
  elementwise,
  collective,
  'expert-exchange/low-latency': lowLatencyExchange,
  'expert-exchange/normal': normalExchange,
} as const;

export type FamilyId = keyof typeof families;

/** A family whose kernel and constants are only known when it runs; the one cast that this needs. */
export const familyOf = (id: FamilyId): Family => families[id] as unknown as Family;
