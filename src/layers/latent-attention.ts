import type { Derivation } from '../provenance/card.ts';
import { attentionCore } from './attention-core.ts';
import { booleans, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import * as formulas from './mla-formulas.ts';
import type { Attends, Operator } from './operator.ts';
import { kvPrecision } from './precision.ts';

/** The heads of latent attention: what is cached is one latent and one rotary key a token. */
export interface LatentHeads {
  readonly queryHeads: number;
  /** rank of the query; null where the query is projected directly */
  readonly queryRank: number | null;
  readonly kvRank: number;
  readonly nopeDim: number;
  readonly ropeDim: number;
  readonly valueDim: number;
  /** true where the output is gated value by value, by a projection [H, n_q d_v] */
  readonly outputGate?: boolean;
}

export const LATENT_HEAD_FIELDS = ['queryHeads', 'queryRank', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim', 'outputGate'] as const;

/** How the core is multiplied: over the cached latent, over keys and values built once, or over those rebuilt in every step. */
export type LatentForm = 'absorbed' | 'expanded' | 'rebuilt';

export interface LatentParts {
  readonly kind: string;
  readonly form: LatentForm;
  readonly attends: Attends;
  /** false where a later token may attend what this one does not; see `CoreParts` */
  readonly forgets?: boolean;
}

export function validateLatentHeads(place: string, spec: LatentHeads): void {
  positiveIntegers(place, spec, ['queryHeads', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim']);
  if (spec.queryRank !== null) positiveIntegers(place, spec, ['queryRank']);
  if (spec.outputGate !== undefined) booleans(place, spec, ['outputGate']);
}

/** Operators of a latent attention layer: query, KV down, key up, core, value up, output. Formulas: see `mla`. */
export function latentAttention(spec: LatentHeads, { kind, form, attends, forgets = true }: LatentParts, context: LoweringContext): readonly Operator[] {
  const { queryHeads, kvRank, nopeDim, ropeDim, valueDim } = spec;
  const { hidden } = context;
  const absorbed = form === 'absorbed';
  const counted = form !== 'rebuilt';
  return [
    ...query(spec, context),
    gemm({ id: 'kv-down', part: 'linear', k: hidden, n: kvRank + ropeDim, weights: { card: formulas.mlaKvDownWeights, inputs: { hidden, kvRank, ropeDim } }, shardBy: 'replicated' }, context),
    gemm(
      { id: 'key-up', part: 'linear', k: kvRank, n: queryHeads * nopeDim, weights: { card: formulas.mlaKeyUpWeights, inputs: { queryHeads, nopeDim, kvRank } }, shardBy: 'heads', counted },
      context,
    ),
    attentionCore(
      {
        queryHeads,
        kvHeads: absorbed ? 1 : queryHeads,
        queryKeyDim: absorbed ? kvRank + ropeDim : nopeDim + ropeDim,
        valueDim: absorbed ? kvRank : valueDim,
        attends,
        flop: coreFlop(spec, form, context),
        kvBytesPerToken: { card: formulas.mlaKvBytes, inputs: { kvRank, ropeDim, bytesPerElement: bytesPerElement(kvPrecision(context.precision, kind)) } },
        shardBy: 'heads',
        forgets,
      },
      context,
    ),
    gemm(
      { id: 'value-up', part: 'linear', k: kvRank, n: queryHeads * valueDim, weights: { card: formulas.mlaValueUpWeights, inputs: { queryHeads, valueDim, kvRank } }, shardBy: 'heads', counted },
      context,
    ),
    ...(spec.outputGate
      ? [gemm({ id: 'gate', part: 'linear', k: hidden, n: queryHeads * valueDim, weights: { card: formulas.mlaOutputWeights, inputs: { queryHeads, valueDim, hidden } }, shardBy: 'heads' }, context)]
      : []),
    gemm({ id: 'output', part: 'linear', k: queryHeads * valueDim, n: hidden, weights: { card: formulas.mlaOutputWeights, inputs: { queryHeads, valueDim, hidden } }, shardBy: 'rows' }, context),
  ];
}

function query(spec: LatentHeads, context: LoweringContext): readonly Operator[] {
  const { queryHeads, queryRank, nopeDim, ropeDim } = spec;
  const { hidden } = context;
  const n = queryHeads * (nopeDim + ropeDim);
  if (queryRank === null)
    return [gemm({ id: 'query', part: 'linear', k: hidden, n, weights: { card: formulas.mlaQueryWeights, inputs: { hidden, queryHeads, nopeDim, ropeDim } }, shardBy: 'heads' }, context)];
  return [
    gemm({ id: 'query-down', part: 'linear', k: hidden, n: queryRank, weights: { card: formulas.mlaQueryDownWeights, inputs: { hidden, queryRank } }, shardBy: 'replicated' }, context),
    gemm({ id: 'query-up', part: 'linear', k: queryRank, n, weights: { card: formulas.mlaQueryUpWeights, inputs: { queryRank, queryHeads, nopeDim, ropeDim } }, shardBy: 'heads' }, context),
  ];
}

function coreFlop({ queryHeads, kvRank, nopeDim, ropeDim, valueDim }: LatentHeads, form: LatentForm, context: LoweringContext): Derivation {
  switch (form) {
    case 'expanded':
      return { card: formulas.mlaExpandedCoreFlop, inputs: { queryHeads, nopeDim, ropeDim, valueDim } };
    case 'rebuilt':
      return { card: formulas.mlaReexpansionCoreFlop, inputs: { queryHeads, nopeDim, ropeDim, valueDim, kvRank } };
    case 'absorbed':
      return { card: context.counting.mlaValueWidth ? formulas.mlaAbsorbedCoreFlop : formulas.mlaPaperCoreFlop, inputs: { queryHeads, kvRank, ropeDim } };
  }
}
