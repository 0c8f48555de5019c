import type { Component } from '../../layers/precision.ts';
import type { Keys } from './keys.ts';

/** What the name of a module says it belongs to; the first that fits. */
const NAMES: readonly (readonly [RegExp, Component])[] = [
  [/lm_head|output_layer/, 'head'],
  [/visual|vision|vit\b|image|mm_projector|multi_modal|patch_embed/, 'vision'],
  [/mtp|nextn|eh_proj|shared_head|draft/, 'embedding'],
  [/embed/, 'embedding'],
  [/indexer/, 'indexer'],
  [/shared_expert|share_expert/, 'sharedExperts'],
  [/\.gate$|\.gate\b(?!_)|router|^gate$|gate\*$/, 'router'],
  [/experts|block_sparse_moe/, 'experts'],
  [/self_attn|attention|linear_attn|mixer|attn|[qkvo]_proj/, 'attention'],
  [/mlp|feed_forward|ffn|(gate|up|down)_proj/, 'dense'],
];

/** Names of what is no weight matrix, or a matrix so small that the format of its component does not follow from it. */
const NOT_WEIGHTS = /norm|bias|rotary|sinks|A_log|dt_bias|conv1d|\.D$|in_proj_(ba?|a)$|shared_expert_gate|weights_proj|indexers_proj/;

/** The component that a module's name tells; undefined where it tells none. */
export const componentOf = (name: string): Component | undefined => NAMES.find(([pattern]) => pattern.test(name))?.[1];

/** The layer that a name is about; null for a pattern over all layers. */
const layerOf = (name: string): string | null => /layers?\.(\d+)/.exec(name)?.[1] ?? null;

/**
 * The components that a list of modules names: those of all layers (a name without a layer number), and those that are named in at least
 * half as many layers as the component named most often. A component that is named in fewer layers is told as a note, since a policy has
 * one format for each component.
 */
export function excludedComponents(names: readonly string[], root: Keys): readonly Component[] {
  const layers = new Map<Component, Set<string>>();
  const whole = new Set<Component>();
  for (const name of names) {
    if (NOT_WEIGHTS.test(name)) continue;
    const component = componentOf(name);
    if (component === undefined) continue;
    const layer = layerOf(name);
    if (layer === null) whole.add(component);
    else layers.set(component, (layers.get(component) ?? new Set()).add(layer));
  }
  const stack = root.take('num_hidden_layers');
  const most = typeof stack === 'number' && stack > 0 ? stack : Math.max(1, ...[...layers.values()].map(({ size }) => size));
  for (const [component, named] of layers) {
    if (whole.has(component)) continue;
    if (2 * named.size >= most) whole.add(component);
    else root.log.notes.push(`${component} weights of ${named.size} of ${most} layers are not quantised, which is not counted`);
  }
  return [...whole];
}
