import { type Caption, checkRows, distinct, type ModelRow } from './caption.ts';
import { cited, citedFacts, columns, modelFact, tooltip } from './facts.ts';
import { ownColour } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelColours } from './theme.ts';

/** What one difference in counting ("LM head counted") changes for one model, in percent (5 is +5 %). */
export interface DeviationRow extends Pick<ModelRow, 'model' | 'name' | 'number'> {
  readonly difference: string;
  readonly percent: number;
}

export interface DeviationDotsOptions extends Caption {
  /** what changes: "Change in cost at 8K on H20" */
  readonly quantity: string;
}

const ROW = 19;
const LABEL_ROOM = 58;
/** of the range, so that the leftmost dot is whole */
const AIR = 0.03;

/**
 * A panel per difference, a dot per model, zero marked; panels share the scale. Order of first appearance.
 * @throws RangeError `deviationDots: ...` for no rows or a change that is not a number
 */
export function deviationDots(rows: readonly DeviationRow[], { quantity, ...caption }: DeviationDotsOptions): Chart {
  checkRows('deviationDots', rows, { finite: ['percent'] });
  const colourOf = modelColours(rows.map(({ model }) => model));
  const data = rows.map((row) => ({ ...row, ...cited(row), colour: colourOf(row.model), zero: 0, labelled: Math.max(0, row.percent), label: percentText(row.percent) }));
  const facts = [{ field: 'difference', title: 'Difference' }, modelFact, { field: 'percent', title: `${quantity}, %`, format: '+.3~r' }, ...citedFacts(rows)];
  const percents = [0, ...rows.map((row) => row.percent)];
  const [low, high] = [Math.min(...percents), Math.max(...percents)];
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { domain: [low - AIR * (high - low), high], nice: false },
      axis: { title: `${quantity}, %`, tickCount: 4, labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+~r')", grid: true, domain: false },
    });
  const left = 10 + Math.max(...rows.map((row) => textSize(row.name).width));
  const children = distinct(rows.map((row) => row.difference)).map((difference): JsonObject => {
    const names = distinct(rows.filter((row) => row.difference === difference).map((row) => row.name));
    const y: JsonObject = { field: 'name', type: 'nominal', sort: names, axis: { title: null, labelColor: colour('text'), labelLimit: 0 } };
    return {
      data: { name: 'rows' },
      transform: [{ filter: { field: 'difference', equal: difference } }],
      title: { ...panelTitle(difference), dx: 8 - left },
      height: ROW * names.length,
      layer: [
        { mark: { type: 'rule', strokeWidth: 1.5, tooltip: null }, encoding: { x: x('zero'), x2: { field: 'percent' }, y, color: ownColour } },
        { mark: { type: 'rule', color: colour('muted'), tooltip: null }, data: { values: [{ zero: 0 }] }, encoding: { x: x('zero') } },
        { mark: { type: 'point', size: 70 }, encoding: { x: x('percent'), y, color: ownColour, tooltip: tooltip(facts) } },
        { mark: { type: 'text', align: 'left', baseline: 'middle', tooltip: null, dx: 8 }, encoding: { x: x('labelled'), y, text: { field: 'label', type: 'nominal' } } },
      ],
    };
  });
  return { ...caption, spec: panels({ children, left, right: LABEL_ROOM }), data, columns: columns(facts) };
}

/** `+4.90 %`, `−0.02 %`, `< 0.01 %`, `0` */
function percentText(percent: number): string {
  if (percent === 0) return '0';
  const size = Math.abs(percent);
  return size < 0.005 ? '< 0.01 %' : `${percent > 0 ? '+' : '−'}${size.toFixed(2)} %`;
}
