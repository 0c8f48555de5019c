import { entryId, hubFile, modelEntry, paperPolicy, step3Paper, structure } from '../entry.ts';

const { config, derived } = hubFile('stepfun-ai/step3');
const table1 = step3Paper('Table 1');
const attention = {
  kind: table1('mfa'),
  queryHeads: config('num_attention_heads')(64),
  headDim: config('head_dim')(256),
  queryRank: config('share_q_dim')(2048),
} as const;

export const step3 = modelEntry(
  {
    id: entryId('step-3'),
    name: entryId('Step-3'),
    hidden: config('hidden_size')(7168),
    vocabulary: config('vocab_size')(128815),
    tiedEmbeddings: structure(false, 'the head is counted apart from the embedding in the published totals'),
    maxContext: config('max_position_embedding')(65536),
    precision: paperPolicy(),
    layers: [
      {
        count: derived('num_hidden_layers 61 less the 56 of moe_layers_enum')(5),
        attention,
        ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(18432), gated: structure(true) },
      },
      {
        count: derived('moe_layers_enum: layers 4 to 59')(56),
        attention,
        ffn: {
          kind: structure('moe'),
          experts: config('moe_num_experts')(48),
          activeExperts: config('moe_top_k')(3),
          intermediate: config('moe_intermediate_size')(5120),
          sharedExperts: table1(1),
          sharedIntermediate: config('share_expert_dim')(5120),
          gated: structure(true),
        },
      },
    ],
  },
  'Step-3',
);
