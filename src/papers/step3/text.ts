import type { PrintedCell } from '../printed.ts';
import { printedCell } from './tables.ts';

const OBSERVATION_1 = { 'step-3': ['0.055', '0.129'], 'deepseek-v3': ['0.068', '0.211'], 'qwen3-235b-a22b': ['0.062', '0.193'] } as const;

/** A throughput that the abstract prints from a measurement: predicted, not reproduced. */
const predicted = (path: string, printed: string, where: string): PrintedCell => ({ ...printedCell('abstract', path, printed, where), aim: { kind: 'within', share: 0.15 } });

/** Numbers that the text and the abstract print and a formula can answer. */
export const textCells: readonly PrintedCell[] = [
  ...Object.entries(OBSERVATION_1).flatMap(([model, printed]) =>
    printed.map((value, index) => printedCell('text', `observation-1/${model}/${index === 0 ? '8k' : '32k'}`, value, `section 4.3, observation 1, ${index === 0 ? '8K' : '32K'}`)),
  ),
  printedCell('text', 'effective-rank/step-3', '16384', 'section 5.1, effective rank'),
  printedCell('text', 'effective-rank/deepseek-v3', '16384', 'section 5.1, effective rank'),
  printedCell('text', 'effective-rank/qwen3-235b-a22b', '8192', 'section 5.1, effective rank'),
  printedCell('text', 'kv4-intensity-ratio', '2', 'section 5.2, 4-bit KV storage with 8-bit math'),
  printedCell('text', 'mtp-intensity-ratio', '2', 'section 5.2, multi-token prediction with one draft token'),
  printedCell('text', 'stage-time', '16.6', 'stage budget, ms of each of three stages', 1e-3),
  printedCell('text', 'layer-time', '272', 'stage budget, microseconds per layer and stage', 1e-6),
  printedCell('text', 'four-stage-time', '12.5', 'stage budget, ms of each of four stages', 1e-3),
  printedCell('text', 'network-time', '11.1', 'section 5.4, ms in the bound on sparsity', 1e-3),
  printedCell('text', 'h800-min-sparsity-measured-nic', '0.073', 'section 5.4, H800 with 40 GB/s per NIC'),
  printedCell('text', 'deepseek-v3-experts-on-h800', '14', 'section 5.4, experts that DSv3 would need on H800'),
  printedCell('text', 'step-3-sparsity', '0.08', 'section 5.4, sparsity of Step-3'),
  printedCell('abstract', 'activated-parameters', '38', 'abstract, billions of activated parameters', 1e9),
  printedCell('abstract', 'total-parameters-vlm', '321', 'abstract, billions of parameters of the VLM', 1e9),
  predicted('tokens-per-gpu-second', '4039', 'abstract, tokens per second and GPU'),
  predicted('tokens-per-gpu-second-dsv3', '2324', 'abstract, tokens per second and GPU of DeepSeek-V3'),
];
