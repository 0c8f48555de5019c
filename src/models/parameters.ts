import { bytesPerElement, weightBytes } from '../layers/gemm.ts';
import { lowerModel } from './lower.ts';
import type { Model } from './model.ts';

/** The three published conventions of counting parameters. */
export interface ParameterCounts {
  readonly all: number;
  readonly withoutInputEmbedding: number;
  readonly withoutEmbeddings: number;
}

export interface Parameters {
  /** stored */
  readonly total: ParameterCounts;
  /** touched by one token: all of attention, dense and shared parts, the routed experts of the token */
  readonly active: ParameterCounts;
  readonly parts: { readonly embedding: number; readonly attention: number; readonly ffn: number; readonly head: number };
  /** bytes of all stored weights under the model's precision policy */
  readonly bytes: number;
}

/**
 * Parameters of a model, summed over its operators.
 *   total  = sum over operators of weights x repeat
 *   active = the same over the weights that one token touches; the embedding table counts whole, as publishers do
 * A tied model stores one table; it counts as the head in `withoutInputEmbedding` and not at all in `withoutEmbeddings`.
 * Ignored: norms, biases, router bias and scales of block quantisation (together below 0.1 %; with 4-bit weights the scales
 * alone are 3 to 13 % of the bytes, see `gemm`), MTP heads.
 */
export function parameters(model: Model): Parameters {
  const total = { embedding: 0, attention: 0, ffn: 0, head: 0 };
  const active = { embedding: 0, attention: 0, ffn: 0, head: 0 };
  for (const operator of lowerModel(model)) {
    const part = operator.part === 'core' || operator.part === 'linear' ? 'attention' : operator.part;
    total[part] += operator.weights * operator.repeat;
    active[part] += operator.activeWeights * operator.repeat;
  }
  const stored = conventions(total);
  const bytes = weightBytes.evaluate({ weights: stored.all, bytesPerElement: bytesPerElement(model.precision.weights) });
  return { total: stored, active: conventions(active), parts: total, bytes };
}

const conventions = ({ embedding, attention, ffn, head }: Parameters['parts']): ParameterCounts => ({
  all: embedding + attention + ffn + head,
  withoutInputEmbedding: attention + ffn + head,
  withoutEmbeddings: attention + ffn,
});
