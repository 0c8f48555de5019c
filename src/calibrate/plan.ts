import type { FamilyId } from '../timing/kernels/families.ts';
import type { Datasets } from './datasets.ts';
import type { Measurement } from './fit.ts';

/** Constants of entries that were fitted before, by entry. */
export type Fitted = (entry: string) => Readonly<Record<string, number>>;

/** One fit: a family on one or more chips, from some measurements. */
export interface Calibration {
  readonly id: string;
  readonly family: FamilyId;
  /** chips that the entry holds for as measured */
  readonly accelerators: readonly string[];
  /** bits of the arithmetic that it holds for; any unless given */
  readonly mathBits?: 8 | 16;
  /** whether launches came from the host one by one, or from a graph */
  readonly launchedFrom: 'host' | 'graph';
  readonly measurements: (data: Datasets) => readonly Measurement[];
  readonly start: Readonly<Record<string, number>>;
  /** constants that these measurements do not determine, and why */
  readonly fixed?: (fitted: Fitted) => Readonly<Record<string, number>>;
  readonly because?: string;
  /** what a group is */
  readonly leftOut: string;
}

const on =
  (chip: string) =>
  ({ chip: { id } }: Measurement): boolean =>
    id === chip;
const math =
  (precision: string) =>
  ({ kernel }: Measurement): boolean =>
    'math' in kernel && kernel.math === precision;

/** Every fit, in an order in which what one takes from another is there. */
export const calibrations: readonly Calibration[] = [
  {
    id: 'decode-attention-h800-h20',
    family: 'decode-attention/fa2',
    accelerators: ['h800', 'h20'],
    mathBits: 16,
    launchedFrom: 'host',
    measurements: ({ gqaDecode }) => gqaDecode,
    start: { launch: 17e-6, hostFloor: 30e-6, computeShare: 0.64, softmaxRate: 17e9, memoryShare: 0.96, unitBandwidth: 53e9 },
    leftOut: 'a head shape, on both chips',
  },
  {
    id: 'decode-attention-a800',
    family: 'decode-attention/fa2',
    accelerators: ['a800'],
    mathBits: 16,
    launchedFrom: 'host',
    measurements: ({ a800Decode }) => a800Decode,
    start: { launch: 17e-6, memoryShare: 0.9, unitBandwidth: 25e9 },
    fixed: (fitted) => ({ ...pick(fitted('decode-attention-h800-h20'), ['computeShare', 'softmaxRate']), hostFloor: 1e-6 }),
    because: 'one head shape, bound by memory: its work is not determined',
    leftOut: 'a batch (one head shape only)',
  },
  {
    id: 'decode-attention-h100',
    family: 'decode-attention/tuned',
    accelerators: ['h100'],
    mathBits: 16,
    launchedFrom: 'graph',
    measurements: ({ h100Decode }) => h100Decode,
    start: { launch: 5e-6, splitTime: 2e-6, memoryShare: 0.96 },
    fixed: (fitted) => pick(fitted('decode-attention-h800-h20'), ['computeShare', 'unitBandwidth']),
    because: 'bound by memory: the share of the peak is that of H800 and H20',
    leftOut: 'a head shape',
  },
  {
    id: 'decode-attention-h100-fp8',
    family: 'decode-attention/tuned',
    accelerators: ['h100'],
    mathBits: 8,
    launchedFrom: 'graph',
    measurements: ({ h100Decode8 }) => h100Decode8,
    start: { launch: 10e-6, splitTime: 1e-6, memoryShare: 0.96 },
    fixed: (fitted) => pick(fitted('decode-attention-h800-h20'), ['computeShare', 'unitBandwidth']),
    because: 'bound by memory: the share of the peak is that of H800 and H20',
    leftOut: 'a head shape',
  },
  {
    id: 'decode-attention-fa3-h20',
    family: 'decode-attention/tile64',
    accelerators: ['h20'],
    mathBits: 16,
    launchedFrom: 'host',
    measurements: ({ gqaDecode }) =>
      gqaDecode
        .filter(on('h20'))
        .filter(({ group }) => group === '64 / 2 heads of 128')
        .map((each) => ({ ...each, group: `batch ${'batch' in each.kernel ? each.kernel.batch : 0}` })),
    start: { launch: 6e-6, computeShare: 0.88 },
    fixed: (fitted) => pick(fitted('decode-attention-h800-h20'), ['memoryShare']),
    because: 'never bound by memory',
    leftOut: 'a batch (one head shape only)',
  },
  {
    id: 'mla-decode-h100',
    family: 'mla-decode/flashmla',
    accelerators: ['h100'],
    launchedFrom: 'graph',
    measurements: ({ h100Mla }) => h100Mla,
    start: { launch: 9e-6, splitTime: 9e-6, computeShare: 0.64 },
    fixed: () => ({ itemTime: 0, memoryShare: 0.96 }),
    because: 'never bound by memory; at most one request a pair of units',
    leftOut: 'a batch (one head shape only)',
  },
  {
    id: 'mla-decode-h800',
    family: 'mla-decode/flashmla',
    accelerators: ['h800'],
    launchedFrom: 'host',
    measurements: ({ mlaDecode }) => mlaDecode.filter(on('h800')),
    start: { launch: 20e-6, itemTime: 11e-6, computeShare: 0.56 },
    fixed: () => ({ splitTime: 0, memoryShare: 0.96 }),
    because: 'never bound by memory',
    leftOut: 'a batch (one head shape only)',
  },
  {
    id: 'mla-decode-h20',
    family: 'mla-decode/flashinfer',
    accelerators: ['h20'],
    launchedFrom: 'host',
    measurements: ({ mlaDecode }) => mlaDecode.filter(on('h20')),
    start: { launch: 13e-6, computeShare: 0.89 },
    fixed: () => ({ memoryShare: 0.85 }),
    because: 'never bound by memory',
    leftOut: 'a batch (one head shape only)',
  },
  {
    id: 'sparse-mla-h800',
    family: 'sparse-mla',
    accelerators: ['h800'],
    launchedFrom: 'host',
    measurements: ({ sparseMla }) => sparseMla,
    start: { launch: 7e-6, computeShare: 0.4 },
    fixed: () => ({ memoryShare: 0.9 }),
    because: 'never bound by memory',
    leftOut: 'a context (all attend 2,048 tokens)',
  },
  {
    id: 'indexer-h800',
    family: 'indexer',
    accelerators: ['h800'],
    launchedFrom: 'host',
    measurements: ({ indexer }) => indexer,
    start: { launch: 6e-6, memoryShare: 0.82 },
    fixed: () => ({ computeShare: 0.65 }),
    because: 'never bound by compute',
    leftOut: 'a context',
  },
  {
    id: 'prefill-attention-h20',
    family: 'prefill-attention',
    accelerators: ['h20'],
    launchedFrom: 'host',
    measurements: ({ prefill }) => prefill.filter(on('h20')),
    start: { launch: 10e-6, computeShare: 0.95 },
    leftOut: 'a head shape',
  },
  {
    id: 'prefill-attention-h800',
    family: 'prefill-attention',
    accelerators: ['h800'],
    launchedFrom: 'host',
    measurements: ({ prefill }) => prefill.filter(on('h800')),
    start: { computeShare: 0.65 },
    fixed: (fitted) => pick(fitted('prefill-attention-h20'), ['launch']),
    because: 'long prompts only',
    leftOut: 'a prompt length (one head shape only)',
  },
  {
    id: 'gemm-h100',
    family: 'gemm',
    accelerators: ['h100'],
    mathBits: 16,
    launchedFrom: 'graph',
    measurements: ({ h100Gemm }) => h100Gemm.filter(math('bf16')),
    start: { launch: 2.5e-6, stepTime: 0.042e-6, tileTime: 0.7e-6, computeShare: 0.77, memoryShare: 0.95 },
    leftOut: 'a matrix',
  },
  {
    id: 'gemm-h100-fp8',
    family: 'gemm',
    accelerators: ['h100'],
    mathBits: 8,
    launchedFrom: 'graph',
    measurements: ({ h100Gemm }) => h100Gemm.filter(math('fp8')),
    start: { launch: 2.5e-6, computeShare: 0.74 },
    fixed: (fitted) => pick(fitted('gemm-h100'), ['stepTime', 'tileTime', 'memoryShare']),
    because: 'the same library as in 16 bit',
    leftOut: 'a matrix',
  },
  ...(
    [
      ['h800', 0.73],
      ['h20', 0.94],
    ] as const
  ).map(
    ([chip, computeShare]): Calibration => ({
      id: `gemm-${chip}`,
      family: 'gemm',
      accelerators: [chip],
      mathBits: 8,
      launchedFrom: 'host',
      measurements: ({ deepGemm }) => deepGemm.filter(on(chip)),
      start: { launch: 3.8e-6, stepTime: 0.06e-6, computeShare },
      fixed: (fitted) => pick(fitted('gemm-h100'), ['tileTime', 'memoryShare']),
      because: 'measured with another library, on units and memory of the same kind',
      leftOut: 'a matrix',
    }),
  ),
  ...(
    [
      ['h800', 0.66],
      ['h20', 0.89],
    ] as const
  ).map(
    ([chip, computeShare]): Calibration => ({
      id: `grouped-gemm-${chip}`,
      family: 'grouped-gemm',
      accelerators: [chip],
      launchedFrom: 'host',
      measurements: ({ groupedGemm }) => groupedGemm.filter(on(chip)),
      start: { launch: 8e-6, computeShare, memoryShare: 0.85 },
      leftOut: 'a number of local experts of one width',
    }),
  ),
  {
    id: 'grouped-gemm-h100',
    family: 'grouped-gemm',
    accelerators: ['h100'],
    launchedFrom: 'graph',
    measurements: ({ h100Grouped }) => h100Grouped,
    start: { launch: 8e-6, computeShare: 0.65, memoryShare: 0.94 },
    leftOut: 'a projection of a model',
  },
  {
    id: 'elementwise-h100',
    family: 'elementwise',
    accelerators: ['h100'],
    launchedFrom: 'graph',
    measurements: ({ elementwise }) => elementwise,
    start: { memoryShare: 0.88 },
    fixed: () => ({ launch: 2.1464e-6 }),
    because: 'the smallest GEMM in a graph, measured',
    leftOut: 'a size',
  },
  {
    id: 'collective-h100',
    family: 'collective',
    accelerators: ['h100'],
    launchedFrom: 'host',
    measurements: ({ collectives }) => collectives,
    start: {
      base: 5.1e-6,
      hop: 0.76e-6,
      fill: 20e-6,
      fillBytes: 3.3e6,
      linkShare: 0.74,
      memoryShare: 0.57,
      switchBase: 73e-6,
      switchShare: 0.66,
      peerBase: 6.9e-6,
      peerFill: 6.5e-6,
      peerBytes: 43e3,
    },
    leftOut: 'an operation on a number of chips',
  },
  {
    id: 'expert-exchange',
    family: 'expert-exchange/low-latency',
    accelerators: ['h100', 'h800'],
    launchedFrom: 'host',
    measurements: ({ exchange }) => exchange,
    start: {
      dispatchBase: 8.1e-6,
      dispatchExpert: 0.0165e-6,
      tokenTime: 2.06e-6,
      combineBase: 10.5e-6,
      combineExpert: 0.0046e-6,
      stageBandwidth: 973e9,
      linkShare: 0.66,
      networkShare: 0.88,
    },
    leftOut: 'a width and number of experts, or a number of chips on H800',
  },
  {
    id: 'decode-attention-a800-tile64',
    family: 'decode-attention/fa2-tile64',
    accelerators: ['a800'],
    mathBits: 16,
    launchedFrom: 'host',
    measurements: () => [],
    start: {},
    fixed: (fitted) => fitted('decode-attention-a800'),
    because: 'the constants of FlashInfer on this chip, for the FlashAttention-2 library, which pads query heads to 64 rows',
    leftOut: 'nothing',
  },
  {
    id: 'decode-attention-h20-unpadded',
    family: 'decode-attention/unpadded',
    accelerators: ['h20'],
    mathBits: 16,
    launchedFrom: 'host',
    measurements: () => [],
    start: {},
    fixed: (fitted) => fitted('decode-attention-fa3-h20'),
    because: 'the constants of the kernel that pads query heads to 64 rows, without the padding',
    leftOut: 'nothing',
  },
  {
    id: 'mla-decode-flashmla-h20',
    family: 'mla-decode/flashmla',
    accelerators: ['h20'],
    mathBits: 16,
    launchedFrom: 'graph',
    measurements: () => [],
    start: {},
    fixed: (fitted) => ({ ...fitted('mla-decode-h100'), ...pick(fitted('mla-decode-h20'), ['computeShare']) }),
    because: 'FlashMLA as on H100, at the share of the peak that FlashInfer reaches on H20',
    leftOut: 'nothing',
  },
  {
    id: 'expert-exchange-normal',
    family: 'expert-exchange/normal',
    accelerators: [],
    launchedFrom: 'host',
    measurements: () => [],
    start: {},
    fixed: (fitted) => ({ launch: 30e-6, linkShare: 0.77, networkShare: fitted('expert-exchange').networkShare as number }),
    because: "only bandwidths are published: DeepEP's 153 to 158 of 200 GB/s inside a node and the network share of its low-latency kernels; the start is a guess",
    leftOut: 'nothing',
  },
];

const pick = (constants: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> => Object.fromEntries(names.map((name) => [name, constants[name] as number]));
