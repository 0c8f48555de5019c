import { describe, expect, it } from 'vitest';
import { pipelineTimeline, type TimelineRow } from '../../src/chart/pipeline-timeline.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { modelColour } from '../../src/chart/theme.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const MICROSECONDS = { attention: 250, dispatch: 35, gather: 0, ffn: 230, scatter: 30, combine: 70 } as const;

/** A pipeline by hand: a stage starts when it is free and its input there. */
function pipeline(layers: number, microBatches: number): readonly TimelineRow[] {
  const free = new Map<string, number>();
  const ready = Array.from({ length: microBatches }, () => 0);
  return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
    ready.flatMap((_, microBatch) =>
      Object.entries(MICROSECONDS).map(([stage, duration]) => {
        const start = Math.max(free.get(stage) ?? 0, ready[microBatch] as number);
        const end = start + duration;
        free.set(stage, end);
        ready[microBatch] = end;
        return { layer: layer + 1, stage, microBatch: microBatch + 1, startSeconds: start / 1e6, endSeconds: end / 1e6 };
      }),
    ),
  );
}

const rows = pipeline(2, 3);
const chart = (given: readonly TimelineRow[] = rows) => pipelineTimeline(given, CAPTION);
const drawn = (given: readonly TimelineRow[] = rows) => renderSvg(chart(given), 'css');

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly hue: string;
}

/** Bars of the plot; a swatch of the key has an edge. */
const bars = (svg: string): readonly Box[] =>
  [...svg.matchAll(/<path d="M([-\d.]+),([-\d.]+)h([-\d.]+)v[-\d.]+h-[-\d.]+Z" fill="(var\(--(?:model-|context)[^"]*)"/g)].map(([, x, y, width, hue = '']) => ({
    left: Number(x),
    right: Number(x) + Number(width),
    top: Number(y),
    hue,
  }));

chartLaws('pipelineTimeline', chart, rows, 'stage');

describe('pipelineTimeline', () => {
  it('has a bar for each row that takes time, as long as the row', async () => {
    const found = bars(await drawn());
    const busy = rows.filter(({ startSeconds, endSeconds }) => endSeconds > startSeconds);
    expect(found).toHaveLength(busy.length);
    const scale = ((found[0] as Box).right - (found[0] as Box).left) / 250e-6;
    for (const [at, { left, right }] of found.entries()) {
      const { startSeconds, endSeconds } = busy[at] as TimelineRow;
      expect(left).toBeCloseTo(scale * startSeconds, 0);
      expect(right).toBeCloseTo(scale * endSeconds, 0);
    }
  });

  it('has a lane per stage in the order given, none for a stage without time, in which bars do not overlap', async () => {
    const svg = await drawn();
    expect(texts(svg).filter((text) => text in MICROSECONDS)).toEqual(['attention', 'dispatch', 'ffn', 'scatter', 'combine']);
    const found = [...bars(svg)].sort((a, b) => a.top - b.top || a.left - b.left);
    expect(new Set(found.map(({ top }) => top)).size).toBe(5);
    for (const [at, { top, left }] of found.slice(1).entries()) {
      const before = found[at] as Box;
      if (before.top === top) expect(left).toBeGreaterThanOrEqual(before.right - 0.02);
    }
    expect(texts(await drawn(rows.toReversed())).filter((text) => text in MICROSECONDS)).toEqual(['combine', 'scatter', 'ffn', 'dispatch', 'attention']);
  });

  it('gives each micro-batch one hue, up to six, and the others grey', async () => {
    expect(new Set(bars(await drawn()).map(({ hue }) => hue)).size).toBe(3);
    const { data } = chart(pipeline(1, 8));
    const hues = [1, 2, 3, 4, 5, 6, 7, 8].map((microBatch) => new Set(data.filter((row) => row.microBatch === microBatch).map((row) => row.colour)));
    expect(hues.map(({ size }) => size)).toEqual(Array(8).fill(1));
    expect(new Set(hues.map(([hue]) => hue)).size).toBe(7);
    expect([...(hues[7] as Set<string>)]).toEqual([modelColour('none')]);
    expect(data.find((row) => row.microBatch === 1)?.colour).not.toBe(modelColour('step-3'));
  });

  it('says which colour is which micro-batch, in order', async () => {
    const shown = texts(await drawn(rows.toReversed()));
    expect(shown).toContain('Micro-batch');
    expect(shown.filter((text) => /^[123]$/.test(text))).toEqual(['1', '2', '3']);
  });

  it('names layers where bars have room', async () => {
    const wide = texts(await drawn(pipeline(2, 3)));
    expect(wide.filter((text) => text === 'Layer 2')).toHaveLength(6);
    expect(wide.filter((text) => text === 'L2')).toHaveLength(3);
    const narrow = texts(await drawn(pipeline(4, 4)));
    expect(narrow.filter((text) => text.startsWith('Layer'))).toEqual([]);
    expect(narrow.filter((text) => text === 'L4')).toHaveLength(8);
    expect(texts(await drawn(pipeline(30, 4))).filter((text) => /^L(ayer )?\d/.test(text))).toEqual([]);
  });

  it('holds times in microseconds, without noise, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[1]).toMatchObject({ stage: 'dispatch', layer: 1, microBatch: 1, start: 250, end: 285, duration: 35 });
    expect(columns).toEqual({ stage: 'Stage', layer: 'Layer', microBatch: 'Micro-batch', start: 'Start, µs', end: 'End, µs', duration: 'Takes, µs' });
  });

  it('starts where its first row does', async () => {
    const late = rows.map((row) => ({ ...row, startSeconds: row.startSeconds + 0.01, endSeconds: row.endSeconds + 0.01 }));
    const svg = await drawn(late);
    expect(Math.min(...bars(svg).map(({ left }) => left))).toBe(0);
    expect(texts(svg)).toContain('10,400');
    expect(count(svg, />0</g)).toBe(0);
  });

  it('refuses what has no place in time, in one line', () => {
    const row = rows[0] as TimelineRow;
    expect(() => chart([{ ...row, endSeconds: -1 }])).toThrow(new RangeError('pipelineTimeline: endSeconds -1 is before startSeconds 0'));
    expect(() => chart([{ ...row, startSeconds: Number.NaN }])).toThrow(new RangeError('pipelineTimeline: startSeconds NaN is not a finite number'));
    expect(() => chart([{ ...row, endSeconds: Number.POSITIVE_INFINITY }])).toThrow(new RangeError('pipelineTimeline: endSeconds Infinity is not a finite number'));
    expect(() => chart([{ ...row, layer: Number.NaN }])).toThrow(new RangeError('pipelineTimeline: layer NaN is not a finite number'));
    expect(() => chart(rows.filter(({ stage }) => stage === 'gather'))).toThrow(new RangeError('pipelineTimeline: rows take no time'));
  });
});
