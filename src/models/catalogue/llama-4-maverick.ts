import { entryId, hubConfig, modelEntry, paperPolicy, structure } from '../entry.ts';

const config = hubConfig('meta-llama/Llama-4-Maverick-17B-128E-Instruct');
const heads = { queryHeads: config('num_attention_heads')(40), kvHeads: config('num_key_value_heads')(8), headDim: config('head_dim')(128) } as const;
const full = { kind: structure('gqa'), ...heads } as const;
const local = { kind: structure('chunked'), ...heads, chunk: config('attention_chunk_size')(8192) } as const;
const dense = { kind: structure('dense'), intermediate: config('intermediate_size_mlp')(16384), gated: structure(true) } as const;
const moe = {
  kind: structure('moe'),
  experts: config('num_local_experts')(128),
  activeExperts: config('num_experts_per_tok')(1),
  intermediate: config('intermediate_size')(8192),
  sharedExperts: structure(1, 'one shared expert of the routed width'),
  sharedIntermediate: config('intermediate_size')(8192),
  gated: structure(true),
} as const;

export const llama4Maverick = modelEntry(
  {
    id: entryId('llama-4-maverick'),
    name: entryId('Llama 4 Maverick'),
    hidden: config('hidden_size')(5120),
    vocabulary: config('vocab_size')(202048),
    tiedEmbeddings: structure(false, 'the key is absent and the class default is false'),
    maxContext: config('max_position_embeddings')(1048576),
    precision: paperPolicy({ kvByKind: { gqa: 'bf16', chunked: 'fp8' } }),
    layers: [
      { count: config('interleave_moe_layer_step')(24, 'every second of 48 layers is dense; none of these is a full-attention layer'), attention: local, ffn: dense },
      { count: config('interleave_moe_layer_step')(12, 'every second of 48 layers is MoE; half of these are chunked'), attention: local, ffn: moe },
      { count: config('no_rope_layers')(12, 'every fourth of 48 layers attends the whole context, and is MoE'), attention: full, ffn: moe },
    ],
  },
  'Llama 4 M',
);
