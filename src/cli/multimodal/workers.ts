import { type Command, Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/index.ts';
import { DISPATCHES, type Dispatch } from '../../serving/disaggregation/cluster.ts';
import type { Split } from '../../serving/disaggregation/estimator.ts';
import type { Allocation } from '../../serving/multimodal/allocation.ts';
import { languageModelOf, smallestSplit } from '../../serving/multimodal/media-cost.ts';
import { ORDERS, type Order } from '../../serving/multimodal/order.ts';
import { chosen } from '../command.ts';
import { count } from '../input/numbers.ts';
import { PLACE, told } from './options.ts';

/** `6E1P1D`, `7P1D` or `8`: instances of each stage; without E those of prefill encode, a number alone does all three. */
export interface Workers {
  readonly encode: number;
  /** null: instances that do all */
  readonly prefill: number | null;
  readonly decode: number;
}

const MOST = 256;

export function workersOf(text: string): Workers {
  const [, encode, prefill, decode, all] = /^(?:(?:(\d{1,3})E)?(\d{1,3})P(\d{1,3})D|(\d{1,3}))$/i.exec(text) ?? [];
  const given = [encode, prefill, decode, all].filter((part) => part !== undefined).map(Number);
  if (given.length === 0 || given.some((instances) => instances < 1 || instances > MOST))
    throw new InputError(`${PLACE}: workers ${text || '""'} is not xEyPzD, yPzD or a number of instances that do all, such as 6E1P1D, 7P1D or 8, from 1 to ${MOST} each`);
  return all === undefined ? { encode: Number(encode ?? 0), prefill: Number(prefill), decode: Number(decode) } : { encode: 0, prefill: null, decode: Number(all) };
}

export interface SchedulingOptions {
  readonly tp?: number;
  readonly encodeBatch?: number;
  readonly prefillBatch: number;
  readonly decodeBatch: number;
  readonly share?: Allocation['share'];
  readonly dispatch: Dispatch;
  readonly order: Order;
}

/** Adds the options that say how instances work. */
export const withScheduling = (command: Command): Command =>
  command
    .addOption(new Option('--tp <chips>', 'chips of a prefill or decode instance (default: as few as hold the model)').argParser(count(PLACE, 'tp', 64)))
    .addOption(new Option('--encode-batch <jobs>', 'images, or requests, of one encode batch at most (default: 1)').argParser(count(PLACE, 'encode-batch', 4096)))
    .addOption(new Option('--prefill-batch <prompts>', 'prompts of one prefill batch at most').argParser(count(PLACE, 'prefill-batch', 4096)).default(8))
    .addOption(new Option('--decode-batch <requests>', 'requests of one decode batch at most').argParser(count(PLACE, 'decode-batch', 65_536)).default(128))
    .addOption(
      chosen(PLACE, '--share <what>', 'whether images of a request are encoded by several instances at once (media: intra-request parallelism), or by one (request) (default: media)', [
        'media',
        'request',
      ]),
    )
    .addOption(chosen(PLACE, '--dispatch <rule>', 'which of several instances a request or an image goes to', DISPATCHES).default('least-loaded'))
    .addOption(chosen(PLACE, '--order <rule>', 'in which order requests wait: first come first served, shortest job first, least time left first', ORDERS).default('fcfs'));

export interface Hardware {
  readonly model: Model;
  readonly prefill: Accelerator;
  readonly decode: Accelerator;
  readonly precision: PrecisionPolicy;
  /** tokens of a request, which have to fit */
  readonly context: number;
}

const splitOf = (tp: number): Split => ({ tensorParallel: tp, pipelineParallel: 1 });

/** Splits of prefill and decode instances: what is asked for, or as few chips as hold the model. */
export function splitsFor(tp: number | undefined, encodes: boolean, { model, prefill, decode, precision, context }: Hardware): { readonly prefill: Split; readonly decode: Split } {
  if (tp !== undefined) return { prefill: splitOf(tp), decode: splitOf(tp) };
  const language = languageModelOf(model);
  return { prefill: told(() => smallestSplit(encodes ? model : language, prefill, context, precision)).split, decode: told(() => smallestSplit(language, decode, context, precision)).split };
}

/** The allocation that is asked for. */
export function allocationFor(
  { encode, prefill, decode }: Workers,
  splits: { readonly prefill: Split; readonly decode: Split },
  { encodeBatch, prefillBatch, decodeBatch, share, dispatch, order }: SchedulingOptions,
): Allocation {
  for (const [name, value] of [['encode-batch', encodeBatch] as const, ['share', share] as const])
    if (encode === 0 && value !== undefined) throw new InputError(`${PLACE}: ${name} ${value} needs encode instances, such as --workers 6E1P1D`);
  return {
    encode,
    placement:
      prefill === null
        ? { kind: 'colocated', split: splits.prefill, instances: decode }
        : { kind: 'disaggregated', prefill: splits.prefill, decode: splits.decode, prefillInstances: prefill, decodeInstances: decode },
    batches: { encode: encodeBatch ?? 1, prefill: prefillBatch, decode: decodeBatch },
    share: share ?? 'media',
    dispatch,
    order,
  };
}
