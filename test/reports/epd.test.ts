import { describe, expect, it } from 'vitest';
import { abstractsReport } from '../../reports/abstracts/report.ts';
import { epdReport } from '../../reports/epd/report.ts';
import { scenarioOf } from '../../src/evidence/index.ts';
import { table2, table3, table8 } from '../../src/papers/epd/data/tables.ts';
import { TODAY_MEDIA, todayChips, todayCost, todayModels } from '../../src/papers/epd/today.ts';
import { epdPaper, openEvidence } from '../../src/papers/index.ts';
import { reportContext } from '../../src/report/index.ts';
import type { Block, FigureBlock, TableBlock } from '../../src/report/view.ts';

const view = epdReport.build(reportContext('0.0.0'));
const blocks: readonly Block[] = [view.lead, ...view.sections.flatMap((section) => section.blocks)];
const table = (anchor: string): TableBlock => blocks.find((block): block is TableBlock => block.kind === 'table' && block.anchor === anchor) as TableBlock;
const figure = (anchor: string): FigureBlock => blocks.find((block): block is FigureBlock => block.kind === 'figure' && block.anchor === anchor) as FigureBlock;

describe('the EPD report', () => {
  it('goes from an image to its cost', () => {
    expect(view.sections.map(({ anchor }) => anchor)).toEqual(['tokens', 'memory', 'fitted', 'ttft', 'allocation', 'switching', 'audio', 'today', 'claims']);
  });

  it('has the tables of the paper under their labels, each label once', () => {
    const labels = blocks.flatMap((block) => (block.kind === 'table' ? [block.label] : []));
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.filter((label) => /^Table \d/.test(label)).sort()).toEqual(['Table 1', 'Table 2', 'Table 3', 'Table 4', 'Table 5', 'Table 6', 'Table 7', 'Table 8', 'Table 9']);
  });

  it('shows every deviation of the paper at a place of the page', () => {
    const places = new Set([...view.sections, ...blocks].flatMap((each) => ('anchor' in each ? [each.anchor] : [])));
    expect(view.deviations).toHaveLength(epdPaper.deviations.length);
    expect(view.deviations.filter(({ anchor }) => !places.has(anchor))).toEqual([]);
  });

  it('shows numbers where reasons name their paths', () => {
    const reasons = [
      ...view.deviations.map(({ because }) => because),
      ...blocks.flatMap((block) => (block.kind === 'table' ? block.rows.flatMap(({ cells }) => Object.values(cells).map(({ footnote = '' }) => footnote)) : [])),
    ];
    expect(reasons.filter((because) => /\b(allocation|constant|run|share-of-best|audio)\//.test(because.replace(/\{\{.*?\}\}/g, '')))).toEqual([]);
    expect(reasons.some((because) => because.includes('{{epd/'))).toBe(true);
  });

  it('prints the cells of Tables 2, 3 and 8 as the paper does, out of memory in words', () => {
    const printed = (anchor: string) => table(anchor).rows.flatMap(({ cells }) => Object.values(cells).map(({ printed }) => printed));
    const entries = (of: object, keys: readonly string[]): readonly string[] =>
      Object.values(of).flatMap((rows) => Object.values(rows as object).flatMap((row) => keys.map((key) => String((row as Record<string, unknown>)[key]))));
    expect(printed('table-2')).toEqual(entries(table2, ['distserve', 'epd']));
    expect(printed('table-3')).toEqual(entries(table3, ['distserve', 'encode', 'prefill']));
    expect(printed('table-8')).toEqual(entries(table8, ['distserve', 'epd']));
  });

  it('draws what a worker holds up to its total, beyond the memory where the paper prints OOM', () => {
    const { data } = figure('memory-bars').chart;
    const total = (panel: string, worker: string): number => data.filter((row) => row.panel === panel && row.worker === worker).reduce((sum, row) => sum + Number(row.gigabytes), 0);
    const out = (['MiniCPM-V 2.6', 'InternVL2-8B', 'InternVL2-26B'] as const).map((panel) => total(panel, 'Both (DistServe)') > 85);
    expect(out).toEqual(Object.values(table3).map((rows) => rows['4032x3024'].distserve === 'OOM'));
  });

  it('keeps all workers and all requests in the runs of Table 6', () => {
    const { data } = figure('roles').chart;
    const stages = ['encode', 'prefill', 'decode'];
    for (const row of data) {
      const workers = stages.reduce((sum, stage) => sum + Number(row[`${stage}Instances`]), 0);
      expect([7, 8]).toContain(workers);
      expect(stages.reduce((sum, stage) => sum + Number(row[`${stage}Waiting`]), 0)).toBeLessThanOrEqual(100);
    }
    for (const panel of ['Roles stay', 'Roles switch']) {
      const last = data.filter((row) => row.panel === panel).at(-1);
      expect(stages.map((stage) => last?.[`${stage}Waiting`])).toEqual([0, 0, 0]);
    }
  });
});

describe('what an image costs', () => {
  const evidence = openEvidence(scenarioOf('paper'));
  const value = (path: string): number => evidence.number(`epd/today/${path}`).value;

  it('is the same by its formulas as by the estimate, on every chip that holds the model', () => {
    let compared = 0;
    for (const { id: model } of todayModels())
      for (const { id: chip } of todayChips())
        for (const media of TODAY_MEDIA) {
          const cost = todayCost(model, chip, media);
          const path = `${model}/${chip}/${media}`;
          if (cost === null || cost.imageUsd === null) {
            expect(evidence.find(`epd/today/${path}/image-usd`), path).toBeNull();
            continue;
          }
          compared++;
          expect(value(`${path}/image-usd`), path).toBeCloseTo(cost.imageUsd, 12);
          expect(value(`${path}/thousand-usd`), path).toBeCloseTo(1000 * cost.imageUsd, 9);
          expect(value(`${path}/request-usd`), path).toBeCloseTo(cost.requestUsd as number, 12);
          expect(value(`${path}/prompt`), path).toBe(cost.promptTokens);
        }
    expect(compared).toBeGreaterThan(200);
  });

  it.each([
    '',
    '/input',
    '/minicpm-v-2.6',
    '/minicpm-v-2.6/h100/4032x3024',
    '/minicpm-v-2.6/h100/1x1/image-usd',
    '/llama-2-7b/h100/4032x3024/image-usd',
    '/minicpm-v-2.6/l20/4032x3024/image-usd',
    '/shape/minicpm-v-2.6/4032x3024',
    '/minicpm-v-2.6/h100/4032x3024/image-usd/more',
  ])('has no number epd/today%s', (path) => expect(evidence.find(`epd/today${path}`)).toBeNull());
});

describe('the abstracts', () => {
  const abstracts = abstractsReport.build(reportContext('0.0.0'));
  it('state each claim of EPD with its status, and list those that deviate', () => {
    const section = abstracts.sections.find(({ anchor }) => anchor === 'epd');
    const rows = section?.blocks.find((block): block is TableBlock => block.kind === 'table')?.rows ?? [];
    const states = rows.map(({ cells }) => cells.status?.text);
    expect(states.slice(0, 7)).toEqual(['deviates', 'deviates', 'reproduced, fitted', 'deviates', 'deviates', 'deviates', 'predicted']);
    const listed = abstracts.deviations.filter(({ anchor }) => anchor === 'epd');
    expect(listed).toHaveLength(states.filter((state) => state === 'deviates').length);
  });
});
