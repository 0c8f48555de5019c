import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { type KeyEntry, keyLines, ownColour, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { textSize } from './place-labels.ts';
import { shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour, FILL_HUES, modelColour } from './theme.ts';

/**
 * One part of a time, in percent of the whole.
 *   panel    head of the bars it stands among: a system, or where the shares come from; empty where there are no others
 *   bar      what stands beside its bar: a rate, a system
 *   part     name of one of `parts`
 *   seconds  what it takes, for the tooltip
 */
export interface TimeShareRow {
  readonly panel: string;
  readonly bar: string;
  readonly part: string;
  readonly percent: number;
  readonly seconds?: number | undefined;
  readonly number?: string | undefined;
}

/** Parts in their order in time. Those of one stage have one hue, waiting for it is paler; a stage of its own unless given. */
export interface TimePart {
  readonly name: string;
  readonly stage?: string | undefined;
  readonly waits?: boolean | undefined;
}

export interface TimeSharesOptions extends Caption {
  readonly parts: readonly TimePart[];
}

const ROW = 26;
const RIGHT_ROOM = 16;
const PALE = 0.35;
const LETTER = 7;
const INSIDE = 10;
/** percent by which printed shares may miss a hundred */
const ROUNDING = 1;

/**
 * Where a time goes: stacked bars of shares, a panel per `panel`, large parts named in their place. Order of first appearance.
 * @throws RangeError `timeShares: ...` for no rows, a share that is not a number or below 0, a part that is not among `parts` or twice in a bar, or shares of a bar that do not add up to 100
 */
export function timeShares(rows: readonly TimeShareRow[], { parts, ...caption }: TimeSharesOptions): Chart {
  checkShares(rows, parts);
  const stages = distinct(parts.map(({ name, stage = name }) => stage));
  const hueOf = ({ name, stage = name }: TimePart): string => modelColour(FILL_HUES[stages.indexOf(stage)] ?? '');
  const data = rows.map(({ panel, bar, part, percent, seconds, number }) => {
    const before = parts.slice(
      0,
      parts.findIndex(({ name }) => name === part),
    );
    const start = before.reduce((sum, { name }) => sum + (rows.find((row) => row.panel === panel && row.bar === bar && row.part === name)?.percent ?? 0), 0);
    const own = parts.find(({ name }) => name === part) as TimePart;
    return {
      panel,
      bar,
      part,
      percent,
      start: round(start),
      end: round(start + percent),
      middle: round(start + percent / 2),
      percentShown: shown(percent),
      secondsShown: shown(seconds),
      number: number ?? '–',
      colour: hueOf(own),
      opacity: own.waits ? PALE : 1,
    };
  });
  const panelNames = distinct(rows.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(panelNames.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'bar', title: 'Bar' },
    { field: 'part', title: 'Part' },
    { field: 'percentShown', title: 'Share, %' },
    ...(rows.some(({ seconds }) => seconds !== undefined) ? [{ field: 'secondsShown', title: 'Time, s' }] : []),
    ...(rows.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const left = 12 + Math.max(...rows.map(({ bar }) => textSize(bar).width));
  const children = panelNames.map((panel) => panelOf(panel, distinct(rows.filter((row) => row.panel === panel).map(({ bar }) => bar)), facts, left));
  const entries = parts.filter(({ name }) => rows.some(({ part }) => part === name)).map((part): KeyEntry => ({ text: part.name, symbol: swatch(hueOf(part), part.waits ? PALE : 1) }));
  return { ...caption, spec: panels({ children, left, right: RIGHT_ROOM, columns: Math.min(2, panelNames.length), head: keyLines(entries, 8 - left) }), data, columns: columns(facts) };
}

function panelOf(panel: string, bars: readonly string[], facts: readonly Fact[], left: number): JsonObject {
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { domain: [0, 100], nice: false, zero: true },
      axis: { title: 'Share of the time, %', values: [0, 25, 50, 75, 100], labelFlush: false, domain: false, grid: false },
    });
  const y: JsonObject = {
    field: 'bar',
    type: 'nominal',
    sort: bars,
    scale: { paddingInner: 0.25, paddingOuter: 0.1 },
    axis: { title: null, labelColor: colour('text'), labelLimit: 0, ticks: false, grid: false },
  };
  const percent = "format(datum.percent, '.0f') + ' %'";
  const fits = (text: string): string => `panelWidth * datum.percent / 100 > ${INSIDE} + ${LETTER} * length(${text})`;
  return {
    data: { name: 'rows' },
    transform: [{ filter: { field: 'panel', equal: panel } }],
    ...(panel === '' ? {} : { title: { ...panelTitle(panel), dx: 8 - left } }),
    height: ROW * bars.length,
    layer: [
      {
        mark: { type: 'bar', stroke: colour('page'), strokeWidth: 0.75 },
        encoding: { x: x('start'), x2: { field: 'end' }, y, fill: ownColour, fillOpacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null }, tooltip: tooltip(facts) },
      },
      {
        mark: {
          type: 'text',
          baseline: 'middle',
          fontWeight: 600,
          fill: { expr: `datum.opacity < 1 ? '${colour('text')}' : '${colour('page')}'` },
          tooltip: null,
          text: { expr: `${fits(`datum.part + ' ' + ${percent}`)} ? datum.part + ' ' + ${percent} : ${fits(percent)} ? ${percent} : ''` },
        },
        encoding: { x: x('middle'), y },
      },
    ],
  };
}

/** Without the noise of a float. */
const round = (value: number): number => Number(value.toFixed(6));

function checkShares(rows: readonly TimeShareRow[], parts: readonly TimePart[]): void {
  checkRows('timeShares', rows, { finite: ['percent'] });
  const timed = rows.filter(({ seconds }) => seconds !== undefined);
  if (timed.length > 0) checkRows('timeShares', timed, { finite: ['seconds'] });
  rows.forEach(({ panel, bar, part, percent }, at) => {
    if (percent < 0) throw new RangeError(`timeShares: percent ${percent} is below 0`);
    if (!parts.some(({ name }) => name === part)) throw new RangeError(`timeShares: part ${part} is not among parts ${parts.map(({ name }) => name).join(', ')}`);
    const own = rows.filter((row) => row.panel === panel && row.bar === bar);
    if (own.filter((row) => row.part === part).length > 1) throw new RangeError(`timeShares: part ${part} is given twice in ${bar}`);
    const sum = own.reduce((total, row) => total + row.percent, 0);
    if (rows.findIndex((row) => row.panel === panel && row.bar === bar) === at && Math.abs(sum - 100) > ROUNDING) throw new RangeError(`timeShares: shares of ${bar} add up to ${shown(sum)} %`);
  });
}
