import type { Source } from '../provenance/source.ts';
import { from, resolve, type Sourced, type SourcedTree, type SourceNote } from '../provenance/sourced.ts';
import { type UsdPerHour, usdPerHour } from '../units/quantity.ts';
import type { Accelerator, Price } from './accelerator.ts';
import { label } from './sources.ts';
import { validated } from './validated.ts';

/** One chip of the catalogue, the source of each of its fields by path (`peak.fp8`), and what it was offered or assumed at. */
export interface AcceleratorEntry {
  readonly accelerator: Accelerator;
  readonly sources: ReadonlyMap<string, SourceNote>;
  readonly prices: readonly Price[];
}

/** A catalogue entry from its authored form; every field must carry a source. */
export function entry(tree: SourcedTree<Accelerator>, prices: readonly Price[]): AcceleratorEntry {
  const { value, sources } = resolve<Accelerator>(tree);
  return Object.freeze({ accelerator: validated(value), sources, prices: Object.freeze(prices) });
}

/** The fields that name an entry; a variant names the entry that it differs from. */
export const named = (id: string, name: string, vendor: string, variantOf: string | null = null) => ({ id: label(id), name: label(name), vendor: label(vendor), variantOf: label(variantOf) });

const price =
  (kind: Price['kind']) =>
  (usd: number, provider: string, date: string, source: Source, note?: string): Price =>
    Object.freeze({ usdPerHour: usdPerHour(usd), kind, provider, date, source, ...(note === undefined ? {} : { note }) });

/** On-demand price that a provider lists, unless the note says reserved; node prices divided by the accelerators of the node. */
export const listPrice = price('list');
/** Cost of owning the chip as somebody modelled it: never a price that anybody pays. */
export const ownershipCost = price('ownership');
/** Price that a paper or a company assumed for its own arithmetic. */
export const assumedPrice = price('assumption');

/** The price that an entry uses unless another is asked for. */
export const priced = ({ usdPerHour: value, kind, provider, date, source, note }: Price): Sourced<UsdPerHour> =>
  from(source)(value, [`${kind} price: ${provider}, ${date}`, ...(note === undefined ? [] : [note])].join('; '));
