import { findOrNearest } from '../units/nearest.ts';
import { modelEntries } from './catalogue/index.ts';
import type { ModelEntry } from './entry.ts';
import type { Model } from './model.ts';

export { modelEntries } from './catalogue/index.ts';
export { type ModelEntry, modelEntry } from './entry.ts';
export {
  type ImageRule,
  type ImageRules,
  type ImageShape,
  imageOf,
  largestTile,
  mmCacheBytes,
  paddedPatches,
  type Resolution,
  type Tile,
  tileBytes,
  type Video,
  type VideoShape,
  videoOf,
} from './images/index.ts';
export { type LowerOptions, layerCount, lowerModel, type ModelOperator } from './lower.ts';
export type { LayerGroup, Model, MtpSpec } from './model.ts';
export { type ParameterCounts, type ParameterParts, type Parameters, parameters } from './parameters.ts';
export { PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from './policies.ts';
export { validateModel } from './validate.ts';

/**
 * The catalogue entry of an id.
 * @throws RangeError that lists the nearest ids
 */
export const modelEntryOf = (id: string): ModelEntry => findOrNearest('models', modelEntries, id, ({ model }) => model.id);

/** The architecture of a catalogue model, without its sources. */
export const modelOf = (id: string): Model => modelEntryOf(id).model;
