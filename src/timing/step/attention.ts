import { mlaKvBytes } from '../../layers/mla-formulas.ts';
import type { Operator, OperatorShape } from '../../layers/operator.ts';
import type { DecodeAttentionKernel } from '../kernels/kernel.ts';
import { shardOf } from '../shard.ts';
import { gemmOf, isMatrix, type MatrixOperator, mathOf } from './gemm.ts';
import { elementwise, exchange, type KernelRun, norm, quantise, RESIDUAL_BYTES, type StepContext } from './run.ts';

type CoreOperator = Operator & { readonly shape: Extract<OperatorShape, { kind: 'attention' }> };

/** The kernels of the attention side of `count` layers on one chip. */
export function attentionRuns(operators: readonly Operator[], context: StepContext): readonly KernelRun[] {
  const count = operators[0]?.repeat;
  if (count === undefined) return [];
  const { tokens, hidden, precision, deployment } = context;
  const t = deployment.tensorParallel;
  const matrices = operators.filter(isMatrix);
  const joined = matrices.filter((matrix) => readsLayerInput(matrix, hidden));
  const others = matrices.filter((matrix) => !joined.includes(matrix));
  const gemm = (group: readonly MatrixOperator[]): KernelRun => ({ id: group.map(({ id }) => id).join('+'), part: 'linear', kernel: gemmOf(group, tokens, t, precision), count });
  const partial = matrices.find((matrix) => shardOf(matrix, t).partial);
  const output = matrices.find(({ shardBy }) => shardBy === 'rows');
  return [
    norm(context, 'attention-norm', count),
    ...(joined.length > 0 ? [...quantise('attention-input', count, tokens * hidden, mathOf(joined[0] as Operator, precision)), gemm(joined)] : []),
    ...others.filter((matrix) => matrix !== output).map((matrix) => gemm([matrix])),
    ...operators.flatMap((operator) => coreRuns(operator, context)),
    ...(output === undefined ? [] : [...quantise('attention-output', count, tokens * output.shape.k * shardOf(output, t).work, mathOf(output, precision)), gemm([output])]),
    ...(partial === undefined ? [] : [exchange('attention-all-reduce', count, 'all-reduce', t, tokens * hidden * RESIDUAL_BYTES)]),
  ];
}

/** Projections of a layer's input by one component run as one GEMM. */
const readsLayerInput = ({ shape, shardBy, component }: MatrixOperator, hidden: number): boolean => shape.k === hidden && shardBy !== 'rows' && component !== 'indexer';

function coreRuns(operator: Operator, context: StepContext): readonly KernelRun[] {
  const { repeat, id } = operator;
  if (operator.shape.kind === 'state') return [{ id, part: 'attention', kernel: stateKernel(operator, context), count: repeat }];
  if (!isCore(operator)) return [];
  const { shape, component, cache } = operator;
  const { deployment, tokens } = context;
  const share = shardOf(operator, deployment.tensorParallel);
  // queries of a language model are rotated, of a latent only the part that is no value; what the cache gets is read and written
  const rotated = isLatent(operator) ? shape.queryKeyDim - shape.valueDim : shape.queryKeyDim;
  const rotary = component !== 'attention' ? [] : [elementwise(`${id}-rotary`, repeat, 2 * tokens * shape.queryHeads * share.work * rotated * RESIDUAL_BYTES)];
  const write = component === 'indexer' || cache === undefined ? [] : [elementwise(`${id}-cache-write`, repeat, 2 * tokens * kvBytesPerToken(operator) * share.cache)];
  const kernel = coreKernel(operator, context);
  // compressed entries are there only once a window is full
  return [...rotary, ...write, ...(kernel === null ? [] : [{ id, part: 'attention' as const, kernel, count: repeat }])];
}

const isCore = (operator: Operator): operator is CoreOperator => operator.shape.kind === 'attention';

/** Bytes that one attended token has in the cache of a whole layer. */
const kvBytesPerToken = ({ because: { kvRead } }: CoreOperator): number => (kvRead === undefined ? 0 : kvRead.card.evaluate(kvRead.inputs));

/** The kernel of a core; null where a token attends nothing yet. @throws RangeError for a core that does more than attend */
function coreKernel(operator: CoreOperator, { pass, requests, queries, precision, deployment }: StepContext): KernelRun['kernel'] | null {
  const { shape, attends } = operator;
  const share = shardOf(operator, deployment.tensorParallel);
  const span = attends?.span;
  const length = pass.phase === 'decode' ? pass.context : pass.prompt;
  const heads = {
    heads: Math.ceil(shape.queryHeads * share.work),
    kvHeads: Math.max(1, Math.ceil(shape.kvHeads * (operator.shardBy === 'kvHeads' ? share.cache : shape.kvHeads === 1 ? 1 : share.work))),
    queryKeyDim: shape.queryKeyDim,
    valueDim: shape.valueDim,
    kvBytesPerToken: kvBytesPerToken(operator) * share.cache,
    math: precision.math.attention,
  };
  // the work of an operator over its work for one attended token is the number of pairs of a query and a token that it attends
  const perPair = operator.because.flop.card.evaluate(operator.because.flop.inputs);
  const pairs = operator.flop.evaluate(length) / perPair;
  if (pairs === 0) return null;
  if (perPair !== 2 * shape.queryHeads * (shape.queryKeyDim + shape.valueDim)) throw new RangeError(`step: operator ${operator.id} rebuilds keys and values, for which no kernel is timed`);
  if (pass.phase === 'prefill') return { kind: 'prefill-attention', batch: requests, context: length, pairs, ...heads };
  const variant = variantOf(operator, span?.kind);
  // several query tokens of a request are more heads over the same keys and values, but where each chooses its own
  const shared = variant !== 'sparse-mla';
  return { kind: 'decode-attention', variant, batch: shared ? requests : requests * queries, context: pairs, ...heads, heads: shared ? heads.heads * queries : heads.heads };
}

function variantOf(operator: CoreOperator, span: string | undefined): DecodeAttentionKernel['variant'] {
  if (operator.component === 'indexer') return 'indexer';
  if (isLatent(operator)) return span === 'min' ? 'sparse-mla' : 'mla';
  return 'gqa';
}

/** A latent is read once and serves as key and, but for its rotary part, as value. */
const isLatent = ({ shape, because }: CoreOperator): boolean => shape.kvHeads === 1 && because.kvRead?.card.id === mlaKvBytes.id;

/** A recurrent layer moves its states, once for each decoded token and once for a prompt. */
function stateKernel(operator: Operator, { pass, requests, queries, tokens, deployment }: StepContext): KernelRun['kernel'] {
  const { work } = shardOf(operator, deployment.tensorParallel);
  const length = pass.phase === 'decode' ? 1 : pass.prompt;
  return {
    kind: 'elementwise',
    bytes: (requests * operator.bytes.state.evaluate(length) + (tokens / length) * operator.bytes.activations.evaluate(length) + operator.bytes.weights.evaluate(length)) * work,
    flop: requests * queries * operator.flop.evaluate(length) * work,
  };
}
