import { type Command, Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { type Deployment, type ExpertLoad, OVERLAPS, type Overlap, singleChip } from '../../timing/deployment.ts';
import { chosen } from '../command.ts';
import { count, whole } from './numbers.ts';

/** What a command was told of a deployment. */
export interface DeploymentOptions {
  readonly tp: number;
  readonly dp: number;
  readonly ep: number;
  readonly pp: number;
  readonly redundantExperts: number;
  readonly expertLoad: ExpertLoad;
  readonly overlap: Overlap;
}

const loadOf =
  (place: string) =>
  (text: string): ExpertLoad => {
    if (text === 'balanced') return { kind: 'balanced' };
    const [, exponent] = /^power-law:(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (exponent === undefined) throw new InputError(`${place}: expert-load ${text || '""'} is not balanced or power-law:<exponent>, such as power-law:1.2`);
    return { kind: 'power-law', exponent: Number(exponent) };
  };

/** How tokens fall on experts. */
export const expertLoadOption = (place: string): Option =>
  new Option('--expert-load <load>', 'how tokens fall on experts: balanced, or power-law:<exponent>').argParser(loadOf(place)).default({ kind: 'balanced' }, 'balanced');

/** Adds the options that say how a model is spread over chips. */
export const withDeployment = (place: string, command: Command): Command =>
  command
    .addOption(new Option('--tp <ways>', 'tensor parallelism: attention and dense layers split over so many chips').argParser(count(place, 'tp')).default(1))
    .addOption(new Option('--dp <replicas>', 'data parallelism: copies of the attention with requests of their own').argParser(count(place, 'dp')).default(1))
    .addOption(new Option('--ep <groups>', 'expert parallelism: groups over which routed experts are dealt out').argParser(count(place, 'ep')).default(1))
    .addOption(new Option('--pp <stages>', 'pipeline parallelism: stages of layers').argParser(count(place, 'pp')).default(1))
    .addOption(new Option('--redundant-experts <copies>', 'second copies of busy experts').argParser(whole(place, 'redundant-experts')).default(0))
    .addOption(expertLoadOption(place))
    .addOption(chosen(place, '--overlap <mode>', 'whether exchanges with experts hide behind the other half of the batch', OVERLAPS).default('none'));

export const deploymentOf = ({ tp, dp, ep, pp, redundantExperts, expertLoad, overlap }: DeploymentOptions): Deployment => ({
  ...singleChip,
  tensorParallel: tp,
  dataParallel: dp,
  expertParallel: ep,
  pipelineParallel: pp,
  redundantExperts,
  expertLoad,
  overlap,
});
