import { type EncoderInput, encoderParts, validateEncoderInput } from '../../layers/encoder.ts';
import type { Operator } from '../../layers/operator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { VisionSpec } from '../../layers/vision.ts';
import { singleChip } from '../deployment.ts';
import { attentionRuns } from './attention.ts';
import { feedForwardRuns } from './feed-forward.ts';
import { gemmOf, isMatrix, mathOf } from './gemm.ts';
import { type KernelRun, norm, quantise, stepContext } from './run.ts';

/**
 * The kernels of one pass of a vision encoder over some tiles, on one chip: its layers run as those of a prompt of `patches` tokens in each of
 * `tiles` requests; before and behind them one GEMM for each matrix, and a norm behind the last layer.
 * Ignored: tables that are looked up, rotary positions, copies that merge neighbours, activation functions of the connector, the core of a resampler's attention.
 * @throws RangeError when a count is not a positive integer
 */
export function encoderKernels(spec: VisionSpec, input: EncoderInput, precision: PrecisionPolicy): readonly KernelRun[] {
  validateEncoderInput(input);
  const { tiles, patches, tokens } = input;
  const { stem, attention, ffn, connector } = encoderParts(spec, { precision, tokens });
  const context = stepContext(spec.hidden, { phase: 'prefill', prompts: tiles, prompt: patches }, singleChip, precision);
  const end = (operator: Operator): readonly KernelRun[] => {
    if (!isMatrix(operator)) return [];
    const { id, shape, because } = operator;
    // the work of a matrix over its work for one row
    const rows = tiles * (operator.flop.evaluate(patches) / because.flop.card.evaluate(because.flop.inputs));
    return [...quantise(id, 1, rows * shape.k, mathOf(operator, precision)), { id, part: 'linear', kernel: gemmOf([operator], rows, 1, precision), count: 1 }];
  };
  return [...stem.flatMap(end), ...attentionRuns(attention, context), ...feedForwardRuns(ffn, context), norm(context, 'encoder-norm', 1), ...connector.flatMap(end)];
}
