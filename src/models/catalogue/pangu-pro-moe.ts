import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config, derived } = hubFile('IntervitensInc/pangu-pro-moe-model', 'configuration_pangu_moe.py (class defaults)');

export const panguProMoe = modelEntry(
  {
    id: entryId('pangu-pro-moe'),
    name: entryId('Pangu Pro MoE'),
    hidden: config('hidden_size')(5120),
    vocabulary: config('vocab_size')(153376),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: config('max_position_embeddings')(131072),
    precision: paperPolicy(),
    layers: [
      {
        count: config('num_hidden_layers')(48),
        attention: {
          kind: structure('gqa'),
          queryHeads: config('num_attention_heads')(40),
          kvHeads: config('num_key_value_heads')(8),
          headDim: derived('hidden_size 5120 over num_attention_heads 40')(128),
        },
        ffn: {
          kind: structure('moe'),
          experts: config('num_experts')(64),
          activeExperts: config('num_experts_per_tok')(8),
          intermediate: config('moe_intermediate_size')(1344),
          sharedExperts: derived('shared_expert_intermediate_size 5376 over moe_intermediate_size 1344')(4),
          sharedIntermediate: config('moe_intermediate_size')(1344),
          gated: structure(true),
        },
      },
    ],
  },
  'Pangu Pro',
);
