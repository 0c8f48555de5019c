import { formula } from '../provenance/card.ts';
import { booleans, positiveIntegers } from './checks.ts';
import { ffnInWeights, ffnOutWeights } from './dense.ts';
import { gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';

/** A mixture-of-experts layer: `activeExperts` of `experts` routed ones, and `sharedExperts` that every token uses. */
export interface MoeSpec {
  readonly kind: 'moe';
  readonly experts: number;
  readonly activeExperts: number;
  readonly intermediate: number;
  readonly sharedExperts: number;
  /** intermediate width of one shared expert; ignored where there is none */
  readonly sharedIntermediate: number;
  readonly gated: boolean;
  /** width in which the routed experts work, between two projections of their own; that of the residual stream unless given */
  readonly latent?: number;
}

/** Weights of the router: [H, E]. */
export const routerWeights = formula({
  id: 'layers/router-weights',
  name: 'Router weights',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' }, experts: { unit: '1', meaning: 'routed experts', tex: 'E' } },
  expression: 'hidden * experts',
  unit: '1',
  evaluate: ({ hidden, experts }) => hidden * experts,
  source: { kind: 'paper', id: 'arXiv:1701.06538', at: 'section 2.1 (gating network)' },
});

/** The projection into the latent width of routed experts, and the one back: [H, L] each. */
export const latentWeights = formula({
  id: 'layers/expert-latent-weights',
  name: 'Weights of one projection to (or from) the latent width of experts',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' }, latent: { unit: '1', meaning: 'latent width of the experts', tex: 'L' } },
  expression: 'hidden * latent',
  unit: '1',
  evaluate: ({ hidden, latent }) => hidden * latent,
  source: { kind: 'derived', from: 'one matrix into the latent width and one back, once a layer' },
});

/** Experts used per token, shared ones included, over all experts. */
export const activationRatio = formula({
  id: 'layers/activation-ratio',
  name: 'MoE activation ratio',
  symbols: {
    activeExperts: { unit: '1', meaning: 'routed experts of a token', tex: 'k' },
    sharedExperts: { unit: '1', meaning: 'shared experts', tex: 'E_s' },
    experts: { unit: '1', meaning: 'routed experts', tex: 'E' },
  },
  expression: '(activeExperts + sharedExperts) / (experts + sharedExperts)',
  unit: '1',
  evaluate: ({ activeExperts, sharedExperts, experts }) => (activeExperts + sharedExperts) / (experts + sharedExperts),
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 5.4 (sparsity S, shared expert counted)' },
});

/** Distinct routed experts that at least one of `tokens` tokens chose, when each token chooses uniformly and independently. */
export const expertsHit = formula({
  id: 'layers/experts-hit',
  name: 'Expected number of routed experts hit by a step',
  symbols: {
    experts: { unit: '1', meaning: 'routed experts', tex: 'E' },
    activeExperts: { unit: '1', meaning: 'routed experts of a token', tex: 'k' },
    tokens: { unit: '1', meaning: 'tokens of the step', tex: 'B' },
  },
  expression: 'experts * (1 - (1 - activeExperts / experts) ^ tokens)',
  unit: '1',
  evaluate: ({ experts, activeExperts, tokens }) => experts * (1 - (1 - activeExperts / experts) ** tokens),
  source: { kind: 'derived', from: 'each token picks k of E experts uniformly and independently of the others' },
});

/**
 * Mixture-of-experts layer, one layer, one token: k of E routed experts of width I, E_s shared ones of width I_s.
 *   ffn    = 2 x 3 H (k I + E_s I_s)  [FLOP]  gated; 2 in place of 3 otherwise
 *   router = 2 H E                    [FLOP]  counted when counting.router is on
 * Latent experts (width L) have L in place of H, and two projections of 2 H L more; shared experts keep H.
 * Weights of all E experts are stored; a step reads those that at least one token chose.
 * Ignored: softmax or sigmoid of the router, imbalance between experts.
 * Source: Shazeer et al., arXiv:1701.06538, section 2; DeepSeek-V3, arXiv:2412.19437, section 2.1.2 (shared experts).
 */
export const moe: LayerModel<MoeSpec> = {
  fields: ['kind', 'experts', 'activeExperts', 'intermediate', 'sharedExperts', 'sharedIntermediate', 'gated', 'latent'],
  validate: (spec) => {
    positiveIntegers('moe', spec, ['experts', 'activeExperts', 'intermediate']);
    booleans('moe', spec, ['gated']);
    if (spec.activeExperts > spec.experts) throw new RangeError(`moe: activeExperts ${spec.activeExperts} is more than experts ${spec.experts}`);
    if (!Number.isSafeInteger(spec.sharedExperts) || spec.sharedExperts < 0) throw new RangeError(`moe: sharedExperts ${spec.sharedExperts} is not an integer of at least 0`);
    if (spec.sharedExperts > 0) positiveIntegers('moe', spec, ['sharedIntermediate']);
    if (spec.latent !== undefined) positiveIntegers('moe', spec, ['latent']);
  },
  lower: (spec, context) => {
    const { experts, activeExperts, intermediate, sharedExperts, sharedIntermediate, latent } = spec;
    const { hidden } = context;
    const inputMatrices = spec.gated ? 2 : 1;
    const feedForward = (name: 'routed' | 'shared', model: number, width: number, groups: number, activeGroups: number) => [
      gemm(
        {
          id: `${name}-gate-up`,
          part: 'ffn',
          component: name === 'routed' ? 'experts' : 'sharedExperts',
          k: model,
          n: inputMatrices * width,
          groups,
          activeGroups,
          weights: { card: ffnInWeights, inputs: { hidden: model, intermediate: width, inputMatrices } },
          shardBy: groups === activeGroups ? 'columns' : 'experts',
        },
        context,
      ),
      gemm(
        {
          id: `${name}-down`,
          part: 'ffn',
          component: name === 'routed' ? 'experts' : 'sharedExperts',
          k: width,
          n: model,
          groups,
          activeGroups,
          weights: { card: ffnOutWeights, inputs: { hidden: model, intermediate: width } },
          shardBy: groups === activeGroups ? 'rows' : 'experts',
        },
        context,
      ),
    ];
    const latentProjection = (id: string, k: number, n: number) =>
      gemm({ id, part: 'ffn', component: 'experts', k, n, weights: { card: latentWeights, inputs: { hidden, latent: latent as number } }, shardBy: 'replicated' }, context);
    return [
      gemm(
        {
          id: 'router',
          part: 'ffn',
          component: 'router',
          k: hidden,
          n: experts,
          weights: { card: routerWeights, inputs: { hidden, experts } },
          shardBy: 'replicated',
          counted: context.counting.router,
        },
        context,
      ),
      ...(latent === undefined ? [] : [latentProjection('latent-down', hidden, latent), latentProjection('latent-up', latent, hidden)]),
      ...feedForward('routed', latent ?? hidden, intermediate, experts, activeExperts),
      ...(sharedExperts > 0 ? feedForward('shared', hidden, sharedIntermediate, sharedExperts, sharedExperts) : []),
    ];
  },
};
