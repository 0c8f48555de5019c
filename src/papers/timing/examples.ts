import { accelerator } from '../../accelerators/index.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { modelOf, precisionPolicies } from '../../models/index.ts';
import type { ProcedureCard } from '../../provenance/card.ts';
import type { Source } from '../../provenance/source.ts';
import { singleChip } from '../../timing/deployment.ts';
import { computeTime, kernelTime, memoryTime } from '../../timing/kernels/family.ts';
import { paddedRows } from '../../timing/kernels/grouped-gemm.ts';
import type { GroupedGemmKernel } from '../../timing/kernels/kernel.ts';
import { workOf } from '../../timing/kernels/work.ts';
import { passTime } from '../../timing/pass-time.ts';
import { aggregatedStep } from '../../timing/serving.ts';

/** Gate and up projections of Qwen3-235B's experts for 512 tokens on an H100, in FP8: 8 of 128 experts a token, all of them hit. */
const KERNEL: GroupedGemmKernel = { kind: 'grouped-gemm', experts: 128, hit: 128, rows: 4096, n: 3072, k: 4096, math: 'fp8', weightBytes: 1, inputBytes: 1, outputBytes: 2 };
const DEPTH = 128;

const SERVED = { model: 'qwen3-32b', chip: 'h100', batch: 64, prompt: 2048, output: 256 } as const;

const chosen: Source = { kind: 'assumed', because: 'chosen for the example' };
const leaf = (label: string, value: number, source: Source = chosen, unit = '1'): NumberSpec => ({ kind: 'leaf', label, value, unit, source });

/**
 * `timing/example/<what>`: one kernel and one serving step with all that they follow from.
 *   kernel, compute, memory, flop, bytes, padded-rows    a grouped GEMM; tpot, decode, prefill    Qwen3-32B on two H100
 */
export function exampleNumber(what: string, pass: ProcedureCard): NumberSpec | null {
  const constant = (name: string): string => `timing/constant/grouped-gemm-h100/${name}`;
  const options = { deployment: { ...singleChip, tensorParallel: 2 }, precision: precisionPolicies.w8a8kv16 };
  const timed = (label: string, prefill: boolean): NumberSpec => ({
    kind: 'found',
    label,
    value: passTime(
      modelOf(SERVED.model),
      accelerator(SERVED.chip).accelerator,
      prefill ? { phase: 'prefill', prompts: 1, prompt: SERVED.prompt } : { phase: 'decode', batch: SERVED.batch, context: SERVED.prompt + SERVED.output / 2 },
      options,
    ).seconds,
    unit: 's',
    card: pass,
    inputs: {},
  });
  switch (what) {
    case 'kernel':
      return {
        kind: 'derived',
        label: 'expected time of a grouped GEMM on H100',
        card: kernelTime,
        inputs: { launch: constant('launch'), compute: 'timing/example/compute', memory: 'timing/example/memory' },
      };
    case 'compute':
      return { kind: 'derived', label: 'its compute time', card: computeTime, inputs: { flop: 'timing/example/flop', computeShare: constant('computeShare'), peak: 'accelerator/h100/peak.fp8' } };
    case 'memory':
      return {
        kind: 'derived',
        label: 'its memory time',
        card: memoryTime,
        inputs: { bytes: 'timing/example/bytes', memoryShare: constant('memoryShare'), memoryBandwidth: 'accelerator/h100/memoryBandwidth' },
      };
    case 'padded-rows':
      return { kind: 'derived', label: 'its rows with padding', card: paddedRows, inputs: { hit: 'timing/example/hit', rowsOfExpert: 'timing/example/rows-of-expert', tile: 'timing/example/tile' } };
    case 'flop': {
      const rows = paddedRows.evaluate({ hit: KERNEL.hit, rowsOfExpert: KERNEL.rows / KERNEL.hit, tile: 64 });
      return leaf('its work, padding and pipeline depth included', 2 * rows * KERNEL.n * (KERNEL.k + DEPTH), { kind: 'derived', from: '2 x rows with padding x n x (k + 128)' }, 'FLOP');
    }
    case 'bytes':
      return leaf('bytes that it moves', workOf(KERNEL).bytes, { kind: 'derived', from: 'weights of the experts hit, inputs and outputs once' }, 'B');
    case 'hit':
      return leaf('experts hit', KERNEL.hit);
    case 'rows-of-expert':
      return leaf('rows of an expert', KERNEL.rows / KERNEL.hit);
    case 'tile':
      return leaf('rows of a tile', 64);
    case 'tpot':
      return {
        kind: 'derived',
        label: 'time per output token of Qwen3-32B on two H100, batch 64, prompts of 2048, outputs of 256',
        card: aggregatedStep,
        inputs: { decode: 'timing/example/decode', prefill: 'timing/example/prefill', batch: 'timing/example/batch', output: 'timing/example/output', hostPerSequence: 'timing/host/trtllm' },
      };
    case 'decode':
      return timed('its decode step', false);
    case 'prefill':
      return timed('its prefill of one prompt', true);
    case 'batch':
      return leaf('sequences in flight', SERVED.batch);
    case 'output':
      return leaf('tokens of an output', SERVED.output);
    default:
      return null;
  }
}
