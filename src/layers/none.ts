import type { LayerModel } from './lowering.ts';

/** A side that a layer does not have: hybrids of the Nemotron-H kind alternate mixers and feed-forward layers instead of pairing them. */
export interface NoneSpec {
  readonly kind: 'none';
}

export const none: LayerModel<NoneSpec> = { fields: ['kind'], validate: () => undefined, lower: () => [] };
