import { significant } from '../units/format.ts';
import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { keyLines, ownColour, swatch } from './marks.ts';
import { inPanel, panels } from './panels.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { stageColour, stageName } from './stages.ts';
import { colour } from './theme.ts';

/** What one image costs a model on a chip, USD: the encoder at work on it, and the prefill of the tokens that it becomes. */
export interface ImageCostRow {
  readonly model: string;
  readonly chip: string;
  readonly encodeUsd: number;
  readonly prefillUsd: number;
  readonly number?: string | undefined;
}

export interface ImageCostBarsOptions extends Caption {
  /** how many images the axis prices; 1000 unless given */
  readonly images?: 1 | 1000 | undefined;
  /** the cheapest model first, each by its cheapest chip; else, and for chips always, the order of first appearance */
  readonly ranked?: boolean | undefined;
}

const HEAD = 20;
const BAR = 14;
const GAP = 6;
const GROUP_GAP = 8;
const RIGHT = 12;
const BESIDE = 8;
const LETTER = 7;
const INSIDE = 8;
const TOTAL_DX = 6;
const SPLIT_LETTER = 6.4;
const PARTS = ['encode', 'prefill'] as const;

/**
 * Cost of an image as stacked bars from zero: encode and prefill, a bar per chip under each model, the total at its end and the parts in their place, or behind the
 * total where the bar is too short for them.
 * @throws RangeError `imageCostBars: ...` for no rows, a cost that is not a number or below 0, or a model twice on a chip
 */
export function imageCostBars(rows: readonly ImageCostRow[], { images = 1000, ranked = true, ...caption }: ImageCostBarsOptions): Chart {
  checkCosts(rows);
  const xTitle = images === 1 ? 'USD per image' : 'USD per thousand images';
  const chips = distinct(rows.map(({ chip }) => chip));
  const models = distinct(rows.map(({ model }) => model));
  const total = ({ encodeUsd, prefillUsd }: ImageCostRow): number => encodeUsd + prefillUsd;
  const cheapest = (model: string): number => Math.min(...rows.filter((row) => row.model === model).map(total));
  const ordered = ranked ? [...models].sort((a, b) => cheapest(a) - cheapest(b)) : models;
  const grouped = chips.length > 1;
  const usd = (value: number): string => `$${significant(images * value, 3)}`;
  const placed = new Map<ImageCostRow, { readonly top: number; readonly middle: number; readonly bottom: number }>();
  const heads: JsonObject[] = [];
  let height = 0;
  for (const model of ordered) {
    if (grouped) {
      heads.push({ head: model, middle: height + HEAD / 2 });
      height += HEAD;
    }
    for (const chip of chips)
      for (const row of rows.filter((each) => each.model === model && each.chip === chip)) {
        placed.set(row, { top: height, middle: height + BAR / 2, bottom: height + BAR });
        height += BAR + GAP;
      }
    if (grouped) height += GROUP_GAP;
  }
  const data = rows.map((row) => ({
    model: row.model,
    chip: row.chip,
    encode: images * row.encodeUsd,
    prefill: images * row.prefillUsd,
    total: images * total(row),
    encodeShown: usd(row.encodeUsd),
    prefillShown: usd(row.prefillUsd),
    totalShown: usd(total(row)),
    splitShown: `encode ${usd(row.encodeUsd)} + prefill ${usd(row.prefillUsd)}`,
    number: row.number ?? '–',
    name: grouped ? row.chip : row.model,
    ...placed.get(row),
  }));
  const facts: readonly Fact[] = [
    { field: 'model', title: 'Model' },
    { field: 'chip', title: 'Chip' },
    { field: 'encodeShown', title: `Encode, ${xTitle}` },
    { field: 'prefillShown', title: `Prefill, ${xTitle}` },
    { field: 'totalShown', title: `Both, ${xTitle}` },
    ...(rows.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const totalRoom = TOTAL_DX + LETTER * Math.max(...data.map(({ totalShown }) => totalShown.length));
  const plot = `(panelWidth - ${totalRoom})`;
  const top = Math.max(...data.map((row) => row.total)) || 1;
  const left = BESIDE + Math.max(...data.map(({ name }) => textSize(name).width));
  const x = (field: string): JsonObject => {
    const channel = inPanel({
      field,
      type: 'quantitative',
      axis: { title: xTitle, tickCount: 5, labelExpr: "'$' + format(datum.value, '~r')", labelFlush: false, labelOverlap: 'greedy', grid: true, domain: false },
    });
    return { ...channel, scale: { domain: [0, top], nice: false, zero: true, range: [0, { expr: plot }] } };
  };
  const y = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  const text = (field: string): JsonObject => ({ field, type: 'nominal' });
  const bars = data.flatMap((row) =>
    PARTS.map((stage) => {
      const start = stage === 'encode' ? 0 : row.encode;
      return { ...row, start, end: start + row[stage], inside: (2 * start + row[stage]) / 2, share: row[stage] / top, text: usd(row[stage] / images), colour: stageColour(stage) };
    }),
  );
  const fits = (share: string, shownText: string): string => `${plot} * ${share} > ${INSIDE} + ${LETTER} * length(${shownText})`;
  const values = data.map((row) => ({ ...row, share: row.total / top, least: Math.min(row.encode, row.prefill) / top, shorter: row.encode < row.prefill ? row.encodeShown : row.prefillShown }));
  const child: JsonObject = {
    data: { values: bars },
    height,
    layer: [
      {
        mark: { type: 'rect' },
        encoding: { x: x('start'), x2: { field: 'end' }, y: y('top'), y2: { field: 'bottom' }, fill: ownColour, tooltip: tooltip(facts) },
      },
      {
        mark: { type: 'text', baseline: 'middle', fontWeight: 600, fill: colour('page'), tooltip: null, text: { expr: `${fits('datum.share', 'datum.text')} ? datum.text : ''` } },
        encoding: { x: x('inside'), y: y('middle') },
      },
      {
        data: { values },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: TOTAL_DX, fontWeight: 600, tooltip: null },
        encoding: { x: x('total'), y: y('middle'), text: text('totalShown') },
      },
      {
        data: { values },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          dx: { expr: `${TOTAL_DX + 2 * INSIDE} + ${LETTER} * length(datum.totalShown)` },
          fill: colour('muted'),
          tooltip: null,
          text: { expr: `!(${fits('datum.least', 'datum.shorter')}) && ${plot} * (1 - datum.share) > ${2 * INSIDE} + ${SPLIT_LETTER} * length(datum.splitShown) ? datum.splitShown : ''` },
        },
        encoding: { x: x('total'), y: y('middle') },
      },
      {
        data: { values },
        mark: { type: 'text', align: 'right', baseline: 'middle', fill: colour(grouped ? 'muted' : 'text'), tooltip: null },
        encoding: { x: { value: -BESIDE }, y: y('middle'), text: text('name') },
      },
      ...(grouped
        ? [
            {
              data: { values: heads },
              mark: { type: 'text', align: 'left', baseline: 'middle', fontWeight: 600, fontSize: 13, tooltip: null },
              encoding: { x: { value: -left }, y: y('middle'), text: text('head') },
            },
          ]
        : []),
    ],
  };
  const entries = PARTS.map((stage) => ({ text: stage === 'encode' ? stageName(stage) : `${stageName(stage)} of its tokens`, symbol: swatch(stageColour(stage), 1) }));
  return { ...caption, spec: panels({ children: [child], left, right: RIGHT, columns: 1, head: keyLines(entries, -left) }), data, columns: columns(facts) };
}

function checkCosts(rows: readonly ImageCostRow[]): void {
  checkRows('imageCostBars', rows, { finite: ['encodeUsd', 'prefillUsd'] });
  rows.forEach(({ model, chip, encodeUsd, prefillUsd }, at) => {
    for (const [field, value] of Object.entries({ encodeUsd, prefillUsd })) if (value < 0) throw new RangeError(`imageCostBars: ${field} ${value} is below 0`);
    if (rows.findIndex((row) => row.model === model && row.chip === chip) !== at) throw new RangeError(`imageCostBars: model ${model} is given twice on ${chip}`);
  });
}
