import { bytesPerElement } from '../../layers/gemm.ts';
import type { Operator, OperatorShape } from '../../layers/operator.ts';
import { PRECISION_BITS, type Precision, type PrecisionPolicy, STORAGE_BITS, weightFormat } from '../../layers/precision.ts';
import type { GemmKernel } from '../kernels/kernel.ts';
import { shardOf } from '../shard.ts';
import { RESIDUAL_BYTES } from './run.ts';

export type MatrixOperator = Operator & { readonly shape: Extract<OperatorShape, { kind: 'gemm' }> };

export const isMatrix = (operator: Operator): operator is MatrixOperator => operator.shape.kind === 'gemm';

/** The format in which a matrix is multiplied: that of its part, or 16 bit where it is stored in no fewer (routers and heads that a policy does not quantise). */
export function mathOf({ part, component }: Operator, precision: PrecisionPolicy): Precision {
  const { math } = precision;
  const asked = part === 'head' ? math.head : part === 'ffn' ? math.ffn : math.linear;
  return STORAGE_BITS[weightFormat(precision, component)] >= 16 && PRECISION_BITS[asked] < 16 ? 'bf16' : asked;
}

/** The GEMM of one of t shards for `m` rows; several operators of one input are one GEMM, their outputs side by side. */
export function gemmOf(operators: readonly MatrixOperator[], m: number, t: number, precision: PrecisionPolicy): GemmKernel {
  const [first] = operators as [MatrixOperator];
  const byRows = first.shardBy === 'rows';
  const share = (operator: MatrixOperator): number => shardOf(operator, t).weights;
  const math = mathOf(first, precision);
  return {
    kind: 'gemm',
    m,
    n: byRows ? first.shape.n : Math.ceil(operators.reduce((sum, operator) => sum + operator.shape.n * share(operator), 0)),
    k: byRows ? Math.ceil(first.shape.k * share(first)) : first.shape.k,
    math,
    weightBytes: bytesPerElement(weightFormat(precision, first.component)),
    inputBytes: Math.min(RESIDUAL_BYTES, PRECISION_BITS[math] / 8),
    outputBytes: RESIDUAL_BYTES,
    ...(weightFormat(precision, first.component) === 'fp8-block128' && math === 'fp8' ? { blockScaled: true } : {}),
  };
}
