import { bytesPerElement } from '../../layers/gemm.ts';
import { expertsHit } from '../../layers/moe.ts';
import type { Operator } from '../../layers/operator.ts';
import { PRECISION_BITS, weightFormat } from '../../layers/precision.ts';
import { busiestShare } from '../expert-load.ts';
import type { GroupedGemmKernel } from '../kernels/kernel.ts';
import { gemmOf, isMatrix, type MatrixOperator, mathOf } from './gemm.ts';
import { elementwise, exchange, expertExchange, type KernelRun, norm, quantise, RESIDUAL_BYTES, type StepContext } from './run.ts';

/** The kernels of the feed-forward side of `count` layers on one chip. */
export function feedForwardRuns(operators: readonly Operator[], context: StepContext): readonly KernelRun[] {
  const count = operators[0]?.repeat;
  if (count === undefined) return [];
  const { tokens, hidden, deployment } = context;
  const { tensorParallel: t, dataParallel: d } = deployment;
  const matrices = operators.filter(isMatrix);
  const routed = matrices.filter(({ kind, scales }) => kind === 'grouped-gemm' && scales.kind === 'perExpertHit');
  const everyToken = matrices.filter((matrix) => !routed.includes(matrix));
  const moe = routed.length === 0 ? [] : routedRuns(routed, context);
  return [
    norm(context, 'ffn-norm', count),
    ...everyToken.flatMap((matrix, at) => projectionRuns(matrix, everyToken[at - 1], context)),
    ...moe,
    // experts that lie on the chips of one replica leave partial sums, as split matrices do
    ...(t > 1 && (routed.length === 0 || d === 1 || everyToken.some(({ shardBy }) => shardBy === 'rows'))
      ? [exchange('ffn-all-reduce', count, 'all-reduce', t, tokens * hidden * RESIDUAL_BYTES)]
      : []),
  ];
}

/** Dense layers, shared experts, routers: matrices that every token goes through, shared experts side by side as one. */
function projectionRuns(matrix: MatrixOperator, before: MatrixOperator | undefined, { tokens, precision, deployment }: StepContext): readonly KernelRun[] {
  const { id, repeat, shardBy, shape } = matrix;
  const math = mathOf(matrix, precision);
  const wide = { ...matrix, shape: sideBySide(shape, shardBy === 'rows') };
  const kernel = gemmOf([wide], tokens, deployment.tensorParallel, precision);
  const run: KernelRun = { id, part: 'ffn', kernel, count: repeat };
  if (shardBy === 'rows') return [...activation(id, repeat, tokens * kernel.k, inputsOf(before, matrix)), ...quantise(id, repeat, tokens * kernel.k, math), run];
  return [...(matrix.component === 'router' ? [] : quantise(id, repeat, tokens * kernel.k, math)), run];
}

const sideBySide = (shape: MatrixOperator['shape'], rows: boolean): MatrixOperator['shape'] => (rows ? { ...shape, k: shape.k * shape.groups } : { ...shape, n: shape.n * shape.groups });

/** The activation between two matrices: reads gate and up, or one input where there is no gate, and writes as much as one of them. */
const activation = (id: string, count: number, elements: number, inputs: number): readonly KernelRun[] => [elementwise(`${id}-activation`, count, (inputs + 1) * elements * RESIDUAL_BYTES)];

/** Outputs of the matrix before for each input of the next: 2 with a gate, 1 without. */
const inputsOf = (before: MatrixOperator | undefined, next: MatrixOperator): number => (before === undefined ? 1 : before.shape.n / next.shape.k);

/**
 * Routed experts: e groups of chips hold them, those of one group split each expert. The busiest group sets the time: its rows
 * are `busiestShare` of all. Tokens reach experts of other replicas by an all-to-all and come back by another.
 */
function routedRuns(operators: readonly MatrixOperator[], context: StepContext): readonly KernelRun[] {
  const { tokens, hidden, deployment, precision } = context;
  const { tensorParallel: t, dataParallel: d, expertParallel: e, redundantExperts, expertLoad } = deployment;
  const [first] = operators as [MatrixOperator];
  const { repeat: count, shape } = first;
  const { groups: experts, activeGroups: topK } = shape;
  const allTokens = tokens * d;
  const local = Math.ceil((experts + redundantExperts) / e);
  const split = (t * d) / e;
  const load = busiestShare(expertLoad, { experts, expertParallel: e, redundantExperts });
  const rows = allTokens * topK * load;
  const math = mathOf(first, precision);
  const hit = Math.min(local, (expertsHit.evaluate({ experts, activeExperts: topK, tokens: allTokens }) / experts) * local, Math.max(1, rows));
  const kernels = operators.map((operator): KernelRun => {
    const rowSplit = operator.shape.k !== shape.k || operator.id.endsWith('down');
    const kernel: GroupedGemmKernel = {
      kind: 'grouped-gemm',
      experts: local,
      hit,
      rows,
      n: rowSplit ? operator.shape.n : Math.ceil(operator.shape.n / split),
      k: rowSplit ? Math.ceil(operator.shape.k / split) : operator.shape.k,
      math,
      weightBytes: bytesPerElement(weightFormat(precision, operator.component)),
      inputBytes: Math.min(RESIDUAL_BYTES, PRECISION_BITS[math] / 8),
      outputBytes: RESIDUAL_BYTES,
    };
    return { id: operator.id, part: 'ffn', kernel, count };
  });
  const [up, down] = kernels as [KernelRun, KernelRun];
  const width = (down.kernel as GroupedGemmKernel).k;
  const latent = shape.k;
  // each chip of a replica sends its share of the replica's tokens
  const size = { gpus: t * d, tokens: tokens / t, topK, experts: experts + redundantExperts, hidden: latent };
  const to = Math.min(RESIDUAL_BYTES, PRECISION_BITS[math] / 8);
  const arrange = (id: string, bytes: number): KernelRun => elementwise(id, count, bytes);
  const gather: readonly KernelRun[] = d > 1 && e === 1 ? [exchange('gather-tokens', count, 'all-gather', t * d, allTokens * hidden * RESIDUAL_BYTES)] : [];
  const scatter: readonly KernelRun[] = d > 1 && e === 1 ? [exchange('scatter-tokens', count, 'reduce-scatter', t * d, allTokens * hidden * RESIDUAL_BYTES)] : [];
  const [before, after] = ((): readonly [readonly KernelRun[], readonly KernelRun[]] => {
    // experts on the chips of one replica: kernels gather rows themselves, and one more adds the results of a token up
    if (d === 1 || e === 1)
      return [
        [...gather, arrange('align', allTokens * topK * 8)],
        [arrange('sum-experts', (rows + allTokens) * latent * RESIDUAL_BYTES), ...scatter],
      ];
    const there = expertExchange(context, 'dispatch', count, { ...size, elementBytes: to });
    const back = expertExchange(context, 'combine', count, { ...size, elementBytes: RESIDUAL_BYTES });
    if (context.pass.phase === 'decode') return [[there], [back]];
    // tokens arrive once a chip: rows are copied out for each expert, and their results added up before they go back
    return [
      [there, arrange('permute', 2 * rows * latent * to)],
      [arrange('unpermute', 2 * rows * latent * RESIDUAL_BYTES), back],
    ];
  })();
  return [
    arrange('route', tokens * experts * 4),
    ...quantise('routed-input', count, tokens * latent, math),
    ...before,
    up,
    ...activation('routed', count, rows * width, inputsOf(operators[0], operators[1] as MatrixOperator)),
    ...quantise('routed', count, rows * width, math),
    down,
    ...after,
  ];
}
