import { fixed } from '../units/format.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { haloText, type KeyEntry, keyLines, ownColour, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { stageColour } from './stages.ts';
import { colour, FILL_HUES, modelColour } from './theme.ts';

/**
 * One part of what a worker holds, in GB (1e9 B).
 *   panel   head of its bars: a model; empty where there are no others
 *   worker  what stands above its bar: `Encode`, `Encode + prefill`
 *   part    name of one of `parts`
 */
export interface MemoryRow {
  readonly panel: string;
  readonly worker: string;
  readonly part: string;
  readonly gigabytes: number;
  readonly number?: string | undefined;
}

/** Parts of one owner have one hue; caches and other data are paler than weights. Those of nobody are grey. */
export interface MemoryPart {
  readonly name: string;
  readonly owner?: 'encoder' | 'language model' | undefined;
  readonly pale?: boolean | undefined;
}

export interface MemoryBarsOptions extends Caption {
  /** GB that a worker may use, a mark on each bar: `{ gigabytes: 85, name: 'A100' }` */
  readonly usable: { readonly gigabytes: number; readonly name: string };
  /** in the order in which they are stacked; `MEMORY_PARTS` unless given */
  readonly parts?: readonly MemoryPart[] | undefined;
}

/** What workers of encode, prefill and decode hold. */
export const MEMORY_PARTS: readonly MemoryPart[] = [
  { name: 'Encoder weights', owner: 'encoder' },
  { name: 'LLM weights', owner: 'language model' },
  { name: 'Activations' },
  { name: 'Multimedia cache', owner: 'encoder', pale: true },
  { name: 'KV cache', owner: 'language model', pale: true },
];

const LABEL = 18;
const BAR = 16;
const GAP = 8;
const LEFT = 8;
const RIGHT = 16;
const PALE = 0.35;
const INSIDE = 8;
const LETTER = 7;
/** of the axis, beyond the usable memory or the longest bar */
const AIR = 1.04;
const TITLE = 'Memory of a worker, GB';
const USABLE: JsonObject = { type: 'rule', stroke: colour('text'), strokeWidth: 2.5 };
const USABLE_KEY: JsonObject = { type: 'point', shape: 'M0,-1V1', size: 160, filled: false, stroke: colour('text'), strokeWidth: 2.5 };
/** by which the mark of usable memory is longer than a bar, on both sides */
const BEYOND = 3;
const OUT = 'out of memory';

/**
 * What a worker of each kind holds: stacked bars from zero, a panel per `panel`, with their totals and a mark at what the chip can give; totals beyond it are out of memory. Order of first appearance.
 * @throws RangeError `memoryBars: ...` for no rows, an amount that is not a number or below 0, usable memory that is not positive, or a part that is not among `parts` or twice in a worker
 */
export function memoryBars(rows: readonly MemoryRow[], { usable, parts = MEMORY_PARTS, ...caption }: MemoryBarsOptions): Chart {
  checkMemory(rows, usable, parts);
  const partOf = (name: string): MemoryPart => parts.find((part) => part.name === name) as MemoryPart;
  const amount = (panel: string, worker: string, among: readonly MemoryPart[]): number =>
    round(rows.filter((row) => row.panel === panel && row.worker === worker && among.some(({ name }) => name === row.part)).reduce((sum, { gigabytes }) => sum + gigabytes, 0));
  const data = rows.map(({ panel, worker, part, gigabytes, number }) => {
    const start = amount(
      panel,
      worker,
      parts.slice(
        0,
        parts.findIndex(({ name }) => name === part),
      ),
    );
    const { pale = false } = partOf(part);
    return {
      panel,
      worker,
      part,
      gigabytes,
      start,
      end: round(start + gigabytes),
      ...textPlace(start, round(start + gigabytes), usable.gigabytes),
      gigabytesShown: shown(gigabytes),
      totalShown: shown(amount(panel, worker, parts)),
      number: number ?? '–',
      colour: hueOf(partOf(part)),
      opacity: pale ? PALE : 1,
    };
  });
  const names = distinct(rows.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'worker', title: 'Worker' },
    { field: 'part', title: 'Part' },
    { field: 'gigabytesShown', title: 'Memory, GB' },
    { field: 'totalShown', title: 'All of the worker, GB' },
    ...(rows.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const most = AIR * Math.max(usable.gigabytes, ...data.map(({ end }) => end));
  const children = names.map((panel) => {
    const workers = distinct(rows.filter((row) => row.panel === panel).map(({ worker }) => worker));
    const totals = workers.map((worker) => ({ worker, total: amount(panel, worker, parts), ...place(workers.indexOf(worker)) }));
    return panelOf(
      panel,
      data.filter((row) => row.panel === panel).map((row) => ({ ...row, ...place(workers.indexOf(row.worker)) })),
      totals,
      usable.gigabytes,
      most,
      facts,
    );
  });
  const entries: readonly KeyEntry[] = [
    ...parts.filter(({ name }) => rows.some(({ part }) => part === name)).map((part): KeyEntry => ({ text: part.name, symbol: swatch(hueOf(part), part.pale ? PALE : 1) })),
    { text: `Usable on ${usable.name}: ${trimmed(usable.gigabytes)} GB`, symbol: USABLE_KEY },
  ];
  return { ...caption, spec: panels({ children, left: LEFT, right: RIGHT, columns: Math.min(2, names.length), head: keyLines(entries, 0) }), data, columns: columns(facts) };
}

/** Where the name of a part stands, and the room it has: on the side of the mark on which the part begins. */
function textPlace(start: number, end: number, usable: number): { readonly middle: number; readonly room: number } {
  const until = start < usable ? Math.min(end, usable) : end;
  return { middle: round((start + until) / 2), room: round(until - start) };
}

const hueOf = ({ owner }: MemoryPart): string => (owner === 'encoder' ? stageColour('encode') : owner === 'language model' ? stageColour('prefill') : modelColour(FILL_HUES[3] ?? ''));

/** Px from the top of the panel. */
function place(at: number): { readonly label: number; readonly top: number; readonly bottom: number } {
  const label = at * (LABEL + BAR + GAP);
  return { label: label + LABEL / 2, top: label + LABEL, bottom: label + LABEL + BAR };
}

function panelOf(
  panel: string,
  parts: readonly JsonObject[],
  totals: readonly { readonly worker: string; readonly total: number; readonly label: number; readonly top: number; readonly bottom: number }[],
  usable: number,
  most: number,
  facts: readonly Fact[],
): JsonObject {
  const height = totals.length * (LABEL + BAR + GAP);
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { domain: [0, most], nice: false, zero: true },
      axis: { title: TITLE, tickCount: 5, labelExpr: "format(datum.value, '~r')", labelFlush: false, labelOverlap: 'greedy', domain: false, grid: true },
    });
  const y = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  const value = "format(datum.gigabytes, '.1f')";
  const fits = (text: string): string => `panelWidth * datum.room / ${most} > ${INSIDE} + ${LETTER} * length(${text})`;
  const named = totals.map(({ worker, total, label }) => ({ label, text: `${worker}: ${fixed(total, 1)} GB${total > usable ? `, ${OUT}` : ''}`, weight: total > usable ? 600 : 400 }));
  return {
    data: { values: parts },
    ...(panel === '' ? {} : { title: panelTitle(panel) }),
    height,
    layer: [
      { mark: { type: 'rect', fill: colour('page'), tooltip: null }, encoding: { x: x('start'), x2: { field: 'end' }, y: y('top'), y2: { field: 'bottom' } } },
      {
        mark: { type: 'rect', strokeWidth: 0.75, stroke: colour('page') },
        encoding: {
          x: x('start'),
          x2: { field: 'end' },
          y: y('top'),
          y2: { field: 'bottom' },
          fill: ownColour,
          fillOpacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null },
          tooltip: tooltip(facts),
        },
      },
      {
        mark: {
          type: 'text',
          baseline: 'middle',
          fontWeight: 600,
          dy: BAR / 2 + 0.5,
          fill: { expr: `datum.opacity < 1 ? '${colour('text')}' : '${colour('page')}'` },
          tooltip: null,
          text: { expr: `${fits(`datum.part + ' ' + ${value}`)} ? datum.part + ' ' + ${value} : ${fits(value)} ? ${value} : ''` },
        },
        encoding: { x: x('middle'), y: y('top') },
      },
      {
        data: { values: totals.map(({ top, bottom }) => ({ usable, from: top - BEYOND, to: bottom + BEYOND })) },
        mark: { ...USABLE, tooltip: null },
        encoding: { x: x('usable'), y: y('from'), y2: { field: 'to' } },
      },
      ...haloText(
        { align: 'left', baseline: 'middle', fontWeight: { expr: 'datum.weight' } },
        { x: { value: 0 }, y: y('label'), text: { field: 'text', type: 'nominal' }, color: { value: colour('text') } },
        { values: named },
      ),
    ],
  };
}

/** Without the noise of a float. */
const round = (value: number): number => Number(value.toFixed(6));

const trimmed = (value: number): string => String(Number(value.toFixed(1)));

function checkMemory(rows: readonly MemoryRow[], usable: MemoryBarsOptions['usable'], parts: readonly MemoryPart[]): void {
  checkRows('memoryBars', rows, { finite: ['gigabytes'] });
  checkRows('memoryBars', [usable], { positive: ['gigabytes'] });
  rows.forEach(({ panel, worker, part, gigabytes }, at) => {
    if (gigabytes < 0) throw new RangeError(`memoryBars: gigabytes ${gigabytes} is below 0`);
    if (!parts.some(({ name }) => name === part)) throw new RangeError(`memoryBars: part ${part} is not among parts ${parts.map(({ name }) => name).join(', ')}`);
    if (rows.findIndex((row) => row.panel === panel && row.worker === worker && row.part === part) !== at) throw new RangeError(`memoryBars: part ${part} is given twice in ${worker}`);
  });
}
