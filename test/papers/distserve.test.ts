import { describe, expect, it } from 'vitest';
import { defaultScenario, type Evidence, paperScenario } from '../../src/evidence/index.ts';
import { figure4 } from '../../src/papers/distserve/data/figure4.ts';
import { distservePaper, openEvidence, type PrintedCell, scoreboard } from '../../src/papers/index.ts';
import golden from '../golden/distserve/kv-capacity.json' with { type: 'json' };

const evidence: Evidence = openEvidence(paperScenario);
const numberOf = (id: string): number => evidence.number(`distserve/${id}`).value;
const cellOf = (id: string): PrintedCell => distservePaper.cells.find((cell) => cell.id === `distserve/${id}`) as PrintedCell;
const board = scoreboard({ papers: ['distserve'] });

describe('the scoreboard', () => {
  it('has these tables: cells, of them reproduced, deviations, open', () =>
    expect(board.map(({ table, cells, reproduced, deviations, open }) => [table, cells, reproduced, deviations.length, open.length])).toEqual([
      ['figure-1', 3, 0, 3, 0],
      ['figure-4', 75, 75, 0, 0],
      ['figure-5', 12, 6, 5, 1],
      ['figure-8', 24, 11, 5, 8],
      ['figure-9', 20, 8, 8, 4],
      ['figure-10', 7, 3, 4, 0],
      ['figure-11', 4, 2, 0, 2],
      ['table-3', 11, 4, 6, 1],
      ['table-1', 6, 4, 2, 0],
      ['text', 33, 18, 15, 0],
      ['appendix-a', 3, 1, 2, 0],
      ['abstract', 4, 2, 0, 2],
      ['simulator', 52, 52, 0, 0],
      ['search', 59, 58, 1, 0],
      ['traces', 25, 17, 8, 0],
      ['table-2', 28, 0, 0, 28],
    ]));

  it('predicts what was measured, or what the figures have of runs that are not public', () =>
    expect(board.filter(({ predictions }) => predictions.length > 0).map(({ table, predictions }) => [table, predictions.length])).toEqual([
      ['figure-1', 3],
      ['figure-5', 11],
      ['figure-8', 16],
      ['figure-9', 16],
      ['figure-10', 7],
      ['figure-11', 2],
      ['search', 2],
      ['traces', 25],
    ]));

  it('names the deviations of what is reproduced', () => {
    const stated = board.filter(({ table }) => ['table-1', 'text', 'appendix-a', 'search', 'table-3'].includes(table));
    expect(stated.flatMap(({ deviations }) => deviations).map(({ cell, printed, computed }) => [cell.replace('distserve/', ''), printed, computed])).toEqual([
      ['table-3/opt-13b/sharegpt/limited:eight-gpus', '1.00', '0.75'],
      ['table-3/opt-66b/sharegpt/released', '1.00', '0.74'],
      ['table-3/opt-66b/longbench/limited', '1.00', '0.82'],
      ['table-3/opt-66b/longbench/engine', '1.00', '0.82'],
      ['table-3/opt-66b/humaneval/limited', '1.00', '0.75'],
      ['table-3/opt-66b/humaneval/engine', '1.00', '0.83'],
      ['table-1/opt-66b/size', '132', '131'],
      ['table-1/opt-175b/size', '350', '349'],
      ['text/kv-bytes', '1.13', '1.21'],
      ['text/kv-demand', '11.3', '12.1'],
      ['text/kv-demand-bits', '90', '97'],
      ['text/gain/chatbot/vllm/slo/least', '1.8', '1.7'],
      ['text/gain/chatbot/vllm/slo/most', '3.2', '3.1'],
      ['text/gain/chatbot/deepspeed-mii/slo/least', '1.7', '1.8'],
      ['text/gain/code-completion/deepspeed-mii/slo', '1.4', '1.3'],
      ['text/gain/summarization/vllm/rate', '4.3', '4.2'],
      ['text/gain-p99/vllm/rate/most', '8', '6'],
      ['text/gain-p99/vllm/slo/least', '1.24', '1.19'],
      ['text/gain-p99/vllm/slo/most', '6.67', '6.90'],
      ['text/gain-p99/deepspeed-mii/rate/least', '1.32', '1.07'],
      ['text/gain-p99/deepspeed-mii/rate/most', '8', '6'],
      ['text/gain-p99/deepspeed-mii/slo/least', '1.20', '1.15'],
      ['text/gain-p99/deepspeed-mii/slo/most', '1.58', '1.62'],
      ['appendix-a/attention-intensity-16', '10.677', '10.667'],
      ['appendix-a/ridge-point', '156', '153'],
      ['search/13b-200-100/readme', '1.56', '1.88'],
    ]);
  });

  it('names the predictions that miss', () => {
    const predicted = board.filter(({ table }) => /^(figure-(1|5|8|9|10|11)|traces)$/.test(table));
    expect(predicted.flatMap(({ deviations }) => deviations).map(({ cell, printed, computed }) => [cell.replace('distserve/', ''), printed, computed])).toEqual([
      ['figure-1/colocated', '1.6', '1.1'],
      ['figure-1/prefill', '5.6', '11.9'],
      ['figure-1/decode', '10', '12'],
      ['figure-5/intra-op/2', '40', '48'],
      ['figure-5/inter-op/8', '62.3', '76.5'],
      ['figure-5/intra-op/1:kernels', '61', '50'],
      ['figure-5/intra-op/4:kernels', '35', '28'],
      ['figure-5/intra-op/8:kernels', '31.3', '25.0'],
      ['figure-8/opt-13b/vllm/rate-at-90', '0.5', '0.3'],
      ['figure-8/opt-13b/vllm/slo-scale-error', '5.0', '5.3'],
      ['figure-8/opt-66b/distserve/slo-scale-error', '5.0', '7.4'],
      ['figure-8/opt-66b/distserve/slo-scale-at-90', '0.7316', '0.8744'],
      ['figure-8/opt-66b/vllm/slo-scale-at-90', '2.3', '2.8'],
      ['figure-9/humaneval/distserve/rate-at-90', '1.1442', '0.9231'],
      ['figure-9/humaneval/vllm/rate-error', '5.0', '7.6'],
      ['figure-9/humaneval/vllm/rate-at-90', '0.1999', '0.1250'],
      ['figure-9/longbench/distserve/rate-error', '5.0', '5.1'],
      ['figure-9/longbench/distserve/slo-scale-error', '5.0', '6.3'],
      ['figure-9/longbench/vllm/rate-at-90', '0.125', '0.180'],
      ['figure-9/longbench/vllm/slo-scale-error', '5.0', '7.0'],
      ['figure-9/longbench/vllm/slo-scale-at-90', '10', '5'],
      ['figure-10/opt-66b/median-transfer', '5.4', '9.8'],
      ['figure-10/opt-175b/median-transfer', '3.2', '19.6'],
      ['figure-10/opt-175b/below-30-ms', '95', '91'],
      ['figure-10/transmission-share', '0.1', '0.2'],
      ['traces/distserve-c21d12-1000-10', '19.2', '27.0'],
      ['traces/distserve-c21d12-1200-12', '9.08', '17.50'],
      ['traces/distserve-c21d12-1400-14', '4.36', '12.36'],
      ['traces/vllm-100-1', '86.0', '79.0'],
      ['traces/vllm-100-2', '63.0', '76.0'],
      ['traces/vllm-250-2.5', '78.0', '71.6'],
      ['traces/vllm-350-3.5', '25.43', '37.43'],
      ['traces/released-mean-error', '5.0', '7.3'],
    ]);
  });

  it('has a cell beside each deviation of a unit or of a count of parameters, which reproduces', () => {
    const deviating = distservePaper.deviations.filter(({ cell, because }) => /(text|table-1)\//.test(cell) && because.includes('see the cell beside it')).map(({ cell }) => cell);
    expect(deviating).toHaveLength(5);
    for (const cell of deviating) {
      const beside = distservePaper.cells.find(({ id }) => id.startsWith(`${cell}:`));
      expect(beside?.printed).toBe(distservePaper.cells.find(({ id }) => id === cell)?.printed);
      expect(distservePaper.deviations.map(({ cell: id }) => id)).not.toContain(beside?.id);
    }
  });

  it('has unique cell ids that name their paper and table', () => {
    const ids = distservePaper.cells.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, paper, table } of distservePaper.cells) expect(id.startsWith(`${paper}/${table}/`)).toBe(true);
  });
});

describe('Figure 4', () => {
  const cells = distservePaper.cells.filter(({ table }) => table === 'figure-4');

  it('has every point of every curve of both panels', () => {
    const curves = [...Object.values(figure4.a), ...Object.values(figure4.b)];
    expect(curves.map(({ x, y }) => [x.length, y.length])).toEqual([9, 9, 9, 9, 9, 10, 10, 10].map((points) => [points, points]));
    expect(cells.map(({ printed }) => Number(printed))).toEqual(curves.flatMap(({ y }) => y));
  });

  // the equations written out again, with R twice of what is plotted
  const D = 0.2;
  it.each(cells)('$id: $printed s, as far as it can be read', ({ id, printed, aim, scale }) => {
    const [, curve = '', plotted = ''] = /^distserve\/figure-4\/[ab]\/(.*)\/(.*)$/.exec(id) ?? [];
    const R = 2 * Number(plotted);
    const K = Number(curve.replace('intra-op-', ''));
    const expected = curve === 'inter-op' ? D + (R * D ** 2) / (4 * (2 - R * D)) : D / K + (R * D ** 2) / (2 * K * (K - R * D));
    expect(numberOf(id.replace('distserve/', ''))).toBeCloseTo(expected, 12);
    // the asked accuracy is 0.0005 s; every point is within a tenth of a millisecond
    expect([aim, scale]).toEqual([{ kind: 'near', by: 0.0005 }, 1]);
    expect(Math.abs(expected - Number(printed))).toBeLessThan(0.0001);
    expect(evidence.number(id)).toMatchObject({ unit: 's', basis: 'derived' });
  });

  it('would not come out with the rate as labelled, or with another time or speed-up', () => {
    const off = (card: (R: number) => number, { x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }): number =>
      Math.max(...x.map((plotted, at) => Math.abs(card(plotted) - (y[at] as number))));
    const inter = (rate: number, time: number): number => time + (rate * time ** 2) / (4 * (2 - rate * time));
    const intra = (rate: number, K: number): number => D / K + (rate * D ** 2) / (2 * K * (K - rate * D));
    const [two, shared] = [figure4.a['inter-op'], figure4.a['intra-op-1.7']] as [(typeof figure4.a)[string], (typeof figure4.a)[string]];
    expect(off((rate) => inter(rate, D), two)).toBeGreaterThan(0.1);
    expect(off((rate) => inter(2 * rate, 0.201), two)).toBeGreaterThan(0.0005);
    expect(off((rate) => intra(2 * rate, 1.69), shared)).toBeGreaterThan(0.0005);
  });
});

describe('keys and values', () => {
  it('are those of the catalogue: bytes of a token', () => {
    expect(['opt-13b', 'opt-66b', 'opt-175b'].map((model) => numberOf(`kv-bytes/${model}/1`))).toEqual([819_200, 2_359_296, 4_718_592]);
    expect(numberOf('kv-bytes/opt-66b/512')).toBe(1_207_959_552);
  });

  it('of 512 tokens of OPT-66B take 2.0 ms on NVLink, twice of it one way, and 387 ms between servers', () => {
    expect(numberOf('kv-transfer/opt-66b/512/nvlink') * 1e3).toBeCloseTo(2.01, 2);
    expect(numberOf('kv-transfer/opt-66b/512/nvlink-one-way')).toBe(2 * numberOf('kv-transfer/opt-66b/512/nvlink'));
    expect(numberOf('kv-transfer/opt-66b/512/cross-node') * 1e3).toBeCloseTo(386.55, 1);
  });

  it('need what is printed in binary units', () => {
    expect(numberOf('text/kv-bytes:binary') / 2 ** 30).toBe(1.125);
    expect((8 * numberOf('text/kv-demand-bits:binary')) / 2 ** 30).toBe(90);
    expect(cellOf('text/kv-bytes').scale).toBe(1e9);
  });
});

describe('capacity as the released code counts it', () => {
  const rows = Object.entries(golden.cells).flatMap(([model, cells]) => Object.entries(cells).map(([split, tokens]) => [`${model}/${split}`, tokens] as const));

  it('is that of its table, in every row', () => {
    expect(rows.map(([path]) => [path, numberOf(`kv-capacity/${path}/tokens`)])).toEqual(rows);
  });

  it('follows from weights and blocks, which follow from the model and what the profiler takes', () => {
    const tree = evidence.tree('distserve/kv-capacity/opt-66b/2x2/tokens').map(({ id }) => id);
    for (const part of ['distserve/kv-capacity/opt-66b/2x2/weight-bytes', 'distserve/input/memory', 'distserve/degree/2', 'model/opt-66b/hidden', 'model/opt-66b/layers.0.count'])
      expect(tree).toContain(part);
    for (const { id, inputs, source } of evidence.tree('distserve/kv-capacity/opt-66b/2x2/tokens')) expect(source === null, id).toBe(Object.keys(inputs).length > 0);
  });
});

describe('numbers of the paper', () => {
  it('have trees that end in leaves that say where they come from', () => {
    const open = distservePaper.open.map(({ cell }) => cell);
    for (const { id } of distservePaper.cells.filter((cell) => !open.includes(cell.id))) {
      const tree = evidence.tree(id);
      expect(tree[0]?.id).toBe(id);
      for (const { id: at, value, inputs, source } of tree) {
        expect(Number.isFinite(value), at).toBe(true);
        expect(source === null, at).toBe(Object.keys(inputs).length > 0);
      }
    }
  });

  it.each([
    'kv-bytes/opt-66b',
    'kv-bytes/llama-2-7b/512',
    'kv-bytes/opt-66b/512/more',
    'kv-bytes/opt-66b/0',
    'kv-transfer/opt-66b/512',
    'kv-transfer/opt-66b/512/pcie',
    'kv-transfer/opt-66b/512/nvlink/more',
    'kv-transfer/opt-66b/512/toString',
    'rate/0.6',
    'degree/0',
    'degree/1000',
    'degree/2/2',
    'kv-capacity/opt-13b/3x1/tokens',
    'kv-capacity/opt-13b/1/tokens',
    'kv-capacity/opt-13b/1x1',
    'kv-capacity/opt-13b/1x1/tokens/more',
    'kv-capacity/llama-2-7b/1x1/tokens',
    'input/nothing',
    'figure-4/a/inter-op/9',
    '',
  ])('%s names none', (path) => expect(evidence.find(`distserve/${path}`)).toBeNull());

  it('are known in the scenario of papers only', () => {
    const other = openEvidence(defaultScenario);
    for (const path of ['figure-4/a/inter-op/0.5', 'input/nvlink', 'kv-bytes/opt-66b/512']) expect(other.find(`distserve/${path}`)).toBeNull();
  });
});
