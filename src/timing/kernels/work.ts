import type { Kernel } from './kernel.ts';

/** What a kernel has to do at least: work, and bytes that cross the memory interface once. */
export interface KernelWork {
  readonly flop: number;
  readonly bytes: number;
}

/**
 * The least work and traffic of a kernel.
 *   gemm               2 m n k; weights, inputs and outputs once
 *   grouped-gemm       2 rows n k; the weights of the experts hit, inputs and outputs once
 *   decode-attention   2 heads (d_qk + d_v) FLOP for each attended token; its cache once, queries and outputs in 16 bit
 *   prefill-attention  the same for each pair of a query and a token; queries, outputs and the cache of the prompt once
 *   elementwise        as given; exchanges: nothing in memory
 */
export function workOf(kernel: Kernel): KernelWork {
  switch (kernel.kind) {
    case 'gemm': {
      const { m, n, k, weightBytes, inputBytes, outputBytes } = kernel;
      return { flop: 2 * m * n * k, bytes: n * k * weightBytes + m * k * inputBytes + m * n * outputBytes };
    }
    case 'grouped-gemm': {
      const { rows, hit, n, k, weightBytes, inputBytes, outputBytes } = kernel;
      return { flop: 2 * rows * n * k, bytes: hit * n * k * weightBytes + rows * k * inputBytes + rows * n * outputBytes };
    }
    case 'decode-attention': {
      const { batch, context, heads, queryKeyDim, valueDim, kvBytesPerToken } = kernel;
      return { flop: 2 * batch * context * heads * (queryKeyDim + valueDim), bytes: batch * context * kvBytesPerToken + 2 * batch * heads * (queryKeyDim + valueDim) };
    }
    case 'prefill-attention': {
      const { batch, context, pairs, heads, queryKeyDim, valueDim, kvBytesPerToken } = kernel;
      return { flop: 2 * batch * pairs * heads * (queryKeyDim + valueDim), bytes: batch * context * (kvBytesPerToken + 2 * heads * (queryKeyDim + valueDim)) };
    }
    case 'elementwise':
      return { flop: kernel.flop, bytes: kernel.bytes };
    case 'collective':
    case 'expert-exchange':
      return { flop: 0, bytes: 0 };
  }
}
