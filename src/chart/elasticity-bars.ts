import { type Caption, checkRows } from './caption.ts';
import { citedFacts, columns, type Fact, tooltip } from './facts.ts';
import { keyEntry, ownColour, swatch } from './marks.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';

/** One-sided elasticities of a cost: percent of cost per percent of the input, when the input rises and when it falls. */
export interface ElasticityRow {
  readonly input: string;
  readonly label: string;
  readonly rising: number;
  readonly falling: number;
  readonly number?: string | undefined;
}

const NAME = 17;
const BAR = 14;
const GAP = 12;
const KEY_Y = -14;
/** of the range, kept free at its ends for the numbers */
const AIR = 0.16;
/** sides that differ by less look the same */
const SAME = 0.005;
const RISING = 0.85;
const FALLING = 0.3;

/**
 * Diverging bars from zero, largest magnitude first; one bar where both sides agree, two where a kink lies between them.
 * @throws RangeError `elasticityBars: ...` for no rows or an elasticity that is not a number
 */
export function elasticityBars(rows: readonly ElasticityRow[], caption: Caption): Chart {
  checkRows('elasticityBars', rows, { finite: ['rising', 'falling'] });
  const size = ({ rising, falling }: ElasticityRow): number => Math.max(Math.abs(rising), Math.abs(falling));
  const data = [...rows].sort((a, b) => size(b) - size(a)).map((row) => ({ ...row, number: row.number ?? '–' }));
  const facts: readonly Fact[] = [
    { field: 'label', title: 'Input' },
    { field: 'rising', title: 'Elasticity when it rises', format: '.3~f' },
    { field: 'falling', title: 'Elasticity when it falls', format: '.3~f' },
    ...citedFacts(rows),
  ];
  const { bars, names, height } = stacked(data);
  const values = rows.flatMap((row) => [row.rising, row.falling]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const air = AIR * (high - low || 1);
  const x = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain: [low < 0 ? low - air : 0, high > 0 || low === 0 ? high + air : 0], nice: false },
    axis: { title: '% of cost per % of the input', tickCount: 5, domain: false, ticks: false, labelFlush: false, labelExpr: "replace(format(datum.value, '~r'), '-', '−')" },
  });
  const y = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  const amount = (test: string, align: string, dx: number): JsonObject => ({
    transform: [{ filter: `datum.elasticity ${test} 0` }],
    mark: { type: 'text', align, dx, baseline: 'middle', tooltip: null },
    encoding: { x: x('elasticity'), y: y('middle'), text: { field: 'elasticity', type: 'quantitative', format: '.2f' } },
  });
  const beside = high >= 0.9 * -low ? { align: 'left', dx: 5 } : { align: 'right', dx: -5 };
  return {
    ...caption,
    spec: {
      data: { values: bars },
      height,
      layer: [
        {
          mark: { type: 'rect', stroke: colour('link'), strokeWidth: 1 },
          encoding: {
            x: x('elasticity'),
            x2: { datum: 0 },
            y: y('top'),
            y2: { field: 'bottom' },
            fill: ownColour,
            fillOpacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null },
            tooltip: tooltip(facts),
          },
        },
        amount('>=', 'left', 5),
        amount('<', 'right', -5),
        {
          data: { values: names },
          mark: { type: 'text', baseline: 'middle', fontWeight: 600, tooltip: null, ...beside },
          encoding: { x: x('zero'), y: y('middle'), text: { field: 'label', type: 'nominal' } },
        },
        { data: { values: [{ zero: 0 }] }, mark: { type: 'rule', color: colour('muted'), tooltip: null }, encoding: { x: x('zero') } },
        ...(bars.length > rows.length
          ? [
              ...keyEntry({ text: 'Input rises, or both', symbol: swatch(colour('link'), RISING) }, '0', KEY_Y),
              ...keyEntry({ text: 'Input falls', symbol: swatch(colour('link'), FALLING) }, '160', KEY_Y),
            ]
          : []),
      ],
    },
    data,
    columns: columns(facts),
  };
}

/** Names and bars from top to bottom, in px. */
function stacked(rows: readonly (ElasticityRow & { readonly number: string })[]) {
  let height = 0;
  const bars: JsonObject[] = [];
  const names: JsonObject[] = [];
  for (const row of rows) {
    names.push({ label: row.label, zero: 0, middle: height + NAME / 2 });
    height += NAME;
    const sides = Math.abs(row.rising - row.falling) < SAME ? [[row.rising, RISING] as const] : [[row.rising, RISING] as const, [row.falling, FALLING] as const];
    for (const [elasticity, opacity] of sides) {
      bars.push({ ...row, elasticity, opacity, colour: colour('link'), top: height, middle: height + BAR / 2, bottom: height + BAR });
      height += BAR;
    }
    height += GAP;
  }
  return { bars, names, height };
}
