import { decadeTicks, topTitle } from './axis.ts';
import { type Caption, checkRows, distinct, type ModelRow } from './caption.ts';
import { logDomain } from './context-lines.ts';
import { cited, citedFacts, columns, type Fact, modelFact, tooltip } from './facts.ts';
import { haloText, headKey, ownColour } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';
import { colour, modelColours } from './theme.ts';

/** Time per output token of one model at one batch: what to expect with its interval, and the roofline bound; seconds. */
export interface TimeBandRow extends ModelRow {
  /** head of the panel: a chip, a deployment */
  readonly panel: string;
  readonly batch: number;
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  readonly idealSeconds: number;
}

const HEIGHT = 220;
const LEFT = 60;
const RIGHT = 28;
const MS = "format(1000 * datum.value, '~r') + ' ms'";

/**
 * Expected time per output token against batch, a panel for each `panel`: a line in its interval, the bound dashed below it; both axes logarithmic.
 * @throws RangeError `timeBands: ...` for no rows or a value that has no place on a log scale
 */
export function timeBands(rows: readonly TimeBandRow[], caption: Caption): Chart {
  checkRows('timeBands', rows, { positive: ['batch', 'seconds', 'low', 'high', 'idealSeconds'] });
  const colourOf = modelColours(rows.map(({ model }) => model));
  const data = rows.map((row) => rowOf({ ...row, ...cited(row), colour: colourOf(row.model) }));
  const domain = logDomain(rows.flatMap(({ low, high, idealSeconds }) => [low, high, idealSeconds]));
  const batches = [...distinct(rows.map(({ batch }) => batch))].sort((a, b) => a - b);
  const facts: readonly Fact[] = [
    modelFact,
    { field: 'batch', title: 'Batch' },
    ...(['seconds', 'low', 'high', 'idealSeconds'] as const).map((field, at) => ({ field, title: ['Expected, s', 'Low, s', 'High, s', 'Bound, s'][at] as string, format: '.4~g' })),
    ...citedFacts(rows),
  ];
  const x: JsonObject = inPanel({
    field: 'batch',
    type: 'quantitative',
    scale: { type: 'log', base: 2, domain: [batches[0] as number, batches.at(-1) as number], nice: false },
    axis: { title: 'Batch (log scale)', values: batches.filter((_, at) => at % 2 === 0), labelExpr: "format(datum.value, 'd')", labelFlush: false },
  });
  const y = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title: 'Time per output token (log scale)', values: decadeTicks(...domain), labelExpr: MS, ...topTitle },
  });
  const series: JsonObject = { detail: { field: 'model', type: 'nominal' }, color: ownColour };
  const line: JsonObject = { ...series, order: { field: 'batch', type: 'quantitative' } };
  const children = distinct(rows.map(({ panel }) => panel)).map(
    (panel): JsonObject => ({
      data: { name: 'rows' },
      transform: [{ filter: { field: 'panel', equal: panel } }],
      title: { ...panelTitle(panel), dx: 8 - LEFT },
      height: HEIGHT,
      layer: [
        { mark: { type: 'area', opacity: 0.22, tooltip: null }, encoding: { x, y: y('low'), y2: { field: 'high' }, ...series } },
        { mark: { type: 'line', strokeDash: BOUND_DASH, strokeWidth: 1.5, strokeCap: 'butt' }, encoding: { x, y: y('idealSeconds'), ...line } },
        { mark: { type: 'line' }, encoding: { x, y: y('seconds'), ...line } },
        ...haloText({ align: 'left', baseline: 'bottom', dx: 4, dy: -5 }, { x, y: y('high'), text: { field: 'name', type: 'nominal' }, color: ownColour }).map((layer) => ({
          ...layer,
          transform: [{ filter: { field: 'batch', equal: batches[0] as number } }],
        })),
        { mark: { type: 'point', shape: 'square', size: 120, opacity: 0 }, encoding: { x, y: y('seconds'), color: ownColour, tooltip: tooltip(facts) } },
      ],
    }),
  );
  const head = headKey([
    { text: 'Expected', symbol: { type: 'rule', strokeWidth: 2, stroke: colour('text') } },
    { text: '80 % interval', symbol: { type: 'point', shape: 'square', size: 110, filled: true, fill: colour('muted'), opacity: 0.35, strokeWidth: 0 } },
    { text: 'Bound', symbol: { type: 'rule', strokeWidth: 1.5, strokeDash: BOUND_DASH, stroke: colour('text') } },
  ]);
  return { ...caption, spec: panels({ children, left: LEFT, right: RIGHT, head }), data, columns: columns(facts) };
}

const BOUND_DASH = [4, 3];
