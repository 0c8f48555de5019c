import type { PrecisionPolicy } from '../layers/precision.ts';
import { from, resolve, type SourcedTree, type SourceNote } from '../provenance/sourced.ts';
import type { Model } from './model.ts';
import { validateModel } from './validate.ts';

/** A catalogue model: what formulas compute with, and the source of every field by its path. */
export interface ModelEntry {
  readonly model: Model;
  readonly sources: ReadonlyMap<string, SourceNote>;
  /** the name of the model's row in the Step-3 paper; null for a model that is not in it */
  readonly paperName: string | null;
}

/** Resolves and checks a catalogue file. */
export function modelEntry(tree: SourcedTree<Model>, paperName: string | null): ModelEntry {
  const { value, sources } = resolve<Model>(tree);
  return { model: validateModel(value), sources, paperName };
}

/**
 * A vendor's `config.json` on the model hub, or another file there.
 *   config('hidden_size')(7168)                                       what a key states
 *   derived('num_hidden_layers 61 less first_k_dense_replace 3')(58)  what follows from keys
 */
export const hubFile = (repo: string, file = 'config.json') => ({
  config: (key: string) => from({ kind: 'config', repo, file, key }),
  derived: (how: string) => from({ kind: 'derived', from: `${how}, of ${repo} ${file}` }),
});

export const step3Paper = (at: string) => from({ kind: 'paper', id: 'arXiv:2507.19427v1', at });

/** The policy that the Step-3 paper sets for a model: 8-bit storage and math except where section 4.1 says otherwise. */
export const paperPolicy = (overrides: Partial<Pick<PrecisionPolicy, 'kvByKind'>> = {}): SourcedTree<PrecisionPolicy> =>
  step3Paper('section 4.1 and Table 2 (8-bit weights, KV and math; exceptions per model)')({
    id: 'paper',
    weights: 'fp8',
    activations: 'fp8',
    kv: 'fp8',
    kvByKind: overrides.kvByKind ?? {},
    state: 'fp32',
    math: { attention: 'fp8', linear: 'fp8', ffn: 'fp8', head: 'fp8' },
  });

export const entryId = from({ kind: 'derived', from: 'name of this catalogue entry' });
export const structure = from({ kind: 'derived', from: "the model family's published architecture" });
/** The form in which a layer is computed is a choice of the serving system, not of the model. */
export const servingChoice = from({ kind: 'assumed', because: 'serving systems multiply in the latent space; the paper counts so' });
