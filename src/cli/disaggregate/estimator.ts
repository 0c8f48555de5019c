import { type Command, Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { modelCache } from '../../models/cache.ts';
import { type Model, PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { distserveLink } from '../../papers/distserve/link.ts';
import { calibratedEstimators } from '../../serving/disaggregation/calibrated-estimator.ts';
import type { Estimator, Role } from '../../serving/disaggregation/estimator.ts';
import type { Load } from '../../serving/disaggregation/load.ts';
import { releasedEstimator } from '../../serving/disaggregation/released-estimator.ts';
import { engineOf } from '../../timing/serving.ts';
import { findOrNearest } from '../../units/nearest.ts';
import { type Catalogue, importNotes, scenarioNotes } from '../catalogue.ts';
import { chosen, configOption, ignoreOption, overrideOption } from '../command.ts';
import { shareOf, tokens } from '../input/numbers.ts';
import type { Given } from '../load-catalogue.ts';
import { told } from './told.ts';

const PLACE = 'disaggregate';

/** Where times come from. */
export const ESTIMATORS = ['calibrated', 'engine', 'simdistserve'] as const;
export type EstimatorName = (typeof ESTIMATORS)[number];

export interface EstimatorOptions extends Given {
  readonly model?: string;
  readonly estimator: EstimatorName;
  readonly kvLimit?: 'on' | 'off';
  readonly precision?: PrecisionPolicyId;
  readonly engine?: string;
  readonly batchTokens?: number;
  readonly linkShare?: number;
}

/** Adds the options that say where times and memory come from. */
export const withEstimator = (command: Command): Command =>
  command
    .addOption(new Option('--model <id>', 'the model (default: opt-13b, or that of --config)'))
    .addOption(configOption())
    .addOption(ignoreOption(PLACE))
    .addOption(
      chosen(
        PLACE,
        '--estimator <name>',
        'calibrated: any model and chip; engine: OPT on A100 as DistServe and vLLM ran it; simdistserve: as the simulator that DistServe released',
        ESTIMATORS,
      ).default('calibrated'),
    )
    .addOption(chosen(PLACE, '--kv-limit <mode>', 'whether the memory of the KV cache holds requests back (default: on; off with simdistserve)', ['on', 'off']))
    .addOption(chosen(PLACE, '--precision <policy>', "formats, with calibrated; paper is the model's own (default: paper)", PRECISION_POLICY_IDS))
    .addOption(new Option('--engine <name>', 'serving engine whose host time counts, with calibrated (default: none)'))
    .addOption(new Option('--batch-tokens <tokens>', 'tokens of a prefill batch, with calibrated (default: 8192, or the longest request)').argParser(tokens(PLACE, 'batch-tokens')))
    .addOption(new Option('--link-share <share>', 'share of the rate of links that is reached, with calibrated (default: 0.8)').argParser(shareOf(PLACE, 'link-share')))
    .addOption(overrideOption());

const DEFAULT_MODEL = 'opt-13b';

/** The model that is asked for, or the one of a config file. */
export function modelFor({ models, imported }: Catalogue, id: string | undefined): Model {
  if (id === undefined && imported.length > 1) throw new InputError(`${PLACE}: config has ${imported.length} models, say which with --model`);
  return id === undefined && imported[0] !== undefined ? imported[0].entry.model : findOrNearest('models', models, id ?? DEFAULT_MODEL, (model) => model.id);
}

export interface Estimated {
  readonly estimator: Estimator;
  readonly notes: readonly string[];
}

/** Chips of each role, as far as they are given. */
export type Chips = Readonly<Partial<Record<Role, Accelerator>>>;

/** Estimators by the chips of each role, which share what they know of a chip. @param loads by whose lengths a calibrated one sizes caches and batches */
export function estimatorsFor(options: EstimatorOptions, catalogue: Catalogue, model: Model, loads: readonly Load[]): (chips: Chips) => Estimated {
  const { estimator: name } = options;
  const kvLimit = options.kvLimit === undefined ? name !== 'simdistserve' : options.kvLimit === 'on';
  const notes = [...importNotes(catalogue, model.id), ...scenarioNotes(catalogue), kvLimit ? 'the KV cache holds requests back' : 'no limit of memory'];
  return name === 'calibrated' ? calibrated(options, model, loads, kvLimit, notes) : released(options, catalogue, model, kvLimit, [...notes, 'times of A100-SXM-80GB in FP16']);
}

function released(options: EstimatorOptions, { accelerators }: Catalogue, model: Model, kvLimit: boolean, notes: readonly string[]): (chips: Chips) => Estimated {
  const { estimator: name } = options;
  for (const field of ['precision', 'engine', 'batchTokens', 'linkShare'] as const)
    if (options[field] !== undefined) throw new InputError(`${PLACE}: ${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${options[field]} is used with --estimator calibrated only`);
  const { usdPerHour } = findOrNearest('accelerators', accelerators, 'a100-80g', ({ id }) => id);
  const { bytesPerSecond: linkBytesPerSecond } = distserveLink(modelCache(model).perToken);
  const estimator = told(() => releasedEstimator(model, { times: name === 'engine' ? 'engine' : 'released', kvLimit, linkBytesPerSecond, usdPerHour }));
  return (chips) => {
    for (const [role, chip] of Object.entries(chips))
      if (chip !== undefined) throw new InputError(`${PLACE}: ${role} ${chip.id} cannot be chosen with --estimator ${name}: its times are of A100 with 80 GB`);
    return { estimator, notes };
  };
}

function calibrated(
  { precision = 'paper', engine, batchTokens, linkShare = 0.8 }: EstimatorOptions,
  model: Model,
  loads: readonly Load[],
  kvLimit: boolean,
  notes: readonly string[],
): (chips: Chips) => Estimated {
  const [prompts, outputs] = [loads.flatMap(({ prompt }) => [...prompt]), loads.flatMap(({ output }) => [...output])];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const longest = prompts.reduce((most, prompt, at) => Math.max(most, prompt + (outputs[at] as number)), 1);
  const policy = precision === 'paper' ? model.precision : precisionPolicies[precision];
  const estimators = calibratedEstimators(model, {
    precision: policy,
    context: Math.max(1, Math.round(mean(prompts) + mean(outputs) / 2)),
    batchTokens: batchTokens ?? Math.max(8192, longest),
    kvLimit,
    hostSecondsPerSequence: engine === undefined ? 0 : engineOf(engine).hostSecondsPerSequence,
    linkShare,
  });
  return (chips) => {
    const first = chips.colocated ?? chips.prefill ?? chips.decode;
    if (first === undefined) throw new InputError(`${PLACE}: accelerators [] is empty`);
    const { prefill = first, decode = first, colocated = first } = chips;
    return {
      estimator: estimators({ prefill, decode, colocated }),
      notes: [...notes, `precision: ${policy.id}`, engine === undefined ? 'kernels only, no host time of an engine' : `host time of ${engine}`],
    };
  };
}
