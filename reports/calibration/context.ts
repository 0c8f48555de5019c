import { timingPaper } from '../../src/papers/index.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { CalibrationEntry } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

export interface CalibrationContext extends ReportNumbers {
  readonly cells: ComparedCells;
}

const ANCHORS: Readonly<Record<string, string>> = { 'held-out': 'kernels', coverage: 'kernels', 'table-9': 'table-9', 'h100-steps': 'steps', published: 'deployments', serving: 'serving' };

export function calibrationContext(report: ReportContext): CalibrationContext {
  const numbers = reportNumbers(report);
  return { ...numbers, cells: compareForReport(timingPaper, numbers.open('paper'), numbers.numbers, (table) => ANCHORS[table] ?? 'kernels') };
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const percentNumber = (share: number): string => (100 * share).toFixed(1);

const CHIPS: Readonly<Record<string, string>> = { h800: 'H800', h20: 'H20', a800: 'A800', h100: 'H100', h200: 'H200' };
export const chipName = (id: string): string => CHIPS[id] ?? id;

const FAMILIES: Readonly<Record<string, string>> = {
  'decode-attention/fa2': 'Decode attention, FlashInfer',
  'decode-attention/tuned': 'Decode attention, Triton or FA3',
  'decode-attention/tile64': 'Decode attention, FA3 with tiles of 64',
  'decode-attention/fa2-tile64': 'Decode attention, FlashAttention-2',
  'decode-attention/unpadded': 'Decode attention, not padded',
  'mla-decode/flashmla': 'Latent attention, FlashMLA',
  'mla-decode/flashinfer': 'Latent attention, FlashInfer',
  'sparse-mla': 'Sparse latent attention',
  indexer: 'Index scores',
  'prefill-attention': 'Prefill attention',
  gemm: 'Dense GEMM',
  'gemm/block-scaled': 'Dense GEMM, block scales',
  'grouped-gemm': 'Grouped GEMM',
  elementwise: 'Element-wise steps',
  collective: 'NCCL collectives',
  'expert-exchange/low-latency': 'DeepEP, low latency',
  'expert-exchange/normal': 'DeepEP, normal',
};

/** `Dense GEMM, 8 bit`: the bits where a family was fitted for both. */
export function familyName({ family, mathBits }: CalibrationEntry): string {
  const twice = calibration.entries.some((entry) => entry.family === family && entry.mathBits !== mathBits);
  return `${FAMILIES[family] ?? family}${twice && mathBits !== null ? `, ${mathBits === 8 ? 'FP8' : 'BF16'}` : ''}`;
}

/** Entries that were fitted to measurements. */
export const fitted: readonly CalibrationEntry[] = calibration.entries.filter(({ points }) => points > 0);
