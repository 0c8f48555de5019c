import { expect } from 'vitest';
import type { PrecisionPolicy } from '../../../src/layers/precision.ts';
import { type Model, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { type Deployment, singleChip, validateDeployment } from '../../../src/timing/deployment.ts';
import type { Kernel } from '../../../src/timing/kernels/kernel.ts';
import { workOf } from '../../../src/timing/kernels/work.ts';
import { type KernelRun, type Pass, stepKernels } from '../../../src/timing/step/index.ts';
import type { StepContext } from '../../../src/timing/step/run.ts';

export const decode = (batch: number, context: number): Pass => ({ phase: 'decode', batch, context });
export const prefill = (prompts: number, prompt: number): Pass => ({ phase: 'prefill', prompts, prompt });

export const runsOf = (model: string | Model, pass: Pass, changes: Partial<Deployment> = {}, precision?: PrecisionPolicy): readonly KernelRun[] =>
  stepKernels(typeof model === 'string' ? modelOf(model) : model, pass, { deployment: { ...singleChip, ...changes }, ...(precision === undefined ? {} : { precision }) });

/** 64 tokens of a model 1000 wide in 16 bit, unless said otherwise. */
export const contextOf = (changes: Partial<StepContext> = {}): StepContext => ({
  hidden: 1000,
  pass: decode(64, 4096),
  deployment: singleChip,
  precision: precisionPolicies.bf16,
  requests: 64,
  tokens: 64,
  queries: 1,
  ...changes,
});

/** The one run of an id. */
export function runOf(runs: readonly KernelRun[], id: string): KernelRun {
  const found = runs.filter((run) => run.id === id);
  expect(found.length, `runs of ${id} among ${runs.map((run) => run.id).join(', ')}`).toBe(1);
  return found[0] as KernelRun;
}

export const kernelOf = (runs: readonly KernelRun[], id: string): Kernel => runOf(runs, id).kernel;
export const bytesOf = (runs: readonly KernelRun[], id: string): number => {
  const kernel = kernelOf(runs, id);
  if (kernel.kind !== 'elementwise' && kernel.kind !== 'collective') throw new RangeError(`test: ${id} is ${kernel.kind}`);
  return kernel.bytes;
};
/** Kernels of an id in the groups of layers of a model, in their order. */
export const kernelsOf = (runs: readonly KernelRun[], id: string): readonly Kernel[] => runs.filter((run) => run.id === id).map(({ kernel }) => kernel);
export const idsOf = (runs: readonly KernelRun[]): readonly string[] => runs.map(({ id }) => id);
export const networkOf = (runs: readonly KernelRun[]): readonly string[] => idsOf(runs.filter(({ part }) => part === 'network'));

export const sum = (runs: readonly KernelRun[], of: (kernel: Kernel) => number): number => runs.reduce((total, { kernel, count }) => total + count * of(kernel), 0);
export const flopOf = (runs: readonly KernelRun[]): number => sum(runs, (kernel) => workOf(kernel).flop);
/** Bytes of the matrices that are multiplied, every expert of the chip included. */
export const matrixBytesOf = (runs: readonly KernelRun[]): number =>
  sum(runs, (kernel) => {
    if (kernel.kind === 'gemm') return kernel.n * kernel.k * kernel.weightBytes;
    return kernel.kind === 'grouped-gemm' ? kernel.experts * kernel.n * kernel.k * kernel.weightBytes : 0;
  });

export const fits = (model: Model, changes: Partial<Deployment>): boolean => {
  try {
    validateDeployment(model, { ...singleChip, ...changes });
    return true;
  } catch {
    return false;
  }
};
