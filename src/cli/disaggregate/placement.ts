import { type Command, Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { type Cluster, DISPATCHES, type Dispatch } from '../../serving/disaggregation/cluster.ts';
import { clusterOf, type Estimator, type Placement, type Split } from '../../serving/disaggregation/estimator.ts';
import { findOrNearest } from '../../units/nearest.ts';
import type { Catalogue } from '../catalogue.ts';
import { chosen } from '../command.ts';
import { count } from '../input/numbers.ts';
import { pairs } from '../input/pairs.ts';
import type { Chips, EstimatorName } from './estimator.ts';
import { told } from './told.ts';

const PLACE = 'disaggregate';

/** An instance as it was asked for: `tp=2,pp=1,dp=1,instances=1,on=h800`. */
export interface AskedInstance {
  readonly split: Split;
  readonly instances: number;
  readonly on: string | null;
}

export interface PlacementOptions {
  readonly prefill?: AskedInstance;
  readonly decode?: AskedInstance;
  readonly colocated?: AskedInstance;
  readonly dispatch?: Dispatch;
}

const FIELDS = ['tp', 'pp', 'dp', 'instances', 'on'] as const;

const instanceOf =
  (field: string) =>
  (text: string): AskedInstance => {
    const { on = null, ...numbers } = pairs(PLACE, field, FIELDS, 'tp=2,pp=1')(text);
    const number = (name: string): number => (numbers[name] === undefined ? 1 : count(PLACE, `${field} ${name}`, 1024)(numbers[name]));
    return { split: { tensorParallel: number('tp'), pipelineParallel: number('pp'), dataParallel: number('dp') }, instances: number('instances'), on };
  };

/** Adds the options that say what serves: prefill and decode apart, or both in one. */
export const withPlacement = (command: Command): Command =>
  command
    .addOption(new Option('--prefill <split>', 'prefill instances: tp=2,pp=1,dp=1,instances=1,on=h20 (unless given, 1 each and on h800)').argParser(instanceOf('prefill')))
    .addOption(new Option('--decode <split>', 'decode instances, as --prefill').argParser(instanceOf('decode')))
    .addOption(new Option('--colocated <split>', 'instances that do both, prompts first, as --prefill').argParser(instanceOf('colocated')).conflicts(['prefill', 'decode']))
    .addOption(chosen(PLACE, '--dispatch <rule>', "which of several instances a request goes to (default: the estimator's own)", DISPATCHES));

/** What serves. @throws InputError where it is not said, or said of what an estimator does not know */
export function placementOf({ prefill, decode, colocated }: PlacementOptions, estimator: EstimatorName): Placement {
  for (const [role, asked] of Object.entries({ prefill, decode, colocated })) {
    const copies = asked?.split.dataParallel ?? 1;
    if (copies > 1 && estimator !== 'calibrated') throw new InputError(`${PLACE}: ${role} dp ${copies} is used with --estimator calibrated only`);
  }
  if (colocated !== undefined) return { kind: 'colocated', split: colocated.split, instances: colocated.instances };
  if (prefill === undefined || decode === undefined) throw new InputError(`${PLACE}: ${prefill === undefined ? 'prefill' : 'decode'} is missing: say --prefill and --decode, or --colocated`);
  return { kind: 'disaggregated', prefill: prefill.split, decode: decode.split, prefillInstances: prefill.instances, decodeInstances: decode.instances };
}

const DEFAULT_CHIP = 'h800';

/** Chips of each role: those given, or one for all where times are calibrated. */
export function chipsOf({ prefill, decode, colocated }: PlacementOptions, { accelerators }: Catalogue, estimator: EstimatorName): Chips {
  const chip = (asked: AskedInstance | undefined): Accelerator | undefined => {
    const id = asked?.on ?? (estimator === 'calibrated' && asked !== undefined ? DEFAULT_CHIP : null);
    return id === null ? undefined : findOrNearest('accelerators', accelerators, id, (each) => each.id);
  };
  const found = { prefill: chip(prefill), decode: chip(decode), colocated: chip(colocated) };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The cluster of a placement; what is refused is refused of the option that asks for it. */
export const clusterFor = (estimator: Estimator, placement: Placement, { dispatch }: PlacementOptions): Cluster =>
  told(() => clusterOf({ ...estimator, instance: (role, split) => told(() => estimator.instance(role, split), role) }, placement, dispatch));
