import { distinct } from './caption.ts';
import type { DirectLabels } from './direct-labels.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { haloText, type KeyEntry, keyLines, ownColour, printedMark, swatch } from './marks.ts';
import { labelRoom, panelLabels, panels, panelTitle } from './panels.ts';
import { type SeriesOptions, type SeriesRow, seriesColour, shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';

/**
 * A row as it is drawn. A series without values is a thin dashed line through its references.
 *   dashed  a second line of its series, dashed in its colour, of rows that all say so
 *   fitted  whether the line was fitted to the reference, which is then filled; where any row says so, the others are called predicted
 */
export interface SeriesPoint extends SeriesRow {
  readonly x: number;
  readonly value?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
  readonly fitted?: boolean | undefined;
  readonly dashed?: boolean | undefined;
}

export interface SeriesAxes {
  readonly x: JsonObject;
  /** without its field */
  readonly y: JsonObject;
  /** of y */
  readonly domain: readonly [number, number];
  readonly log: boolean;
  /** the axis of x runs from the largest to the smallest */
  readonly reversed?: boolean;
  /** layers below and above the lines */
  readonly under?: readonly JsonObject[];
  readonly over?: readonly JsonObject[];
}

export interface SeriesLines {
  readonly points: readonly SeriesPoint[];
  readonly options: SeriesOptions;
  readonly axes: (points: readonly SeriesPoint[], panel: string) => SeriesAxes;
  /** titles with units */
  readonly titles: { readonly x: string; readonly value: string };
  /** name lines in the key, where all of them end at one place */
  readonly named?: 'at-ends' | 'in-key';
  readonly left: number;
  readonly key?: readonly KeyEntry[];
  /** a value holds up to the next one of its line */
  readonly stepped?: boolean;
  /** panels beside each other on a wide page; 2 unless said */
  readonly columns?: number;
}

const HEIGHT = 220;
const RIGHT_ROOM = 14;
const REFERENCE: JsonObject = { ...printedMark, size: 44, strokeWidth: 1.5 };
const BAND_OPACITY = 0.2;
const DASHED: JsonObject = { strokeDash: [5, 4], strokeCap: 'butt' };
const BETWEEN: JsonObject = { strokeWidth: 1.25, strokeDash: [4, 3], strokeCap: 'butt', opacity: 0.7 };
export const SERIES_HEIGHT = HEIGHT;
/** between the y axis and a mark that stands first on the x axis, px */
export const MARK_ROOM = 8;

/** Lines in their bands with hollow reference points beside them, a panel for each `panel`, two beside each other on a wide page. Order of first appearance. */
export function seriesLines({ points, options, axes, titles, named = 'at-ends', left, key = [], stepped = false, columns: beside = 2 }: SeriesLines): Pick<Chart, 'spec' | 'data' | 'columns'> {
  const { valueName = 'Computed', referenceName = "Paper's value", bandName = '95 % interval' } = options;
  const colourOf = seriesColour(points, options);
  const fits = points.some(({ fitted }) => fitted !== undefined);
  const dashes = points.some(({ dashed }) => dashed);
  const data = points.map((point) => ({
    panel: point.panel,
    series: point.series,
    ...(dashes ? { line: lineOf(point), dashed: point.dashed ?? false } : {}),
    name: point.name,
    x: point.x,
    value: point.value ?? null,
    low: point.low ?? null,
    high: point.high ?? null,
    reference: point.reference ?? null,
    xShown: shown(point.x),
    valueShown: shown(point.value),
    lowShown: shown(point.low),
    highShown: shown(point.high),
    referenceShown: shown(point.reference),
    number: point.number ?? '–',
    colour: colourOf(point.series),
    ...(fits ? { referenceFill: point.fitted ? colourOf(point.series) : colour('page'), fittedShown: point.reference === undefined ? '–' : point.fitted ? 'in the fit' : 'predicted' } : {}),
  }));
  const has = (field: keyof SeriesPoint): boolean => points.some((point) => point[field] !== undefined);
  const names = distinct(points.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'name', title: 'Series' },
    { field: 'xShown', title: titles.x },
    { field: 'valueShown', title: titles.value },
    ...(has('low')
      ? [
          { field: 'lowShown', title: `${bandName}, from` },
          { field: 'highShown', title: `${bandName}, to` },
        ]
      : []),
    ...(has('reference') ? [{ field: 'referenceShown', title: referenceName }] : []),
    ...(fits ? [{ field: 'fittedShown', title: `${referenceName} is` }] : []),
    ...(has('number') ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const children = names.map((panel): JsonObject => {
    const own = points.filter((point) => point.panel === panel);
    const valued = new Set(own.filter(({ value }) => value !== undefined).map(({ series }) => series));
    const { x, y, domain, log, reversed = false, under = [], over = [] } = axes(own, panel);
    const at = (field: string): JsonObject => ({ ...y, field, type: 'quantitative' });
    const series: JsonObject = { x, detail: { field: dashes ? 'line' : 'series', type: 'nominal' }, color: ownColour };
    const line: JsonObject = { ...series, order: { field: 'x', type: 'quantitative' } };
    const held = (field: string, also?: string): JsonObject => ({ transform: [{ filter: `datum.${field} !== null${also === undefined ? '' : ` && ${also}`}` }] });
    const ends = own.map((point) => ({
      series: lineOf(point),
      colour: colourOf(point.series),
      name: point.name,
      x: point.x,
      along: reversed ? -point.x : point.x,
      end: point.value ?? (valued.has(point.series) ? null : (point.reference ?? null)),
    }));
    const ended = ends.filter(({ end }) => end !== null);
    const labels: DirectLabels = {
      rows: ended,
      x: 'along',
      y: 'end',
      series: 'series',
      label: 'name',
      colour: (line) => ended.find(({ series }) => series === line)?.colour ?? '',
      height: HEIGHT,
      domain,
      log,
    };
    return {
      data: { name: 'rows' },
      transform: [{ filter: { field: 'panel', equal: panel } }],
      ...(panel === '' ? {} : { title: { ...panelTitle(panel), dx: 8 - left } }),
      height: HEIGHT,
      layer: [
        ...under,
        { ...held('low'), mark: { type: 'area', opacity: BAND_OPACITY, tooltip: null }, encoding: { ...series, y: at('low'), y2: { field: 'high' } } },
        ...(valued.size < distinct(own.map(({ series }) => series)).length
          ? [
              {
                transform: [{ filter: { and: ['datum.reference !== null', { not: { field: 'series', oneOf: [...valued] } }] } }],
                mark: { type: 'line', ...BETWEEN },
                encoding: { ...line, y: at('reference') },
              },
            ]
          : []),
        { ...held('value', dashes ? '!datum.dashed' : undefined), mark: { type: 'line', ...(stepped ? { interpolate: 'step-after', strokeCap: 'butt' } : {}) }, encoding: { ...line, y: at('value') } },
        ...(dashes ? [{ ...held('value', 'datum.dashed'), mark: { type: 'line', ...DASHED }, encoding: { ...line, y: at('value') } }] : []),
        { ...held('value'), mark: { type: 'point', shape: 'square', size: 120, opacity: 0 }, encoding: { x, y: at('value'), color: ownColour, tooltip: tooltip(facts) } },
        {
          ...held('reference'),
          mark: REFERENCE,
          encoding: { x, y: at('reference'), stroke: ownColour, ...(fits ? { fill: { ...ownColour, field: 'referenceFill' } } : {}), tooltip: tooltip(facts) },
        },
        ...over,
        ...(named === 'at-ends' ? [...toEdge(ended, x, y), panelLabels(labels)] : []),
      ],
    };
  });
  const entries: readonly KeyEntry[] = [
    ...(named === 'in-key'
      ? distinct(points.map(lineOf)).map((line) => {
          const { name: text = '', series = '', dashed = false } = points.find((point) => lineOf(point) === line) ?? {};
          return { text, symbol: { ...solid(colourOf(series)), ...(dashed ? DASHED : {}) } };
        })
      : []),
    ...(has('reference') && has('value') ? [{ text: valueName, symbol: solid(colour('muted')) }] : []),
    ...(has('low') ? [{ text: bandName, symbol: { ...swatch(colour('muted'), BAND_OPACITY), strokeWidth: 0 } }] : []),
    ...(points.some(({ fitted }) => fitted) ? [{ text: `${referenceName}, in the fit`, symbol: { ...REFERENCE, fill: colour('muted') } }] : []),
    ...(points.some(({ reference, fitted }) => reference !== undefined && !fitted) ? [{ text: fits ? `${referenceName}, predicted` : referenceName, symbol: REFERENCE }] : []),
    ...key,
  ];
  const right = named === 'in-key' ? RIGHT_ROOM : labelRoom(points.map(({ name }) => name));
  return { spec: panels({ children, left, right, columns: Math.min(beside, names.length), head: keyLines(entries, 8 - left) }), data, columns: columns(facts) };
}

/** What tells lines apart: a series has a solid line and a dashed one. */
const lineOf = ({ series, dashed = false }: Pick<SeriesPoint, 'series' | 'dashed'>): string => (dashed ? `${series}, dashed` : series);

interface LineEnd {
  readonly series: string;
  readonly name: string;
  readonly colour: string;
  readonly x: number;
  readonly along: number;
  readonly end: number | null;
}

/** Faint lines from those that end before the plot does to where their names stand. */
function toEdge(points: readonly LineEnd[], x: JsonObject, y: JsonObject): readonly JsonObject[] {
  const edge = points.reduce((a, b) => (b.along > a.along ? b : a));
  const last = distinct(points.map(({ series }) => series)).map((series) => points.filter((point) => point.series === series).reduce((a, b) => (b.along > a.along ? b : a)));
  const short = last.filter(({ along }) => along < edge.along);
  if (short.length === 0) return [];
  const values = short.map(({ colour: own, x: at, end }) => ({ colour: own, x: at, edge: edge.x, end }));
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeWidth: 1, strokeDash: [1, 3], opacity: 0.7, tooltip: null },
      encoding: { x, x2: { field: 'edge' }, y: { ...y, field: 'end', type: 'quantitative' }, color: ownColour },
    },
  ];
}

const solid = (stroke: string): JsonObject => ({ type: 'rule', strokeWidth: 2, stroke });

export const GOAL: JsonObject = { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.25, stroke: colour('muted') };

/** A dashed rule across a panel at a value of y, with its text above it at the left where it has one. */
export function levelRule(level: number, y: JsonObject, text?: string): readonly JsonObject[] {
  const data: JsonObject = { values: [{ level }] };
  const at: JsonObject = { ...y, field: 'level', type: 'quantitative' };
  return [
    { data, mark: { ...GOAL, tooltip: null }, encoding: { x: { value: MARK_ROOM }, x2: { value: { expr: 'panelWidth' } }, y: at } },
    ...(text === undefined ? [] : haloText({ text, align: 'left', baseline: 'bottom', dx: 4, dy: -3 }, { x: { value: MARK_ROOM }, y: at, color: { value: colour('muted') } }, data)),
  ];
}
