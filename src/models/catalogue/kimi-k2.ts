import { entryId, hubFile, modelEntry, paperPolicy, servingChoice, structure } from '../entry.ts';

const { config, derived } = hubFile('moonshotai/Kimi-K2-Instruct');

const attention = {
  kind: structure('mla'),
  queryHeads: config('num_attention_heads')(64),
  queryRank: config('q_lora_rank')(1536),
  kvRank: config('kv_lora_rank')(512),
  nopeDim: config('qk_nope_head_dim')(128),
  ropeDim: config('qk_rope_head_dim')(64),
  valueDim: config('v_head_dim')(128),
  decodeForm: servingChoice('absorbed'),
} as const;

export const kimiK2 = modelEntry(
  {
    id: entryId('kimi-k2'),
    name: entryId('Kimi K2'),
    hidden: config('hidden_size')(7168),
    vocabulary: config('vocab_size')(163840),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: config('max_position_embeddings')(131072),
    precision: paperPolicy(),
    layers: [
      { count: config('first_k_dense_replace')(1), attention, ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(18432), gated: structure(true) } },
      {
        count: derived('num_hidden_layers 61 less first_k_dense_replace 1')(60),
        attention,
        ffn: {
          kind: structure('moe'),
          experts: config('n_routed_experts')(384),
          activeExperts: config('num_experts_per_tok')(8),
          intermediate: config('moe_intermediate_size')(2048),
          sharedExperts: config('n_shared_experts')(1),
          sharedIntermediate: config('moe_intermediate_size')(2048),
          gated: structure(true),
        },
      },
    ],
  },
  'Kimi K2',
);
