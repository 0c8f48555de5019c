import type { Accelerator } from '../accelerators/accelerator.ts';
import { peakFor } from '../accelerators/peak.ts';
import type { Model } from '../models/model.ts';
import { mbu as mbuCard, mfu as mfuCard } from '../roofline/roofline.ts';
import type { EngineEntry } from './calibration-data.ts';
import { chipsOf } from './deployment.ts';
import type { Kernel } from './kernels/kernel.ts';
import { workOf } from './kernels/work.ts';
import { memoryOf } from './memory.ts';
import { type PassEstimate, type PassOptions, type PassPart, passTime } from './pass-time.ts';
import { noEngine, servingTime } from './serving.ts';
import { type Pass, stepKernels } from './step/index.ts';

/** Fewer groups say too little about how far off an engine can be. */
const ENOUGH_GROUPS = 5;

/** What takes the time of a step: one kernel, all its runs together. */
export interface TimedOperator {
  readonly id: string;
  readonly part: PassPart['part'];
  readonly runs: number;
  readonly seconds: number;
  readonly share: number;
  readonly idealSeconds: number;
  readonly bound: 'compute' | 'memory' | 'network';
  readonly basis: 'measured' | 'assumed';
}

/** One row of `tokenroof time`: plain SI numbers and USD (documented shape of the command). */
export interface TimeRow {
  readonly model: string;
  readonly accelerator: string;
  readonly chips: number;
  readonly batch: number;
  readonly context: number;
  /** prompt and output of aggregated serving; null where decode runs alone */
  readonly prompt: number | null;
  readonly output: number | null;
  readonly engine: string | null;
  /** time per output token with its 80 % interval, and its roofline bound */
  readonly tpot: number;
  readonly low: number;
  readonly high: number;
  readonly idealSeconds: number;
  readonly prefillSeconds: number;
  readonly prefillLow: number;
  readonly prefillHigh: number;
  readonly tokensPerGpuSecond: number;
  readonly mfu: number;
  readonly mbu: number;
  /** null where the chip has no price */
  readonly usdPerMillionTokens: number | null;
  readonly bound: 'compute' | 'memory' | 'network';
  readonly basis: 'measured' | 'assumed';
  readonly operators: readonly TimedOperator[];
  readonly notes: readonly string[];
}

export interface TimeQuery extends PassOptions {
  readonly batch: number;
  /** context of a decode step; for aggregated serving prompt + output / 2 */
  readonly context: number;
  /** aggregated serving of prompts and outputs of this length, `context` is not used then */
  readonly load?: { readonly prompt: number; readonly output: number };
  readonly engine?: EngineEntry;
}

/**
 * Expected time per output token of a model on a deployment, and what follows from it.
 *   tokensPerGpuSecond   batch x replicas / (tpot x chips)
 *   usdPerMillionTokens  price x chips x tpot / (batch x replicas), for a million tokens
 *   mfu, mbu             of the decode step alone: work over the peak of its format, bytes of weights and cache over the bandwidth
 * `operators` and `bound` are of the decode step; what does not fit in memory is a note.
 */
export function timeRow(model: Model, chip: Accelerator, { batch, context, load, engine = noEngine, ...options }: TimeQuery): TimeRow {
  const { deployment } = options;
  const serving = load === undefined ? undefined : servingTime(model, chip, { ...load, batch }, options, engine);
  const at = load === undefined ? context : load.prompt + Math.floor(load.output / 2);
  const decode = serving?.decode ?? passTime(model, chip, { phase: 'decode', batch, context }, options);
  const prefill = serving?.prefill ?? passTime(model, chip, { phase: 'prefill', prompts: 1, prompt: context }, options);
  const host = serving === undefined ? batch * engine.hostSecondsPerSequence : 0;
  const tpot = serving?.tpot ?? decode.seconds + host;
  const chips = chipsOf(deployment);
  const tokensPerSecond = (batch * deployment.dataParallel) / tpot;
  const operators = operatorsOf(decode);
  return {
    model: model.id,
    accelerator: chip.id,
    chips,
    batch,
    context: at,
    prompt: load?.prompt ?? null,
    output: load?.output ?? null,
    engine: engine === noEngine ? null : engine.version === null ? engine.engine : `${engine.engine}@${engine.version}`,
    tpot,
    low: serving?.low ?? decode.low + host,
    high: serving?.high ?? decode.high + host,
    idealSeconds: serving?.idealSeconds ?? decode.idealSeconds,
    prefillSeconds: prefill.seconds,
    prefillLow: prefill.low,
    prefillHigh: prefill.high,
    tokensPerGpuSecond: tokensPerSecond / chips,
    ...utilisation(model, chip, { phase: 'decode', batch, context: at }, decode.seconds, options),
    usdPerMillionTokens: chip.usdPerHour === null ? null : (1e6 * chip.usdPerHour * chips) / 3600 / tokensPerSecond,
    bound: boundOf(operators),
    basis: engine !== noEngine && engine.residuals.length < ENOUGH_GROUPS ? 'assumed' : decode.basis,
    operators,
    notes: [...notesOf(model, chip, decode, at), ...engineNotes(engine), ...memoryNotes(model, chip, batch, at, options)],
  };
}

/** What takes the time, most first; kernels of the same name in different groups of layers together. */
function operatorsOf({ parts, seconds }: PassEstimate): readonly TimedOperator[] {
  const byId = new Map<string, PassPart[]>();
  for (const part of parts) byId.set(part.id, [...(byId.get(part.id) ?? []), part]);
  return [...byId]
    .map(([id, of]): TimedOperator => {
      const sum = (pick: (part: PassPart) => number): number => of.reduce((total, part) => total + pick(part), 0);
      const longest = of.reduce((a, b) => (b.seconds > a.seconds ? b : a));
      const shown = sum((part) => part.seconds * (1 - part.hidden));
      return {
        id,
        part: longest.part,
        runs: sum((part) => part.count),
        seconds: sum((part) => part.seconds),
        share: shown / seconds,
        idealSeconds: sum((part) => part.idealSeconds),
        bound: longest.estimate.bound,
        basis: of.every(({ estimate }) => estimate.basis === 'measured') ? 'measured' : 'assumed',
      };
    })
    .sort((a, b) => b.seconds - a.seconds);
}

/** The bound under which most of the time is spent. */
export function boundOf(operators: readonly Pick<TimedOperator, 'bound' | 'seconds'>[]): TimedOperator['bound'] {
  const total = (bound: TimedOperator['bound']): number => operators.reduce((sum, operator) => sum + (operator.bound === bound ? operator.seconds : 0), 0);
  return (['compute', 'memory', 'network'] as const).reduce((most, bound) => (total(bound) > total(most) ? bound : most));
}

/** Work and stored bytes of one undivided step with even experts, so that neither overlap nor imbalance counts as work. */
function utilisation(model: Model, chip: Accelerator, pass: Pass, seconds: number, { deployment, precision }: PassOptions): { readonly mfu: number; readonly mbu: number } {
  const even = { ...deployment, overlap: 'none', expertLoad: { kind: 'balanced' } } as const;
  let [busy, bytes] = [0, 0];
  for (const { kernel, count } of stepKernels(model, pass, { deployment: even, ...(precision === undefined ? {} : { precision }) })) {
    if ('math' in kernel) busy += (count * workOf(kernel).flop) / peakFor(chip, kernel.math).flopPerSecond;
    bytes += count * storedBytes(kernel);
  }
  return {
    mfu: mfuCard.evaluate({ flop: busy, peak: 1, time: seconds }),
    mbu: mbuCard.evaluate({ bytes, memoryBandwidth: chip.memoryBandwidth, time: seconds }),
  };
}

/** Weights and cache that a kernel reads. */
function storedBytes(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'gemm':
      return kernel.n * kernel.k * kernel.weightBytes;
    case 'grouped-gemm':
      return kernel.hit * kernel.n * kernel.k * kernel.weightBytes;
    case 'decode-attention':
      return kernel.batch * kernel.context * kernel.kvBytesPerToken;
    default:
      return 0;
  }
}

function notesOf(model: Model, chip: Accelerator, { parts, seconds }: PassEstimate, context: number): readonly string[] {
  const carried = new Map<string, number>();
  for (const { seconds: time, estimate } of parts) {
    const { carried: from, entry } = estimate.choice;
    if (from !== null) carried.set(`${entry.family}: ${from}`, (carried.get(`${entry.family}: ${from}`) ?? 0) + time);
  }
  return [
    ...[...carried].filter(([, time]) => time >= 0.02 * seconds).map(([text]) => text),
    ...(model.maxContext !== null && context > model.maxContext ? [`context: ${context} is beyond the trained ${model.maxContext}`] : []),
    ...(chip.usdPerHour === null ? [`price: ${chip.id} has none in USD`] : []),
  ];
}

/** How far off an engine was, and whether its version was measured. */
function engineNotes(engine: EngineEntry): readonly string[] {
  if (engine === noEngine) return [];
  const which = engine.version === null ? `all versions of ${engine.engine}` : `${engine.engine} ${engine.version}`;
  return [`engine: ${which}, median error ${(100 * engine.medianError).toFixed(0)} % over ${engine.points} rows`];
}

/** What does not fit: expected times are of a batch that does. */
function memoryNotes(model: Model, chip: Accelerator, batch: number, context: number, { deployment, precision }: PassOptions): readonly string[] {
  const { total, usable } = memoryOf(model, chip, { deployment, ...(precision === undefined ? {} : { precision }) }).use(batch, context);
  return total <= usable ? [] : [`memory: ${(total / 1e9).toFixed(0)} GB of a chip are needed, ${(usable / 1e9).toFixed(0)} GB can be used: see capacity`];
}
