import fc from 'fast-check';
import { expect } from 'vitest';
import { type Accelerator, accelerator, accelerators } from '../../src/accelerators/index.ts';
import type { Precision } from '../../src/layers/precision.ts';
import { calibration } from '../../src/timing/choice.ts';
import { type FamilyId, familyOf } from '../../src/timing/kernels/families.ts';
import {
  COLLECTIVES,
  type CollectiveKernel,
  type DecodeAttentionKernel,
  type ElementwiseKernel,
  type ExpertExchangeKernel,
  type GemmKernel,
  type GroupedGemmKernel,
  type Kernel,
  type PrefillAttentionKernel,
} from '../../src/timing/kernels/kernel.ts';

export const chipOf = (id: string): Accelerator => accelerator(id).accelerator;
export const chips: readonly Accelerator[] = accelerators.map((entry) => entry.accelerator);

/** The same chips, each with a network card: one whose card is not catalogued has that of the A100, so that laws between servers hold for it too. */
export const networked: readonly Accelerator[] = chips.map((chip) =>
  chip.nicPerAcceleratorPerDirection === null ? { ...chip, nicPerAcceleratorPerDirection: chipOf('a100-80g').nicPerAcceleratorPerDirection } : chip,
);

/** A chip of round numbers, on which expected values can be worked out by hand: 8 units, 1 PFLOP/s, 1 TB/s, links of 100 and 10 GB/s. */
export const roundChip: Accelerator = Object.freeze({
  ...chipOf('h100'),
  id: 'round',
  peak: { ...chipOf('h100').peak, bf16: 1e15 as Accelerator['peak']['bf16'], fp8: 2e15 as Accelerator['peak']['bf16'] },
  memoryBandwidth: 1e12 as Accelerator['memoryBandwidth'],
  scaleUpPerDirection: 1e11 as Accelerator['memoryBandwidth'],
  scaleUpDomain: 8,
  nicPerAcceleratorPerDirection: 1e10 as Accelerator['memoryBandwidth'],
  computeUnits: 8,
});

export const gemmOf = (changes: Partial<GemmKernel> = {}): GemmKernel => ({ kind: 'gemm', m: 64, n: 4096, k: 4096, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2, ...changes });

export const groupedOf = (changes: Partial<GroupedGemmKernel> = {}): GroupedGemmKernel => ({
  kind: 'grouped-gemm',
  experts: 16,
  hit: 16,
  rows: 1024,
  n: 4096,
  k: 2048,
  math: 'fp8',
  weightBytes: 1,
  inputBytes: 1,
  outputBytes: 2,
  ...changes,
});

/** 64 query heads of 128, 4 key-value heads, cache in 16 bit. */
export const attentionOf = (changes: Partial<DecodeAttentionKernel> = {}): DecodeAttentionKernel => ({
  kind: 'decode-attention',
  variant: 'gqa',
  batch: 32,
  context: 8192,
  heads: 64,
  kvHeads: 4,
  queryKeyDim: 128,
  valueDim: 128,
  kvBytesPerToken: 2 * 4 * 128 * 2,
  math: 'bf16',
  ...changes,
});

/** 128 heads on one latent head of 576, of which 512 are the value. */
export const mlaOf = (changes: Partial<DecodeAttentionKernel> = {}): DecodeAttentionKernel =>
  attentionOf({ variant: 'mla', heads: 128, kvHeads: 1, queryKeyDim: 576, valueDim: 512, kvBytesPerToken: 1152, ...changes });

export const prefillOf = (context: number, changes: Partial<PrefillAttentionKernel> = {}): PrefillAttentionKernel => ({
  kind: 'prefill-attention',
  batch: 1,
  context,
  heads: 32,
  kvHeads: 8,
  queryKeyDim: 128,
  valueDim: 128,
  pairs: (context * (context + 1)) / 2,
  kvBytesPerToken: 4096,
  math: 'bf16',
  ...changes,
});

export const elementwiseOf = (bytes: number, flop = 0): ElementwiseKernel => ({ kind: 'elementwise', bytes, flop });

export const collectiveOf = (changes: Partial<CollectiveKernel> = {}): CollectiveKernel => ({ kind: 'collective', operation: 'all-gather', gpus: 8, bytes: 2 ** 20, ...changes });

export const exchangeOf = (changes: Partial<ExpertExchangeKernel> = {}): ExpertExchangeKernel => ({
  kind: 'expert-exchange',
  direction: 'dispatch',
  mode: 'low-latency',
  gpus: 8,
  tokens: 128,
  topK: 8,
  experts: 256,
  hidden: 7168,
  elementBytes: 1,
  ...changes,
});

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
/** Whole numbers spread evenly over orders of magnitude. */
export const sizes = (most: number): fc.Arbitrary<number> => fc.double({ min: 0, max: Math.log(most), noNaN: true }).map((log) => Math.max(1, Math.round(Math.exp(log))));
const maths: fc.Arbitrary<Precision> = fc.constantFrom('bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4');
const formats = fc.constantFrom(0.5, 1, 2);

export const gemms: fc.Arbitrary<GemmKernel> = fc.record({
  kind: fc.constant('gemm'),
  m: sizes(32_768),
  n: sizes(65_536),
  k: sizes(65_536),
  math: maths,
  weightBytes: formats,
  inputBytes: formats,
  outputBytes: formats,
});

export const groupedGemms: fc.Arbitrary<GroupedGemmKernel> = fc
  .record({ kind: fc.constant('grouped-gemm'), experts: whole(1, 256), n: sizes(8192), k: sizes(8192), math: maths, weightBytes: formats, inputBytes: formats, outputBytes: formats })
  .chain((fixed) =>
    fc
      .record({ hit: fc.double({ min: Math.min(1, fixed.experts), max: fixed.experts, noNaN: true }), more: fc.double({ min: 1, max: 1000, noNaN: true }) })
      .map(({ hit, more }) => ({ ...fixed, hit, rows: hit * more })),
  );

/** Grouped-query attention of 1 to 16 key-value heads. */
export const groupedQueries: fc.Arbitrary<DecodeAttentionKernel> = fc
  .record({ batch: sizes(512), context: sizes(131_072), kvHeads: whole(1, 16), group: whole(1, 128), dim: fc.constantFrom(64, 128, 192, 256), kv: formats, math: maths })
  .map(({ group, dim, kv, ...rest }) => attentionOf({ ...rest, heads: rest.kvHeads * group, queryKeyDim: dim, valueDim: dim, kvBytesPerToken: 2 * rest.kvHeads * dim * kv }));

const latents: fc.Arbitrary<DecodeAttentionKernel> = fc.record({ batch: sizes(256), context: sizes(65_536), heads: fc.constantFrom(16, 64, 128), math: maths }).map((given) => mlaOf(given));
const indexes: fc.Arbitrary<DecodeAttentionKernel> = fc
  .record({ batch: sizes(256), context: sizes(131_072) })
  .map((given) => attentionOf({ ...given, variant: 'indexer', heads: 64, kvHeads: 1, queryKeyDim: 128, valueDim: 0, kvBytesPerToken: 132, math: 'fp8' }));
const prefills: fc.Arbitrary<PrefillAttentionKernel> = fc
  .record({ context: sizes(131_072), batch: whole(1, 8), kvHeads: whole(1, 16), group: whole(1, 16), math: maths })
  .map(({ context, group, ...rest }) => prefillOf(context, { ...rest, heads: rest.kvHeads * group, kvBytesPerToken: 2 * rest.kvHeads * 128 * 2 }));
const elementwises: fc.Arbitrary<ElementwiseKernel> = fc.record({ bytes: sizes(1e10), flop: sizes(1e12) }).map(({ bytes, flop }) => elementwiseOf(bytes, flop));

export const collectives: fc.Arbitrary<CollectiveKernel> = fc.record({
  kind: fc.constant('collective'),
  operation: fc.constantFrom(...COLLECTIVES),
  gpus: whole(1, 64),
  bytes: sizes(1e10),
  floating: fc.boolean(),
});

export const exchanges = (mode: ExpertExchangeKernel['mode']): fc.Arbitrary<ExpertExchangeKernel> =>
  fc
    .record({ direction: fc.constantFrom('dispatch', 'combine'), gpus: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 144, 320), tokens: sizes(4096), topK: whole(1, 16), hidden: sizes(16_384) })
    .map((given) => exchangeOf({ ...given, mode, elementBytes: given.direction === 'dispatch' ? 1 : 2 }));

/** Kernels that each family may be asked for. */
export const kernelsOf: { readonly [F in FamilyId]: fc.Arbitrary<Kernel> } = {
  'decode-attention/fa2': groupedQueries,
  'decode-attention/fa2-tile64': groupedQueries,
  'decode-attention/tuned': groupedQueries,
  'decode-attention/tile64': groupedQueries,
  'decode-attention/unpadded': groupedQueries,
  'mla-decode/flashmla': latents,
  'mla-decode/flashinfer': latents,
  'sparse-mla': latents.map((kernel) => ({ ...kernel, variant: 'sparse-mla' as const, context: 2048, kvBytesPerToken: 656 })),
  indexer: indexes,
  'prefill-attention': prefills,
  gemm: gemms,
  'gemm/block-scaled': gemms.map((kernel) => ({ ...kernel, math: 'fp8' as const, blockScaled: true })),
  'grouped-gemm': groupedGemms,
  elementwise: elementwises,
  collective: collectives,
  'expert-exchange/low-latency': exchanges('low-latency'),
  'expert-exchange/normal': exchanges('normal'),
};

export const familyIds = Object.keys(kernelsOf) as FamilyId[];
export const chipsOfCatalogue: fc.Arbitrary<Accelerator> = fc.constantFrom(...networked);

/** The constants of an entry of the committed calibration. */
export function constantsOf(id: string): Readonly<Record<string, number>> {
  const entry = calibration.entries.find((each) => each.id === id);
  if (entry === undefined) throw new RangeError(`test: calibration ${id} is not there`);
  return entry.constants;
}

/** The time of a kernel in a family with constants by name. */
export const timeOf = (family: FamilyId, kernel: Kernel, chip: Accelerator, constants: Readonly<Record<string, number>>): number => familyOf(family).time(kernel, chip, constants);

/** Equal but for rounding: both sides add and multiply the same numbers in another order. */
export function expectNear(actual: number, expected: number, where = ''): void {
  expect(Math.abs(actual - expected), `${where}${actual} and ${expected}`).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
}

/** `more` is not less than `less`, but for rounding. */
export function expectNotLess(more: number, less: number, where = ''): void {
  expect(more, `${where}${more} and ${less}`).toBeGreaterThanOrEqual(less * (1 - 1e-12));
}
