import { contextLabel } from '../units/format.ts';
import { type Caption, checkRows, distinct, printedValue } from './caption.ts';
import { columns, contextFact, type Fact, modelFact, tooltip, USD_FORMAT } from './facts.ts';
import { headKey, KEY_LINE, ownColour, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelColours } from './theme.ts';

/** Cost of a model on one chip, or on AFD (`chip: 'afd'`, `chipName: 'AFD'`), at one context length. */
export interface CostBarRow {
  readonly model: string;
  readonly name: string;
  readonly chip: string;
  readonly chipName: string;
  readonly context: number;
  readonly attentionUsdPerMtok: number;
  readonly ffnUsdPerMtok: number;
  readonly attentionNumber?: string | undefined;
  readonly ffnNumber?: string | undefined;
  readonly attentionPrinted?: string | undefined;
  readonly ffnPrinted?: string | undefined;
}

const PARTS = ['attentionUsdPerMtok', 'ffnUsdPerMtok'];
const BAR = 19;
const LABEL_ROOM = 52;
const FFN_OPACITY = 0.4;

/**
 * Figure 2: attention + FFN stacked, a bar per chip, a panel per model and context; models at one context share the scale. Order of first appearance.
 * @throws RangeError `costBars: ...` for no rows or a cost that is not a number
 */
export function costBars(rows: readonly CostBarRow[], caption: Caption): Chart {
  checkRows('costBars', rows, { positive: ['context'], finite: ['attentionUsdPerMtok', 'ffnUsdPerMtok'] });
  const colourOf = modelColours(rows.map(({ model }) => model));
  const data = rows.map((row) => ({
    ...row,
    totalUsdPerMtok: row.attentionUsdPerMtok + row.ffnUsdPerMtok,
    colour: colourOf(row.model),
    attentionPrinted: row.attentionPrinted ?? '–',
    ffnPrinted: row.ffnPrinted ?? '–',
    attentionNumber: row.attentionNumber ?? '–',
    ffnNumber: row.ffnNumber ?? '–',
  }));
  for (const row of rows) for (const printed of [row.attentionPrinted, row.ffnPrinted]) printedValue('costBars', printed);
  const facts = barFacts(rows);
  const contexts = distinct(rows.map((row) => row.context));
  const children = distinct(rows.map((row) => row.model)).flatMap((model) =>
    contexts.flatMap((context) => {
      const own = data.filter((row) => row.model === model && row.context === context);
      const most = Math.max(...data.filter((row) => row.context === context).map((row) => row.totalUsdPerMtok));
      return own[0] === undefined ? [] : [panel(own[0].name, model, context, distinct(own.map((row) => row.chipName)), most, facts)];
    }),
  );
  const left = 10 + Math.max(...rows.map((row) => textSize(row.chipName).width));
  return { ...caption, spec: panels({ children, left, right: LABEL_ROOM, columns: contexts.length, head: KEY }), data, columns: columns(facts) };
}

function panel(name: string, model: string, context: number, chipNames: readonly string[], most: number, facts: readonly Fact[]): JsonObject {
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { domain: [0, most], nice: false, zero: true },
      axis: { title: null, tickCount: 3, labelExpr: "'$' + format(datum.value, '~r')", grid: false, domain: false, ticks: false, labelFlush: false },
    });
  const y: JsonObject = {
    field: 'chipName',
    type: 'nominal',
    sort: chipNames,
    scale: { paddingInner: 0.25, paddingOuter: 0.1 },
    axis: { title: null, domain: true, domainColor: colour('rule'), labelColor: colour('text'), labelLimit: 0 },
  };
  return {
    data: { name: 'rows' },
    transform: [
      {
        filter: {
          and: [
            { field: 'model', equal: model },
            { field: 'context', equal: context },
          ],
        },
      },
    ],
    title: panelTitle(`${name} at ${contextLabel(context)}`),
    height: BAR * chipNames.length,
    layer: [
      {
        transform: [{ fold: PARTS, as: ['part', 'usd'] }],
        mark: { type: 'bar', strokeWidth: 1 },
        encoding: {
          y,
          x: { ...x('usd'), stack: 'zero' },
          order: { field: 'part', type: 'ordinal' },
          fill: ownColour,
          stroke: ownColour,
          fillOpacity: { field: 'part', type: 'ordinal', scale: { domain: PARTS, range: [1, FFN_OPACITY] }, legend: null },
          tooltip: tooltip(facts),
        },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5, tooltip: null },
        encoding: { y, x: x('totalUsdPerMtok'), text: { field: 'totalUsdPerMtok', type: 'quantitative', format: '$.3f' } },
      },
    ],
  };
}

function barFacts(rows: readonly CostBarRow[]): readonly Fact[] {
  const part = (name: 'attention' | 'ffn', title: string): readonly Fact[] => [
    { field: `${name}UsdPerMtok`, title: `${title}, USD per million tokens`, format: USD_FORMAT },
    ...(rows.some((row) => row[`${name}Printed`] !== undefined) ? [{ field: `${name}Printed`, title: `${title}, printed` }] : []),
    ...(rows.some((row) => row[`${name}Number`] !== undefined) ? [{ field: `${name}Number`, title: `${title}, number` }] : []),
  ];
  return [
    modelFact,
    { field: 'chipName', title: 'Accelerator' },
    contextFact,
    ...part('attention', 'Attention'),
    ...part('ffn', 'FFN'),
    { field: 'totalUsdPerMtok', title: 'Together', format: USD_FORMAT },
  ];
}

const UNIT_WIDTH = 146;
const KEY: readonly JsonObject[] = [
  {
    data: { values: [{}] },
    mark: { type: 'text', text: 'USD per million tokens', align: 'left', baseline: 'middle', color: colour('muted'), tooltip: null },
    encoding: { x: { value: 0 }, y: { value: KEY_LINE / 2 } },
  },
  ...headKey(
    [
      { text: 'Attention', symbol: swatch(colour('muted'), 1) },
      { text: 'FFN', symbol: swatch(colour('muted'), FFN_OPACITY) },
    ],
    UNIT_WIDTH,
  ),
];
