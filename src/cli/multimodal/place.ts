import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { checkGoal } from '../../serving/disaggregation/attainment.ts';
import { chipsOfSplit, type Split } from '../../serving/disaggregation/estimator.ts';
import type { Load } from '../../serving/disaggregation/load.ts';
import { meritOf, type Objective, type Ranking } from '../../serving/disaggregation/placement.ts';
import { ALLOCATION_KINDS, type Allocation, type AllocationKind, allocationsOf, allocationText, chipsOfAllocation, kindOf, type StageBatches } from '../../serving/multimodal/allocation.ts';
import { type AllocationChoices, type AllocationSearch, searchAllocations, searchSteps } from '../../serving/multimodal/search.ts';
import { significant } from '../../units/format.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';
import { type GoalOptions, goalOf } from '../serving/goal.ts';
import { asked, estimatorFor, hardwareOf, type LoadOptions } from './estimator.ts';
import { chipsFor, told } from './options.ts';
import { splitsFor } from './workers.ts';

export interface PlaceOptions extends LoadOptions, GoalOptions {
  readonly accelerators?: readonly string[];
  readonly gpus: number;
  readonly fewer: boolean;
  readonly kinds?: readonly AllocationKind[];
  /** chips of an instance that are tried */
  readonly tp?: readonly number[];
  readonly objective: Objective;
  readonly seeds: number;
  readonly leastSeconds: number;
  readonly top: number;
}

/** An allocation that was looked at. */
export interface PlaceRow {
  readonly model: string;
  readonly kind: AllocationKind;
  readonly accelerator: string;
  readonly workers: string;
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
  readonly chips: number;
  readonly batches: StageBatches;
  readonly share: Allocation['share'];
  readonly dispatch: Allocation['dispatch'];
  readonly order: Allocation['order'];
  readonly rate: number;
  readonly ratePerChip: number;
  readonly usdPerRequest: number | null;
  readonly because: string;
}

const DEFAULT_CHIPS = ['h100'];
/** Sizes of batches that are tried; the first with all counts. */
const BATCHES: readonly StageBatches[] = [1, 8].flatMap((prefill) => [1, 2, 4].map((encode) => ({ encode, prefill, decode: 128 })));
/** What can make a difference: requests are all alike, so that no order does; one image cannot be shared out; only encode instances have encode batches. */
const choicesOf = (kind: AllocationKind, images: number): AllocationChoices => ({
  batches: kind === 'epd' ? BATCHES : BATCHES.filter(({ encode }) => encode === 1),
  shares: images === 1 ? ['media'] : ['media', 'request'],
  orders: ['fcfs'],
});
const TITLES: Readonly<Record<AllocationKind, string>> = { epd: 'Encode, prefill and decode apart', pd: 'Encode and prefill together, decode apart', aggregated: 'All on the same instances' };

/** The best use of some chips of each kind. */
export function placed(options: PlaceOptions, catalogue: Catalogue, progressOf: (steps: number) => (what: string) => void): Printout {
  const { estimator: name, accelerators, gpus, objective, fewer } = options;
  if (name === 'epd' && accelerators !== undefined) throw new InputError('multimodal: accelerators are used with --estimator calibrated only: EPD was timed on A100');
  if (name === 'epd' && objective === 'cost') throw new InputError('multimodal: objective cost is used with --estimator calibrated only: rate');
  if (options.requests === 1) throw new InputError('multimodal: requests 1 has no rate: at least 2');
  const { kinds = ALLOCATION_KINDS } = options;
  const what = asked(options, catalogue, options.seeds);
  const loads = what.loads.map((load): Load => ({ ...load, leastSeconds: options.leastSeconds }));
  const goal = goalOf(options);
  told(() => checkGoal(goal, (loads[0] as Load).gaps.length));
  const chips = name === 'epd' ? chipsFor(catalogue, undefined, ['a100-80g']) : chipsFor(catalogue, accelerators, DEFAULT_CHIPS);
  const notes = new Set(what.notes);
  const none: string[] = [];
  /** What a chip cannot hold does not stop the others. */
  const unless = <T>(action: () => readonly T[]): readonly T[] => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      none.push(error.message.replace(/^multimodal: /, ''));
      return [];
    }
  };
  const searchesOn = (chip: Accelerator) => {
    const of = { encode: chip, prefill: chip, decode: chip };
    const estimated = estimatorFor(what, options, of);
    for (const note of estimated.notes) notes.add(note);
    // each kind by itself: a better kind would hide what stops the others
    return kinds.flatMap((kind) => {
      const asks = options.tp ?? (name === 'epd' ? [1] : [undefined]);
      const splits = asks.map((tp) => splitsFor(tp, kind !== 'epd', hardwareOf(what, options, of)));
      const [prefill, decode] = [splits.map((split) => split.prefill), splits.map((split) => split.decode)];
      const counts = allocationsOf({ chips: gpus, fewer, prefill, decode, colocated: prefill, kinds: [kind] });
      const least = (of: readonly Split[]): number => Math.min(...of.map(chipsOfSplit));
      if (counts.length === 0) none.push(noneText(kind, chip.id, { gpus, fewer, prefill: least(prefill), decode: least(decode) }));
      return counts.length === 0 ? [] : [{ chip, estimated, kind, counts, splits: prefill }];
    });
  };
  const each = chips.flatMap((chip) => unless(() => searchesOn(chip)));
  if (each.length === 0) throw new InputError(`multimodal: ${none[0]}`);
  const step = progressOf(each.reduce((sum, { kind, counts }) => sum + searchSteps(counts, choicesOf(kind, options.images)), 0));
  const rows = each.flatMap(({ chip, estimated, kind, counts, splits }) => {
    const { apart, together } = estimated.estimator;
    for (const split of splits) told(() => (kind === 'epd' ? apart : together).instance('prefill', split), 'prefill');
    const search: AllocationSearch = {
      loads,
      goal,
      objective,
      rates: { share: 0.02 },
      prune: 0.75,
      follow: true,
      seconds: () => 0,
      progress: (allocation) => step(`${allocation} on ${chip.id}`),
    };
    return told(() => searchAllocations(estimated.estimator, counts, choicesOf(kind, options.images), search)).map((row) => rowOf(what.model.id, chip.id, row));
  });
  const merit = meritOf(objective);
  const sorted = rows.toSorted((a, b) => merit(b) - merit(a));
  const all = [
    `goal: ${significant(100 * goal.share, 4)} % of the requests within ${goal.slo.ttft} s and ${goal.slo.tpot} s (${goal.criterion}), ${loads.length} ${loads.length === 1 ? 'run' : 'runs'} of ${(loads[0] as Load).gaps.length} requests or ${options.leastSeconds} s`,
    ...verdict(sorted),
    ...none,
    ...notes,
  ];
  const shown = ALLOCATION_KINDS.filter((kind) => sorted.some((row) => row.kind === kind));
  return {
    json: { allocations: sorted, notes: all },
    rows: sorted.map(({ batches, ...row }) => ({ ...row, encodeBatch: batches.encode, prefillBatch: batches.prefill, decodeBatch: batches.decode })),
    tables: shown.map((kind, at) => {
      const ofKind = bestOfEach(sorted.filter((row) => row.kind === kind));
      return tableOf(TITLES[kind], ofKind.slice(0, options.top), [
        ...(kind === 'epd' ? ['batches: at most so many of encode (E), prefill (P) and decode (D); shared: media are encoded by several instances of one request at once, request by one'] : []),
        ...(ofKind.length > options.top ? [`${ofKind.length - options.top} more: --top, or --format json`] : []),
        ...(at === shown.length - 1 ? all : []),
      ]);
    }),
  };
}

/** Why a kind has no allocation. */
function noneText(kind: AllocationKind, chip: string, { gpus, fewer, prefill, decode }: { readonly gpus: number; readonly fewer: boolean; readonly prefill: number; readonly decode: number }): string {
  const takes = kind === 'aggregated' ? `an instance takes ${prefill}` : `${kind === 'epd' ? 'encode takes 1, ' : ''}prefill takes ${prefill}, decode ${decode}`;
  const least = kind === 'aggregated' ? prefill : prefill + decode + (kind === 'epd' ? 1 : 0);
  return `gpus ${gpus} of ${chip} are ${gpus < least ? 'too few for' : 'not all used by any'} ${kind}: ${takes}${gpus < least || fewer ? '' : '; --fewer leaves some free'}`;
}

function rowOf(model: string, accelerator: string, { candidate, rate, ratePerChip, usdPerRequest, because }: Ranking<Allocation>[number]): PlaceRow {
  const { placement, encode, batches, share, dispatch, order } = candidate;
  const [prefill, decode] = placement.kind === 'colocated' ? [placement.instances, 0] : [placement.prefillInstances, placement.decodeInstances];
  return {
    model,
    kind: kindOf(candidate),
    accelerator,
    workers: allocationText(candidate),
    encode,
    prefill,
    decode,
    chips: chipsOfAllocation(candidate),
    batches,
    share,
    dispatch,
    order,
    rate,
    ratePerChip,
    usdPerRequest,
    because,
  };
}

/** Of allocations that differ only in batches and orders the best. */
const bestOfEach = (rows: readonly PlaceRow[]): readonly PlaceRow[] =>
  rows.filter(({ workers, accelerator }, at) => rows.findIndex((row) => row.workers === workers && row.accelerator === accelerator) === at);

/** The best of each kind against the best with encoding apart. */
function verdict(rows: readonly PlaceRow[]): readonly string[] {
  const best = (kind: AllocationKind): PlaceRow | undefined => rows.find((row) => row.kind === kind && row.rate > 0);
  const epd = best('epd');
  if (epd === undefined) return [];
  return (['pd', 'aggregated'] as const).flatMap((kind) => {
    const other = best(kind);
    return other === undefined
      ? []
      : [
          `the best with encoding apart (${epd.workers} on ${epd.accelerator}) serves ${significant(epd.ratePerChip / other.ratePerChip, 3)} times the requests per chip of ${kind === 'pd' ? 'encode and prefill together' : 'all together'} (${other.workers} on ${other.accelerator})`,
        ];
  });
}

function tableOf(title: string, rows: readonly PlaceRow[], notes: readonly string[]): TextTable {
  const number = true;
  const none = '–';
  const batch = { number, group: 'batches' };
  const rate = { number, group: 'requests/s' };
  const encodes = rows.some(({ kind }) => kind === 'epd');
  const priced = rows.some(({ usdPerRequest }) => usdPerRequest !== null);
  return {
    title,
    columns: [
      { header: 'workers' },
      { header: 'on' },
      ...(encodes ? [{ header: 'E', ...batch }] : []),
      { header: 'P', ...batch },
      { header: 'D', ...batch },
      ...(encodes ? [{ header: 'shared' }] : []),
      { header: 'dispatch' },
      { header: 'all', ...rate },
      { header: 'per chip', ...rate },
      ...(priced ? [{ header: 'USD/1,000', number }] : []),
      { header: 'why not more' },
    ],
    rows: rows.map((row) => [
      row.workers,
      `${row.chips} x ${row.accelerator}`,
      ...(encodes ? [String(row.batches.encode)] : []),
      String(row.batches.prefill),
      String(row.batches.decode),
      ...(encodes ? [row.share] : []),
      row.dispatch,
      row.rate === 0 ? none : significant(row.rate, 3),
      row.rate === 0 ? none : significant(row.ratePerChip, 3),
      ...(priced ? [row.usdPerRequest === null ? none : significant(1e3 * row.usdPerRequest, 3)] : []),
      row.because,
    ]),
    notes,
  };
}
