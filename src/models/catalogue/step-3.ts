import { from } from '../../provenance/sourced.ts';
import { entryId, hubFile, modelEntry, paperPolicy, step3Paper, structure } from '../entry.ts';

const { config } = hubFile('stepfun-ai/step3');
const table1 = step3Paper('Table 1');
const fromTable1 = (how: string) => from({ kind: 'derived', from: `${how}, of arXiv:2507.19427v1, Table 1` });
const attention = {
  kind: table1('mfa'),
  queryHeads: table1(64),
  headDim: table1(256),
  queryRank: table1(2048),
} as const;

export const step3 = modelEntry(
  {
    id: entryId('step-3'),
    name: entryId('Step-3'),
    hidden: table1(7168),
    vocabulary: config('vocab_size')(128815),
    tiedEmbeddings: structure(false, 'the head is counted apart from the embedding in the published totals'),
    maxContext: config('max_position_embedding')(65536),
    precision: paperPolicy(),
    layers: [
      {
        count: fromTable1('the first four layers and the last are not MoE')(5),
        attention,
        ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(18432), gated: structure(true) },
      },
      {
        count: fromTable1('61 layers less the 5 that are not MoE')(56),
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
