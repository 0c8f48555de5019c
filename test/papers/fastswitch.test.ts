import { describe, expect, it } from 'vitest';
import { defaultScenario, paperScenario } from '../../src/evidence/index.ts';
import { modelCache } from '../../src/models/cache.ts';
import { modelOf } from '../../src/models/index.ts';
import { figure10 } from '../../src/papers/fastswitch/data/overheads.ts';
import { fastswitchPaper } from '../../src/papers/fastswitch/index.ts';
import { openCells } from '../../src/papers/fastswitch/open-cells.ts';
import { overheadLine } from '../../src/papers/fastswitch/overhead-line.ts';
import { CATALOGUE } from '../../src/papers/fastswitch/settings.ts';
import { simulatedItems } from '../../src/papers/fastswitch/simulated-cells.ts';
import { openEvidence } from '../../src/papers/index.ts';
import { scoreboardOf } from '../../src/papers/scoreboard.ts';
import { overheadShare } from '../../src/serving/preemption/transfer.ts';

const evidence = openEvidence(paperScenario);
const numberOf = (path: string): number => evidence.number(`fastswitch/${path}`).value;
/** Cells of simulated runs have a test of their own. */
const simulated = new Set(simulatedItems.map(({ cell }) => cell.id));
const closedForm = fastswitchPaper.cells.filter(({ id }) => !simulated.has(id));
const board = scoreboardOf([{ ...fastswitchPaper, cells: closedForm, deviations: fastswitchPaper.deviations.filter(({ cell }) => !simulated.has(cell)) }], evidence);
const FREQUENCIES = figure10.vllm.frequency;
const KIB = 2 ** 10;

describe('the scoreboard', () => {
  it('has these tables: cells, of them reproduced, deviations, open, predictions', () =>
    expect(board.map(({ table, cells, reproduced, deviations, open, predictions }) => [table, cells, reproduced, deviations.length, open.length, predictions.length])).toEqual([
      ['table-1', 4, 3, 1, 0, 2],
      ['text', 38, 18, 18, 2, 3],
      ['figure-10', 8, 6, 2, 0, 8],
      ['figure-9', 6, 4, 2, 0, 6],
      ['abstract', 2, 2, 0, 0, 0],
      ['figure-2', 5, 0, 0, 5, 0],
      ['figure-12', 5, 0, 0, 5, 0],
    ]));

  it('names what deviates', () =>
    expect(board.flatMap(({ deviations }) => deviations).map(({ cell, printed, computed }) => [cell.replace('fastswitch/', ''), printed, computed])).toEqual([
      ['table-1/traditional/seconds', '15.5', '12.3'],
      ['text/fewer-blocks', '53', '52'],
      ['text/group-blocks', '20', '9'],
      ['text/piece', '128', '32'],
      ['text/piece-time', '10', '5'],
      ['text/dispatch-share', '90', '64'],
      ['text/link-both', '64', '63'],
      ['text/first-group', '60', '63'],
      ['text/first-group:later', '70', '63'],
      ['text/speedup/llama-8b/markov/p99-ttft', '4.1', '4.2'],
      ['text/speedup/llama-8b/random/p95-ttft', '4.3', '4.2'],
      ['text/speedup/qwen-32b/markov/p95-ttft', '1.7', '1.8'],
      ['text/speedup/qwen-32b/markov/p99-ttft', '1.6', '1.7'],
      ['text/speedup/qwen-32b/markov/p99.9-ttft', '1.4', '1.7'],
      ['text/throughput/llama-8b', '1.334', '1.335'],
      ['text/throughput/qwen-32b', '1.444', '1.445'],
      ['text/stall', '59.9', '37.5'],
      ['text/group-spread', '15.13', '15.23'],
      ['text/efficiency/p99.9', '12.6', '12.7'],
      ['figure-10/gain/0.001', '3.11', '2.52'],
      ['figure-10/gain/0.02', '1.81', '2.52'],
      ['figure-9/call-stack/0.04', '1', '1'],
      ['figure-9/call-stack/0.05', '1', '2'],
    ]));

  it('says of a printed speedup that is cut that it is, where its bars are above it by less than one of its last digit', () => {
    for (const cell of ['llama-8b/markov/p99-ttft', 'qwen-32b/markov/p95-ttft', 'qwen-32b/markov/p99-ttft']) {
      const id = `fastswitch/text/speedup/${cell}`;
      const printed = Number(fastswitchPaper.cells.find((candidate) => candidate.id === id)?.printed);
      expect(evidence.number(id).value - printed).toBeGreaterThan(0.05);
      expect(evidence.number(id).value - printed).toBeLessThan(0.1);
      expect(fastswitchPaper.deviations.find((deviation) => deviation.cell === id)?.because).toContain('cut');
    }
  });

  it('keeps the difference of the tail of tokens that deviates within what bars can be read to', () => {
    expect(Math.abs(numberOf('text/efficiency/p99.9') - 0.126)).toBeLessThan(0.001);
    for (const model of ['llama-8b', 'qwen-32b'])
      expect(Math.abs(numberOf(`text/throughput/${model}`) - Number(fastswitchPaper.cells.find(({ id }) => id.endsWith(`throughput/${model}`))?.printed))).toBeLessThan(0.002);
  });

  it('says of every open cell what it needs, which is not the simulation', () => {
    expect(new Set(openCells.map(({ cell }) => cell.id)).size).toBe(openCells.length);
    expect(new Set(openCells.map(({ cell }) => cell.table))).toEqual(new Set(['figure-2', 'figure-12', 'text']));
    for (const { cell, because } of openCells) {
      expect(because).toMatch(/^needs what /);
      expect(() => evidence.number(cell.id)).toThrow(`fastswitch: cell ${cell.id} is open, it ${because}`);
    }
  });

  it('answers in the scenario of the paper only', () => expect(openEvidence(defaultScenario).find('fastswitch/text/piece')).toBeNull());

  it('has a source at every leaf of every cell', () => {
    const waiting = new Set(openCells.map(({ cell }) => cell.id));
    for (const { id } of closedForm.filter((cell) => !waiting.has(cell.id))) for (const leaf of evidence.tree(id)) if (leaf.formula === null) expect(leaf.source, `${id}: ${leaf.id}`).not.toBeNull();
  });
});

describe('bytes of copies', () => {
  it.each([
    ['llama-8b', 32, 64, 2, 128],
    ['qwen-32b', 32, 128, 4, 256],
  ] as const)('%s: slices of %i KiB, %i copies and %i MiB a block, %i KiB a token', (model, slice, copies, block, token) => {
    expect([numberOf(`slice/${model}`) / KIB, numberOf(`slices-per-block/${model}`), numberOf(`block/${model}`) / KIB ** 2, numberOf(`token/${model}`) / KIB]).toEqual([slice, copies, block, token]);
    expect(numberOf(`token/${model}`)).toBe(modelCache(modelOf(CATALOGUE[model]), { kv: 'bf16' }).perToken);
  });

  it('the printed size of a call is a slice with 32 heads, the best one ten slices of 8', () => {
    expect(numberOf('slice/llama-8b/multi-head')).toBe(128 * KIB);
    expect(numberOf('slices-of-best')).toBe(10);
  });

  it('a slice needs more than one neighbour before the link, not the host, is what it waits for', () => {
    for (const way of ['out', 'in', 'printed']) {
      const group = numberOf(`crossover/${way}`);
      expect(group).toBeGreaterThan(1);
      expect(group).toBeLessThan(20);
    }
  });
});

describe('Table 1', () => {
  it.each([
    ['traditional', '127.0', '18.5', '16.5', '299'],
    ['reuse', '115.1', '9.8', '18.2', '174'],
  ])('%s: %s us a block, %s us a call, %s GB/s, %s KiB a call', (run, block, call, rate, bytes) => {
    const of = (what: string): number => numberOf(`swap-out/${run}/${what}`);
    expect([(of('per-block') * 1e6).toFixed(1), (of('per-call') * 1e6).toFixed(1), (of('rate') / 1e9).toFixed(1), (of('call-bytes') / KIB).toFixed(0)]).toEqual([block, call, rate, bytes]);
    expect(of('per-call') * 64).toBeCloseTo(of('per-operation'), 12);
  });

  it('is below the line rate with slices of 32 KiB, and twice above it with the printed 128 KB: the runs cannot have had those', () => {
    for (const run of ['traditional', 'reuse']) {
      expect(numberOf(`swap-out/${run}/utilisation`)).toBeLessThan(0.6);
      expect(numberOf(`swap-out/${run}/utilisation-multi-head`)).toBeGreaterThan(2);
    }
    expect((numberOf('swap-out/traditional/rate-multi-head') / 1e9).toFixed(0)).toBe('66');
  });

  it('leaves less than nothing for an operation, as its deviation says', () => {
    expect(numberOf('swap-out/operation')).toBeLessThan(0);
    const perBlock = (run: string): number => numberOf(`swap-out/${run}/per-block`);
    expect(perBlock('traditional')).toBeGreaterThan(perBlock('reuse'));
  });
});

describe('an exchange of groups', () => {
  it('takes no less than either way, no less than the link lets both, and less than an iteration', () => {
    for (const way of ['out', 'in']) expect(numberOf('exchange/time')).toBeGreaterThanOrEqual(numberOf(`transfer/${way}/serial/grouped`));
    expect(numberOf('exchange/time')).toBeGreaterThanOrEqual((2 * numberOf('group-bytes')) / numberOf('input/link-both'));
    expect(numberOf('exchange/stall')).toBe(0);
    expect(numberOf('exchange/time')).toBeLessThan(numberOf('run/llama-8b/random/fastswitch/iteration-seconds'));
  });
});

describe('Figure 10', () => {
  it('has stalls that give back the drawn shares', () => {
    for (const series of ['vllm', 'dbg'] as const)
      for (const [at, frequency] of FREQUENCIES.entries())
        expect(overheadShare.evaluate({ frequency, stall: numberOf(`stall/${series}/${frequency}`) })).toBeCloseTo(figure10[series].share[at] as number, 12);
  });

  it('gains as the printed 3.11 by stalls, and less by shares', () => {
    expect(numberOf('drawn-gain/0.001').toFixed(2)).toBe('3.11');
    expect(numberOf('drawn-gain-of-shares/0.001').toFixed(2)).toBe('3.09');
  });

  it('gains by the model what a call of one slice costs over one of twenty: within the drawn range in turn, below it beside, above it with the printed dispatch', () => {
    const [dispatch, copy] = [numberOf('input/dispatch-out'), numberOf('slice-copy')];
    expect(numberOf('transfer/out/serial/gain')).toBeCloseTo((dispatch + copy) / (dispatch / 20 + copy), 12);
    const drawn = FREQUENCIES.map((f) => numberOf(`drawn-gain/${f}`));
    for (const way of ['out', 'in']) {
      expect(numberOf(`transfer/${way}/serial/gain`)).toBeGreaterThan(Math.min(...drawn));
      expect(numberOf(`transfer/${way}/serial/gain`)).toBeLessThan(Math.max(...drawn));
      expect(numberOf(`transfer/${way}/pipelined/gain`)).toBeLessThan(numberOf(`transfer/${way}/serial/gain`));
    }
    expect(numberOf('transfer/out/pipelined/gain')).toBeLessThan(Math.min(...drawn));
    expect(numberOf('transfer/printed/serial/gain')).toBeGreaterThan(1.5 * Math.max(...drawn));
  });

  it('implies calls of 3.6 to 6.2 us of vLLM, more than a loop in C++ takes and less than the paper says', () => {
    expect((numberOf('implied/text/call-time') * 1e6).toFixed(2)).toBe('6.17');
    expect((numberOf('implied/text/rate') / 1e9).toFixed(2)).toBe('5.31');
    for (const f of FREQUENCIES) {
      expect(numberOf(`implied/${f}/call-time`)).toBeGreaterThan(numberOf('input/dispatch-out'));
      expect(numberOf(`implied/${f}/call-time`)).toBeLessThan(numberOf('input/dispatch-printed'));
      expect(numberOf(`implied/${f}/rate`)).toBeLessThan(0.3 * numberOf('input/link-raw'));
    }
  });
});

describe('the share of switches as a line', () => {
  it('gives back a line that shares lie on, and leaves out what is beyond', () => {
    const frequency = [0.001, 0.004, 0.01, 0.02];
    const { base, stall, residual, points } = overheadLine({ frequency, share: [0.003, 0.009, 0.021, 0.9] }, 0.01);
    expect(base).toBeCloseTo(0.001, 12);
    expect(stall).toBeCloseTo(2, 12);
    expect(residual).toBeLessThan(1e-12);
    expect(points).toBe(3);
  });

  it.each(['vllm', 'dbg'] as const)('%s: no other base or stall has smaller squares, and points are near', (series) => {
    const [base, stall] = [numberOf(`line/${series}/base`), numberOf(`line/${series}/stall`)];
    const squares = (b: number, s: number): number => FREQUENCIES.reduce((sum, f, at) => (f > 0.01 ? sum : sum + ((figure10[series].share[at] as number) - b - s * f) ** 2), 0);
    for (const [db, ds] of [
      [1e-5, 0],
      [-1e-5, 0],
      [0, 1e-3],
      [0, -1e-3],
      [1e-5, -2e-3],
    ] as const)
      expect(squares(base + db, stall + ds)).toBeGreaterThan(squares(base, stall));
    expect(numberOf(`line/${series}/residual`)).toBeLessThan(5e-4);
    expect(base).toBeGreaterThan(0);
  });

  it('of vLLM is steeper by about two, and has the higher base', () => {
    expect(numberOf('line/gain')).toBeGreaterThan(1.9);
    expect(numberOf('line/gain')).toBeLessThan(2.3);
    expect(numberOf('line/vllm/base')).toBeGreaterThan(numberOf('line/dbg/base'));
  });

  it('refuses a line through one point', () => {
    expect(() => overheadLine(figure10.vllm, 0.001)).toThrow(RangeError);
    expect(() => overheadLine(figure10.vllm, 0.001)).toThrow('fastswitch: frequency 0.001 leaves 1 of the two points that a line needs');
  });
});
