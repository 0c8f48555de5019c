import type { Precision, PrecisionPolicy } from '../../layers/precision.ts';
import type { Deployment } from '../deployment.ts';
import type { Collective, CollectiveKernel, ExpertExchangeKernel, Kernel } from '../kernels/kernel.ts';

/** One kernel as often as a pass of the model runs it on one chip. */
export interface KernelRun {
  /** what it does: operators' ids joined by +, or the name of an element-wise step or an exchange */
  readonly id: string;
  readonly part: 'attention' | 'linear' | 'ffn' | 'head' | 'elementwise' | 'network';
  readonly kernel: Kernel;
  readonly count: number;
}

/** What one pass of a model works on, in one attention replica. */
export type Pass =
  /** one token of each of `batch` requests, at a context of `context` tokens, the new one included */
  | { readonly phase: 'decode'; readonly batch: number; readonly context: number }
  /** `prompts` whole prompts of `prompt` tokens */
  | { readonly phase: 'prefill'; readonly prompts: number; readonly prompt: number };

/** What the kernels of a pass depend on beside the operators. */
export interface StepContext {
  readonly hidden: number;
  readonly pass: Pass;
  readonly deployment: Deployment;
  readonly precision: PrecisionPolicy;
  /** requests and tokens that one chip works on at a time: with p pipeline stages 1 / p of a decode batch */
  readonly requests: number;
  readonly tokens: number;
  /** tokens of a request in a decode step: one, and one more for each drafted token; they share one read of the cache */
  readonly queries: number;
}

export function stepContext(hidden: number, pass: Pass, deployment: Deployment, precision: PrecisionPolicy, queries = 1): StepContext {
  if (!Number.isSafeInteger(queries) || queries < 1 || (queries > 1 && pass.phase !== 'decode')) throw new RangeError(`step: queries ${queries} is not a positive integer, 1 outside of decode`);
  const requests = pass.phase === 'decode' ? Math.ceil(pass.batch / deployment.pipelineParallel) : pass.prompts;
  return { hidden, pass, deployment, precision, requests, tokens: requests * (pass.phase === 'decode' ? queries : pass.prompt), queries };
}

export const elementwise = (id: string, count: number, bytes: number): KernelRun => ({ id, part: 'elementwise', kernel: { kind: 'elementwise', bytes, flop: 0 }, count });

export const exchange = (id: string, count: number, operation: Collective, gpus: number, bytes: number): KernelRun & { readonly kernel: CollectiveKernel } => ({
  id,
  part: 'network',
  kernel: { kind: 'collective', operation, gpus, bytes },
  count,
});

/** Tokens of one chip to their experts, or back: straight in decode, by way of each node in prefill. */
export const expertExchange = (context: StepContext, direction: ExpertExchangeKernel['direction'], count: number, size: Omit<ExpertExchangeKernel, 'kind' | 'mode' | 'direction'>): KernelRun => ({
  id: direction,
  part: 'network',
  kernel: { kind: 'expert-exchange', direction, mode: context.pass.phase === 'decode' ? 'low-latency' : 'normal', ...size },
  count,
});

/** Activations between layers are kept in 16 bit. */
export const RESIDUAL_BYTES = 2;

/** A norm that adds the residual: reads the output of the side before and the residual, writes the residual and the input of the next. */
export const norm = ({ tokens, hidden }: StepContext, id: string, count: number): KernelRun => elementwise(id, count, 4 * tokens * hidden * RESIDUAL_BYTES);

/** Quantisation of a GEMM's input with 8-bit math: reads 16 bit, writes 8. Nothing in 16-bit math. */
export const quantise = (id: string, count: number, elements: number, math: Precision): readonly KernelRun[] => (EIGHT_BIT.has(math) ? [elementwise(`${id}-quantise`, count, 3 * elements)] : []);

const EIGHT_BIT: ReadonlySet<Precision> = new Set(['fp8', 'int8']);
