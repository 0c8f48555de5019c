import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paperScenario } from '../../src/evidence/index.ts';
import { modelEntries } from '../../src/models/index.ts';
import { asPrinted, compareCells, openEvidence, papers, publishedFigures, scoreboard, step3Paper } from '../../src/papers/index.ts';

const board = scoreboard({ papers: ['step3'] });
const row = (table: string) => board.find((candidate) => candidate.table === table);

describe('scoreboard of the Step-3 paper', () => {
  it.each([
    ['table-1', 11, 11, 0, 0],
    ['table-2', 36, 36, 0, 0],
    ['table-3', 36, 36, 0, 0],
    ['table-4', 4, 4, 0, 0],
    ['table-5', 8, 7, 1, 0],
    ['table-6', 108, 108, 0, 0],
    ['table-7', 4, 4, 0, 0],
    ['figure-1', 9, 9, 0, 0],
    ['figure-3', 18, 17, 1, 0],
    ['figure-4', 6, 4, 2, 0],
    ['figure-5', 3, 3, 0, 0],
    ['text', 18, 17, 1, 0],
    ['section-6', 12, 10, 2, 0],
    ['section-7', 6, 5, 1, 0],
    ['abstract', 4, 4, 0, 0],
  ])('%s has %i cells, %i reproduced, %i deviations, %i open', (table, cells, reproduced, deviations, open) => {
    expect(row(table)).toMatchObject({ paper: 'step3', cells, reproduced });
    expect(row(table)?.deviations).toHaveLength(deviations);
    expect(row(table)?.open).toHaveLength(open);
  });

  it('has no other table', () => {
    expect(board).toHaveLength(15);
  });

  it('names the deviations', () => {
    expect(board.flatMap(({ deviations }) => deviations).map(({ cell, printed, computed }) => [cell, printed, computed])).toEqual([
      ['step3/table-5/h800/usd-per-flop', '2.80e-19', '2.81e-19'],
      ['step3/figure-3/llama-4-maverick/cost-128k', '1.117', '1.177'],
      ['step3/figure-4/pangu-pro-moe/decode-8k', '0.114', '0.113'],
      ['step3/figure-4/step-3/decode-8k', '0.078', '0.079'],
      ['step3/text/stage-time', '16.6', '16.7'],
      ['step3/section-6/l20/ffn-bytes-in-stage', '117', '118'],
      ['step3/section-6/l4/cards', '144', '128'],
      ['step3/section-7/upcycled-micro-batch', '3072', '3036'],
    ]);
  });

  it('has unique cell ids that name their paper and table', () => {
    const ids = step3Paper.cells.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, paper, table } of step3Paper.cells) expect(id.startsWith(`${paper}/${table}/`)).toBe(true);
  });

  it('refuses an unknown paper', () => {
    expect(() => scoreboard({ papers: ['step4'] })).toThrow(/^papers: id step4 is unknown; nearest: step3, epd, afd$/);
  });

  it('predicts the throughput that the abstract measured, and reproduces every other cell digit by digit', () => {
    const predicted = board.flatMap(({ predictions }) => predictions);
    expect(predicted.map(({ cell, aim }) => [cell, aim])).toEqual([
      ['step3/abstract/tokens-per-gpu-second', 'within 15 %'],
      ['step3/abstract/tokens-per-gpu-second-dsv3', 'within 15 %'],
    ]);
    expect(step3Paper.cells.filter(({ aim }) => aim !== undefined).map(({ id }) => id)).toEqual(predicted.map(({ cell }) => cell));
  });
});

describe('scoreboard of all papers', () => {
  it('has the rows of each of them in their order, and those of the ones that are asked for', () => {
    expect(papers.map(({ id }) => id)).toEqual(['step3', 'model-cards', 'timing', 'afd', 'distserve', 'epd', 'fastswitch']);
    const all = scoreboard();
    expect([...new Set(all.map(({ paper }) => paper))]).toEqual(['step3', 'model-cards', 'timing', 'afd', 'distserve', 'epd', 'fastswitch']);
    expect(all).toEqual(papers.flatMap(({ id }) => scoreboard({ papers: [id] })));
    expect(scoreboard({ papers: ['timing', 'step3'] })).toEqual([...scoreboard({ papers: ['timing'] }), ...board]);
  });

  it('accounts for every cell of every paper once', () => {
    for (const paper of papers) {
      const rows = scoreboard({ papers: [paper.id] });
      expect(rows.reduce((sum, { cells }) => sum + cells, 0)).toBe(paper.cells.length);
      for (const { cells, reproduced, deviations, open } of rows) expect(reproduced + deviations.length + open.length).toBe(cells);
      expect(rows.flatMap(({ deviations }) => deviations.map(({ cell }) => cell)).sort()).toEqual(paper.deviations.map(({ cell }) => cell).sort());
      expect(rows.flatMap(({ open }) => open.map(({ cell }) => cell)).sort()).toEqual(paper.open.map(({ cell }) => cell).sort());
    }
  });

  it('has ids that no two cells share, across papers', () => {
    const ids = papers.flatMap(({ cells }) => cells.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('published parameter counts', () => {
  const board = scoreboard({ papers: ['model-cards'] });

  it('has a total for every model of the catalogue', () => {
    expect(publishedFigures.map(({ model }) => model).sort()).toEqual(modelEntries.map(({ model }) => model.id).sort());
  });

  it('reproduces 65 of 75', () => {
    expect(board.map(({ table, cells, reproduced, deviations, open, predictions }) => [table, cells, reproduced, deviations.length, open.length, predictions.length])).toEqual([
      ['total', 48, 40, 8, 0, 0],
      ['active', 27, 25, 2, 0, 0],
    ]);
  });

  it('says where each figure stands, and by which convention an active one is counted', () => {
    for (const { where, active, convention } of publishedFigures) {
      expect(where.length).toBeGreaterThan(10);
      expect(active === undefined).toBe(convention === undefined);
    }
  });

  it('names the figures that do not come out, 0.6 % apart at most but for those that leave a part out or are names', () => {
    const deviations = board.flatMap((row) => row.deviations);
    const apart = Object.fromEntries(deviations.map(({ cell, printed, computed }) => [cell.replace('model-cards/', ''), Math.abs(Number(computed) / Number(printed) - 1)]));
    const { 'total/kimi-linear-48b-a3b': rounded, 'total/gemma-4-26b-a4b': textOnly, 'active/hunyuan-large': countedTwice, 'active/qwen3-30b-a3b': cut, ...others } = apart;
    expect([rounded, textOnly, countedTwice].map((part) => (part as number) < 0.03)).toEqual([true, true, true]);
    // 3.4 for 3.3: one unit of the last digit
    expect(cut).toBeCloseTo(0.1 / 3.3, 9);
    expect(Object.keys(others).sort()).toEqual(['qwen1.5-32b', 'glm-4.5', 'gpt-oss-120b', 'qwen3-vl-235b-a22b', 'step-3.5-flash', 'deepseek-v3.2'].map((model) => `total/${model}`).sort());
    for (const [cell, part] of Object.entries(others)) expect(part, cell).toBeLessThan(0.006);
  });
});

describe('compareCells', () => {
  const evidence = openEvidence(paperScenario);
  const [first] = step3Paper.cells.filter(({ table }) => table === 'table-2');

  it('refuses a difference that is no named deviation', () => {
    const wrong = { ...step3Paper, cells: [{ ...first, printed: '2.89e8' } as (typeof step3Paper.cells)[number]] };
    expect(() => compareCells(wrong, evidence)).toThrow(/^scoreboard: step3\/table-2\/deepseek-v3\/kv-bytes 2\.88e8 is not the printed 2\.89e8 and is no named deviation$/);
  });

  it('refuses a named deviation that matches after all', () => {
    const stale = { ...step3Paper, deviations: [...step3Paper.deviations, { cell: String(first?.id), because: 'stale' }] };
    expect(() => compareCells(stale, evidence)).toThrow(/is a named deviation but matches$/);
  });
});

describe('asPrinted', () => {
  it.each([
    [287834112, '2.88e8', 1, '2.88e8'],
    [0.04009, '0.040', 1, '0.040'],
    [316.29e9, '316', 1e9, '316'],
    [16.5e9, '16.5', 1e9, '16.5'],
    [2.8058e-19, '2.80e-19', 1, '2.81e-19'],
    [9.996e8, '9.99e8', 1, '1.00e9'],
  ])('gives %d in the digits of %s', (value, printed, scale, expected) => {
    expect(asPrinted(value, printed, scale)).toBe(expected);
  });

  it('refuses a form that it does not know', () => {
    expect(() => asPrinted(1, '1,024')).toThrow(/^papers: printed 1,024 is not a number in a known form$/);
  });
});

const SHARED = resolve(import.meta.dirname, '../../../shared/papers/step3/tables.json');

describe.skipIf(!existsSync(SHARED))('transcription, compared with the collected tables (skipped where that folder is absent)', () => {
  const tables = existsSync(SHARED) ? JSON.parse(readFileSync(SHARED, 'utf8')) : null;
  const printed = (id: string): number => Number(step3Paper.cells.find((cell) => cell.id === id)?.printed);
  const names = {
    'deepseek-v3': 'DSv3',
    'kimi-k2': 'Kimi K2',
    'qwen3-235b-a22b': 'Qwen3 MoE',
    'qwen3-32b': 'Qwen3 32B',
    'llama-4-maverick': 'Llama 4 M',
    'minimax-m1': 'MM M1',
    'ernie-4.5-300b-a47b': 'ERNIE 4.5',
    'pangu-pro-moe': 'Pangu Pro',
    'step-3': 'Step-3',
  };
  const chips = { h800: 'H800', h20: 'H20', a800: 'A800', 'ascend-910b': '910B' };
  const columns = { 'kv-bytes': 'kv_or_state_bytes', 'core-flop': 'attention_flops_without_linear', 'linear-flop': 'linear_flops', 'ffn-flop': 'ffn_flops' };

  it('has the cells of Tables 2, 3 and 6', () => {
    for (const [model, name] of Object.entries(names)) {
      for (const [column, field] of Object.entries(columns)) {
        expect(printed(`step3/table-2/${model}/${column}`)).toBe(tables.table2_8k[name][field]);
        expect(printed(`step3/table-3/${model}/${column}`)).toBe(tables.table3_32k[name][field]);
      }
      for (const [chip, label] of Object.entries(chips)) {
        expect(printed(`step3/table-6/${model}/${chip}/attention-8k`)).toBe(tables.table6_costs[name].attention_8k[label]);
        expect(printed(`step3/table-6/${model}/${chip}/attention-32k`)).toBe(tables.table6_costs[name].attention_32k[label]);
        expect(printed(`step3/table-6/${model}/${chip}/ffn`)).toBe(tables.table6_costs[name].ffn[label]);
      }
      expect(printed(`step3/figure-1/${model}`)).toBe(tables.figure1_usd_8k_afd_vs_activated_params[name][0]);
    }
  });

  it('has the cells of Tables 4, 5 and 7', () => {
    for (const [chip, label] of Object.entries(chips)) {
      expect(printed(`step3/table-4/${chip}/roofline`)).toBe(tables.table4_accelerators[label].roofline);
      expect(printed(`step3/table-5/${chip}/usd-per-flop`)).toBe(tables.table5_unit_costs[label].usd_per_flop);
      expect(printed(`step3/table-5/${chip}/usd-per-byte`)).toBe(tables.table5_unit_costs[label].usd_per_byte);
      expect(printed(`step3/table-7/${chip}/min-sparsity`)).toBe(tables.table7_min_moe_sparsity[label]);
    }
  });
});
