import type { Source } from './source.ts';

/** One symbol of a formula. `unit` uses the unit grammar of the card: FLOP, B, s, USD, token, h, 1 with * / ^. */
export interface FormulaSymbol {
  readonly unit: string;
  readonly meaning: string;
  /** how the symbol is set in a formula (TeX), where it differs from its name */
  readonly tex?: string;
}

/**
 * A formula that a report can cite. It lives beside the code that uses it, and `evaluate` IS the code that uses it.
 * `expression` is what is shown: + - * / ^ min max ceil floor mod sum; a constant that has a unit carries it in
 * brackets, `2 [FLOP] * m * k * n`. A property test evaluates the expression with an independent parser and compares.
 */
export interface FormulaCard<S extends string = string> {
  readonly kind: 'formula';
  readonly id: string;
  readonly name: string;
  readonly symbols: Readonly<Record<S, FormulaSymbol>>;
  readonly expression: string;
  readonly unit: string;
  readonly evaluate: (inputs: Readonly<Record<S, number>>) => number;
  readonly source: Source;
}

/** What is an algorithm rather than an expression: an event simulation, a search, a fit. */
export interface ProcedureCard {
  readonly kind: 'procedure';
  readonly id: string;
  readonly name: string;
  readonly steps: readonly string[];
  readonly source: Source;
}

export const formula = <S extends string>(card: Omit<FormulaCard<S>, 'kind'>): FormulaCard<S> => ({ kind: 'formula', ...card });
export const procedure = (card: Omit<ProcedureCard, 'kind'>): ProcedureCard => ({ kind: 'procedure', ...card });

/** A number that a card gave, with the inputs it gave it for: what evidence is built from. */
export interface Derivation {
  readonly card: FormulaCard;
  readonly inputs: Readonly<Record<string, number>>;
}
