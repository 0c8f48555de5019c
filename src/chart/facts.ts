import type { Cited } from './caption.ts';
import type { JsonObject } from './spec.ts';

/** One field of a row as a reader sees it: a line of the tooltip and a column of the table under the figure. `format` is a d3 format. */
export interface Fact {
  readonly field: string;
  readonly title: string;
  readonly format?: string;
}

export const USD_FORMAT = '$.3r';
export const COUNT_FORMAT = ',';

/** 12345 as `12,345`, for text that is not a tooltip. */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

export const modelFact: Fact = { field: 'name', title: 'Model' };
export const contextFact: Fact = { field: 'context', title: 'Context, tokens', format: COUNT_FORMAT };
export const usdFact: Fact = { field: 'usdPerMtok', title: 'USD per million tokens', format: USD_FORMAT };

/** The printed value and the id of the number, where any row has them. */
export const citedFacts = (rows: readonly Cited[], number = 'number', printed = 'printed'): readonly Fact[] => [
  ...(rows.some((row) => row.printed !== undefined) ? [{ field: printed, title: 'Printed' }] : []),
  ...(rows.some((row) => row.number !== undefined) ? [{ field: number, title: 'Number' }] : []),
];

/** `printed` and `number` as a row holds them. */
export const cited = ({ printed, number }: Cited): { readonly printed: string; readonly number: string } => ({ printed: printed ?? '–', number: number ?? '–' });

export const tooltip = (facts: readonly Fact[]): readonly JsonObject[] =>
  facts.map(({ field, title, format }) => (format === undefined ? { field, title, type: 'nominal' } : { field, title, type: 'quantitative', format }));

/** `Chart.columns` */
export const columns = (facts: readonly Fact[]): Readonly<Record<string, string>> => Object.fromEntries(facts.map(({ field, title }) => [field, title]));
