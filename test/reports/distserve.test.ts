import { describe, expect, it } from 'vitest';
import { abstractsReport } from '../../reports/abstracts/report.ts';
import { distserveReport } from '../../reports/distserve/report.ts';
import { figure1 } from '../../src/papers/distserve/data/figure1.ts';
import { singleGpuGoodput, singleGpuPoint } from '../../src/papers/distserve/single-gpu.ts';
import { TODAY, todayOutput, todayRows } from '../../src/papers/distserve/today.ts';
import { distservePaper } from '../../src/papers/index.ts';
import { reportContext } from '../../src/report/index.ts';
import type { Block, FigureBlock, TableBlock } from '../../src/report/view.ts';

const view = distserveReport.build(reportContext('0.0.0'));
const blocks: readonly Block[] = [view.lead, ...view.sections.flatMap((section) => section.blocks)];
const table = (anchor: string): TableBlock => blocks.find((block): block is TableBlock => block.kind === 'table' && block.anchor === anchor) as TableBlock;
const figure = (anchor: string): FigureBlock => blocks.find((block): block is FigureBlock => block.kind === 'figure' && block.anchor === anchor) as FigureBlock;

describe('the DistServe report', () => {
  it('has the tables and figures of the paper under their labels', () => {
    const anchors = view.sections.map(({ anchor }) => anchor);
    expect(anchors).toEqual([
      'figure-4',
      'simulator',
      'table-3',
      'traces',
      'figure-1',
      'figure-5',
      'table-1',
      'table-2',
      'figure-8',
      'figure-9',
      'phases',
      'figure-10',
      'figure-11',
      'claims',
      'today',
    ]);
  });

  it('gives each table a label of its own', () => {
    const labels = blocks.flatMap((block) => (block.kind === 'table' ? [block.label] : []));
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('shows every deviation of the paper at a place of the page', () => {
    const places = new Set([...view.sections, ...blocks].flatMap((each) => ('anchor' in each ? [each.anchor] : [])));
    expect(view.deviations).toHaveLength(distservePaper.deviations.length);
    expect(view.deviations.filter(({ anchor }) => !places.has(anchor))).toEqual([]);
  });

  it('sets every measured run beside ours and the released simulator', () => {
    const { rows } = table('traces');
    const errors = (of: 'error' | 'releasedError'): number => rows.reduce((sum, { cells }) => sum + Math.abs(Number(cells[of]?.text.replace('−', '-'))), 0) / rows.length;
    expect(rows).toHaveLength(22);
    expect(errors('error')).toBeCloseTo(3.6, 1);
    expect(errors('releasedError')).toBeCloseTo(7.3, 1);
    for (const { cells } of rows) expect(Number(cells.ours?.text) - Number(cells.measured?.text)).toBeCloseTo(Number(cells.error?.text.replace('−', '-')), 0);
  });

  it('draws a printed point for each of ours in Figures 4, 8 and 9', () => {
    for (const [anchor, least] of [
      ['figure-4', 75],
      ['figure-8-rate', 34],
      ['figure-8-slo-scale', 30],
      ['figure-9-rate', 30],
      ['figure-9-slo-scale', 30],
    ] as const) {
      const computed = figure(anchor).chart.data.filter(({ value }) => value !== null);
      expect(computed.length, anchor).toBeGreaterThanOrEqual(least);
      expect(
        computed.filter(({ reference }) => reference === null),
        anchor,
      ).toEqual([]);
    }
  });

  it('prices placements as their rates and prices say', () => {
    const rows = table('today').rows;
    const text = (row: (typeof all)[number] | undefined): string => ((1e6 * (row?.usdPerRequest as number)) / todayOutput()).toFixed(2);
    const all = TODAY.models.flatMap((model) => todayRows(model));
    const costs = TODAY.models.flatMap((model) => {
      const best = (kind: string, chip?: string) => todayRows(model).find((row) => row.kind === kind && row.rate > 0 && (chip === undefined || row.on.join() === chip));
      const chips = TODAY.chips.map((chip) => [text(best('disaggregated', chip)), text(best('colocated', chip))]);
      // the cheapest of both kinds stand in a row of their own where they are on other chips
      const [apart, together] = [best('disaggregated'), best('colocated')];
      return apart?.on.join() === together?.on.join() ? chips : [...chips, [text(apart), text(together)]];
    });
    expect(rows.map(({ cells }) => [cells.apartCost?.text, cells.togetherCost?.text])).toEqual(costs);
  });

  it('divides the whole time of a request', () => {
    for (const anchor of ['phases', 'figure-10-shares']) {
      const { data } = figure(anchor).chart;
      for (const key of new Set(data.map(({ panel, bar }) => `${panel} ${bar}`))) {
        const sum = data.filter(({ panel, bar }) => `${panel} ${bar}` === key).reduce((total, { percent }) => total + Number(percent), 0);
        expect(sum, key).toBeCloseTo(100, 0);
      }
    }
  });
});

describe('a single GPU', () => {
  it.each(['colocated', 'prefill', 'decode'] as const)('keeps the objectives up to its goodput, %s', (phase) => {
    const goodput = singleGpuGoodput(phase);
    const keeps = (rate: number): boolean => {
      const { ttft, tpot } = singleGpuPoint(phase, rate);
      return (phase === 'decode' || ttft.p90 < figure1.slo.ttftSeconds) && (phase === 'prefill' || tpot.p90 < figure1.slo.tpotSeconds);
    };
    expect([keeps(goodput), keeps(1.02 * goodput)]).toEqual([true, false]);
  });
});

describe('the abstracts', () => {
  it('state each claim of DistServe with its status', () => {
    const section = abstractsReport.build(reportContext('0.0.0')).sections.find(({ anchor }) => anchor === 'distserve');
    const claims = section?.blocks.find((block): block is TableBlock => block.kind === 'table');
    expect(claims?.rows.map(({ cells }) => [cells.status?.text, cells.value?.text, cells.value?.printed])).toEqual([
      ['reproduced', '7.4', '7.4'],
      ['reproduced', '12.6', '12.6'],
      ['reproduced', '4.6', '4.6'],
      ['open', '', '4.48'],
      ['open', '', '10.2'],
      ['predicted', '8.5', undefined],
      ['predicted', '2.5', undefined],
    ]);
  });
});
