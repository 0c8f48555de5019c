import { entryId, hubFile, modelEntry, paperPolicy, servingChoice, structure } from '../entry.ts';

const { config, derived } = hubFile('deepseek-ai/DeepSeek-V3');

const attention = {
  kind: structure('mla'),
  queryHeads: config('num_attention_heads')(128),
  queryRank: config('q_lora_rank')(1536),
  kvRank: config('kv_lora_rank')(512),
  nopeDim: config('qk_nope_head_dim')(128),
  ropeDim: config('qk_rope_head_dim')(64),
  valueDim: config('v_head_dim')(128),
  decodeForm: servingChoice('absorbed'),
} as const;

export const deepseekV3 = modelEntry(
  {
    id: entryId('deepseek-v3'),
    name: entryId('DeepSeek-V3'),
    hidden: config('hidden_size')(7168),
    vocabulary: config('vocab_size')(129280),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: config('max_position_embeddings')(163840),
    precision: paperPolicy(),
    layers: [
      { count: config('first_k_dense_replace')(3), attention, ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(18432), gated: structure(true) } },
      {
        count: derived('num_hidden_layers 61 less first_k_dense_replace 3')(58),
        attention,
        ffn: {
          kind: structure('moe'),
          experts: config('n_routed_experts')(256),
          activeExperts: config('num_experts_per_tok')(8),
          intermediate: config('moe_intermediate_size')(2048),
          sharedExperts: config('n_shared_experts')(1),
          sharedIntermediate: config('moe_intermediate_size')(2048),
          gated: structure(true),
        },
      },
    ],
  },
  'DSv3',
);
