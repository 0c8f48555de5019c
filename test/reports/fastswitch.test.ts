import { describe, expect, it } from 'vitest';
import { abstractsReport } from '../../reports/abstracts/report.ts';
import { ARCHITECTURES } from '../../reports/fastswitch/moves.ts';
import { fastswitchReport } from '../../reports/fastswitch/report.ts';
import { accelerator, link } from '../../src/accelerators/index.ts';
import { scenarioOf } from '../../src/evidence/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { abstractSpeedups } from '../../src/papers/fastswitch/data/text.ts';
import { TODAY, todayCopies, todayWay } from '../../src/papers/fastswitch/today.ts';
import { copyId, layoutId, linkId, wayId } from '../../src/papers/fastswitch/today-numbers.ts';
import { fastswitchPaper, openEvidence } from '../../src/papers/index.ts';
import { reportContext } from '../../src/report/index.ts';
import type { Block, FigureBlock, TableBlock } from '../../src/report/view.ts';
import { breakEven } from '../../src/serving/preemption/break-even.ts';
import { chipsThatHold } from '../../src/serving/preemption/chips.ts';
import { cacheLayout } from '../../src/serving/preemption/layout.ts';
import { copySeconds } from '../../src/timing/copies.ts';
import { COPY_DIRECTIONS, COPY_METHODS } from '../../src/timing/copy-data.ts';
import { evaluate } from '../../src/units/context-expression.ts';

const view = fastswitchReport.build(reportContext('0.0.0'));
const blocks: readonly Block[] = [view.lead, ...view.sections.flatMap((section) => section.blocks)];
const tables = blocks.filter((block): block is TableBlock => block.kind === 'table');
const table = (anchor: string): TableBlock => tables.find((block) => block.anchor === anchor) as TableBlock;
const figure = (anchor: string): FigureBlock => blocks.find((block): block is FigureBlock => block.kind === 'figure' && block.anchor === anchor) as FigureBlock;

const evidence = openEvidence(scenarioOf('paper'));
const value = (id: string): number => evidence.number(id).value;

describe('the FastSwitch report', () => {
  it('goes from what moves to what is open', () => {
    expect(view.sections.map(({ anchor }) => anchor)).toEqual(['moves', 'rates', 'swap-out', 'overhead', 'ablation', 'figures', 'today', 'claims', 'open']);
  });

  it('has the tables and figures of the paper under their labels, each label once', () => {
    const labels = blocks.flatMap((block) => (block.kind === 'table' || block.kind === 'figure' ? [block.label] : []));
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.filter((label) => /\d/.test(label))).toEqual(['Table 1', 'Figure 10', 'Figure 9', 'Figure 8', 'Figure 1', 'Figure 2', 'Figure 11', 'Figure 12', 'Figure 13']);
  });

  it('shows every printed cell of the paper somewhere, beside ours where there is one', () => {
    const shown = tables.flatMap(({ rows }) => rows.flatMap(({ cells }) => Object.values(cells).flatMap(({ printed, number }) => (printed === undefined ? [] : [number?.split('@')[0] ?? 'open']))));
    const open = new Set(fastswitchPaper.open.map(({ cell }) => cell));
    expect(fastswitchPaper.cells.map(({ id }) => id).filter((id) => !open.has(id) && !shown.includes(id))).toEqual([]);
    expect(shown.filter((id) => id === 'open')).toHaveLength(open.size);
  });

  it('shows every deviation of the paper at a place of the page', () => {
    const places = new Set([...view.sections, ...blocks].flatMap((each) => ('anchor' in each ? [each.anchor] : [])));
    expect(view.deviations).toHaveLength(fastswitchPaper.deviations.length);
    expect(view.deviations.filter(({ anchor }) => !places.has(anchor))).toEqual([]);
  });

  it('draws every chip and link as bands that touch and cover all contexts', () => {
    const { data } = figure('bands').chart;
    const lanes = new Map<string, { from: number; to: number }[]>();
    for (const { panel, lane, from, to } of data) lanes.set(`${panel} ${lane}`, [...(lanes.get(`${panel} ${lane}`) ?? []), { from: Number(from), to: Number(to) }]);
    expect(lanes.size).toBe(TODAY.models.length * TODAY.chips.length * 2);
    for (const runs of lanes.values()) {
      expect(runs.at(-1)?.to).toBe(TODAY.longest);
      for (let at = 1; at < runs.length; at++) expect(runs[at]?.from).toBe((runs[at - 1]?.to as number) + 1);
    }
  });

  it('says that chips do not hold a model where the engine refuses it', () => {
    const marked = table('way-back')
      .rows.filter(({ cells }) => cells.chips?.footnote !== undefined)
      .map(({ header }) => header);
    const refused = TODAY.models.flatMap((model) =>
      TODAY.chips.filter((chip) => !chipsThatHold(modelOf(model), accelerator(chip).accelerator).fits).map((chip) => `${modelOf(model).name}, ${chip.toUpperCase()}`),
    );
    expect(marked).toEqual(refused);
    expect(marked).not.toEqual([]);
  });
});

describe('numbers of copies and ways back', () => {
  it('have the times of the copy model over every link', () => {
    for (const over of TODAY.links)
      for (const method of COPY_METHODS)
        for (const direction of COPY_DIRECTIONS)
          for (const bytes of [4096, 32_768, 1 << 20]) {
            const seconds = copySeconds({ method, direction, pieces: 1, pieceBytes: bytes }, todayCopies(over, method)[direction]);
            expect(value(linkId(over, method, direction, `piece/${bytes}/time`))).toBeCloseTo(seconds, 15);
            expect(value(linkId(over, method, direction, `piece/${bytes}/rate`)) * seconds).toBeCloseTo(bytes, 3);
          }
  });

  it('are measured on the link that was measured, and assumed on others', () => {
    const call = (over: string) => evidence.number(linkId(over, 'loop', 'h2d', 'call'));
    expect(call('pcie5-x16').weakest).toBe('measured');
    expect(call('pcie4-x16').weakest).toBe('assumed');
    expect(call('pcie4-x16').value).toBe(value(copyId('loop', 'h2d', 'call')));
    expect(value('fastswitch/today/link/pcie4-x16/raw')).toBe(link('pcie4-x16').link.rawPerDirection);
  });

  it('count what a layout cuts a cache into', () => {
    for (const [model] of ARCHITECTURES) {
      const { slices, states } = cacheLayout(modelOf(model));
      expect(value(layoutId(model, 'pieces'))).toBe(slices.reduce((sum, { count }) => sum + count, 0));
      expect(value(layoutId(model, 'slice-bytes')) * value(layoutId(model, 'pieces'))).toBeCloseTo(value(layoutId(model, 'block-bytes')), 4);
      expect(value(layoutId(model, 'state-bytes'))).toBe(states.bytes);
      expect(value(layoutId(model, '1000/20/calls'))).toBeLessThan(value(layoutId(model, '1000/1/calls')));
      expect(value(layoutId(model, '1000/20/bytes'))).toBe(value(layoutId(model, '1000/1/bytes')));
      expect(value(`fastswitch/today/group-gain/${model}/1000/pcie4-x16`)).toBeGreaterThan(1);
    }
  });

  it('give bands at whose ends the faster way changes', () => {
    let changes = 0;
    for (const model of TODAY.models)
      for (const chip of TODAY.chips)
        for (const over of ['pcie4-x16', 'pcie5-x16'] as const) {
          const way = todayWay(model, chip, over, 1);
          const from = evidence.find(wayId(model, chip, over, 1, 'exact/from'));
          const tensorParallel = value(wayId(model, chip, over, 1, 'chips'));
          const { swap, recompute } = breakEven(
            modelOf(model),
            accelerator(chip).accelerator,
            { layout: cacheLayout(modelOf(model), { tensorParallel }), link: todayCopies(over), tensorParallel },
            1,
            TODAY.longest,
          );
          expect(way.recompute.exact === null).toBe(from === null);
          if (from === null) continue;
          changes++;
          const to = value(wayId(model, chip, over, 1, 'exact/to'));
          for (const context of [from.value, to]) expect(evaluate(recompute, context), `${model} ${chip} ${context}`).toBeLessThan(evaluate(swap, context));
          expect(evaluate(recompute, from.value - 1)).toBeGreaterThanOrEqual(evaluate(swap, from.value - 1));
          if (to < TODAY.longest) expect(evaluate(recompute, to + 1)).toBeGreaterThanOrEqual(evaluate(swap, to + 1));
          expect(value(wayId(model, chip, over, 1, `${to}/bound`))).toBeLessThan(value(wayId(model, chip, over, 1, `${to}/swap`)));
        }
    expect(changes).toBeGreaterThan(10);
  });

  it.each([
    '',
    '/copy',
    '/copy/loop/h2d',
    '/copy/loop/up/call',
    '/copy/dma/h2d/call',
    '/link/nvlink4/rate',
    '/link/pcie4-x16/loop/h2d/piece/0/time',
    '/link/pcie4-x16/loop/h2d/piece/4096',
    '/link/pcie4-x16/loop/h2d/crossover/gpt-9',
    '/layout/gpt-9/pieces',
    '/layout/step-3/1000/7/calls',
    '/layout/step-3/0/1/calls',
    '/layout/step-3/1000/1/nvlink4/seconds',
    '/way/gpt2/h800/pcie4-x16/1/chips',
    '/way/llama-3.1-8b/h20/pcie4-x16/1/exact/from',
    '/way/llama-3.1-8b/h800/pcie4-x16/1/exact/middle',
    '/way/llama-3.1-8b/h800/pcie4-x16/1/chips/more',
    '/group/7',
    '/piece/-1',
    '/group-gain/step-3/1000',
    '/measured-rate/more',
  ])('there is no number fastswitch/today%s', (path) => expect(evidence.find(`fastswitch/today${path}`)).toBeNull());
});

describe('the abstracts', () => {
  const abstracts = abstractsReport.build(reportContext('0.0.0'));
  it('state the speedups of FastSwitch, from the bars and simulated, and list those that deviate', () => {
    const section = abstracts.sections.find(({ anchor }) => anchor === 'fastswitch');
    const rows = section?.blocks.find((block): block is TableBlock => block.kind === 'table')?.rows ?? [];
    expect(rows.map(({ cells }) => cells.value?.printed)).toEqual([abstractSpeedups.least, abstractSpeedups.most, abstractSpeedups.least, abstractSpeedups.most]);
    const states = rows.map(({ cells }) => cells.status?.text);
    expect(states).toEqual(['reproduced', 'reproduced', 'predicted', 'missed']);
    expect(abstracts.deviations.filter(({ anchor }) => anchor === 'fastswitch')).toHaveLength(states.filter((state) => state === 'missed').length);
    expect(abstracts.papers.map(({ id }) => id)).toContain(fastswitchPaper.reference);
  });
});
