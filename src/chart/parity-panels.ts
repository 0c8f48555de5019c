import { significant } from '../units/format.ts';
import { decadeTicks } from './axis.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { haloText, type KeyEntry, keyEntry, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { CHART_TEXT, chipStyle, colour } from './theme.ts';

/** A kernel as it was predicted and measured, in seconds. `group` is the shape that was left out together with it, `chip` gives the marker. */
export interface ParityRow {
  readonly panel: string;
  readonly chip: string;
  readonly group: string;
  readonly predicted: number;
  readonly measured: number;
}

/** The 80 % interval of a panel, measured over predicted. */
export interface ParityBand {
  readonly panel: string;
  readonly low: number;
  readonly high: number;
}

export interface ParityPanelsOptions {
  readonly bands?: readonly ParityBand[];
}

const HEIGHT = 132;
const AXIS_ROOM = 44;
const RIGHT_ROOM = 10;
const TITLE_SIZE = 12;
/** a line of a title, as wide as a panel where text is not measured but reckoned at 0.8 em a letter */
const TITLE_LETTERS = 22;
const LEFT = -32;
/** how far the scale of ratios reaches at least and at most; points beyond stand at its edge */
const REACH = [1.5, 2] as const;
const TICK_GAP = 17;
const BAND_OPACITY = 0.2;
const EDGE = 4;
const KEY_GAP = 16;
const BESIDE = 20;

/**
 * Measured over predicted time against predicted time, a panel per family of kernels, all panels on the same scales. Points further
 * off than a factor of two stand at the edge, with their ratio. Order of first appearance.
 * @throws RangeError `parityPanels: ...` for no rows, a time or ratio that is not positive, or a band without rows
 */
export function parityPanels(rows: readonly ParityRow[], caption: Caption, { bands = [] }: ParityPanelsOptions = {}): Chart {
  checkRows('parityPanels', rows, { positive: ['predicted', 'measured'] });
  const names = distinct(rows.map(({ panel }) => panel));
  checkBands(bands, names);
  const data = rows.map(({ panel, chip, group, predicted, measured }) => ({
    panel,
    chip,
    group,
    predictedUs: digits(1e6 * predicted),
    measuredUs: digits(1e6 * measured),
    ratio: digits(measured / predicted),
  }));
  const facts: readonly Fact[] = [
    { field: 'panel', title: 'Kernels' },
    { field: 'group', title: 'Left out together' },
    { field: 'predictedUs', title: 'Predicted, us', format: ',.3~r' },
    { field: 'measuredUs', title: 'Measured, us', format: ',.3~r' },
    { field: 'ratio', title: 'Measured over predicted', format: '.3~r' },
  ];
  const domain = ratioDomain([...data.map(({ ratio }) => ratio), ...bands.flatMap(({ low, high }) => [low, high])], ...REACH);
  const x = timeAxis(data.map(({ predictedUs }) => predictedUs));
  const y: JsonObject = {
    field: 'ratio',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title: null, values: ratioTicks(domain, TICK_GAP / HEIGHT), labelExpr: "format(datum.value, '~r')", labelOverlap: false },
  };
  const chips = distinct(rows.map(({ chip }) => chip));
  const shape: JsonObject = { field: 'chip', type: 'nominal', scale: { domain: chips, range: chips.map((chip) => chipStyle(chip).marker) }, legend: null };
  const children = names.map((name): JsonObject => {
    const outside = data.filter(({ panel, ratio }) => panel === name && (ratio < domain[0] || ratio > domain[1]));
    return {
      data: { name: 'rows' },
      transform: [{ filter: { field: 'panel', equal: name } }],
      title: { ...panelTitle(name), text: wrapped(name), fontSize: TITLE_SIZE, dx: LEFT },
      height: HEIGHT,
      layer: [
        ...bands.filter(({ panel }) => panel === name).map((band) => bandLayer(band, y, domain)),
        { data: { values: [{ ratio: 1 }] }, mark: { type: 'rule', color: colour('muted'), tooltip: null }, encoding: { x: { value: 0 }, x2: { value: { expr: 'panelWidth' } }, y } },
        {
          transform: [{ filter: `datum.ratio >= ${domain[0]} && datum.ratio <= ${domain[1]}` }],
          mark: { type: 'point', size: 20, opacity: 0.5, color: colour('link') },
          encoding: { x, y, shape, tooltip: tooltip(facts) },
        },
        ...outsideLayers(outside, x, facts),
      ],
    };
  });
  const beyond = data.some(({ ratio }) => ratio < domain[0] || ratio > domain[1]);
  const key: readonly KeyEntry[] = [
    ...(bands.length > 0 ? [{ text: '80 % interval', symbol: swatch(colour('context'), BAND_OPACITY) }] : []),
    ...(beyond ? [{ text: 'Further off, with its ratio', symbol: { type: 'point', shape: 'triangle-up', size: 40, stroke: colour('link'), fill: colour('link') } }] : []),
    ...(names.some((name) => distinct(rows.filter(({ panel }) => panel === name).map(({ chip }) => chip)).length > 1)
      ? chips.map((chip) => ({ text: chip.toUpperCase(), symbol: { type: 'point', shape: chipStyle(chip).marker, size: 40, stroke: colour('link') } }))
      : []),
  ];
  return { ...caption, spec: panels({ children, left: AXIS_ROOM, right: RIGHT_ROOM, columns: 3, head: head(key) }), data, columns: columns(facts) };
}

/** Four digits: more than a time was measured to. */
const digits = (value: number): number => Number(value.toPrecision(4));

function checkBands(bands: readonly ParityBand[], names: readonly string[]): void {
  if (bands.length > 0) checkRows('parityPanels', bands, { positive: ['low', 'high'] });
  bands.forEach(({ panel, low, high }, at) => {
    if (!names.includes(panel)) throw new RangeError(`parityPanels: bands ${panel} has no row`);
    if (bands.findIndex((band) => band.panel === panel) !== at) throw new RangeError(`parityPanels: bands ${panel} is given twice`);
    if (low > high) throw new RangeError(`parityPanels: low ${low} is above high ${high}`);
  });
}

const MOST_TIMES = 3;
const TIME = "datum.value >= 1e6 ? format(datum.value / 1e6, '~r') + ' s' : datum.value >= 1e3 ? format(datum.value / 1e3, '~r') + ' ms' : format(datum.value, '~r') + ' us'";

/** The x channel of a time in microseconds, from one half decade to another; every second decade has a label where there are many. */
function timeAxis(microseconds: readonly number[]): JsonObject {
  const [low, high] = [Math.min(...microseconds), Math.max(...microseconds)];
  const halves = decadeTicks(low / 10, high * 10);
  const domain = [halves.filter((tick) => tick < low).at(-1) ?? low, halves.find((tick) => tick > high) ?? high] as const;
  const all = decadeTicks(...domain);
  const decades = all.filter((tick) => tick.toExponential().startsWith('1e'));
  const labelled = decades.length < 2 ? all : decades.filter((_, index) => decades.length <= MOST_TIMES || index % 2 === 0);
  return inPanel({
    field: 'predictedUs',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: {
      title: null,
      values: decades.length < MOST_TIMES ? all : decades,
      labelExpr: `indexof(${JSON.stringify(labelled)}, datum.value) < 0 ? '' : ${TIME}`,
      labelOverlap: false,
    },
  });
}

/** From one side of 1 to the other, as far as the values reach, but at least and at most so far. */
export function ratioDomain(values: readonly number[], least: number, most = Number.POSITIVE_INFINITY): readonly [number, number] {
  const reach = 1.03 * Math.max(...values.map((value) => Math.max(value, 1 / value)));
  const limited = digits(Math.min(most, Math.max(least, reach)));
  return [1 / limited, limited];
}

/** Ratios that a reader knows, a pair of either side at a time, those that an axis wants first at the front. */
const RATIOS = [[1], [10, 0.1], [100, 0.01], [2, 0.5], [5, 0.2], [1.5, 0.7], [1.25, 0.8], [1.1, 0.9]];

/** Ticks of a log scale of ratios: 1, and pairs that are at least a share of the scale from others: `0.5 0.7 0.8 0.9 1 1.1 1.25 1.5 2`. */
export function ratioTicks([low, high]: readonly [number, number], apart: number): readonly number[] {
  const ticks: number[] = [];
  const isFree = (ratio: number): boolean => ticks.every((tick) => Math.abs(Math.log(ratio / tick)) >= apart * Math.log(high / low));
  for (const pair of RATIOS) {
    const inside = pair.filter((ratio) => ratio >= low && ratio <= high);
    if (inside.every(isFree)) ticks.push(...inside);
  }
  return ticks.sort((a, b) => a - b);
}

/** A title of one line or several. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= TITLE_LETTERS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function bandLayer({ panel, low, high }: ParityBand, y: JsonObject, [least, most]: readonly [number, number]): JsonObject {
  const within = (ratio: number): number => Math.min(most, Math.max(least, ratio));
  return {
    data: { values: [{ panel, interval: `${significant(low)} to ${significant(high)}`, ratio: within(low), high: within(high) }] },
    mark: { type: 'rect', color: colour('context'), opacity: BAND_OPACITY },
    encoding: {
      x: { value: 0 },
      x2: { value: { expr: 'panelWidth' } },
      y,
      y2: { field: 'high' },
      tooltip: tooltip([
        { field: 'panel', title: 'Kernels' },
        { field: 'interval', title: '80 % interval' },
      ]),
    },
  };
}

type Outside = { readonly ratio: number; readonly predictedUs: number };

/** Points beyond the scale of ratios: arrows at the edge; the first and the last of an edge have their ratio beside them. */
function outsideLayers(rows: readonly (Outside & JsonObject)[], x: JsonObject, facts: readonly Fact[]): readonly JsonObject[] {
  const edge = (own: readonly (Outside & JsonObject)[], shape: string, at: number): readonly JsonObject[] => {
    const sorted = [...own].sort((a, b) => a.predictedUs - b.predictedUs);
    const text = (row: (Outside & JsonObject) | undefined, align: string, dx: number): readonly JsonObject[] =>
      row === undefined ? [] : haloText({ text: significant(row.ratio, 2), align, dx, baseline: 'middle' }, { x, y: { value: at } }, { values: [row] });
    return [
      ...(own.length > 0 ? [{ data: { values: sorted }, mark: { type: 'point', shape, size: 40, color: colour('link') }, encoding: { x, y: { value: at }, tooltip: tooltip(facts) } }] : []),
      ...text(sorted.at(-1), 'left', 6),
      ...(own.length > 1 ? text(sorted[0], 'right', -6) : []),
    ];
  };
  const above = rows.filter(({ ratio }) => ratio > 1);
  const below = rows.filter(({ ratio }) => ratio < 1);
  return [...edge(above, 'triangle-up', EDGE), ...edge(below, 'triangle-down', HEIGHT - EDGE)];
}

const AXES = '↑ Measured over predicted time, → predicted time (log scales)';

/** What the axes of all panels are, and a line below it what the marks mean. */
function head(entries: readonly KeyEntry[]): readonly JsonObject[] {
  let from = LEFT;
  const key = entries.flatMap((entry) => {
    const marks = keyEntry(entry, String(from), 17);
    from += BESIDE + KEY_GAP + textSize(entry.text).width;
    return marks;
  });
  return [
    {
      data: { values: [{}] },
      mark: { type: 'text', text: AXES, align: 'left', baseline: 'middle', fontSize: CHART_TEXT.label, color: colour('muted'), tooltip: null },
      encoding: { x: { value: LEFT }, y: { value: -2 } },
    },
    ...key,
  ];
}
