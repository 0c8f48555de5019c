import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config, derived } = hubFile('meta-llama/Llama-4-Maverick-17B-128E-Instruct');
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
      { count: derived('num_hidden_layers 48 over interleave_moe_layer_step 2: every second layer is dense, and chunked')(24), attention: local, ffn: dense },
      { count: derived('num_hidden_layers 48 over interleave_moe_layer_step 2, less the 12 that attend the whole context')(12), attention: local, ffn: moe },
      {
        count: derived('num_hidden_layers 48 over 4: attention_chunk_size bounds the others, and the family is published as attending the whole context in every fourth layer, which is MoE')(12),
        attention: full,
        ffn: moe,
      },
    ],
  },
  'Llama 4 M',
);
