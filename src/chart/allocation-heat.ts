import { fixed } from '../units/format.ts';
import { topTitle } from './axis.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { type KeyEntry, keyLines, printedMark } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, modelColour } from './theme.ts';

/** How many of a number of workers encode, prefill and decode. */
export interface WorkerCounts {
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
}

/**
 * What an allocation can do; `goodput` is missing where it cannot run at all.
 *   panel  head of the plot: a model, a workload; empty where there is one plot
 */
export interface AllocationRow extends WorkerCounts {
  readonly panel: string;
  readonly goodput?: number | undefined;
  readonly number?: string | undefined;
}

export interface AllocationHeatOptions extends Caption {
  /** what the numbers are, with their unit; goodput in requests per second unless given */
  readonly quantity?: string | undefined;
  /** an allocation to find again, in all panels */
  readonly marked?: (WorkerCounts & { readonly name: string }) | undefined;
}

const CELL = 44;
const LEFT = 30;
const RIGHT = 12;
const HALF = 0.5;
/** strength of the fill at zero and at the best: text stays readable on both */
const OPACITY = [0.03, 0.7] as const;
const HUE = modelColour('deepseek-v3');
const DIGITS = 3;
const NONE_LEFT = 'no worker is left to decode';
const BEST: JsonObject = { type: 'point', shape: 'square', size: 150, filled: false, fill: 'transparent', stroke: colour('text'), strokeWidth: 2.5 };
const MARKED: JsonObject = { ...printedMark, size: 70, stroke: colour('text') };
const CANNOT: JsonObject = { type: 'point', shape: 'M-0.5,0.5L0.5,-0.5', size: 150, filled: false, stroke: colour('muted'), strokeWidth: 1.25 };

/**
 * Goodput of every allocation of some workers: encode workers to the right, prefill workers up, the rest decodes. The number stands in its cell over a fill that grows with
 * it, in one hue from zero; the best cells of a panel have a frame, `marked` has a ring, allocations that cannot run a stroke through. Cells without a row are empty.
 * @throws RangeError `allocationHeat: ...` for no rows, workers that are not whole numbers of at least 0, an allocation of another number of workers than the first, one that is given twice, a goodput that is not a number or below 0, none at all, or a marked allocation that has no row
 */
export function allocationHeat(rows: readonly AllocationRow[], { quantity = 'Goodput, requests per second', marked, ...caption }: AllocationHeatOptions): Chart {
  checkAllocations(rows, marked);
  const best = (panel: string): number => Math.max(...rows.filter((row) => row.panel === panel).map(({ goodput = -1 }) => goodput));
  const most = Math.max(...rows.map(({ goodput = 0 }) => goodput));
  const decimals = most === 0 ? 0 : Math.max(0, DIGITS - 1 - Math.floor(Math.log10(most)));
  const data = rows.map((row) => ({
    panel: row.panel,
    encode: row.encode,
    prefill: row.prefill,
    decode: row.decode,
    goodput: row.goodput ?? null,
    allocation: nameOf(row),
    goodputShown: shown(row.goodput),
    number: row.number ?? '–',
    text: row.goodput === undefined ? '' : fixed(row.goodput, decimals),
    rest: `${row.decode}D`,
    left: row.encode - HALF,
    right: row.encode + HALF,
    low: row.prefill - HALF,
    high: row.prefill + HALF,
    opacity: row.goodput === undefined ? 0 : OPACITY[0] + (most === 0 ? 0 : (OPACITY[1] - OPACITY[0]) * (row.goodput / most)),
    best: row.goodput !== undefined && row.goodput === best(row.panel),
    marked: marked !== undefined && nameOf(marked) === nameOf(row),
  }));
  const names = distinct(rows.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'allocation', title: 'Allocation' },
    { field: 'goodputShown', title: quantity },
    ...(rows.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const children = names.map((panel) => gridOf(panel, rows, facts));
  const entries: readonly KeyEntry[] = [
    { text: `${quantity}; D: decode workers`, symbol: { type: 'point', shape: 'square', size: 150, filled: false, fill: HUE, fillOpacity: OPACITY[1], stroke: HUE, strokeWidth: 0.5 } },
    { text: 'Best', symbol: BEST },
    ...(marked === undefined ? [] : [{ text: marked.name, symbol: MARKED }]),
    ...(rows.some(({ goodput }) => goodput === undefined) ? [{ text: 'Cannot run', symbol: CANNOT }] : []),
  ];
  return { ...caption, spec: panels({ children, left: LEFT, right: RIGHT, columns: Math.min(2, names.length), head: keyLines(entries, 8 - LEFT) }), data, columns: columns(facts) };
}

const workers = ({ encode, prefill, decode }: WorkerCounts): number => encode + prefill + decode;

/** `6E1P1D` */
const nameOf = ({ encode, prefill, decode }: WorkerCounts): string => `${encode}E${prefill}P${decode}D`;

function gridOf(panel: string, rows: readonly AllocationRow[], facts: readonly Fact[]): JsonObject {
  const span = (of: 'encode' | 'prefill'): readonly number[] => {
    const [from, to] = [Math.min(...rows.map((row) => row[of])), Math.max(...rows.map((row) => row[of]))];
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  };
  const channel = (field: string, counts: readonly number[], axis: JsonObject): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain: [(counts[0] as number) - HALF, (counts.at(-1) as number) + HALF], nice: false, zero: false },
    axis: { values: counts, labelExpr: "format(datum.value, 'd')", ticks: false, domain: false, grid: false, labelColor: colour('text'), labelFlush: false, ...axis },
  });
  const [across, up] = [span('encode'), span('prefill')];
  const x = (field: string): JsonObject => inPanel(channel(field, across, { title: 'Encode workers' }));
  const y = (field: string): JsonObject => channel(field, up, { title: 'Prefill workers', ...topTitle });
  const cell: JsonObject = { x: x('left'), x2: { field: 'right' }, y: y('low'), y2: { field: 'high' } };
  const height = CELL * up.length;
  const corner = (across.at(-1) as number) + (up.at(-1) as number) >= workers(rows[0] as AllocationRow);
  return {
    data: { name: 'rows' },
    transform: [{ filter: { field: 'panel', equal: panel } }],
    ...(panel === '' ? {} : { title: { ...panelTitle(panel), dx: 8 - LEFT } }),
    height,
    layer: [
      {
        mark: { type: 'rect', fill: HUE, stroke: colour('rule'), strokeWidth: 1 },
        encoding: { ...cell, fillOpacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null }, tooltip: tooltip(facts) },
      },
      { transform: [{ filter: 'datum.goodput === null' }], mark: { type: 'rule', stroke: colour('muted'), strokeWidth: 1.25, tooltip: null }, encoding: cell },
      { transform: [{ filter: 'datum.best' }], mark: { type: 'rect', filled: false, stroke: colour('text'), strokeWidth: 2.5, tooltip: null }, encoding: cell },
      { mark: { type: 'text', baseline: 'middle', fontWeight: 600, fontSize: 13, dy: -6, tooltip: null }, encoding: { x: x('encode'), y: y('prefill'), text: { field: 'text', type: 'nominal' } } },
      {
        transform: [{ filter: 'datum.goodput !== null' }],
        mark: { type: 'text', baseline: 'middle', dy: 10, tooltip: null },
        encoding: { x: x('encode'), y: y('prefill'), text: { field: 'rest', type: 'nominal' } },
      },
      { transform: [{ filter: 'datum.marked' }], mark: { ...MARKED, xOffset: -9, yOffset: -9, tooltip: null }, encoding: { x: x('right'), y: y('low') } },
      ...(corner
        ? [
            {
              data: { values: [{}] },
              mark: { type: 'text', text: NONE_LEFT, align: 'right', baseline: 'middle', color: colour('muted'), tooltip: null },
              encoding: { x: { value: { expr: 'panelWidth' } }, y: { value: CELL / 2 } },
            },
          ]
        : []),
    ],
  };
}

function checkAllocations(rows: readonly AllocationRow[], marked: AllocationHeatOptions['marked']): void {
  checkRows('allocationHeat', rows, { finite: ['encode', 'prefill', 'decode'] });
  const all = workers(rows[0] as AllocationRow);
  rows.forEach((row, at) => {
    for (const stage of ['encode', 'prefill', 'decode'] as const)
      if (!Number.isSafeInteger(row[stage]) || row[stage] < 0) throw new RangeError(`allocationHeat: ${stage} ${row[stage]} is not a whole number of at least 0`);
    if (workers(row) !== all) throw new RangeError(`allocationHeat: ${nameOf(row)} has ${workers(row)} workers, the first allocation ${all}`);
    if (rows.findIndex((other) => other.panel === row.panel && nameOf(other) === nameOf(row)) !== at)
      throw new RangeError(`allocationHeat: ${nameOf(row)} is given twice in ${JSON.stringify(row.panel)}`);
    if (row.goodput !== undefined && !(Number.isFinite(row.goodput) && row.goodput >= 0)) throw new RangeError(`allocationHeat: goodput ${row.goodput} is not a number of at least 0`);
  });
  if (rows.every(({ goodput }) => goodput === undefined)) throw new RangeError('allocationHeat: goodput is missing in all rows');
  if (marked !== undefined && !rows.some((row) => nameOf(row) === nameOf(marked))) throw new RangeError(`allocationHeat: marked ${nameOf(marked)} has no row`);
}
