import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { KERNEL_COLUMNS, KERNEL_NAMES, type KernelName, type KernelRow, kernelOf } from '../../src/timing/kernel-row.ts';
import { COLLECTIVES, type Kernel } from '../../src/timing/kernels/kernel.ts';

/** A row of each kernel with all that it needs and nothing that has a default. */
const ROWS = {
  gemm: { m: '16', n: '4096', k: '1024' },
  'grouped-gemm': { n: '4096', k: '2048', experts: '8', topK: '2', tokens: '4' },
  'decode-attention': { heads: '32', kvHeads: '8', headDim: '128', batch: '16', context: '8192' },
  'mla-decode': { heads: '128', batch: '16', context: '4096' },
  'prefill-attention': { heads: '32', kvHeads: '8', headDim: '128', context: '1000' },
  'all-reduce': { gpus: '8', bytes: '1048576' },
  'all-gather': { gpus: '4', bytes: '4096' },
  'reduce-scatter': { gpus: '2', bytes: '512' },
  'all-to-all': { gpus: '16', bytes: '65536' },
} as const satisfies Readonly<Record<KernelName, KernelRow>>;

/** Those kernels, by hand: 16 bit throughout. */
const KERNELS: Readonly<Record<KernelName, Kernel>> = {
  gemm: { kind: 'gemm', m: 16, n: 4096, k: 1024, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 },
  // two of eight experts for each of four tokens: 8 (1 - (6 / 8)^4) are hit
  'grouped-gemm': { kind: 'grouped-gemm', experts: 8, hit: 5.46875, rows: 8, n: 4096, k: 2048, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 },
  'decode-attention': {
    kind: 'decode-attention',
    variant: 'gqa',
    batch: 16,
    context: 8192,
    heads: 32,
    kvHeads: 8,
    queryKeyDim: 128,
    valueDim: 128,
    kvBytesPerToken: 4096,
    math: 'bf16',
  },
  'mla-decode': { kind: 'decode-attention', variant: 'mla', batch: 16, context: 4096, heads: 128, kvHeads: 1, queryKeyDim: 576, valueDim: 512, kvBytesPerToken: 1152, math: 'bf16' },
  'prefill-attention': {
    kind: 'prefill-attention',
    batch: 1,
    context: 1000,
    pairs: 500_500,
    heads: 32,
    kvHeads: 8,
    queryKeyDim: 128,
    valueDim: 128,
    kvBytesPerToken: 4096,
    math: 'bf16',
  },
  'all-reduce': { kind: 'collective', operation: 'all-reduce', gpus: 8, bytes: 1_048_576, floating: true },
  'all-gather': { kind: 'collective', operation: 'all-gather', gpus: 4, bytes: 4096, floating: true },
  'reduce-scatter': { kind: 'collective', operation: 'reduce-scatter', gpus: 2, bytes: 512, floating: true },
  'all-to-all': { kind: 'collective', operation: 'all-to-all', gpus: 16, bytes: 65_536, floating: true },
};

const of = (kernel: KernelName, changes: KernelRow = {}): Kernel => kernelOf({ kernel, ...ROWS[kernel], ...changes });

/** Columns that a kernel reads as counts, beside those that it needs. */
const OPTIONAL: Readonly<Partial<Record<KernelName, readonly string[]>>> = {
  'grouped-gemm': ['gpus', 'm'],
  'mla-decode': ['latentDim', 'ropeDim'],
  'prefill-attention': ['batch', 'ropeDim'],
};
const needed = KERNEL_NAMES.flatMap((kernel) => Object.keys(ROWS[kernel]).map((field) => [kernel, field] as const));
const counted = [...needed, ...KERNEL_NAMES.flatMap((kernel) => (OPTIONAL[kernel] ?? []).map((field) => [kernel, field] as const))];

describe('kernelOf', () => {
  it('knows five kernels and the collectives', () => {
    expect(KERNEL_NAMES).toEqual(['gemm', 'grouped-gemm', 'decode-attention', 'mla-decode', 'prefill-attention', ...COLLECTIVES]);
    expect(new Set(KERNEL_COLUMNS).size).toBe(KERNEL_COLUMNS.length);
    for (const [, field] of counted) expect(KERNEL_COLUMNS).toContain(field);
  });

  it.each(KERNEL_NAMES)('reads %s', (kernel) => expect(of(kernel)).toEqual(KERNELS[kernel]));

  it.each(KERNEL_NAMES)('reads %s from a row whose other columns are empty or of others, with spaces around cells', (kernel) => {
    const empty = Object.fromEntries(KERNEL_COLUMNS.map((column) => [column, '']));
    const spaced = Object.fromEntries(Object.entries({ kernel, ...ROWS[kernel] }).map(([column, value]) => [column, ` ${value} `]));
    expect(kernelOf({ ...empty, ...spaced, accelerator: 'anything', ...({ note: 'x' } as KernelRow) })).toEqual(KERNELS[kernel]);
  });

  it.each(KERNEL_NAMES)('reads counts of %s as other software writes them: 128.0, 1.28e2 aside', (kernel) => {
    const written = (as: (value: string) => string): Kernel => of(kernel, Object.fromEntries(Object.entries(ROWS[kernel]).map(([column, value]) => [column, as(value)])));
    for (const as of [
      (value: string) => `${value}.0`,
      (value: string) => `${value}.`,
      (value: string) => `${value}.000`,
      (value: string) => `0${value}`,
      (value: string) => `${value}e0`,
      (value: string) => `${value}.0E+0`,
    ])
      expect(written(as)).toEqual(KERNELS[kernel]);
  });

  it.each(['1e6', '1E6', '1e+6', '1.0e6', '1000000.0'])('reads %s as a million', (bytes) => expect(of('all-reduce', { bytes })).toMatchObject({ bytes: 1_000_000 }));
});

describe('formats', () => {
  it.each([
    ['', 'bf16', 2],
    ['bf16', 'bf16', 2],
    ['bfloat16', 'bf16', 2],
    ['fp16', 'fp16', 2],
    ['half', 'fp16', 2],
    ['float16', 'fp16', 2],
    ['fp8', 'fp8', 1],
    ['fp8_e4m3', 'fp8', 1],
    ['int8', 'int8', 1],
    ['FP8', 'fp8', 1],
    [' BFloat16 ', 'bf16', 2],
  ] as const)('%j is %s, operands of %i bytes, outputs of 2', (dtype, math, width) => {
    const operands = { math, weightBytes: width, inputBytes: width, outputBytes: 2 };
    expect(of('gemm', { dtype })).toEqual({ ...KERNELS.gemm, ...operands });
    expect(of('grouped-gemm', { dtype })).toEqual({ ...KERNELS['grouped-gemm'], ...operands });
    expect(of('prefill-attention', { dtype })).toEqual({ ...KERNELS['prefill-attention'], math, kvBytesPerToken: 2048 * width });
  });

  it('fp8_block is a GEMM in 8 bit with a scale for each block; nothing else has them', () => {
    expect(of('gemm', { dtype: 'fp8_block' })).toEqual({ ...of('gemm', { dtype: 'fp8' }), blockScaled: true });
    expect(of('gemm', { dtype: 'FP8_Block' })).toEqual(of('gemm', { dtype: 'fp8_block' }));
    for (const kernel of KERNEL_NAMES.filter((name) => name !== 'gemm')) expect(of(kernel, { dtype: 'fp8_block' })).toEqual(of(kernel, { dtype: 'fp8' }));
  });

  it('of a cache are those of the arithmetic unless given', () => {
    const cache = (changes: KernelRow) => {
      const kernel = of('decode-attention', changes);
      return kernel.kind === 'decode-attention' ? [kernel.kvBytesPerToken, kernel.math] : [];
    };
    expect(cache({})).toEqual([4096, 'bf16']);
    expect(cache({ dtype: 'fp16' })).toEqual([4096, 'fp16']);
    expect(cache({ dtype: 'fp8' })).toEqual([2048, 'fp8']);
    expect(cache({ kvDtype: 'fp8' })).toEqual([2048, 'fp8']);
    expect(cache({ dtype: 'fp8', kvDtype: 'bf16' })).toEqual([4096, 'fp8']);
  });

  it('of a latent cache are those of the arithmetic unless given, and its kernels multiply in 16 bit', () => {
    const cache = (changes: KernelRow) => {
      const kernel = of('mla-decode', changes);
      return kernel.kind === 'decode-attention' ? [kernel.kvBytesPerToken, kernel.math] : [];
    };
    expect(cache({})).toEqual([1152, 'bf16']);
    expect(cache({ dtype: 'fp16' })).toEqual([1152, 'fp16']);
    expect(cache({ dtype: 'fp8' })).toEqual([576, 'bf16']);
    expect(cache({ kvDtype: 'fp8' })).toEqual([576, 'bf16']);
    expect(cache({ dtype: 'fp8', kvDtype: 'bf16' })).toEqual([1152, 'bf16']);
  });

  it('of a prompt leave its arithmetic alone where the cache is narrower', () =>
    expect(of('prefill-attention', { kvDtype: 'fp8' })).toEqual({ ...KERNELS['prefill-attention'], kvBytesPerToken: 2048 }));

  it('of an exchange say whether switches can add it up', () => {
    for (const kernel of COLLECTIVES) {
      for (const dtype of ['bf16', 'fp16', 'fp8']) expect(of(kernel, { dtype })).toMatchObject({ floating: true });
      expect(of(kernel, { dtype: 'int8' })).toEqual({ ...KERNELS[kernel], floating: false });
    }
  });
});

describe('grouped GEMM', () => {
  it('has m rows for each expert where m is given, all of them hit', () => expect(of('grouped-gemm', { m: '5', topK: '', tokens: '' })).toEqual({ ...KERNELS['grouped-gemm'], hit: 8, rows: 40 }));

  it('deals experts out over chips: those of one, hit by the tokens of all', () => {
    // four chips of four tokens each, two of eight experts a token, two experts a chip
    expect(of('grouped-gemm', { gpus: '4' })).toEqual({ ...KERNELS['grouped-gemm'], experts: 2, hit: (8 * (1 - 0.75 ** 16)) / 4, rows: 8 });
    expect(of('grouped-gemm', { gpus: '4', m: '5' })).toEqual({ ...KERNELS['grouped-gemm'], experts: 2, hit: 2, rows: 10 });
  });

  it('hits every expert where a token has all', () => expect(of('grouped-gemm', { topK: '8', tokens: '1' })).toEqual({ ...KERNELS['grouped-gemm'], hit: 8, rows: 8 }));

  test.prop([fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 8 }), fc.nat(), fc.integer({ min: 1, max: 5000 })])(
    'has on all chips together the rows of all tokens, and hits at least topK and at most all or as many as rows',
    (experts, gpus, pick, tokens) => {
      const [all, topK] = [experts * gpus, 1 + (pick % (experts * gpus))];
      const kernel = of('grouped-gemm', { experts: String(all), gpus: String(gpus), topK: String(topK), tokens: String(tokens) });
      if (kernel.kind !== 'grouped-gemm') throw new RangeError(`test: ${kernel.kind}`);
      expect(kernel).toMatchObject({ experts, rows: tokens * topK });
      expect(kernel.hit * gpus).toBeGreaterThanOrEqual(topK * (1 - 1e-12));
      expect(kernel.hit).toBeLessThanOrEqual(Math.min(experts, kernel.rows) * (1 + 1e-12));
    },
  );
});

describe('attention', () => {
  it('over a latent takes its widths as given: the rotary part is no value', () =>
    expect(of('mla-decode', { latentDim: '256', ropeDim: '32' })).toMatchObject({ queryKeyDim: 288, valueDim: 256, kvBytesPerToken: 576 }));

  it('of a prompt has queries and keys wider by the rotary part, values not', () =>
    expect(of('prefill-attention', { heads: '128', kvHeads: '128', ropeDim: '64' })).toMatchObject({ queryKeyDim: 192, valueDim: 128, kvBytesPerToken: 128 * (192 + 128) * 2 }));

  it('of several prompts is that of one, as often', () => expect(of('prefill-attention', { batch: '7' })).toEqual({ ...KERNELS['prefill-attention'], batch: 7 }));

  test.prop([fc.integer({ min: 1, max: 100_000 })])('of a prompt lets each token attend those before it', (context) => {
    expect(of('prefill-attention', { context: String(context) })).toMatchObject({ context, pairs: (context * (context + 1)) / 2 });
  });

  test.prop([fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 512 })])('reads a key and a value of every key-value head', (kvHeads, group, headDim) => {
    expect(of('decode-attention', { kvHeads: String(kvHeads), heads: String(kvHeads * group), headDim: String(headDim) })).toMatchObject({
      heads: kvHeads * group,
      kvHeads,
      queryKeyDim: headDim,
      valueDim: headDim,
      kvBytesPerToken: 2 * kvHeads * headDim * 2,
    });
  });
});

describe('refuses, in one line without a place', () => {
  const refusal = (row: KernelRow, message: string): void => {
    expect(() => kernelOf(row)).toThrow(RangeError);
    expect(() => kernelOf(row)).toThrow(new RangeError(message));
  };

  it.each(needed)('%s without %s', (kernel, field) => {
    refusal({ kernel, ...ROWS[kernel], [field]: '' }, `${field} "" is not a positive whole number`);
    refusal({ kernel, ...ROWS[kernel], [field]: '  ' }, `${field} "" is not a positive whole number`);
    refusal({ kernel, ...Object.fromEntries(Object.entries(ROWS[kernel]).filter(([column]) => column !== field)) }, `${field} "" is not a positive whole number`);
  });

  it.each(counted)('%s with a %s that is no positive whole number', (kernel, field) => {
    for (const value of ['0', '0.0', '-1', '1.5', '1.28e2', 'NaN', 'Infinity', '1e400', '9007199254740992', '0x10', '1,000', '8K', 'many', '1 2', '+3', '1e-3'])
      refusal({ kernel, ...ROWS[kernel], [field]: value }, `${field} ${value} is not a positive whole number`);
  });

  it.each(KERNEL_NAMES)('%s in a format that is none', (kernel) => {
    refusal({ kernel, ...ROWS[kernel], dtype: 'bf17' }, 'dtype bf17 is unknown; nearest: bf16, fp16, fp8');
    refusal({ kernel, ...ROWS[kernel], kvDtype: 'FP9' }, 'kvDtype FP9 is unknown; nearest: fp8, fp16, bf16');
    refusal({ kernel, ...ROWS[kernel], dtype: 'toString' }, 'dtype toString is unknown; nearest: float16, int8, bf16');
  });

  it.each(['decode-attention', 'prefill-attention'] as const)('%s with query heads that key-value heads do not divide', (kernel) => {
    refusal({ kernel, ...ROWS[kernel], kvHeads: '5' }, 'heads 32 is not a multiple of kvHeads 5');
    refusal({ kernel, ...ROWS[kernel], kvHeads: '64' }, 'heads 32 is not a multiple of kvHeads 64');
  });

  it('experts that chips do not divide', () => {
    refusal({ kernel: 'grouped-gemm', ...ROWS['grouped-gemm'], gpus: '3' }, 'experts 8 is not a multiple of gpus 3');
    refusal({ kernel: 'grouped-gemm', ...ROWS['grouped-gemm'], gpus: '16' }, 'experts 8 is not a multiple of gpus 16');
  });

  it.each([
    ['gem', 'kernel gem is unknown; nearest: gemm, grouped-gemm, all-gather'],
    ['GEMM', 'kernel GEMM is unknown; nearest: gemm, grouped-gemm, '],
    ['mla', 'kernel mla is unknown; nearest: mla-decode, '],
    ['allreduce', 'kernel allreduce is unknown; nearest: all-reduce'],
    ['', 'kernel "" is unknown; nearest: '],
    ['constructor', 'kernel constructor is unknown; nearest: '],
  ])('the kernel %j', (kernel, message) => {
    expect(() => kernelOf({ kernel })).toThrow(RangeError);
    expect(() => kernelOf({ kernel })).toThrow(message);
  });
  it('a row without a kernel', () => expect(() => kernelOf({})).toThrow(/^kernel "" is unknown; nearest: /));
});

describe('more experts a token than a chip holds', () => {
  it('hit all of them: a chip of many, whose tokens are told with their choices of all experts', () => {
    expect(kernelOf({ kernel: 'grouped-gemm', dtype: 'fp8', n: '64', k: '32', experts: '4', topK: '8', tokens: '16' })).toMatchObject({ experts: 4, hit: 4, rows: 128 });
  });
});
