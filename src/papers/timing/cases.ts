import { accelerator } from '../../accelerators/index.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { modelOf, precisionPolicies } from '../../models/index.ts';
import type { CalibrationData } from '../../timing/calibration-data.ts';
import { calibration } from '../../timing/choice.ts';
import { type Deployment, singleChip } from '../../timing/deployment.ts';
import { kernelEstimate } from '../../timing/estimate.ts';
import type { FamilyId } from '../../timing/kernels/families.ts';
import { passTime } from '../../timing/pass-time.ts';
import { engineOf } from '../../timing/serving.ts';
import { type Pass, stepKernels } from '../../timing/step/index.ts';

/** A predicted amount with its 80 % interval. */
export interface Prediction {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A whole pass that somebody measured, and what is stated of how it ran. */
export interface PassCase {
  readonly id: string;
  readonly model: string;
  readonly chip: string;
  readonly pass: Pass;
  readonly deployment: Deployment;
  readonly precision: PrecisionPolicy;
  /** engine whose host time counts; none where kernels were timed */
  readonly engine?: string;
  /** as published: milliseconds of a pass, or tokens per second and chip */
  readonly measured: string;
  readonly unit: 'ms' | 'tokens/s';
  readonly where: string;
  /** what other tools predict for it, in the same unit */
  readonly others?: Readonly<Record<string, number>>;
}

const { bf16, w8a8kv16 } = precisionPolicies;
const h100Step = (batch: number, context: number, measured: string): PassCase => ({
  id: `llama-3.1-8b/${batch}-${context}`,
  model: 'llama-3.1-8b',
  chip: 'h100',
  pass: { phase: 'decode', batch, context },
  deployment: singleChip,
  precision: bf16,
  measured,
  unit: 'ms',
  where: `one CUDA graph of all layers, head and argmax of Llama-3.1-8B, batch ${batch}, context ${context}`,
});

/** Whole decode steps measured for this project on an H100 80GB HBM3, 2026-11-23: medians in milliseconds. */
export const h100Steps: readonly PassCase[] = [
  h100Step(1, 1024, '6.685'),
  h100Step(8, 1024, '6.972'),
  h100Step(32, 1024, '7.983'),
  h100Step(128, 1024, '12.674'),
  h100Step(1, 8192, '6.746'),
  h100Step(8, 8192, '9.190'),
  h100Step(32, 8192, '17.602'),
  h100Step(64, 4096, '17.828'),
  h100Step(256, 1024, '19.228'),
];

/** DeepSeek-V3 as DeepSeek serves it: attention data parallel, experts spread over all chips, two halves of a batch overlapped. */
const deepseek = (chips: number, redundantExperts: number): Deployment => ({ ...singleChip, dataParallel: chips, expertParallel: chips, redundantExperts, overlap: 'two-batch' });

/** A published throughput, and what InferSim's code at f2293da says of it. */
const throughput = (model: string, chip: string, pass: Pass, rest: Pick<PassCase, 'deployment' | 'precision' | 'measured' | 'where' | 'engine'>, inferSim: number): PassCase => ({
  id: `${model}/${pass.phase}`,
  model,
  chip,
  pass,
  ...rest,
  unit: 'tokens/s',
  others: { 'InferSim at head': inferSim },
});

const PROMPTS: Pass = { phase: 'prefill', prompts: 4, prompt: 4096 };
const profile = 'deepseek-ai/profile-data';
const readme = 'README of alibaba/InferSim, SGLang';
const onePromptChip = `${readme}: 16,384 tokens of prompts of 4096, one chip`;

/** Published throughput of whole deployments. */
export const published: readonly PassCase[] = [
  throughput(
    'deepseek-v3',
    'h800',
    { phase: 'decode', batch: 128, context: 4096 },
    { deployment: deepseek(128, 0), precision: w8a8kv16, measured: '2324', where: `${profile}: EP 128, batch 128, context 4096` },
    2675,
  ),
  throughput('deepseek-v3', 'h800', PROMPTS, { deployment: deepseek(32, 32), precision: w8a8kv16, measured: '7839', where: `${profile}: EP 32, 4 prompts of 4096 a chip` }, 9034),
  throughput('qwen3-30b-a3b', 'h20', PROMPTS, { deployment: singleChip, precision: bf16, measured: '16594', where: onePromptChip }, 17252),
  throughput(
    'qwen3-30b-a3b',
    'h20',
    { phase: 'decode', batch: 100, context: 5120 },
    { deployment: { ...singleChip, dataParallel: 4, expertParallel: 4 }, precision: bf16, engine: 'sglang', measured: '2749', where: `${readme}: 4 chips, batch 100 a chip, prompt 4096, output 2048` },
    3161,
  ),
  throughput('qwen3-8b', 'h20', PROMPTS, { deployment: singleChip, precision: w8a8kv16, measured: '15061', where: onePromptChip }, 16328),
  throughput(
    'qwen3-8b',
    'h20',
    { phase: 'decode', batch: 64, context: 5120 },
    { deployment: singleChip, precision: w8a8kv16, engine: 'sglang', measured: '2682', where: `${readme}: one chip, batch 64, prompt 4096, output 2048` },
    2581,
  ),
];

/** The prediction of a pass in the unit of its case, with the committed calibration unless given; tokens per second count the tokens of one chip. */
export function predictPass({ model, chip, pass, deployment, precision, engine, unit }: PassCase, data: CalibrationData = calibration): Prediction {
  const time = passTime(modelOf(model), accelerator(chip).accelerator, pass, { deployment, precision, data });
  const requests = pass.phase === 'decode' ? pass.batch : pass.prompts;
  const host = engine === undefined ? 0 : requests * engineOf(engine, data).hostSecondsPerSequence;
  if (unit === 'ms') return { value: 1000 * (time.seconds + host), low: 1000 * (time.low + host), high: 1000 * (time.high + host) };
  const tokens = pass.phase === 'decode' ? pass.batch : pass.prompts * pass.prompt;
  const rate = (seconds: number): number => tokens / (deployment.tensorParallel * (seconds + host));
  return { value: rate(time.seconds), low: rate(time.high), high: rate(time.low) };
}

/** One attention layer of Table 9 of the Step-3 paper: microseconds, linear projections included. */
export interface LayerCase {
  readonly id: string;
  readonly model: string;
  readonly chip: string;
  readonly context: number;
  readonly measured: string;
  /** kernel of the attention core that the paper names for the chip */
  readonly core: FamilyId;
}

const CONTEXTS = [8192, 32768] as const;
const layer = (model: string, chip: string, core: FamilyId, ...measured: readonly [string, string]): readonly LayerCase[] =>
  CONTEXTS.map((context, at) => ({ id: `${model}/${chip}/${context === 8192 ? '8k' : '32k'}`, model, chip, context, core, measured: measured[at] as string }));

/**
 * Table 9 of arXiv:2507.19427v1: 4 chips, 256 requests, GEMM in 8 bit, core and cache in BF16. FlashMLA for MLA, FA3 and FA2 for the others:
 * FA3 on Hopper is the best of Triton and FA3 measured on H100, and on H20 the kernel with tiles of 64 rows that was measured there.
 */
export const table9: readonly LayerCase[] = [
  ...layer('step-3', 'h800', 'decode-attention/tuned', '281', '791'),
  ...layer('step-3', 'h20', 'decode-attention/tile64', '438', '1452'),
  ...layer('step-3', 'a800', 'decode-attention/fa2-tile64', '531', '1484'),
  ...layer('deepseek-v3', 'h800', 'mla-decode/flashmla', '372', '1125'),
  ...layer('deepseek-v3', 'h20', 'mla-decode/flashmla', '1252', '4817'),
  ...layer('qwen3-235b-a22b', 'h800', 'decode-attention/tuned', '382', '1391'),
  ...layer('qwen3-235b-a22b', 'h20', 'decode-attention/tile64', '812', '3042'),
  ...layer('qwen3-235b-a22b', 'a800', 'decode-attention/fa2-tile64', '791', '3010'),
];

const BATCH = 256;
const CHIPS = 4;
const LAYER_POLICY = precisionPolicies['fp8-kv16'];
const INT8_POLICY: PrecisionPolicy = { ...LAYER_POLICY, id: 'int8-kv16', weights: 'int8', activations: 'int8', math: { ...LAYER_POLICY.math, linear: 'int8', ffn: 'int8', head: 'int8' } };

/** One layer: its projections and its core, from a graph. MFA and MLA are data parallel, GQA tensor parallel over the four chips. `core` asks for another kernel than the case's. */
export function predictLayer({ model: id, chip: chipId, context, core }: LayerCase, variant: FamilyId = core): Prediction {
  const model = modelOf(id);
  const chip = accelerator(chipId).accelerator;
  const split = model.layers[0]?.attention.kind === 'gqa';
  const pass: Pass = { phase: 'decode', batch: split ? BATCH : BATCH / CHIPS, context };
  const runs = stepKernels({ ...model, layers: model.layers.slice(0, 1) }, pass, {
    deployment: { ...singleChip, tensorParallel: split ? CHIPS : 1 },
    precision: chip.peak.fp8 === null ? INT8_POLICY : LAYER_POLICY,
  });
  const times = runs
    .filter(({ part }) => part === 'linear' || part === 'attention')
    .map(({ kernel, part }) => kernelEstimate(kernel, chip, { launch: 'graph', ...(part === 'attention' ? { family: variant } : {}) }));
  const sum = (of: (time: (typeof times)[number]) => number): number => 1e6 * times.reduce((total, time) => total + of(time), 0);
  return { value: sum(({ seconds }) => seconds), low: sum(({ low }) => low), high: sum(({ high }) => high) };
}
