import { topTitle } from './axis.ts';
import { type Caption, checkRows, distinct, type ModelRow, printedValue } from './caption.ts';
import { cited, citedFacts, columns, modelFact, tooltip, usdFact } from './facts.ts';
import { haloText, KEY_ABOVE, markKey, ownColour, printedMark, topLegend } from './marks.ts';
import { placeLabels, textSize, withPlaces } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { ATTENTION_MARKERS, colour, modelColours } from './theme.ts';

/** One model of Figure 1. `activatedParameters` is a count (3.8e10); `printedActivated` in billions as printed (`38`); `attention` gives the marker: mfa, mla, gqa or hybrid. */
export interface ParetoRow extends ModelRow {
  readonly activatedParameters: number;
  readonly usdPerMtok: number;
  readonly attention: string;
  readonly printedActivated?: string | undefined;
}

/** A Pareto front: the ids of its models from few to many activated parameters. */
export interface ParetoFront {
  readonly label: string;
  readonly models: readonly string[];
  readonly dashed?: boolean | undefined;
}

export interface ParetoScatterOptions extends Caption {
  readonly fronts: readonly ParetoFront[];
}

interface Spot {
  readonly billions: number;
  readonly usdPerMtok: number;
}

const HEIGHT = 380;
const RING = 7;
const USD = "'$' + format(datum.value, '.2f')";

/**
 * Figure 1: cost against activated parameters, a labelled point per model, fronts as lines.
 * @throws RangeError `paretoScatter: ...` for no rows, a value that is not positive, or a front with a model that has no row
 */
export function paretoScatter(rows: readonly ParetoRow[], { fronts, ...caption }: ParetoScatterOptions): Chart {
  checkRows('paretoScatter', rows, { positive: ['activatedParameters', 'usdPerMtok'] });
  const colourOf = modelColours(rows.map(({ model }) => model));
  const data = rows.map((row) => {
    const billions = row.activatedParameters / 1e9;
    return {
      ...row,
      ...cited(row),
      billions,
      colour: colourOf(row.model),
      printedValue: printedValue('paretoScatter', row.printed),
      printedActivated: row.printedActivated ?? '–',
      printedBillions: printedValue('paretoScatter', row.printedActivated) ?? billions,
    };
  });
  const facts = [
    modelFact,
    { field: 'attention', title: 'Attention' },
    { field: 'billions', title: 'Activated parameters, billions', format: '.3r' },
    ...(rows.some((row) => row.printedActivated !== undefined) ? [{ field: 'printedActivated', title: 'Printed, billions' }] : []),
    usdFact,
    ...citedFacts(rows),
  ];
  const frontRows = fronts.map((front) => front.models.map((model) => data.find((row) => row.model === model) ?? missing(model)));
  const domainX = padded(data.flatMap((row) => [row.billions, row.printedBillions]));
  const domainY = padded(data.flatMap((row) => [row.usdPerMtok, row.printedValue ?? row.usdPerMtok]));
  const x: JsonObject = { field: 'billions', type: 'quantitative', scale: { domain: domainX, nice: false, zero: false }, axis: { title: 'Activated parameters, billions', tickCount: 6 } };
  const y: JsonObject = {
    field: 'usdPerMtok',
    type: 'quantitative',
    scale: { domain: domainY, nice: false, zero: false },
    axis: { title: 'USD per million tokens', tickCount: 6, labelExpr: USD, ...topTitle },
  };
  const spot = ({ billions, usdPerMtok }: Spot) => ({
    x: (billions - domainX[0]) / (domainX[1] - domainX[0]),
    y: (HEIGHT * (domainY[1] - usdPerMtok)) / (domainY[1] - domainY[0]),
  });
  const middles = fronts.map((_, index) => middle(frontRows[index] ?? []));
  const obstacles = frontRows.flatMap((front) => front.slice(1).flatMap((end, index) => between(spot(front[index] ?? end), spot(end))));
  const rings = data.flatMap(({ printedBillions, printedValue }) =>
    printedValue === null ? [] : [-RING, 0, RING].map((dx) => ({ ...spot({ billions: printedBillions, usdPerMtok: printedValue }), dx, weight: 3 })),
  );
  const wanted = [
    ...data.map(({ name, billions, usdPerMtok, colour }) => ({ text: name, billions, usdPerMtok, colour })),
    ...fronts.map((front, index) => ({ text: front.label, ...(middles[index] ?? { billions: 0, usdPerMtok: 0 }), colour: colour('muted') })),
  ];
  const places = placeLabels(
    wanted.map((label) => ({ ...spot(label), ...textSize(label.text) })),
    [...obstacles, ...rings],
    HEIGHT,
  );
  const labels = withPlaces(wanted, places);
  const shapes = distinct(rows.map((row) => row.attention));
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: HEIGHT,
      layer: [
        ...frontRows.map((front, index) => ({
          data: { values: front.map(({ billions, usdPerMtok }) => ({ billions, usdPerMtok })) },
          mark: { type: 'line', color: colour('muted'), strokeWidth: 1.5, strokeCap: 'butt', strokeDash: fronts[index]?.dashed ? [5, 4] : [], tooltip: null },
          encoding: { x, y },
        })),
        {
          mark: { type: 'point', size: 70 },
          encoding: {
            x,
            y,
            color: ownColour,
            tooltip: tooltip(facts),
            shape: { field: 'attention', type: 'nominal', scale: { domain: shapes, range: shapes.map((kind) => ATTENTION_MARKERS[kind] ?? 'circle') }, legend: SHAPE_LEGEND },
          },
        },
        {
          transform: [{ filter: 'datum.printedValue !== null' }],
          mark: { ...printedMark, fill: 'transparent', size: 190, strokeWidth: 1.25 },
          encoding: { x: { ...x, field: 'printedBillions' }, y: { ...y, field: 'printedValue' }, stroke: ownColour, tooltip: tooltip(facts) },
        },
        ...haloText(
          { align: { expr: 'datum.align' }, baseline: 'middle', dx: { expr: 'datum.dx' }, dy: { expr: 'datum.dy' } },
          { x, y, text: { field: 'text', type: 'nominal' }, color: ownColour },
          { values: labels },
        ),
        ...markKey(data, KEY_ABOVE),
      ],
    },
    data,
    columns: columns(facts),
  };
}

const SHAPE_LEGEND: JsonObject = { ...topLegend, symbolFillColor: colour('muted'), symbolStrokeColor: colour('muted'), labelExpr: "datum.label === 'hybrid' ? 'Hybrid' : upper(datum.label)" };

function missing(model: string): never {
  throw new RangeError(`paretoScatter: fronts ${model} has no row`);
}

/** The range of values with a tenth of it on either side. */
function padded(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = low === high ? low / 10 : (high - low) / 10;
  return [low - air, high + air];
}

/** Half way along the longest piece of a front. */
function middle(front: readonly Spot[]): Spot {
  const pieces = front.slice(1).map((end, index) => ({ start: front[index] ?? end, end }));
  const [longest] = [...pieces].sort((a, b) => Math.abs(b.end.billions - b.start.billions) - Math.abs(a.end.billions - a.start.billions));
  if (longest === undefined) return front[0] ?? { billions: 0, usdPerMtok: 0 };
  return { billions: (longest.start.billions + longest.end.billions) / 2, usdPerMtok: (longest.start.usdPerMtok + longest.end.usdPerMtok) / 2 };
}

const STEPS = 24;
const between = (from: { readonly x: number; readonly y: number }, to: { readonly x: number; readonly y: number }) =>
  Array.from({ length: STEPS }, (_, step) => ({ x: from.x + ((to.x - from.x) * step) / STEPS, y: from.y + ((to.y - from.y) * step) / STEPS }));
