import type { NumberSpec } from '../evidence/number.ts';
import type { FormulaCard, ProcedureCard } from '../provenance/card.ts';
import type { Aim, PrintedCell } from './printed.ts';

/** A printed cell and the number that answers it; where the number does not round to it, why. */
export interface Item {
  readonly cell: PrintedCell;
  /** a simulation runs when its number is asked for */
  readonly number: NumberSpec | (() => NumberSpec);
  readonly deviates?: string;
}

export interface ItemOptions {
  readonly scale?: number;
  readonly aim?: Aim;
  readonly deviates?: string;
}

/** What makes the items of a paper, `id`, that is cited as `reference`. */
export interface PaperItems {
  /** `path` begins with the table: `figure-4/a/inter-op/0.5` */
  readonly item: (path: string, printed: string, where: string, number: Item['number'], options?: ItemOptions) => Item;
  readonly printedLeaf: (label: string, value: number, unit: string, at: string) => NumberSpec;
}

export const paperItems = (id: string, reference: string): PaperItems => ({
  item: (path, printed, where, number, { scale = 1, aim, deviates } = {}) => ({
    cell: { id: `${id}/${path}`, paper: id, table: path.split('/')[0] as string, printed, scale, where, ...(aim === undefined ? {} : { aim }) },
    number,
    ...(deviates === undefined ? {} : { deviates }),
  }),
  printedLeaf: (label, value, unit, at) => ({ kind: 'leaf', label, value, unit, source: { kind: 'paper', id: reference, at } }),
});

export const derived = (label: string, card: FormulaCard, inputs: Readonly<Record<string, string>>): NumberSpec => ({ kind: 'derived', label, card, inputs });

/** A number that an algorithm finds, when it is asked for. */
export const found =
  (label: string, unit: string, card: ProcedureCard, inputs: Readonly<Record<string, string>>, value: () => number, note?: string): (() => NumberSpec) =>
  () => ({ kind: 'found', label, value: value(), unit, card, inputs, ...(note === undefined ? {} : { note }) });
