import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config } = hubFile('Qwen/Qwen3-32B');

export const qwen3_32b = modelEntry(
  {
    id: entryId('qwen3-32b'),
    name: entryId('Qwen3-32B'),
    hidden: config('hidden_size')(5120),
    vocabulary: config('vocab_size')(151936),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: config('max_position_embeddings')(40960),
    precision: paperPolicy(),
    layers: [
      {
        count: config('num_hidden_layers')(64),
        attention: { kind: structure('gqa'), queryHeads: config('num_attention_heads')(64), kvHeads: config('num_key_value_heads')(8), headDim: config('head_dim')(128) },
        ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(25600), gated: structure(true) },
      },
    ],
  },
  'Qwen3 32B',
);
