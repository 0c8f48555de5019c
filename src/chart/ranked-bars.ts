import { usdAxis } from './axis.ts';
import { type Caption, checkRows, distinct, type ModelRow } from './caption.ts';
import { cited, citedFacts, columns, modelFact, tooltip, USD_FORMAT, usdFact } from './facts.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelColour } from './theme.ts';

/** One model of a ranking by cost. */
export interface RankedBarRow extends ModelRow {
  readonly usdPerMtok: number;
}

const BAR = 18;

/**
 * Cost of many models as bars from zero, the cheapest first, the value at the end of each. Models that have a colour keep it, the others are grey.
 * @throws RangeError `rankedBars: ...` for no rows, a model that is given twice, or a cost that is not a number above 0
 */
export function rankedBars(rows: readonly RankedBarRow[], caption: Caption): Chart {
  checkRows('rankedBars', rows, { positive: ['usdPerMtok'] });
  const names = rows.map((row) => row.model);
  const twice = names.find((model, at) => names.indexOf(model) !== at);
  if (twice !== undefined) throw new RangeError(`rankedBars: model ${twice} is given twice`);
  const data = [...rows].sort((a, b) => a.usdPerMtok - b.usdPerMtok).map((row) => ({ ...row, ...cited(row), colour: modelColour(row.model) }));
  const facts = [modelFact, usdFact, ...citedFacts(rows)];
  const y: JsonObject = {
    field: 'name',
    type: 'nominal',
    sort: distinct(data.map(({ name }) => name)),
    axis: { title: null, labelColor: colour('text'), labelLimit: 0, ticks: false, grid: false },
    scale: { paddingInner: 0.25, paddingOuter: 0.1 },
  };
  const top = 1.12 * Math.max(...data.map((row) => row.usdPerMtok));
  const x: JsonObject = {
    ...usdAxis('usdPerMtok', 'USD per million tokens'),
    scale: { domain: [0, top], nice: false },
    axis: { title: 'USD per million tokens', format: '$~r', tickCount: 6, orient: 'top', grid: true },
  };
  const color: JsonObject = { field: 'colour', type: 'nominal', scale: null };
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: BAR * data.length,
      layer: [
        { mark: { type: 'bar' }, encoding: { x, y, color, tooltip: tooltip(facts) } },
        { mark: { type: 'text', align: 'left', dx: 4, tooltip: null }, encoding: { x, y, text: { field: 'usdPerMtok', type: 'quantitative', format: USD_FORMAT } } },
      ],
    },
    data,
    columns: columns(facts),
  };
}
