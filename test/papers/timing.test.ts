import { describe, expect, it } from 'vitest';
import { type Evidence, paperScenario } from '../../src/evidence/index.ts';
import { compareCells, openEvidence, type Paper, type PrintedCell, papers, scoreboard, timingPaper } from '../../src/papers/index.ts';
import { meets } from '../../src/papers/printed.ts';
import { h100Steps, predictLayer, predictPass, published, table9 } from '../../src/papers/timing/cases.ts';
import { calibration } from '../../src/timing/choice.ts';
import { familyOf } from '../../src/timing/kernels/families.ts';

const evidence = openEvidence(paperScenario);
const board = scoreboard({ papers: ['timing'] });
const cellOf = (path: string): PrintedCell => timingPaper.cells.find(({ id }) => id === `timing/${path}`) as PrintedCell;
const numberOf = (path: string): number => evidence.number(`timing/${path}`).value;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What is asked: at most so many percent. */
const HELD_OUT = {
  'decode-attention-h800-h20/h800': 8,
  'decode-attention-h800-h20/h20': 15,
  'decode-attention-h100/h100': 8,
  'decode-attention-h100-fp8/h100': 8,
  'decode-attention-a800/a800': 8,
  'mla-decode-h20/h20': 8,
  'mla-decode-h800/h800': 8,
  'mla-decode-h100/h100': 8,
  'gemm-h20/h20': 8,
  'gemm-h100/h100': 8,
  'gemm-h100-fp8/h100': 8,
  'gemm-h800/h800': 12,
  'grouped-gemm-h800/h800': 15,
  'grouped-gemm-h20/h20': 15,
  'grouped-gemm-h100/h100': 15,
  'collective-h100/from-64-kib': 15,
  'collective-h100/h100': 20,
} as const;

/** Table 9 of arXiv:2507.19427v1, microseconds of one attention layer at 8K and 32K, as printed. */
const TABLE_9 = {
  'step-3/h800': ['281', '791'],
  'step-3/h20': ['438', '1452'],
  'step-3/a800': ['531', '1484'],
  'deepseek-v3/h800': ['372', '1125'],
  'deepseek-v3/h20': ['1252', '4817'],
  'qwen3-235b-a22b/h800': ['382', '1391'],
  'qwen3-235b-a22b/h20': ['812', '3042'],
  'qwen3-235b-a22b/a800': ['791', '3010'],
} as const;
const UNPADDED = ['qwen3-235b-a22b/h20/8k', 'qwen3-235b-a22b/h20/32k'];

/** Decode steps of Llama-3.1-8B on an H100, milliseconds, by batch and context. */
const STEPS = {
  '1-1024': '6.685',
  '8-1024': '6.972',
  '32-1024': '7.983',
  '128-1024': '12.674',
  '1-8192': '6.746',
  '8-8192': '9.190',
  '32-8192': '17.602',
  '64-4096': '17.828',
  '256-1024': '19.228',
} as const;

/** Published tokens per second and chip, and what is asked. */
const PUBLISHED = {
  'deepseek-v3/decode': ['2324', 0.1],
  'deepseek-v3/prefill': ['7839', 0.25],
  'qwen3-30b-a3b/prefill': ['16594', 0.25],
  'qwen3-30b-a3b/decode': ['2749', 0.25],
  'qwen3-8b/prefill': ['15061', 0.25],
  'qwen3-8b/decode': ['2682', 0.25],
} as const;

describe('the cells of what the time model is asked', () => {
  it('are these and no others', () => {
    const ids = [
      ...Object.keys(HELD_OUT).map((id) => `held-out/${id}`),
      ...Object.keys(TABLE_9).flatMap((id) => [`table-9/${id}/8k`, `table-9/${id}/32k`]),
      ...UNPADDED.map((id) => `table-9/${id}:unpadded`),
      'table-9/mean-error',
      ...Object.keys(STEPS).map((id) => `h100-steps/llama-3.1-8b/${id}`),
      'h100-steps/mean-error',
      ...Object.keys(PUBLISHED).map((id) => `published/${id}`),
      'published/mean-error',
      'serving/fold-1',
      'serving/fold-2',
      'coverage/kernels',
      'coverage/passes',
    ];
    expect(timingPaper.cells.map(({ id }) => id)).toEqual(ids.map((id) => `timing/${id}`));
    expect(board.map(({ table, cells }) => [table, cells])).toEqual([
      ['held-out', 17],
      ['table-9', 19],
      ['h100-steps', 10],
      ['published', 7],
      ['serving', 2],
      ['coverage', 2],
    ]);
  });

  it('stand in the table that their id names, each with an aim and a place', () => {
    for (const { id, paper, table, where, aim } of timingPaper.cells) {
      expect(id.startsWith(`${paper}/${table}/`), id).toBe(true);
      expect(aim, id).toBeDefined();
      expect(where.length, id).toBeGreaterThan(10);
    }
  });

  it.each(Object.entries(HELD_OUT))('held-out %s: at most %d %%', (id, percent) => {
    const cell = cellOf(`held-out/${id}`);
    expect([cell.printed, cell.scale, cell.aim]).toEqual([percent.toFixed(1), 0.01, { kind: 'at-most' }]);
    const [entry = '', chip = ''] = id.split('/');
    const { error } = calibration.entries.find((each) => each.id === entry) as (typeof calibration.entries)[number];
    const expected = chip === 'from-64-kib' ? error.bySize['from 64 KiB']?.heldOut : error.byAccelerator[chip]?.heldOut;
    expect(numberOf(`held-out/${id}`)).toBe(expected);
    expect(expected).toBeLessThanOrEqual(percent / 100);
  });

  it.each(Object.entries(TABLE_9).flatMap(([id, [short, long]]) => [[`${id}/8k`, short] as const, [`${id}/32k`, long] as const]))('Table 9, %s: %s us within 30 %%', (id, printed) => {
    const cell = cellOf(`table-9/${id}`);
    expect([cell.printed, cell.scale, cell.aim]).toEqual([printed, 1e-6, { kind: 'within', share: 0.3 }]);
    expect(Math.abs(numberOf(`table-9/${id}`) / (Number(printed) * 1e-6) - 1)).toBeLessThanOrEqual(0.3);
  });

  it.each(UNPADDED)('Table 9, %s without padding is a named deviation: bound by memory it would take less than half', (id) => {
    const unpadded = `timing/table-9/${id}:unpadded`;
    expect(timingPaper.deviations.map(({ cell }) => cell)).toContain(unpadded);
    expect(numberOf(`table-9/${id}:unpadded`)).toBeLessThan(numberOf(`table-9/${id}`) / 2);
    expect(cellOf(`table-9/${id}:unpadded`)).toMatchObject({ printed: cellOf(`table-9/${id}`).printed, aim: { kind: 'within', share: 0.3 } });
    expect(board.find(({ table }) => table === 'table-9')?.deviations.map(({ cell }) => cell)).toContain(unpadded);
  });

  it('have no other deviation, and nothing open', () => {
    expect(timingPaper.deviations.map(({ cell }) => cell)).toEqual(UNPADDED.map((id) => `timing/table-9/${id}:unpadded`));
    expect(timingPaper.open).toEqual([]);
    for (const { because } of timingPaper.deviations) expect(because).toMatch(/pads 16 query heads to a tile of 64 rows/);
  });

  it.each(Object.entries(STEPS))('H100 step %s: %s ms within 15 %%', (id, printed) => {
    const cell = cellOf(`h100-steps/llama-3.1-8b/${id}`);
    expect([cell.printed, cell.scale, cell.aim]).toEqual([printed, 1e-3, { kind: 'within', share: 0.15 }]);
    expect(Math.abs((1e3 * numberOf(`h100-steps/llama-3.1-8b/${id}`)) / Number(printed) - 1)).toBeLessThanOrEqual(0.15);
  });

  it.each(Object.entries(PUBLISHED))('published %s: within what is asked', (id, [printed, share]) => {
    const cell = cellOf(`published/${id}`);
    expect([cell.printed, cell.scale, cell.aim]).toEqual([printed, 1, { kind: 'within', share }]);
    expect(Math.abs(numberOf(`published/${id}`) / Number(printed) - 1)).toBeLessThanOrEqual(share);
  });

  it('have means of the errors of their rows: Table 9 without the padded GQA of H20', () => {
    const errorsOf = (ids: readonly string[]): readonly number[] => ids.map((id) => Math.abs(numberOf(id) / (Number(cellOf(id).printed) * cellOf(id).scale) - 1));
    const table = Object.keys(TABLE_9).flatMap((id) => (id === 'qwen3-235b-a22b/h20' ? [] : [`table-9/${id}/8k`, `table-9/${id}/32k`]));
    expect(table.length).toBe(14);
    for (const [path, printed, ids] of [
      ['table-9/mean-error', '12.0', table],
      ['h100-steps/mean-error', '10.0', Object.keys(STEPS).map((id) => `h100-steps/llama-3.1-8b/${id}`)],
      ['published/mean-error', '10.2', Object.keys(PUBLISHED).map((id) => `published/${id}`)],
    ] as const) {
      expect(numberOf(path)).toBeCloseTo(mean(errorsOf(ids)), 12);
      expect([cellOf(path).printed, cellOf(path).aim]).toEqual([printed, { kind: 'at-most' }]);
      expect(numberOf(path)).toBeLessThanOrEqual(Number(printed) / 100);
    }
  });

  it('have both folds of serving, each at most 20 % in the median, and models of either predicted from the other', () => {
    const { folds } = calibration.serving;
    expect(folds.length).toBe(2);
    folds.forEach(({ medianError, fitted, predicted }, at) => {
      expect([cellOf(`serving/fold-${at + 1}`).printed, numberOf(`serving/fold-${at + 1}`)]).toEqual(['20.0', medianError]);
      expect(medianError).toBeLessThanOrEqual(0.2);
      expect(fitted.filter((id) => predicted.includes(id))).toEqual([]);
    });
    expect([folds[0]?.fitted, folds[0]?.predicted]).toEqual([folds[1]?.predicted, folds[1]?.fitted]);
  });

  it('have intervals that hold 70 to 90 % of what they are for', () => {
    const { inside, points } = calibration.passes.coverage;
    expect(numberOf('coverage/passes')).toBe(inside / points);
    const known = calibration.entries.filter(({ error }) => error.coverage !== null);
    const all = known.reduce((sum, entry) => sum + entry.points, 0);
    expect(numberOf('coverage/kernels')).toBeCloseTo(
      known.reduce((sum, { error, points: of }) => sum + ((error.coverage as number) * of) / all, 0),
      12,
    );
    for (const path of ['coverage/kernels', 'coverage/passes']) {
      expect([cellOf(path).printed, cellOf(path).aim]).toEqual(['70.0', { kind: 'up-to', value: 0.9 }]);
      expect(numberOf(path) >= 0.7 && numberOf(path) <= 0.9, path).toBe(true);
    }
  });
});

describe('predictions of passes and layers', () => {
  it.each([...h100Steps, ...published].map((each) => [each.id, each] as const))('%s lies in its interval, and the measured value is at most 30 %% off it', (_, each) => {
    const { value, low, high } = predictPass(each);
    expect(low).toBeLessThan(value);
    expect(value).toBeLessThan(high);
    expect(Number(each.measured)).toBeGreaterThan(0.7 * low);
    expect(Number(each.measured)).toBeLessThan(1.3 * high);
  });

  it.each(table9.map((each) => [each.id, each] as const))('%s lies in its interval', (_, each) => {
    const { value, low, high } = predictLayer(each);
    expect(low).toBeLessThan(value);
    expect(value).toBeLessThan(high);
  });

  it('are at hand for as many cells as the tables have', () => expect([table9.length, h100Steps.length, published.length]).toEqual([16, 9, 6]));

  it('count tokens of one chip: of a replica split in two, half', () => {
    const [case_] = published.filter(({ id }) => id === 'qwen3-8b/prefill') as [(typeof published)[number]];
    const one = predictPass(case_).value;
    const two = predictPass({ ...case_, deployment: { ...case_.deployment, dataParallel: 2 } }).value;
    expect(two).toBe(one);
    expect(predictPass({ ...case_, deployment: { ...case_.deployment, tensorParallel: 2 } }).value).toBeLessThan(one);
  });

  it('with the host time of an engine are slower', () => {
    const [case_] = published.filter(({ engine }) => engine === 'sglang') as [(typeof published)[number]];
    const { engine: _, ...bare } = case_;
    expect(predictPass(case_).value).toBeLessThan(predictPass(bare).value);
  });
});

describe('compareCells of the time model', () => {
  const [timed] = papers.filter(({ id }) => id === 'timing') as [Paper];
  const withCell = (path: string, changes: Partial<PrintedCell>): Paper => ({ ...timed, deviations: [], cells: [{ ...cellOf(path), ...changes }] });
  const check = (paper: Paper, of: Evidence = evidence) => compareCells(paper, of);

  it.each([
    ['table-9/step-3/h800/8k', { aim: { kind: 'within', share: 0.01 } }, '257', '281'],
    ['published/deepseek-v3/prefill', { aim: { kind: 'within', share: 0.2 } }, '9447', '7839'],
    ['held-out/gemm-h800/h800', { printed: '9.0' }, '9.8', '9.0'],
    ['table-9/mean-error', { printed: '5.0' }, '5.3', '5.0'],
    ['coverage/kernels', { printed: '85.0' }, '79.7', '85.0'],
    ['coverage/kernels', { aim: { kind: 'up-to', value: 0.75 } }, '79.7', '70.0'],
  ] as const)('throws where %s is asked %j', (path, changes, computed, printed) => {
    expect(() => check(withCell(path, {}))).not.toThrow();
    expect(() => check(withCell(path, changes))).toThrow(RangeError);
    expect(() => check(withCell(path, changes))).toThrow(new RangeError(`scoreboard: timing/${path} ${computed} misses the printed ${printed} and is no named deviation`));
  });

  it('throws where any cell is asked a tenth of what it comes to', () => {
    for (const cell of timed.cells) {
      const error = cell.aim?.kind === 'within' ? Math.abs(evidence.number(cell.id).value / (Number(cell.printed) * cell.scale) - 1) : 0;
      const value = evidence.number(cell.id).value / cell.scale;
      const harder: Partial<PrintedCell> =
        cell.aim?.kind === 'within' ? { aim: { kind: 'within', share: error / 10 } } : cell.aim?.kind === 'at-most' ? { printed: (value / 10).toFixed(3) } : { printed: (value + 1).toFixed(1) };
      expect(meets(evidence.number(cell.id).value, { ...cell, ...harder }), cell.id).toBe(false);
      expect(() => check({ ...timed, deviations: [], cells: [{ ...cell, ...harder }] }), cell.id).toThrow(/ misses the printed /);
    }
  });

  it('throws where a named deviation meets its aim after all, and where one that does not is not named', () => {
    const [deviation] = timed.deviations as [Paper['deviations'][number]];
    const [cell] = timed.cells.filter(({ id }) => id === deviation.cell) as [PrintedCell];
    expect(check({ ...timed, cells: [cell] })).toMatchObject([{ status: 'deviation', because: deviation.because }]);
    expect(() => check({ ...timed, cells: [cell], deviations: [] })).toThrow(/^scoreboard: timing\/table-9\/\S+:unpadded \d+ misses the printed \d+ and is no named deviation$/);
    expect(() => check({ ...timed, cells: [{ ...cell, aim: { kind: 'within', share: 0.7 } }] })).toThrow(/is a named deviation but matches$/);
  });

  it('says in words what is asked, and how far a measured value is off', () => {
    const predictions = board.flatMap((row) => row.predictions);
    const of = (path: string) => predictions.find(({ cell }) => cell === `timing/${path}`);
    expect(predictions.length).toBe(timed.cells.length);
    expect(of('held-out/gemm-h800/h800')).toMatchObject({ measured: '12.0', error: null, aim: 'at most 12.0' });
    expect(of('coverage/kernels')).toMatchObject({ error: null, aim: '70.0 to 90' });
    expect(of('published/deepseek-v3/decode')).toMatchObject({ measured: '2324', aim: 'within 10 %' });
    for (const { cell, error } of predictions) {
      const { aim, printed, scale } = cellOf(cell.replace('timing/', ''));
      expect(error, cell).toBe(aim?.kind === 'within' ? evidence.number(cell).value / (Number(printed) * scale) - 1 : null);
    }
  });
});

/** Every number below an id ends in leaves that say where they come from, or in one that a procedure found. */
function expectRooted(id: string): void {
  const tree = evidence.tree(id);
  expect(tree[0]?.id).toBe(id);
  for (const { id: node, value, inputs, source, formula } of tree) {
    expect(Number.isFinite(value), `${node}: ${value}`).toBe(true);
    if (Object.keys(inputs).length > 0) expect([source, formula === null], node).toEqual([null, false]);
    else if (source === null) expect(evidence.card(formula as string), node).toMatchObject({ steps: expect.any(Array) as unknown });
    else expect(formula, node).toBeNull();
  }
}

describe('ids of the time model', () => {
  it('resolve for every cell', () => {
    for (const { id } of timingPaper.cells) expectRooted(id);
  });

  const constants = calibration.entries.flatMap((entry) => Object.keys(familyOf(entry.family).constants).map((name) => [`timing/constant/${entry.id}/${name}`, entry, name] as const));
  it.each(constants)('%s is a leaf: measured where it is fitted, assumed with a reason elsewhere', (id, entry, name) => {
    const { value, basis, source, unit, label } = evidence.number(id);
    expectRooted(id);
    expect(value).toBe(entry.constants[name]);
    expect(basis).toBe(entry.fitted.includes(name) ? 'measured' : 'assumed');
    if (source?.kind === 'measured') expect(source).toMatchObject({ what: `fitted to ${entry.points} points of ${entry.files.join(' and ')}`, date: '2026-11-23' });
    else expect(source).toMatchObject({ kind: 'assumed', because: expect.stringMatching(/\w{5}/) as unknown });
    const spec = familyOf(entry.family).constants[name];
    expect([unit, label]).toEqual([spec?.unit === 'share' ? '1' : spec?.unit, `${entry.id}: ${spec?.meaning}`]);
  });

  it('have constants of both kinds', () => expect(new Set(constants.map(([id]) => evidence.number(id).basis))).toEqual(new Set(['measured', 'assumed'])));

  it.each(calibration.entries.map((entry) => [entry.id, entry] as const))('timing/fit/%s/... are what was fitted, and null where nothing was', (id, { points, residuals, error }) => {
    const figure = (what: string): number | null => evidence.find(`timing/fit/${id}/${what}`)?.value ?? null;
    expect(['points', 'groups', 'in-sample', 'held-out', 'coverage'].map(figure)).toEqual([points, residuals.length, error.inSample, error.heldOut, error.coverage]);
    expectRooted(`timing/fit/${id}/points`);
  });

  it.each(['sglang', 'trtllm', 'vllm'])('timing/host/%s is measured', (engine) => {
    const found = evidence.number(`timing/host/${engine}`);
    const entry = calibration.serving.engines.find((each) => each.engine === engine && each.version === null);
    expect(found).toMatchObject({ value: entry?.hostSecondsPerSequence, unit: 's', basis: 'measured' });
    expect(found.source).toMatchObject({ kind: 'measured', what: `fitted to ${entry?.points} rows of ${calibration.serving.file}` });
  });

  it.each(['kernel', 'compute', 'memory', 'padded-rows', 'flop', 'bytes', 'hit', 'rows-of-expert', 'tile', 'tpot', 'decode', 'prefill', 'batch', 'output'])('timing/example/%s resolves', (what) =>
    expectRooted(`timing/example/${what}`),
  );

  it('lead from the example of a kernel to its constants and to the chip', () => {
    const ids = evidence.tree('timing/example/kernel').map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'timing/constant/grouped-gemm-h100/launch',
        'timing/constant/grouped-gemm-h100/computeShare',
        'timing/constant/grouped-gemm-h100/memoryShare',
        'accelerator/h100/peak.fp8',
        'accelerator/h100/memoryBandwidth',
      ]),
    );
    const [kernel, compute, memory, launch] = ['timing/example/kernel', 'timing/example/compute', 'timing/example/memory', 'timing/constant/grouped-gemm-h100/launch'].map(
      (id) => evidence.number(id).value,
    ) as [number, number, number, number];
    expect(kernel).toBeCloseTo(launch + (compute ** 4 + memory ** 4) ** 0.25, 15);
    const [tpot, decode, prefill, host] = ['timing/example/tpot', 'timing/example/decode', 'timing/example/prefill', 'timing/host/trtllm'].map((id) => evidence.number(id).value) as [
      number,
      number,
      number,
      number,
    ];
    expect(tpot).toBeCloseTo(decode + prefill / 4 + 64 * host, 15);
  });

  it.each([
    'timing/constant/gemm-h100/no-such',
    'timing/constant/gemm-h100',
    'timing/constant/gemm-h900/launch',
    'timing/constant/gemm-h100/launch/more',
    'timing/constant/gemm-h100/toString',
    'timing/fit/gemm-h100/no-such',
    'timing/fit/gemm-h100/toString',
    'timing/fit/gemm-h900/points',
    'timing/host/sglang/more',
    'timing/example/no-such',
    'timing/example/kernel/more',
    'timing/table-9/step-3/h800/16k',
    'timing/table-9',
    'timing',
  ])('%s names no number', (id) => {
    expect(evidence.find(id)).toBeNull();
    expect(() => evidence.number(id)).toThrow(new RangeError(`evidence: id ${id} names no number`));
  });
});
