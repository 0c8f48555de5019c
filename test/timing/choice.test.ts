import { describe, expect, it } from 'vitest';
import { withOverrides } from '../../src/accelerators/index.ts';
import type { CalibrationData, CalibrationEntry } from '../../src/timing/calibration-data.ts';
import { calibration, choose } from '../../src/timing/choice.ts';
import { type FamilyId, familyOf } from '../../src/timing/kernels/families.ts';
import type { Kernel } from '../../src/timing/kernels/kernel.ts';
import { attentionOf, chipOf, chips, collectiveOf, constantsOf, elementwiseOf, exchangeOf, familyIds, gemmOf, groupedOf, mlaOf, prefillOf } from './support.ts';

/** 7.5 TFLOP/s of H100's units and 1.9 of H20's, whose peak is cut. */
const unitPeak = (chip: string): number => chipOf(chip).peak.bf16 / chipOf(chip).computeUnits;

const entryOf = (id: string, changes: Partial<CalibrationEntry> = {}): CalibrationEntry => ({
  id,
  family: 'gemm',
  accelerators: ['h800'],
  architecture: 'hopper',
  unitPeaks: [unitPeak('h800')],
  mathBits: null,
  launchedFrom: 'host',
  constants: { launch: 4e-6, stepTime: 1e-8, tileTime: 1e-7, computeShare: 0.7, memoryShare: 0.9 },
  fitted: ['launch'],
  because: null,
  files: ['file.csv'],
  leftOut: 'a matrix',
  points: 10,
  error: { inSample: 0.1, heldOut: 0.1, byAccelerator: {}, bySize: {}, coverage: 0.8 },
  residuals: [[0]],
  ...changes,
});
const dataOf = (...entries: readonly CalibrationEntry[]): CalibrationData => ({ ...calibration, entries });
const chosen = (kernel: Kernel, chip: string, ...entries: readonly CalibrationEntry[]): string => choose(kernel, chipOf(chip), { data: dataOf(...entries) }).entry.id;

describe('the entry of a kernel', () => {
  const [own, relative, stranger] = [
    entryOf('own'),
    entryOf('relative', { accelerators: ['h100'] }),
    entryOf('stranger', { accelerators: ['a800'], architecture: 'ampere', unitPeaks: [unitPeak('a800')] }),
  ];

  it('is that of the chip before that of a relative, and of a relative before that of a stranger, in any order', () => {
    for (const entries of [
      [own, relative, stranger],
      [stranger, relative, own],
    ]) {
      expect(chosen(gemmOf(), 'h800', ...entries)).toBe('own');
      expect(chosen(gemmOf(), 'h200', ...entries)).not.toBe('stranger');
      expect(chosen(gemmOf(), 'a800', ...entries)).toBe('stranger');
    }
    expect(chosen(gemmOf(), 'h200', stranger, relative)).toBe('relative');
  });

  it('is that of the chip in another format before that of a relative in the same', () => {
    expect(chosen(gemmOf({ math: 'bf16' }), 'h800', entryOf('relative', { accelerators: ['h100'], mathBits: 16 }), entryOf('own', { mathBits: 8 }))).toBe('own');
  });

  it('is in the format of the arithmetic where a chip has both', () => {
    const both = [entryOf('16 bit', { mathBits: 16 }), entryOf('8 bit', { mathBits: 8 })];
    for (const math of ['bf16', 'fp16'] as const) expect(chosen(gemmOf({ math }), 'h800', ...both)).toBe('16 bit');
    for (const math of ['fp8', 'int8', 'fp4'] as const) expect(chosen(gemmOf({ math }), 'h800', ...both)).toBe('8 bit');
  });

  it.each([
    ['fp8', 'a800', '16 bit'],
    ['fp8', 'ascend-910b', '16 bit'],
    ['fp4', 'a800', '16 bit'],
    ['int8', 'a800', '8 bit'],
    ['fp8', 'h20', '8 bit'],
    ['fp4', 'h20', '8 bit'],
  ] as const)('is in the format that a chip computes in: %s on %s in %s', (math, chip, id) => {
    const of = { accelerators: [chip], architecture: chipOf(chip).architecture, unitPeaks: [unitPeak(chip)] };
    const both = [entryOf('16 bit', { ...of, mathBits: 16 }), entryOf('8 bit', { ...of, mathBits: 8 })];
    expect([chosen(gemmOf({ math }), chip, ...both), chosen(gemmOf({ math }), chip, ...both.toReversed())]).toEqual([id, id]);
  });

  it('is a measured one, even of a stranger, before an assumed one, unless its family is asked for', () => {
    const assumed = entryOf('assumed', { family: 'decode-attention/tuned', points: 0, architecture: null, unitPeaks: [], residuals: [] });
    const measured = entryOf('measured', { family: 'decode-attention/fa2', accelerators: ['a800'], architecture: 'ampere', unitPeaks: [unitPeak('a800')] });
    expect(chosen(attentionOf(), 'h800', assumed, measured)).toBe('measured');
    expect(choose(attentionOf(), chipOf('h800'), { data: dataOf(assumed, measured), family: 'decode-attention/tuned' }).entry.id).toBe('assumed');
  });

  it('is that of the chip itself of two that are as far: its own, assumed, before one measured on a relative', () => {
    const assumed = entryOf('assumed', { points: 0, architecture: null, unitPeaks: [], residuals: [] });
    for (const entries of [
      [assumed, relative],
      [relative, assumed],
    ])
      expect(choose(gemmOf(), chipOf('h800'), { data: dataOf(...entries), family: 'gemm' }).entry.id).toBe('assumed');
  });

  it('of a variant is that of its chip', () => {
    const { entry, carried, widening } = choose(gemmOf(), chipOf('h800:datasheet'), { data: dataOf(relative, own) });
    expect([entry.id, carried, widening]).toEqual(['own', null, 0]);
  });

  it('is of the family that the kernel runs as', () => {
    const family = (kernel: Kernel, chip = 'h800'): FamilyId => choose(kernel, chipOf(chip)).family;
    expect(family(gemmOf())).toBe('gemm');
    expect(family(groupedOf())).toBe('grouped-gemm');
    expect(family(prefillOf(4096))).toBe('prefill-attention');
    expect(family(elementwiseOf(1e6))).toBe('elementwise');
    expect(family(collectiveOf())).toBe('collective');
    expect(family(mlaOf({ variant: 'sparse-mla' }))).toBe('sparse-mla');
    expect(family(mlaOf({ variant: 'indexer', valueDim: 0 }))).toBe('indexer');
    expect(family(exchangeOf())).toBe('expert-exchange/low-latency');
    expect(family(exchangeOf({ mode: 'normal' }))).toBe('expert-exchange/normal');
    expect(['h800', 'h20', 'h100', 'a800'].map((chip) => family(attentionOf(), chip))).toEqual(['decode-attention/fa2', 'decode-attention/fa2', 'decode-attention/tuned', 'decode-attention/fa2']);
    expect(['h800', 'h20', 'h100'].map((chip) => family(mlaOf(), chip))).toEqual(['mla-decode/flashmla', 'mla-decode/flashinfer', 'mla-decode/flashmla']);
  });

  it('is that of H100 in the format of its cache', () => {
    const id = (math: 'bf16' | 'fp8'): string => choose(attentionOf({ math }), chipOf('h100')).entry.id;
    expect([id('bf16'), id('fp8')]).toEqual(['decode-attention-h100', 'decode-attention-h100-fp8']);
  });

  it('is there for every kernel on every chip', () => {
    const kernels = [
      gemmOf(),
      groupedOf(),
      attentionOf(),
      mlaOf(),
      mlaOf({ variant: 'sparse-mla' }),
      mlaOf({ variant: 'indexer' }),
      prefillOf(1024),
      elementwiseOf(1e6),
      collectiveOf(),
      exchangeOf(),
      exchangeOf({ mode: 'normal' }),
    ];
    for (const chip of chips) for (const kernel of kernels) expect(choose(kernel, chip).entry.constants).toBe(choose(kernel, chip).constants);
  });

  it('of a family without one is refused', () => {
    expect(() => choose(gemmOf(), chipOf('h800'), { data: dataOf() })).toThrow(RangeError);
    expect(() => choose(gemmOf(), chipOf('h800'), { data: dataOf() })).toThrow(/^timing: family gemm has no measurements$/);
    expect(() => choose(attentionOf(), chipOf('h800'), { data: dataOf(own) })).toThrow(/^timing: family decode-attention\/tuned, decode-attention\/fa2 has no measurements$/);
    expect(() => choose(gemmOf(), chipOf('h800'), { family: 'no-such' as FamilyId })).toThrow(/^timing: family no-such has no measurements$/);
  });

  const ofEachKind = [gemmOf(), groupedOf(), attentionOf(), prefillOf(1024), elementwiseOf(1e6), collectiveOf(), exchangeOf()];
  it.each(familyIds.map((id) => [id, familyOf(id).kernel] as const))('of the family %s is for a %s kernel, and refused for any other', (family, kind) => {
    for (const kernel of ofEachKind) {
      const check = () => choose(kernel, chipOf('h100'), { family });
      if (kernel.kind === kind) expect(check().family).toBe(family);
      else {
        expect(check).toThrow(RangeError);
        expect(check).toThrow(new RangeError(`timing: family ${family} does not time a ${kernel.kind} kernel`));
      }
    }
  });

  it('of a GEMM with block scales is its own where one was measured, on its chip and on relatives', () => {
    const scaled = gemmOf({ math: 'fp8', weightBytes: 1, inputBytes: 1, blockScaled: true });
    expect(choose(scaled, chipOf('h100'))).toMatchObject({ family: 'gemm/block-scaled', carried: null, widening: 0 });
    expect(choose({ ...scaled, blockScaled: false }, chipOf('h100')).entry.id).toBe('gemm-h100-fp8');
    expect(chosen(scaled, 'h800', own)).toBe('own');
  });
});

describe('how far constants were carried', () => {
  const carried = (kernel: Kernel, chip: string, ...entries: readonly CalibrationEntry[]) => {
    const { carried, widening } = choose(kernel, chipOf(chip), { data: dataOf(...entries) });
    return [carried, widening];
  };
  const eight = entryOf('8 bit', { mathBits: 8 });

  it.each([
    ['not at all', gemmOf({ math: 'fp8' }), 'h800', [null, 0]],
    ['from another format', gemmOf({ math: 'bf16' }), 'h800', ['measured in 8 bit', 0.1]],
    ['from a relative', gemmOf({ math: 'fp8' }), 'h100', ['constants of h800', 0.15]],
    ['from a stranger, and in integers', gemmOf({ math: 'int8' }), 'a800', ['constants of h800, beyond what was measured', Math.hypot(0.35, 0.25)]],
    ['from a stranger that computes in 8 bit to one that does not', gemmOf({ math: 'fp8' }), 'a800', ['constants of h800, measured in 8 bit', Math.hypot(0.35, 0.1)]],
    ['from a relative in another format', gemmOf({ math: 'bf16' }), 'h100', ['constants of h800, measured in 8 bit', Math.hypot(0.15, 0.1)]],
    ['from a stranger in another format', gemmOf({ math: 'bf16' }), 'a800', ['constants of h800, measured in 8 bit', Math.hypot(0.35, 0.1)]],
  ] as const)('%s', (_, kernel, chip, expected) => expect(carried(kernel, chip, eight)).toEqual(expected));

  it('beyond what was measured where patches attend those behind them, too, and not by a rounding of pairs', () => {
    const causal = entryOf('causal', { family: 'prefill-attention' });
    const of = (context: number, pairs: number) => carried(prefillOf(context, { pairs }), 'h800', causal);
    expect(of(1024, 1024 ** 2)).toEqual(['beyond what was measured', 0.25]);
    expect(of(1024, (1024 * 1025) / 2 + 1)).toEqual(['beyond what was measured', 0.25]);
    expect(of(1024, (1024 * 1025) / 2)).toEqual([null, 0]);
    expect(of(2 ** 20, ((2 ** 20 * (2 ** 20 + 1)) / 2) * (1 + 2 ** -50))).toEqual([null, 0]);
    expect(of(1, 1)).toEqual([null, 0]);
  });

  it.each([
    ['from a chip whose peak is cut to a full one', ['h20'], 'h100', 0.25],
    ['from a full chip to one whose peak is cut', ['h800'], 'h20', 0.25],
    ['from both to a full one', ['h20', 'h800'], 'h100', 0.15],
  ] as const)('further %s', (_, accelerators, chip, widening) => {
    const entry = entryOf('entry', { accelerators, unitPeaks: accelerators.map(unitPeak) });
    expect(carried(gemmOf(), chip, entry)).toEqual([`constants of ${accelerators.join(' and ')}`, widening]);
  });

  it('is nearer from a chip of alike units than from one whose peak is cut', () => {
    const entries = [entryOf('cut', { accelerators: ['h20'], unitPeaks: [unitPeak('h20')] }), entryOf('full')];
    expect([chosen(gemmOf(), 'h200', ...entries), chosen(gemmOf(), 'h200', ...entries.toReversed())]).toEqual(['full', 'full']);
  });

  it('names all chips that were measured', () => {
    expect(carried(gemmOf(), 'h200', entryOf('two', { accelerators: ['h800', 'h20'], unitPeaks: [unitPeak('h800'), unitPeak('h20')] }))).toEqual(['constants of h800 and h20', 0.15]);
  });

  it('asks no format where it makes no difference, or where a kernel has none', () => {
    expect(carried(gemmOf({ math: 'bf16' }), 'h800', entryOf('any'))).toEqual([null, 0]);
    expect(carried(elementwiseOf(1e6), 'h800', entryOf('8 bit', { family: 'elementwise', mathBits: 8 }))).toEqual([null, 0]);
  });

  it('says that constants are assumed, as from a relative on the chip itself and from a stranger elsewhere', () => {
    const assumed = { points: 0, architecture: null, unitPeaks: [], residuals: [] };
    expect(carried(gemmOf(), 'h800', entryOf('assumed', assumed))).toEqual(['assumed constants', 0.15]);
    expect(carried(gemmOf(), 'h100', entryOf('assumed', assumed))).toEqual(['assumed constants', 0.35]);
    expect(carried(gemmOf({ math: 'bf16' }), 'h800', entryOf('assumed', { ...assumed, mathBits: 8 }))).toEqual(['assumed constants, measured in 8 bit', Math.hypot(0.15, 0.1)]);
  });

  it('is named for 16-bit arithmetic on chips whose GEMM was measured in 8 bit alone', () => {
    for (const chip of ['h800', 'h20']) {
      expect(choose(gemmOf({ math: 'bf16' }), chipOf(chip)).carried).toBe('measured in 8 bit');
      expect(choose(gemmOf({ math: 'fp8' }), chipOf(chip)).carried).toBeNull();
    }
  });
});

describe('launches', () => {
  const graph = entryOf('graph', { accelerators: ['h100'], launchedFrom: 'graph', constants: { ...entryOf('').constants, launch: 2e-6 } });
  const host = entryOf('host');
  const launchOf = (launch: 'host' | 'graph' | undefined, ...entries: readonly CalibrationEntry[]): unknown =>
    choose(gemmOf(), chipOf('h800'), { data: dataOf(...entries), ...(launch === undefined ? {} : { launch }) }).constants.launch;

  it('come from the host unless asked otherwise, as they were measured', () => {
    expect(launchOf(undefined, host, graph)).toBe(4e-6);
    expect(launchOf('host', host, graph)).toBe(4e-6);
  });

  it('from a graph take as long as those of the entry of its kind that was measured in one, where that is less', () => {
    expect(launchOf('graph', host, graph)).toBe(2e-6);
    expect(launchOf('graph', host, { ...graph, constants: { ...graph.constants, launch: 9e-6 } })).toBe(4e-6);
  });

  it('from a graph are as they are where none of the kind was measured in one', () => {
    expect(launchOf('graph', host)).toBe(4e-6);
    expect(launchOf('graph', host, { ...graph, family: 'grouped-gemm' })).toBe(4e-6);
  });

  it('of an entry that was measured in a graph are the same for both', () => {
    const at = (launch: 'host' | 'graph') => choose(gemmOf(), chipOf('h100'), { launch }).constants;
    expect(at('graph')).toEqual(at('host'));
    expect(at('graph')).toEqual(constantsOf('gemm-h100'));
  });

  it('from a graph have no floor of the host, and leave all other constants alone', () => {
    const [host, graph] = (['host', 'graph'] as const).map((launch) => choose(attentionOf(), chipOf('h800'), { launch }).constants) as [Record<string, number>, Record<string, number>];
    expect(host.hostFloor).toBeGreaterThan(0);
    expect(graph).toEqual({ ...host, hostFloor: 0, launch: constantsOf('decode-attention-h100').launch });
    expect('hostFloor' in choose(gemmOf(), chipOf('h800'), { launch: 'graph' }).constants).toBe(false);
  });

  it('make no difference to a family without such a constant', () => {
    expect(choose(collectiveOf(), chipOf('h100'), { launch: 'graph' }).constants).toEqual(constantsOf('collective-h100'));
  });
});

describe('sustained power', () => {
  const ceilings = (sustained: number): CalibrationData => ({ ...dataOf(entryOf('own')), ceilings: [{ accelerators: ['h800'], mathBits: 16, burst: 0.9, sustained, file: 'file.csv' }] });
  const constants = (sustained: number, kernel: Kernel = gemmOf({ math: 'bf16' }), chip = 'h800', power: 'burst' | 'sustained' = 'sustained') =>
    choose(kernel, chipOf(chip), { data: ceilings(sustained), power }).constants;
  const own = entryOf('own').constants;

  it('lowers the share of the peak to its ceiling, and changes nothing else', () => expect(constants(0.5)).toEqual({ ...own, computeShare: 0.5 }));
  it('never raises it', () => expect(constants(0.8)).toEqual(own));
  it('is not asked for unless it is', () => expect(constants(0.5, gemmOf(), 'h800', 'burst')).toEqual(own));
  it('holds for the format and the chips that were measured', () => {
    expect(constants(0.5, gemmOf({ math: 'fp8' }))).toEqual(own);
    expect(constants(0.5, gemmOf({ math: 'bf16' }), 'h20')).toEqual(own);
  });

  it('holds for a variant of a chip that was measured, and for the format that it computes in', () => {
    expect(constants(0.5, gemmOf({ math: 'bf16' }), 'h800:datasheet')).toEqual({ ...own, computeShare: 0.5 });
    const a800: CalibrationData = { ...dataOf(entryOf('own')), ceilings: [{ accelerators: ['a800'], mathBits: 16, burst: 0.9, sustained: 0.5, file: 'file.csv' }] };
    const share = (math: 'bf16' | 'fp8' | 'int8') => choose(gemmOf({ math }), chipOf('a800'), { data: a800, power: 'sustained' }).constants.computeShare;
    expect((['bf16', 'fp8', 'int8'] as const).map(share)).toEqual([0.5, 0.5, own.computeShare]);
  });

  it('of the committed calibration holds for the data-sheet variant of H800 as for H800', () => {
    for (const kernel of [gemmOf({ math: 'bf16' }), groupedOf(), prefillOf(1024)])
      expect(choose(kernel, chipOf('h800:datasheet'), { power: 'sustained' }).constants).toEqual(choose(kernel, chipOf('h800'), { power: 'sustained' }).constants);
  });

  it('leaves what does no matrix work as it was', () => {
    for (const kernel of [elementwiseOf(1e6), collectiveOf(), exchangeOf()]) expect(choose(kernel, chipOf('h100'), { power: 'sustained' })).toEqual(choose(kernel, chipOf('h100')));
  });

  it('only ever lowers shares of the peak, on every chip of the catalogue', () => {
    const lowered = chips.flatMap((chip) =>
      [gemmOf({ math: 'bf16' }), gemmOf({ math: 'fp8' }), groupedOf(), attentionOf(), mlaOf(), prefillOf(1024)].map((kernel) => {
        const [burst, sustained] = (['burst', 'sustained'] as const).map((power) => choose(kernel, chip, { power }).constants) as [Record<string, number>, Record<string, number>];
        expect({ ...sustained, computeShare: burst.computeShare }).toEqual(burst);
        expect(sustained.computeShare as number).toBeLessThanOrEqual(burst.computeShare as number);
        return (sustained.computeShare as number) < (burst.computeShare as number);
      }),
    );
    expect(lowered).toContain(true);
    expect(lowered).toContain(false);
  });
});

describe('choices that are kept', () => {
  const kernels = [gemmOf({ math: 'bf16' }), gemmOf({ math: 'fp8' }), gemmOf({ math: 'int8' }), gemmOf({ math: 'fp8', blockScaled: true }), groupedOf(), attentionOf(), attentionOf({ math: 'fp8' })];
  const others = [
    mlaOf(),
    mlaOf({ variant: 'sparse-mla' }),
    mlaOf({ variant: 'indexer', valueDim: 0 }),
    prefillOf(1024),
    elementwiseOf(1e6),
    collectiveOf(),
    exchangeOf(),
    exchangeOf({ mode: 'normal' }),
  ];
  const all = [...kernels, ...others].flatMap((kernel) =>
    (['h100', 'h800', 'h20', 'a800', 'l20'] as const).flatMap((id) =>
      (['host', 'graph'] as const).flatMap((launch) => (['burst', 'sustained'] as const).map((power) => ({ kernel, chip: chipOf(id), options: { launch, power } }))),
    ),
  );

  it('are what a chip and a calibration that were never asked before choose, in any order', () => {
    for (const { kernel, chip, options } of [...all, ...all.toReversed()]) expect(choose(kernel, chip, options)).toEqual(choose(kernel, { ...chip }, { ...options, data: { ...calibration } }));
  });

  it('are the same choice for a kernel of another size', () => expect(choose(gemmOf({ m: 1 }), chipOf('h100'))).toBe(choose(gemmOf({ m: 4096, n: 64 }), chipOf('h100'))));

  it('differ by calibration: the constants of the one that is asked', () => {
    const [one, two] = [dataOf(entryOf('one')), dataOf(entryOf('two'))];
    const id = (data: CalibrationData): string => choose(gemmOf(), chipOf('h800'), { data }).entry.id;
    expect([id(one), id(two), id(one), choose(gemmOf(), chipOf('h800')).entry.id]).toEqual(['one', 'two', 'one', 'gemm-h800']);
  });

  it('differ by chip, also where an override has kept its id', () => {
    const h20 = chipOf('h20');
    const full = withOverrides(h20, { peak: { bf16: 5.85e14, fp8: 1.17e15 } });
    const data = dataOf(entryOf('cut', { accelerators: ['a100-80g'], unitPeaks: [unitPeak('h20')] }), entryOf('full', { accelerators: ['h100'], unitPeaks: [unitPeak('h100')] }));
    const id = (chip: typeof h20): string => choose(gemmOf(), chip, { data }).entry.id;
    expect([id(h20), id(full), id(h20)]).toEqual(['cut', 'full', 'cut']);
  });

  it('are not taken for those of a family that is asked for by name', () => {
    expect(choose(attentionOf(), chipOf('h800')).family).toBe('decode-attention/fa2');
    expect(choose(attentionOf(), chipOf('h800'), { family: 'decode-attention/tile64' }).family).toBe('decode-attention/tile64');
    expect(choose(attentionOf(), chipOf('h800')).family).toBe('decode-attention/fa2');
  });

  it('of a calibration without the family are refused each time', () => {
    const data = dataOf();
    for (const _ of [1, 2]) expect(() => choose(gemmOf(), chipOf('h800'), { data })).toThrow(new RangeError('timing: family gemm has no measurements'));
  });
});
