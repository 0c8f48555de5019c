import type { NumberSpec } from '../../evidence/number.ts';
import type { FormulaCard, ProcedureCard } from '../../provenance/card.ts';
import type { Aim, PrintedCell } from '../printed.ts';

export const ID = 'distserve';

/** A printed cell and the number that answers it; where the number does not round to it, why. */
export interface Item {
  readonly cell: PrintedCell;
  /** a simulation runs when its number is asked for */
  readonly number: NumberSpec | (() => NumberSpec);
  readonly deviates?: string;
}

interface ItemOptions {
  readonly scale?: number;
  readonly aim?: Aim;
  readonly deviates?: string;
}

/** `path` begins with the table: `figure-4/a/inter-op/0.5`. */
export const item = (path: string, printed: string, where: string, number: Item['number'], { scale = 1, aim, deviates }: ItemOptions = {}): Item => ({
  cell: { id: `${ID}/${path}`, paper: ID, table: path.split('/')[0] as string, printed, scale, where, ...(aim === undefined ? {} : { aim }) },
  number,
  ...(deviates === undefined ? {} : { deviates }),
});

export const derived = (label: string, card: FormulaCard, inputs: Readonly<Record<string, string>>): NumberSpec => ({ kind: 'derived', label, card, inputs });

export const printedLeaf = (label: string, value: number, unit: string, at: string): NumberSpec => ({ kind: 'leaf', label, value, unit, source: { kind: 'paper', id: 'arXiv:2401.09670v3', at } });

/** A number that an algorithm finds, when it is asked for. */
export const found = (label: string, unit: string, card: ProcedureCard, inputs: Readonly<Record<string, string>>, value: () => number, note?: string): (() => NumberSpec) => {
  return () => ({ kind: 'found', label, value: value(), unit, card, inputs, ...(note === undefined ? {} : { note }) });
};
