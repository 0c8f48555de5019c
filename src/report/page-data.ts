import type { JsonObject } from '../chart/spec.ts';
import type { Basis } from '../provenance/source.ts';
import type { SourceReference } from './source-list.ts';

/** A node of a derivation as the panel of the page shows it. `inputs` are pairs of symbol and id, without symbols in a sum. */
export interface DerivationData {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  readonly basis: Basis;
  readonly weakest: Basis;
  /** anchor of the formula or procedure in the page; empty for a sum, null for a leaf */
  readonly via: string | null;
  readonly inputs: readonly (readonly [string, string])[];
  readonly source: SourceReference | null;
  readonly note: string;
}

/** What the script of a page needs and the page itself does not show: every derivation, and the Vega spec of each chart by id. */
export interface PageData {
  readonly derivations: readonly DerivationData[];
  readonly charts: Readonly<Record<string, JsonObject>>;
}
