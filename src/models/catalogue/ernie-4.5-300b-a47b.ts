import { from } from '../../provenance/sourced.ts';
import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config, derived } = hubFile('PaddlePaddle/ERNIE', 'examples/pre-training/model_configs/ERNIE-4p5-300B-A47B/model_config.json');
const attention = {
  kind: structure('gqa'),
  queryHeads: config('num_attention_heads')(64),
  kvHeads: config('num_key_value_heads')(8),
  headDim: derived('hidden_size 8192 over num_attention_heads 64; there is no key for the head width')(128),
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
        count: derived('num_hidden_layers 56 less remove_tail_layer 2 less moe_layer_start_index 3')(51),
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
