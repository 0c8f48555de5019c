import { storedBytes } from '../layers/gemm.ts';
import { COMPONENTS, type Component, weightFormat } from '../layers/precision.ts';
import { formula } from '../provenance/card.ts';
import { lowerModel } from './lower.ts';
import type { Model } from './model.ts';

/** The three published conventions of counting parameters. */
export interface ParameterCounts {
  readonly all: number;
  readonly withoutInputEmbedding: number;
  readonly withoutEmbeddings: number;
}

/** Parameters by what they belong to. */
export type ParameterParts = Readonly<Record<Component, number>>;

export interface Parameters {
  /** stored */
  readonly total: ParameterCounts;
  /** touched by one token: all of attention, dense and shared parts, the routed experts of the token; not the vision encoder */
  readonly active: ParameterCounts;
  readonly parts: ParameterParts;
  readonly activeParts: ParameterParts;
  /** of the heads for multi-token prediction, beside the totals: publishers leave them out */
  readonly mtp: number;
  /** bytes of all weights of the totals under the model's precision policy, scales included */
  readonly bytes: number;
}

/** The projection in front of a multi-token prediction head: [2 H, H]. */
export const mtpProjectionWeights = formula({
  id: 'models/mtp-projection-weights',
  name: 'Projection weights of a multi-token prediction head',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' } },
  expression: '2 * hidden ^ 2',
  unit: '1',
  evaluate: ({ hidden }) => 2 * hidden ** 2,
  source: { kind: 'paper', id: 'arXiv:2412.19437', at: 'section 2.2 (multi-token prediction)' },
});

/**
 * Parameters of a model, summed over its operators.
 *   total  = sum over operators of weights x repeat
 *   active = the same over the weights that one token touches; the embedding table counts whole, as publishers do
 *   mtp    = count x (2 H^2 + one layer)
 * A tied model stores one table; it counts as the head in `withoutInputEmbedding` and not at all in `withoutEmbeddings`.
 * Ignored: norms, biases, router bias (together below 0.1 %).
 */
export function parameters(model: Model): Parameters {
  const parts = none();
  const activeParts = none();
  for (const { component, weights, activeWeights, repeat } of lowerModel(model)) {
    parts[component] += weights * repeat;
    activeParts[component] += activeWeights * repeat;
  }
  const bytes = COMPONENTS.reduce((sum, component) => sum + storedBytes(parts[component], weightFormat(model.precision, component)), 0);
  return { total: conventions(parts), active: conventions(activeParts), parts, activeParts, mtp: mtpParameters(model), bytes };
}

const none = (): Record<Component, number> => Object.fromEntries(COMPONENTS.map((component) => [component, 0])) as Record<Component, number>;

function conventions(parts: ParameterParts): ParameterCounts {
  const all = COMPONENTS.reduce((sum, component) => sum + parts[component], 0);
  return { all, withoutInputEmbedding: all - parts.embedding, withoutEmbeddings: all - parts.embedding - parts.head };
}

function mtpParameters({ mtp, ...model }: Model): number {
  if (mtp === undefined) return 0;
  const { count, attention, ffn } = mtp;
  const layer = lowerModel({ ...model, layers: [{ count: 1, attention, ffn }] }).filter(({ group }) => group !== null);
  return count * (mtpProjectionWeights.evaluate({ hidden: model.hidden }) + layer.reduce((sum, { weights }) => sum + weights, 0));
}
