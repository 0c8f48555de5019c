import { usdAxis } from './axis.ts';
import { type Caption, checkRows, distinct, type ModelRow, printedValue } from './caption.ts';
import { cited, citedFacts, columns, type Fact, modelFact, tooltip, usdFact } from './facts.ts';
import { KEY_ABOVE, markKey, topLegend } from './marks.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelScale } from './theme.ts';

/** One bar of Figure 4. `group` is what stands under the bars ("Decode, 8K"). */
export interface GroupedBarRow extends ModelRow {
  readonly group: string;
  readonly usdPerMtok: number;
}

const HEIGHT = 300;

/**
 * Figure 4: a bar per model in each group, from zero; printed values as hollow ticks. Order of first appearance.
 * @throws RangeError `groupedBars: ...` for no rows or a cost that is not a number
 */
export function groupedBars(rows: readonly GroupedBarRow[], caption: Caption): Chart {
  checkRows('groupedBars', rows, { finite: ['usdPerMtok'] });
  const data = rows.map((row) => ({ ...row, ...cited(row), printedValue: printedValue('groupedBars', row.printed) }));
  const facts: readonly Fact[] = [{ field: 'group', title: 'Group' }, modelFact, usdFact, ...citedFacts(rows)];
  const names = distinct(rows.map((row) => row.name));
  const models = names.map((name) => rows.find((row) => row.name === name)?.model ?? '');
  const x: JsonObject = {
    field: 'group',
    type: 'nominal',
    sort: distinct(rows.map((row) => row.group)),
    axis: { title: null, labelAngle: 0, labelColor: colour('text'), ticks: false, labelLimit: 0 },
    scale: { paddingInner: 0.3, paddingOuter: 0.15 },
  };
  const xOffset: JsonObject = { field: 'name', type: 'nominal', sort: names, scale: { paddingInner: 0.08 } };
  const top = 1.1 * Math.max(...data.flatMap((row) => [row.usdPerMtok, row.printedValue ?? 0]));
  const y: JsonObject = { ...usdAxis('usdPerMtok', 'USD per million tokens'), scale: { domain: [0, top], nice: false, zero: true } };
  const color: JsonObject = { field: 'name', type: 'nominal', scale: modelScale(models, names), legend: { ...topLegend, symbolType: 'square' } };
  const shared: JsonObject = { x, xOffset, tooltip: tooltip(facts) };
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: HEIGHT,
      layer: [
        { mark: { type: 'bar' }, encoding: { ...shared, y, color } },
        { mark: { type: 'text', baseline: 'bottom', dy: -7, tooltip: null }, encoding: { x, xOffset, y, text: { field: 'usdPerMtok', type: 'quantitative', format: '$.3f' } } },
        {
          transform: [{ filter: 'datum.printedValue !== null' }],
          mark: { type: 'tick', orient: 'horizontal', thickness: 5, opacity: 1, fill: colour('page'), stroke: colour('text'), strokeWidth: 1.25 },
          encoding: { ...shared, y: { ...y, field: 'printedValue' } },
        },
        ...markKey(data, KEY_ABOVE, { type: 'point', shape: 'M-1,-0.3H1V0.3H-1Z', size: 90, filled: false, stroke: colour('text'), strokeWidth: 1.25 }),
      ],
    },
    data,
    columns: columns(facts),
  };
}
