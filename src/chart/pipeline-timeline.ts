import { type Caption, checkRows, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { type KeyEntry, keyEntry, ownColour, swatch } from './marks.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { CHART_TEXT, colour, FILL_HUES, modelColour } from './theme.ts';

/** One stage at work on one micro-batch of one layer; layers and micro-batches numbered as a reader shall see them. */
export interface TimelineRow {
  readonly layer: number;
  readonly stage: string;
  readonly microBatch: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

const LANE = 34;
const FILLED = 0.76;
const LETTER = 6.4;
const KEY_Y = -16;
const KEY_GAP = 16;
const BESIDE = 20;

/**
 * A pipeline in time: a lane per stage in the order of first appearance, a bar for each micro-batch of each layer, named by its layer where that
 * fits; where a lane is empty its stage waits. Stages that take no time have no lane. Six micro-batches have hues, further ones are grey.
 * @throws RangeError `pipelineTimeline: ...` for no rows, a time that is not a number, an end before its start or rows that all take no time
 */
export function pipelineTimeline(rows: readonly TimelineRow[], caption: Caption): Chart {
  checkRows('pipelineTimeline', rows, { finite: ['layer', 'microBatch', 'startSeconds', 'endSeconds'] });
  for (const { startSeconds, endSeconds } of rows) if (endSeconds < startSeconds) throw new RangeError(`pipelineTimeline: endSeconds ${endSeconds} is before startSeconds ${startSeconds}`);
  const busy = rows.filter(({ startSeconds, endSeconds }) => endSeconds > startSeconds);
  if (busy.length === 0) throw new RangeError('pipelineTimeline: rows take no time');
  const lanes = distinct(busy.map(({ stage }) => stage));
  const microBatches = [...distinct(rows.map(({ microBatch }) => microBatch))].sort((a, b) => a - b);
  const hue = (microBatch: number): string => modelColour(FILL_HUES[microBatches.indexOf(microBatch)] ?? '');
  const domain = [microseconds(Math.min(...busy.map(({ startSeconds }) => startSeconds))), microseconds(Math.max(...busy.map(({ endSeconds }) => endSeconds)))] as const;
  const data = rows.map(({ layer, stage, microBatch, startSeconds, endSeconds }) => {
    const [start, end] = [microseconds(startSeconds), microseconds(endSeconds)];
    return {
      stage,
      layer,
      microBatch,
      start,
      end,
      duration: microseconds(endSeconds - startSeconds),
      middle: (start + end) / 2,
      share: (end - start) / (domain[1] - domain[0]),
      colour: hue(microBatch),
    };
  });
  const facts: readonly Fact[] = [
    { field: 'stage', title: 'Stage' },
    { field: 'layer', title: 'Layer' },
    { field: 'microBatch', title: 'Micro-batch' },
    { field: 'start', title: 'Start, µs', format: ',.4~r' },
    { field: 'end', title: 'End, µs', format: ',.4~r' },
    { field: 'duration', title: 'Takes, µs', format: ',.4~r' },
  ];
  const x = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: { title: 'Time, µs', tickCount: 8, labelExpr: "format(datum.value, ',~r')", labelFlush: false, labelOverlap: 'greedy', labelSeparation: 8, grid: true },
  });
  const y: JsonObject = {
    field: 'stage',
    type: 'nominal',
    sort: lanes,
    scale: { domain: lanes, paddingInner: 1 - FILLED, paddingOuter: (1 - FILLED) / 2 },
    axis: { title: null, labelColor: colour('text'), labelLimit: 0, grid: false },
  };
  const room = (text: string): string => `width * datum.share > 6 + ${LETTER} * length(${text})`;
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      transform: [{ filter: 'datum.duration > 0' }],
      height: LANE * lanes.length,
      layer: [
        { mark: { type: 'bar' }, encoding: { x: x('start'), x2: { field: 'end' }, y, fill: ownColour, tooltip: tooltip(facts) } },
        {
          mark: {
            type: 'text',
            baseline: 'middle',
            fontWeight: 600,
            fill: colour('page'),
            tooltip: null,
            text: { expr: `${room("'Layer ' + datum.layer")} ? 'Layer ' + datum.layer : ${room("'L' + datum.layer")} ? 'L' + datum.layer : ''` },
          },
          encoding: { x: x('middle'), y },
        },
        ...key(microBatches.map((microBatch) => ({ text: String(microBatch), symbol: swatch(hue(microBatch), 1) }))),
      ],
    },
    data,
    columns: columns(facts),
  };
}

/** Without the noise of a float. */
const microseconds = (seconds: number): number => Number((1e6 * seconds).toFixed(6));

const KEY_TITLE = 'Micro-batch';

function key(entries: readonly KeyEntry[]): readonly JsonObject[] {
  const title: JsonObject = {
    data: { values: [{}] },
    mark: { type: 'text', text: KEY_TITLE, align: 'left', baseline: 'middle', fontSize: CHART_TEXT.label, color: colour('muted'), tooltip: null },
    encoding: { x: { value: 0 }, y: { value: KEY_Y } },
  };
  let from = textSize(KEY_TITLE).width;
  return [
    title,
    ...entries.flatMap((entry) => {
      const marks = keyEntry(entry, String(from), KEY_Y);
      from += BESIDE + KEY_GAP + textSize(entry.text).width;
      return marks;
    }),
  ];
}
