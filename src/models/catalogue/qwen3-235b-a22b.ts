import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config } = hubFile('Qwen/Qwen3-235B-A22B');

export const qwen3_235bA22b = modelEntry(
  {
    id: entryId('qwen3-235b-a22b'),
    name: entryId('Qwen3-235B-A22B'),
    hidden: config('hidden_size')(4096),
    vocabulary: config('vocab_size')(151936),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: config('max_position_embeddings')(40960),
    precision: paperPolicy(),
    layers: [
      {
        count: config('num_hidden_layers')(94),
        attention: { kind: structure('gqa'), queryHeads: config('num_attention_heads')(64), kvHeads: config('num_key_value_heads')(4), headDim: config('head_dim')(128) },
        ffn: {
          kind: structure('moe'),
          experts: config('num_experts')(128),
          activeExperts: config('num_experts_per_tok')(8),
          intermediate: config('moe_intermediate_size')(1536),
          sharedExperts: structure(0, 'the family has no shared expert'),
          sharedIntermediate: structure(0, 'the family has no shared expert'),
          gated: structure(true),
        },
      },
    ],
  },
  'Qwen3 MoE',
);
