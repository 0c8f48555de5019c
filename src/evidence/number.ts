import type { FormulaCard, ProcedureCard } from '../provenance/card.ts';
import type { Basis, Source } from '../provenance/source.ts';

/**
 * A number that can be cited. `formula` is the id of its formula or procedure card, null for a leaf; `inputs` maps the card's symbols to the ids
 * of other numbers of the same scenario. `basis` says how this node is known, `weakest` the worst basis in its whole tree.
 */
export interface ReportedNumber {
  readonly id: string;
  /** what the number is, in words */
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly formula: string | null;
  readonly inputs: Readonly<Record<string, string>>;
  readonly basis: Basis;
  readonly weakest: Basis;
  /** `paper`, `default`, or a hash of the overrides; a citation is `id@scenario` */
  readonly scenario: string;
  /** leaves only */
  readonly source: Source | null;
  readonly note: string | null;
}

/** A leaf: somebody states, measured or assumed it. */
export interface LeafSpec {
  readonly kind: 'leaf';
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly source: Source;
  readonly note?: string;
}

/** A number that a card gives for other numbers. */
export interface DerivedSpec {
  readonly kind: 'derived';
  readonly label: string;
  readonly card: FormulaCard;
  readonly inputs: Readonly<Record<string, string>>;
  readonly note?: string;
}

/** The sum of other numbers of one unit: what a total over layers, groups or parts is. */
export interface SumSpec {
  readonly kind: 'sum';
  readonly label: string;
  readonly unit: string;
  readonly terms: readonly string[];
  readonly note?: string;
}

/** A number that an algorithm finds: a crossing, a fit. `inputs` are what it was run on. */
export interface FoundSpec {
  readonly kind: 'found';
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly card: ProcedureCard;
  readonly inputs: Readonly<Record<string, string>>;
  readonly note?: string;
}

export type NumberSpec = LeafSpec | DerivedSpec | SumSpec | FoundSpec;

/** The formula id of a sum; its inputs are `term1`, `term2`, ... */
export const SUM = 'evidence/sum';
