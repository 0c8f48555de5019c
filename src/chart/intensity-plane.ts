import { contextLabel } from '../units/format.ts';
import { topTitle } from './axis.ts';
import { type Caption, checkRows, distinct, type ModelRow, printedValue } from './caption.ts';
import { directLabels } from './direct-labels.ts';
import { cited, citedFacts, columns, contextFact, type Fact, modelFact, tooltip } from './facts.ts';
import { haloText, ownColour } from './marks.ts';
import { placeLabels, textSize, withPlaces } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { chipStyle, colour, modelColours } from './theme.ts';

/** Core attention of a model at one context length. `printed` is the intensity that the paper prints, FLOP per byte. */
export interface IntensityRow extends ModelRow {
  readonly context: number;
  readonly coreFlop: number;
  readonly kvBytesRead: number;
}

/** A chip's ridge point, FLOP per byte. */
export interface Ridge {
  readonly chip: string;
  readonly chipName: string;
  readonly flopPerByte: number;
  readonly number?: string | undefined;
}

export interface IntensityPlaneOptions extends Caption {
  readonly ridges: readonly Ridge[];
}

const HEIGHT = 400;
const STEPS = 30;
/** a context is written beside its point where it covers little more than a ray */
const TOLERATED = 12;

/**
 * Figure 5: core attention work against KV bytes, linear: a line per model between its contexts, a ray from the origin per chip.
 * A chip waits for memory below its ray, for arithmetic above it.
 * @throws RangeError `intensityPlane: ...` for no rows or a value that is not positive
 */
export function intensityPlane(rows: readonly IntensityRow[], { ridges, ...caption }: IntensityPlaneOptions): Chart {
  checkRows('intensityPlane', rows, { positive: ['context', 'coreFlop', 'kvBytesRead'] });
  if (ridges.length > 0) checkRows('intensityPlane', ridges, { positive: ['flopPerByte'] });
  const colourOf = modelColours(rows.map(({ model }) => model));
  const data = rows.map((row) => ({
    ...row,
    ...cited(row),
    gigabytes: row.kvBytesRead / 1e9,
    gigaflop: row.coreFlop / 1e9,
    intensity: row.coreFlop / row.kvBytesRead,
    colour: colourOf(row.model),
    contextName: contextLabel(row.context),
    printedValue: printedValue('intensityPlane', row.printed),
  }));
  const facts: readonly Fact[] = [
    modelFact,
    contextFact,
    { field: 'gigabytes', title: 'KV and state read, GB per token', format: '.3r' },
    { field: 'gigaflop', title: 'Core attention, GFLOP per token', format: '.3r' },
    { field: 'intensity', title: 'Intensity, FLOP per byte', format: '.3~r' },
    ...citedFacts(rows),
  ];
  const most = { x: 1.08 * Math.max(...data.map((row) => row.gigabytes)), y: 1.08 * Math.max(...data.map((row) => row.gigaflop)) };
  const channel = (field: string, top: number, axis: JsonObject): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, top], nice: false, zero: true },
    axis: { tickCount: 6, labelFlush: false, labelExpr: "format(datum.value, '~r')", ...axis },
  });
  const x = channel('gigabytes', most.x, { title: 'KV and state read, GB per decoded token' });
  const y = channel('gigaflop', most.y, { title: 'Core attention, GFLOP per decoded token', ...topTitle });
  const rays = ridges.map(({ chip, chipName, flopPerByte, number }) => {
    const steep = flopPerByte * most.x > most.y;
    return {
      chip,
      label: `${chipName}, ${Math.round(flopPerByte)}`,
      ridge: `${chipName} ridge,\n${Math.round(flopPerByte)} FLOP/B`,
      flopPerByte,
      number: number ?? '–',
      gigabytes: steep ? most.y / flopPerByte : most.x,
      gigaflop: steep ? most.y : flopPerByte * most.x,
      steep,
    };
  });
  const flat = rays.filter((ray) => !ray.steep);
  const rayFacts: readonly Fact[] = [{ field: 'label', title: 'Ridge point' }, { field: 'flopPerByte', title: 'FLOP per byte', format: '.4~r' }, ...citedFacts(ridges)];
  const labels = pointLabels(data, rays, most);
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: HEIGHT,
      layer: [
        ...rays.map((ray) => ({
          data: { values: [{ ...ray, gigabytes: 0, gigaflop: 0 }, ray] },
          mark: { type: 'line', color: colour('context'), strokeWidth: 1.5, strokeCap: 'butt', strokeDash: chipStyle(ray.chip).dash },
          encoding: { x, y, tooltip: tooltip(rayFacts) },
        })),
        { mark: { type: 'line', strokeWidth: 3 }, encoding: { x, y, detail: { field: 'model', type: 'nominal' }, color: ownColour, order: { field: 'context', type: 'quantitative' } } },
        { mark: { type: 'point', size: 60 }, encoding: { x, y, color: ownColour, tooltip: tooltip(facts) } },
        ...haloText(
          { align: { expr: 'datum.align' }, baseline: 'middle', dx: { expr: 'datum.dx' }, dy: { expr: 'datum.dy' }, lineBreak: '\n', lineHeight: 14 },
          { x, y, text: { field: 'text', type: 'nominal' }, color: ownColour },
          { values: labels },
        ),
        ...haloText(
          { align: 'right', baseline: 'top', dx: -6, dy: 2, lineBreak: '\n', lineHeight: 14 },
          { x, y, text: { field: 'ridge', type: 'nominal' }, color: { value: colour('muted') } },
          { values: rays.filter((ray) => ray.steep) },
        ),
        ...(flat.length > 0
          ? [directLabels({ rows: flat, x: 'gigabytes', y: 'gigaflop', series: 'chip', label: 'label', colour: () => colour('muted'), height: HEIGHT, domain: [0, most.y], log: false })]
          : []),
      ],
    },
    data,
    columns: columns(facts),
  };
}

interface Spot {
  readonly gigabytes: number;
  readonly gigaflop: number;
}

/** The intensity at the last context of each model, and the first and last context, placed beside lines and rays. */
function pointLabels(
  data: readonly (IntensityRow & Spot & { readonly intensity: number; readonly colour: string; readonly contextName: string })[],
  rays: readonly (Spot & { readonly steep: boolean })[],
  most: { readonly x: number; readonly y: number },
) {
  const spot = ({ gigabytes, gigaflop }: Spot) => ({ x: gigabytes / most.x, y: HEIGHT * (1 - gigaflop / most.y) });
  const wanted = distinct(data.map((row) => row.model)).flatMap((model) => {
    const own = data.filter((row) => row.model === model);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    const named = { ...last, tolerated: Number.POSITIVE_INFINITY, text: `${last.name}\n${Number(last.intensity.toPrecision(3))} FLOP/B` };
    return [named, ...distinct([first, last]).map((row) => ({ ...row, text: row.contextName, tolerated: TOLERATED }))];
  });
  const ridges = rays.filter((ray) => ray.steep).flatMap((ray) => [-20, -50, -80].flatMap((dx) => [8, 24].map((y) => ({ ...spot(ray), dx, y, weight: 5 }))));
  const lineTo = (end: Spot, weight: number) =>
    Array.from({ length: STEPS }, (_, step) => ({ ...spot({ gigabytes: (end.gigabytes * step) / STEPS, gigaflop: (end.gigaflop * step) / STEPS }), weight }));
  const lines = [...data.flatMap((end) => lineTo(end, 3)), ...rays.flatMap((end) => lineTo(end, 1))];
  const places = placeLabels(
    wanted.map((label) => ({ ...spot(label), ...textSize(label.text), tolerated: label.tolerated })),
    [...lines, ...ridges],
    HEIGHT,
  );
  return withPlaces(
    wanted.map(({ gigabytes, gigaflop, colour, text }) => ({ gigabytes, gigaflop, colour, text })),
    places,
  );
}
