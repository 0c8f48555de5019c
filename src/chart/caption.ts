import type { Chart } from './spec.ts';

/** What a chart says beside its data: the caller has checked that the claim in `title` holds. See `Chart`. */
export type Caption = Pick<Chart, 'id' | 'title' | 'description'>;

/**
 * Where a drawn value comes from.
 *   number   id of the number, `step3/table-6/step-3/h20/total-8k`; shown in the tooltip
 *   printed  what the paper prints, as printed, in the unit of the axis; drawn as a hollow mark beside ours
 */
export interface Cited {
  readonly number?: string | undefined;
  readonly printed?: string | undefined;
}

/** A model as charts know it: `model` is the id that gives the colour, `name` what is written. */
export interface ModelRow extends Cited {
  readonly model: string;
  readonly name: string;
}

/**
 * Refuses what cannot be drawn, in the name of the chart.
 * @throws RangeError when there are no rows, a named field is not finite, or one of `positive` is not above 0
 */
export function checkRows<R extends object>(chart: string, rows: readonly R[], fields: { readonly finite?: readonly (keyof R)[]; readonly positive?: readonly (keyof R)[] }): void {
  if (rows.length === 0) throw new RangeError(`${chart}: rows [] is empty`);
  const { finite = [], positive = [] } = fields;
  for (const row of rows) {
    for (const field of [...finite, ...positive]) if (!Number.isFinite(row[field])) throw new RangeError(`${chart}: ${String(field)} ${row[field]} is not a finite number`);
    for (const field of positive) if (Number(row[field]) <= 0) throw new RangeError(`${chart}: ${String(field)} ${row[field]} is not positive`);
  }
}

/**
 * The least and the largest of the contexts that an axis spans.
 * @throws RangeError when they are the same
 */
export function contextSpan(chart: string, contexts: readonly number[]): readonly [number, number] {
  const [from, to] = [Math.min(...contexts), Math.max(...contexts)];
  if (from === to) throw new RangeError(`${chart}: context ${from} is the only one, an axis needs two`);
  return [from, to];
}

/**
 * The number that a printed text stands for, null where nothing is printed.
 * @throws RangeError when it is not a plain number
 */
export function printedValue(chart: string, printed: string | undefined): number | null {
  if (printed === undefined) return null;
  const value = printed.trim() === '' ? Number.NaN : Number(printed);
  if (!Number.isFinite(value)) throw new RangeError(`${chart}: printed ${JSON.stringify(printed)} is not a plain number`);
  return value;
}

/** Distinct values in the order of first appearance. */
export const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
