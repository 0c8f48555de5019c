import { type ChunkedSpec, chunked } from './chunked.ts';
import { type CompressedSpec, compressed } from './compressed.ts';
import { type DenseSpec, dense } from './dense.ts';
import { type DsaSpec, dsa } from './dsa.ts';
import { type GatedDeltaNetSpec, gatedDeltaNet } from './gated-delta-net.ts';
import { type GqaSpec, gqa } from './gqa.ts';
import { type KdaSpec, kda } from './kda.ts';
import { type LightningSpec, lightning } from './lightning.ts';
import type { LayerModel, LoweringContext } from './lowering.ts';
import { type Mamba2Spec, mamba2 } from './mamba2.ts';
import { type MfaSpec, mfa } from './mfa.ts';
import { type MlaSpec, mla } from './mla.ts';
import { type MoeSpec, moe } from './moe.ts';
import { type NoneSpec, none } from './none.ts';
import type { Operator } from './operator.ts';
import { type SlidingWindowSpec, slidingWindow } from './sliding-window.ts';

export type AttentionSpec = GqaSpec | MlaSpec | MfaSpec | LightningSpec | ChunkedSpec | SlidingWindowSpec | DsaSpec | GatedDeltaNetSpec | KdaSpec | Mamba2Spec | CompressedSpec | NoneSpec;
export type FfnSpec = DenseSpec | MoeSpec | NoneSpec;
export type LayerSpec = AttentionSpec | FfnSpec;

type Registry<Spec extends LayerSpec> = { readonly [K in Spec['kind']]: LayerModel<Extract<Spec, { kind: K }>> };

/** Every kind of each side of a layer, one file each. A kind without a file does not compile. */
export const sides: { readonly attention: Registry<AttentionSpec>; readonly ffn: Registry<FfnSpec> } = {
  attention: { gqa, mla, mfa, lightning, chunked, 'sliding-window': slidingWindow, dsa, 'gated-delta-net': gatedDeltaNet, kda, mamba2, compressed, none },
  ffn: { dense, moe, none },
};
/** Both sides in one. */
export const layers: Registry<LayerSpec> = { ...sides.attention, ...sides.ffn };

/** The model of a spec's kind; the one cast that TypeScript needs to correlate a spec with its registry entry. */
const modelOf = (spec: LayerSpec): LayerModel<LayerSpec> => {
  if (!Object.hasOwn(layers, spec.kind)) throw new RangeError(`layers: kind ${String(spec.kind)} is not one of ${Object.keys(layers).join(', ')}`);
  return layers[spec.kind] as LayerModel<LayerSpec>;
};

export const lowerLayer = (spec: LayerSpec, context: LoweringContext): readonly Operator[] => modelOf(spec).lower(spec, context);
/** @throws RangeError for an unknown kind or field, or what the kind itself refuses */
export function validateLayer(spec: LayerSpec, hidden: number): void {
  const { fields, validate } = modelOf(spec);
  for (const field of Object.keys(spec))
    if (!(fields as readonly string[]).includes(field)) throw new RangeError(`${spec.kind}: ${field} ${String(spec[field as keyof LayerSpec])} is not one of its fields, ${fields.join(', ')}`);
  validate(spec, hidden);
}
