/** A JSON value, as Vega-Lite specs and chart rows are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A Vega-Lite 6 spec as plain JSON. The compiler checks it, not the type: `renderSvg` throws on a spec that it warns about. */
export type VegaLiteSpec = JsonObject;

/** One row of chart data: what a tooltip shows, and one row of the table under the figure. */
export type Row = { readonly [field: string]: string | number | boolean | null };

/** The fields of an object as chart data, those without a value left out. */
export const rowOf = (fields: Readonly<Record<never, unknown>>): Row => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Row;

/**
 * A chart as data, drawn by `renderSvg`, by a report page or by a notebook.
 *   id           unique on a page; kebab-case, the paper's label where there is one (`figure-2`)
 *   title        a claim ("Step-3 stays cheapest up to 1M tokens"), which whoever builds the chart has checked
 *   description  what a reader sees who cannot see it; becomes the alt text
 *   spec         without title, config, background and `$schema`; `data: {name: 'rows'}` stands for `data` below
 *   data         the rows, also printed as a table under a fold
 *   columns      heads of that table in order, with units: `{context: 'Context, tokens'}`; the fields themselves without it
 * Colours in a spec are tokens of theme.ts (`modelColour(id)`, `token('text-muted')`), so that one drawing serves light and dark.
 */
export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly spec: VegaLiteSpec;
  readonly data: readonly Row[];
  readonly columns?: Readonly<Record<string, string>>;
}
