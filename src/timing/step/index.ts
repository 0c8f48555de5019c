import { exactCounting } from '../../layers/counting.ts';
import type { Operator } from '../../layers/operator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { lowerParts } from '../../models/lower.ts';
import type { Model } from '../../models/model.ts';
import { chipsOf, type Deployment, validateDeployment } from '../deployment.ts';
import { attentionRuns } from './attention.ts';
import { feedForwardRuns } from './feed-forward.ts';
import { gemmOf, isMatrix } from './gemm.ts';
import { exchange, type KernelRun, norm, type Pass, RESIDUAL_BYTES, type StepContext, stepContext } from './run.ts';

export { attentionRuns } from './attention.ts';
export { encoderKernels } from './encoder.ts';
export { feedForwardRuns } from './feed-forward.ts';
export { elementwise, exchange, type KernelRun, norm, type Pass, quantise, RESIDUAL_BYTES, type StepContext, stepContext } from './run.ts';

export interface StepOptions {
  readonly deployment: Deployment;
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** tokens of a request in a decode step, drafted ones included: 1 unless given */
  readonly queries?: number;
}

/**
 * The kernels that one chip runs in one pass of a model: operators split as the deployment says, what lies between them, and exchanges.
 *   projections of one input (query, key, value, gate) run as one GEMM
 *   element-wise steps of a layer: a norm before each side, rotary embedding, cache write, activation; in 8-bit math a quantisation of what
 *     enters the projections of a layer, its output projection, and each matrix of a feed-forward layer; routed experts also gate, align and sum up
 *   exchanges: an all-reduce where a side of a layer leaves partial sums; to experts of other replicas an all-to-all and one back
 * Ignored: embedding lookup, sampling, vision encoder, prediction heads, pipeline bubbles; where t > 1 and d > 1 meet routed experts, gathering
 * their results inside a replica.
 * @throws RangeError when the deployment does not fit the model, or the pass has no tokens
 */
export function stepKernels(model: Model, pass: Pass, { deployment, precision = model.precision, queries = 1 }: StepOptions): readonly KernelRun[] {
  validateDeployment(model, deployment);
  for (const [field, value] of Object.entries(pass))
    if (field !== 'phase' && !(Number.isSafeInteger(value) && Number(value) >= 1)) throw new RangeError(`step: ${field} ${value} is not a positive integer`);
  const context = stepContext(model.hidden, pass, deployment, precision, queries);
  return [
    ...lowerParts(model, { phase: pass.phase, precision, counting: exactCounting }).flatMap(({ side, operators }) => {
      if (side === 'attention') return attentionRuns(operators, context);
      if (side === 'ffn') return feedForwardRuns(operators, context);
      return side === 'vocabulary' ? headRuns(operators, context) : [];
    }),
    ...stageRuns(context),
  ];
}

/** The last norm and the LM head, which sees one token of each request, and each drafted one. */
export function headRuns(operators: readonly Operator[], context: StepContext): readonly KernelRun[] {
  const head = operators.find(({ part }) => part === 'head');
  if (head === undefined || !isMatrix(head)) return [];
  const { requests, queries, deployment, precision } = context;
  const t = deployment.tensorParallel;
  const rows = requests * queries;
  const kernel = gemmOf([head], rows, t, precision);
  return [
    norm({ ...context, tokens: rows }, 'last-norm', 1),
    { id: head.id, part: 'head', kernel, count: 1 },
    ...(t > 1 ? [exchange('logits-all-gather', 1, 'all-gather', t, rows * head.shape.n * RESIDUAL_BYTES)] : []),
  ];
}

/** Hand-over of the hidden states from one pipeline stage to the next: half of a buffer of two. Where the deployment is more than one node, each goes over the network. */
function stageRuns({ tokens, hidden, deployment }: StepContext): readonly KernelRun[] {
  const { pipelineParallel: p, tensorParallel: t } = deployment;
  if (p === 1) return [];
  const { kernel, ...run } = exchange('stage-send', p - 1, 'all-gather', 2, (2 * tokens * hidden * RESIDUAL_BYTES) / t);
  return [{ ...run, kernel: { ...kernel, among: chipsOf(deployment) } }];
}
