import { type Command, Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { type Link, link as linkOf, links } from '../../accelerators/links.ts';
import { InputError } from '../../io/input-error.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { type Model, PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { LAYOUTS, type LayoutKind } from '../../serving/preemption/layout.ts';
import { copiesOver, type LinkCopies } from '../../timing/copies.ts';
import { COPY_METHODS, type CopyMethod } from '../../timing/copy-data.ts';
import { withThreads } from '../../timing/copy-time.ts';
import { significant } from '../../units/format.ts';
import { nearest } from '../../units/nearest.ts';
import { type Catalogue, importNotes, scenarioNotes } from '../catalogue.ts';
import { chosen, configOption, ignoreOption, overrideOption } from '../command.ts';
import { distinct } from '../input/names.ts';
import { count } from '../input/numbers.ts';
import type { Given } from '../load-catalogue.ts';
import { toldBy } from '../serving/told.ts';

export const PLACE = 'preempt';

export const told = toldBy(PLACE, [
  [/^count /, 'conversations '],
  [/^(?=\S+ on \d+ x )/, 'model '],
]);

/** Largest context, tokens: that of the longest request a load has. */
export const MOST_TOKENS = 2 ** 24;

/** Links between a chip and its host. */
const HOST_LINKS: readonly string[] = links.map(({ link }) => link.id).filter((id) => id.startsWith('pcie') || id === 'nvlink-c2c');

export interface CopyOptions {
  readonly method: CopyMethod;
  readonly threads: number;
  readonly bandwidth?: number;
  readonly layout: LayoutKind;
  readonly blockTokens: number;
}

export interface CatalogueOptions extends Given {
  readonly precision?: PrecisionPolicyId;
}

/** Adds the options that say how a cache lies in memory and how it is copied. */
export const withCopies = (command: Command): Command =>
  command
    .addOption(
      chosen(PLACE, '--method <name>', 'loop: one copy call a piece; framework: the same from PyTorch; batch: one call for all pieces; gather: a kernel that reads host memory', COPY_METHODS).default(
        'loop',
      ),
    )
    .addOption(new Option('--threads <number>', 'threads that dispatch copies').argParser(count(PLACE, 'threads', 1024)).default(1))
    .addOption(new Option('--bandwidth <GB/s>', 'what a large copy reaches, one way, in place of what is known of the link').argParser(bandwidthOf))
    .addOption(chosen(PLACE, '--layout <kind>', 'what lies together: keys and values of a layer apart, the two of a layer, or all layers of a block', LAYOUTS).default('apart'))
    .addOption(new Option('--block-tokens <number>', 'tokens of a block').argParser(count(PLACE, 'block-tokens', 65_536)).default(16));

/** Adds the options that say where models and chips come from. */
export const withCatalogue = (command: Command): Command =>
  command
    .addOption(configOption())
    .addOption(ignoreOption(PLACE))
    .addOption(chosen(PLACE, '--precision <policy>', "formats; paper is the model's own (default: paper)", PRECISION_POLICY_IDS))
    .addOption(overrideOption());

function bandwidthOf(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(value > 0 && value <= 1e5)) throw new InputError(`${PLACE}: bandwidth ${text || '""'} is not a number of GB/s above 0 and up to 100000`);
  return 1e9 * value;
}

/** A link to the host by its id. @throws InputError for one that is not known, or lies between chips */
export function hostLink(id: string): Link {
  if (HOST_LINKS.includes(id)) return linkOf(id).link;
  const isKnown = links.some(({ link }) => link.id === id);
  throw new InputError(`${PLACE}: link ${id || '""'} ${isKnown ? `is not one to a host: ${HOST_LINKS.join(', ')}` : `is unknown; nearest: ${nearest(id, HOST_LINKS).join(', ')}`}`);
}

const DEFAULT_LINKS = ['pcie4-x16', 'pcie5-x16'];

/** The links that are asked for, each once. */
export const linksOf = (ids: readonly string[] = DEFAULT_LINKS): readonly string[] => distinct(PLACE, 'links', ids);

/** Refuses more chips than are linked to one another. */
export function checkLinked(chip: Accelerator, tensorParallel: number): void {
  if (tensorParallel > chip.scaleUpDomain) throw new InputError(`${PLACE}: tp ${tensorParallel} is over more than the ${chip.scaleUpDomain} of ${chip.id} that are linked`);
}

/** What copies take over a link. */
export function copiesOf(id: string, { method, threads, bandwidth }: Pick<CopyOptions, 'method' | 'threads' | 'bandwidth'>): LinkCopies {
  const link = hostLink(id);
  const copies = copiesOver(bandwidth === undefined ? link : { ...link, rawPerDirection: bandwidth, achievedPerDirection: bandwidth, achievedBothDirections: null }, method);
  return { ...copies, h2d: withThreads(copies.h2d, threads), d2h: withThreads(copies.d2h, threads) };
}

/** How well the times of copies are known. */
function copyNote({ link, method, basis, because }: LinkCopies, bandwidth: number | undefined): string {
  const about = `copies over ${link} by ${method}: `;
  if (basis === 'measured') return `${about}measured`;
  return `${about}assumed, ${bandwidth === undefined ? because : because.replace('the rate that it achieved', `the ${significant(bandwidth / 1e9, 3)} GB/s of --bandwidth`)}`;
}

/** What every row says of its model and its copies. */
export const commonNotes = (catalogue: Catalogue, model: Model, precision: PrecisionPolicy, copies: LinkCopies, bandwidth: number | undefined): readonly string[] => [
  copyNote(copies, bandwidth),
  ...importNotes(catalogue, model.id),
  ...scenarioNotes(catalogue),
  `precision: ${precision === model.precision ? "the model's own" : precision.id}`,
];

/** Says of a context that a model was not trained for it. */
export const beyond = ({ maxContext }: Model, context: number): readonly string[] => (maxContext !== null && context > maxContext ? [`context: ${context} is beyond the trained ${maxContext}`] : []);

export const policyOf = (model: Model, precision: PrecisionPolicyId | undefined): PrecisionPolicy =>
  precision === undefined || precision === 'paper' ? model.precision : precisionPolicies[precision];

export const counted = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
