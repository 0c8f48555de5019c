import type { NumberSpec } from '../../evidence/number.ts';
import { type FormulaCard, formula } from '../../provenance/card.ts';
import { networkBatch } from '../../serving/afd/network.ts';
import { batchThroughput } from '../../serving/afd/throughput.ts';
import type { PrintedCell } from '../printed.ts';
import { printedCell } from './tables.ts';

const paper = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;

/** Throughput of the same batch and step time on other GPUs. */
export const sameBatchOnOthers = formula({
  id: 'step3/same-batch',
  name: 'Throughput of the same batch and step time on more GPUs',
  symbols: {
    throughput: { unit: 'token/s', meaning: 'tokens per second and GPU', tex: 'r' },
    gpus: { unit: '1', meaning: 'GPUs that it was measured on', tex: 'n_1' },
    others: { unit: '1', meaning: 'GPUs of the other deployment', tex: 'n_2' },
  },
  expression: 'throughput * gpus / others',
  unit: 'token/s',
  evaluate: ({ throughput, gpus, others }) => (throughput * gpus) / others,
  source: paper('section 7.3'),
});

/** Bytes of a token on both ways, scales left out. */
export const bothWaysBytes = formula({
  id: 'step3/both-ways-bytes',
  name: 'Bytes of a token there and back',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' } },
  expression: '3 [B] * hidden',
  unit: 'B',
  evaluate: ({ hidden }) => 3 * hidden,
  source: paper('section 5.4 (8 bit there, 16 bit back)'),
});

/** Requests of all attention GPUs where each has as many as on 4K. */
export const requestsOfGpus = formula({
  id: 'step3/requests-of-gpus',
  name: 'Micro-batch with so many requests of each attention GPU',
  symbols: {
    requests: { unit: '1', meaning: 'requests of a GPU in a micro-batch', tex: 'b' },
    instances: { unit: '1', meaning: 'attention instances', tex: 'x' },
    gpus: { unit: '1', meaning: 'GPUs of an instance', tex: 'n' },
  },
  expression: 'requests * instances * gpus',
  unit: '1',
  evaluate: ({ requests, instances, gpus }) => requests * instances * gpus,
  source: { kind: 'derived', from: 'definition' },
});

const cell = (path: string, printed: string, where: string): PrintedCell => printedCell('section-7', path, printed, `section 7.3, ${where}`);

/** Throughput that the text computes, not measures. */
export const extrapolationCells: readonly PrintedCell[] = [
  cell('4a2f-8k', '2693', 'tokens per second and GPU of 4A2F at 8K, from 2A2F at 4K'),
  cell('16a2f-32k', '898', 'tokens per second and GPU of 16A2F at 32K, from 2A2F at 4K'),
  cell('upcycled', '3291', 'tokens per second and GPU of 3A4F, micro-batches of 3072, 50 ms'),
  cell('upcycled-bf16-attention', '2880', 'tokens per second and GPU of 4A4F, micro-batches of 3072, 50 ms'),
  cell('upcycled-micro-batch', '3072', 'largest micro-batch that the network lets through'),
  cell('upcycled-micro-batch:per-gpu', '3072', 'the same as requests of each attention GPU'),
];

export const extrapolationDeviations = [
  {
    cell: 'step3/section-7/upcycled-micro-batch',
    because:
      'three attention instances that each send every token to four feed-forward instances, at the measured rate of a card, let a little less through in a printed stage; the printed number is that of 4K on each attention GPU, see the cell beside it, and takes slightly longer; at the nominal rate, or with one instance to send to, it would be more',
  },
];

type Leaf = (label: string, value: number, unit: string, at: string, note?: string) => NumberSpec;

/** `step3/input/<name>` of this section. */
export const extrapolationInputs = (leaf: Leaf): Readonly<Record<string, NumberSpec>> => ({
  '2a2f-throughput': leaf('measured tokens per second and GPU of 2A2F at 4K', 4039, 'token/s', 'Table 8'),
  '2a2f-gpus': leaf('GPUs of 2A2F', 32, '1', 'Table 8'),
  '4a2f-gpus': leaf('GPUs of 4A2F', 48, '1', 'Table 8'),
  '16a2f-gpus': leaf('GPUs of 16A2F', 144, '1', 'section 7.3'),
  '3a4f-gpus': leaf('GPUs of 3A4F', 56, '1', 'section 7.3'),
  '4a4f-gpus': leaf('GPUs of 4A4F', 64, '1', 'section 7.3'),
  'upcycled-batch': leaf('requests of a micro-batch', 3072, '1', 'section 7.3'),
  'three-instances': leaf('attention instances of 3A4F', 3, '1', 'section 7.3'),
  'four-instances': leaf('feed-forward instances that every token goes to', 4, '1', 'section 7.3'),
  'requests-of-gpu': leaf('requests of an attention GPU in a micro-batch', 128, '1', 'Table 8', '2048 requests of a micro-batch on the 16 attention GPUs of 2A2F'),
});

const derived = (label: string, card: FormulaCard, inputs: Readonly<Record<string, string>>): NumberSpec => ({ kind: 'derived', label, card, inputs });
const input = (name: string): string => `step3/input/${name}`;
const scaled = (others: string): NumberSpec =>
  derived('throughput of the same batch and step time', sameBatchOnOthers, { throughput: input('2a2f-throughput'), gpus: input('2a2f-gpus'), others: input(others) });
const atTarget = (chips: string): NumberSpec =>
  derived('throughput at the target time', batchThroughput, { microBatches: input('three-stages'), microBatch: input('upcycled-batch'), chips: input(chips), tpot: input('tpot') });

const ANSWERS: Readonly<Record<string, NumberSpec>> = {
  '4a2f-8k': scaled('4a2f-gpus'),
  '16a2f-32k': scaled('16a2f-gpus'),
  upcycled: atTarget('3a4f-gpus'),
  'upcycled-bf16-attention': atTarget('4a4f-gpus'),
  'upcycled-micro-batch': derived('largest micro-batch that the network lets through', networkBatch, {
    stageTime: input('layer-time'),
    attentionInstances: input('three-instances'),
    reached: input('four-instances'),
    networkBandwidth: 'step3/network/h800/measured',
    bytes: 'step3/section-7/both-ways-bytes',
  }),
  'upcycled-micro-batch:per-gpu': derived('requests of all attention GPUs', requestsOfGpus, {
    requests: input('requests-of-gpu'),
    instances: input('three-instances'),
    gpus: 'accelerator/h800/acceleratorsPerServer',
  }),
  'both-ways-bytes': derived('bytes of a token there and back', bothWaysBytes, { hidden: 'model/step-3/hidden' }),
};

/** Numbers of this section that it does not print. */
export const extrapolationHelpers: readonly string[] = ['section-7/both-ways-bytes'];

export const extrapolationNumber = (path: readonly string[]): NumberSpec | null => ANSWERS[path.join('/')] ?? null;
