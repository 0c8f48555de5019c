import { from } from '../../provenance/sourced.ts';
import { entryId, hubConfig, modelEntry, paperPolicy, structure } from '../entry.ts';

const config = hubConfig('PaddlePaddle/ERNIE', 'examples/pre-training/model_configs/ERNIE-4p5-300B-A47B/model_config.json');
const attention = {
  kind: structure('gqa'),
  queryHeads: config('num_attention_heads')(64),
  kvHeads: config('num_key_value_heads')(8),
  headDim: config('hidden_size')(128, 'hidden_size 8192 over 64 heads; the config has no head width of its own'),
} as const;

export const ernie45_300bA47b = modelEntry(
  {
    id: entryId('ernie-4.5-300b-a47b'),
    name: entryId('ERNIE 4.5 300B-A47B'),
    hidden: config('hidden_size')(8192),
    vocabulary: config('vocab_size')(100352),
    tiedEmbeddings: from({ kind: 'assumed', because: 'the config does not state it; 300B parameters fit either way' })(false),
    maxContext: from({ kind: 'assumed', because: 'the published model card says 131072; not re-read for this entry' })(131072),
    precision: paperPolicy(),
    layers: [
      { count: config('moe_layer_start_index')(3), attention, ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(28672), gated: structure(true) } },
      {
        count: config('moe_layer_end_index')(51, 'layers 3 to 53; the file has 56 layers and removes the 2 of the tail'),
        attention,
        ffn: {
          kind: structure('moe'),
          experts: config('moe_num_experts')(64),
          activeExperts: config('moe_k')(8),
          intermediate: config('moe_intermediate_size')(3584),
          sharedExperts: config('moe_num_shared_experts')(0),
          sharedIntermediate: structure(0, 'the model has no shared expert'),
          gated: structure(true),
        },
      },
    ],
  },
  'ERNIE 4.5',
);
