import { from } from '../../provenance/sourced.ts';
import { entryId, hubFile, modelEntry, paperPolicy, structure } from '../entry.ts';

const { config, derived } = hubFile('MiniMaxAI/MiniMax-M1-80k');
const report = from({ kind: 'paper', id: 'arXiv:2506.13585', at: 'abstract' });
const ffn = {
  kind: structure('moe'),
  experts: config('num_local_experts')(32),
  activeExperts: config('num_experts_per_tok')(2),
  intermediate: config('intermediate_size')(9216),
  sharedExperts: structure(0, 'shared_intermediate_size is 0'),
  sharedIntermediate: config('shared_intermediate_size')(0),
  gated: structure(true),
} as const;

export const minimaxM1 = modelEntry(
  {
    id: entryId('minimax-m1'),
    name: entryId('MiniMax M1'),
    hidden: config('hidden_size')(6144),
    vocabulary: config('vocab_size')(200064),
    tiedEmbeddings: config('tie_word_embeddings')(false),
    maxContext: report(1_000_000, 'max_position_embeddings of the config is 10240000'),
    precision: paperPolicy({ kvByKind: { gqa: 'bf16' } }),
    layers: [
      { count: derived('entries 0 among the 80 of attn_type_list')(70), attention: { kind: structure('lightning'), heads: config('num_attention_heads')(64), headDim: config('head_dim')(128) }, ffn },
      {
        count: derived('entries 1 among the 80 of attn_type_list')(10),
        attention: { kind: structure('gqa'), queryHeads: config('num_attention_heads')(64), kvHeads: config('num_key_value_heads')(8), headDim: config('head_dim')(128) },
        ffn,
      },
    ],
  },
  'MM M1',
);
