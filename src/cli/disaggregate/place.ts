import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { checkGoal } from '../../serving/disaggregation/attainment.ts';
import { comparePlacements, type PLACEMENT_KINDS, type SearchHow } from '../../serving/disaggregation/compare.ts';
import { outputCost } from '../../serving/disaggregation/cost.ts';
import type { Estimator, Placement, Split } from '../../serving/disaggregation/estimator.ts';
import { type Load, meanOutput } from '../../serving/disaggregation/load.ts';
import type { Objective, SearchOptions } from '../../serving/disaggregation/placement.ts';
import { type Affinity, everyPair, modernSplits, pairsInServer, pairsOf, splitsOf } from '../../serving/disaggregation/splits.ts';
import { type Catalogue, pick } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { type GoalOptions, goalOf } from '../serving/goal.ts';
import { type EstimatorOptions, estimatorsFor, modelFor } from './estimator.ts';
import { type LoadOptions, loadsOf } from './load.ts';
import { placePrintout } from './place-printout.ts';
import { told } from './told.ts';

export interface PlaceOptions extends EstimatorOptions, LoadOptions, GoalOptions {
  readonly accelerators?: readonly string[];
  readonly nodes?: number;
  readonly gpusPerNode: number;
  readonly affinity: Affinity;
  readonly search?: SearchHow;
  readonly objective: Objective;
  readonly targetRate?: number;
  readonly maxRatePerGpu?: number;
  readonly within?: number;
  readonly prune: boolean;
  readonly seeds: number;
  readonly leastSeconds: number;
  readonly top: number;
}

/** A placement that was looked at, or a split of one phase. */
export interface PlaceRow {
  readonly model: string;
  readonly kind: (typeof PLACEMENT_KINDS)[number];
  readonly accelerators: string;
  readonly placement: string;
  readonly chips: number;
  readonly rate: number;
  readonly ratePerChip: number;
  readonly usdPerRequest: number | null;
  readonly usdPerMillionOutputTokens: number | null;
  readonly because: string;
}

const DEFAULT_CHIPS = ['h800', 'h20'];

/** What one phase, or both, may run on: a chip of the catalogue, or the A100 that was profiled. */
type Chip = Accelerator | null;
const nameOf = (chip: Chip): string => chip?.id ?? 'a100-80g';

/** Best placements of both kinds on each chip and pair of chips, with what became of the others. */
export async function placed(options: PlaceOptions, catalogue: Catalogue, progressOf: (steps: number) => (what: string) => void): Promise<Printout> {
  const { estimator: name, accelerators, maxRatePerGpu, within, objective, targetRate } = options;
  if (name !== 'calibrated' && accelerators !== undefined) throw new InputError(`disaggregate: accelerators are used with --estimator calibrated only: the times of ${name} are of A100`);
  if ((maxRatePerGpu === undefined) !== (within === undefined)) throw new InputError('disaggregate: max-rate-per-gpu and within go together');
  if (maxRatePerGpu !== undefined && within !== undefined && within >= maxRatePerGpu) throw new InputError(`disaggregate: within ${within} is not below max-rate-per-gpu ${maxRatePerGpu}`);
  const how = options.search ?? (options.affinity === 'high' ? 'apart' : 'together');
  if (how === 'together' && targetRate !== undefined) throw new InputError(`disaggregate: target-rate ${targetRate} is used with --search apart only`);
  const loads = (await loadsOf(options, options.seeds)).map((load): Load => ({ ...load, leastSeconds: options.leastSeconds }));
  const goal = goalOf(options);
  told(() => checkGoal(goal, (loads[0] as Load).gaps.length));
  const model = modelFor(catalogue, options.model);
  const chips: readonly Chip[] = name === 'calibrated' ? pick('disaggregate', 'accelerators', catalogue.accelerators, accelerators ?? DEFAULT_CHIPS) : [null];
  const step = progressOf(chips.length * (chips.length + 1));
  const search: SearchOptions = {
    loads,
    goal,
    objective,
    rates: maxRatePerGpu === undefined || within === undefined ? { share: 0.02 } : { highest: maxRatePerGpu, within },
    prune: options.prune ? 0.5 : null,
  };
  const notes = new Set<string>();
  const estimators = estimatorsFor(options, catalogue, model, loads);
  const estimate = (given: Readonly<Record<string, Chip>>): Estimator => {
    const known = Object.fromEntries(Object.entries(given).filter(([, chip]) => chip !== null));
    const found = estimators(known);
    for (const note of found.notes) notes.add(note);
    return found.estimator;
  };
  const text = (on: readonly Chip[]): string => on.map(nameOf).join(' + ');
  const servers = { nodes: options.nodes ?? (name === 'calibrated' ? 4 : 1), gpusPerNode: options.gpusPerNode };
  const splits = (chip: Chip): readonly Split[] => (chip === null ? splitsOf(model, servers.nodes * servers.gpusPerNode) : modernSplits(model, chip, servers.nodes * servers.gpusPerNode));
  const pairs = (prefill: Chip, decode: Chip): readonly Placement[] => {
    if (prefill === null || decode === null) return pairsOf(model, servers, options.affinity);
    if (options.affinity === 'high') return everyPair(splits(prefill), splits(decode));
    // a server has chips of one kind
    return prefill.id === decode.id ? pairsInServer(splits(prefill), servers.gpusPerNode) : [];
  };
  const found = comparePlacements<Chip>({
    chips,
    how,
    search,
    apart: (prefill, decode) => estimate({ prefill, decode }),
    together: (colocated) => estimate({ colocated }),
    splits,
    pairs,
    progress: (kind, on) => step(`${kind === 'apart' ? 'prefill and decode' : 'both'} on ${text(on)}`),
    ...(targetRate === undefined ? {} : { targetRate }),
  });
  const tokens = meanOutput(loads);
  const rows = found.map(
    ({ kind, on, text: placement, chips, rate, ratePerChip, usdPerRequest, because }): PlaceRow => ({
      model: model.id,
      kind,
      accelerators: text(on),
      placement,
      chips,
      rate,
      ratePerChip,
      usdPerRequest,
      usdPerMillionOutputTokens: usdPerRequest === null || kind === 'prefill' ? null : outputCost.evaluate({ usdPerRequest, output: tokens }),
      because,
    }),
  );
  return placePrintout(rows, { objective, top: options.top, goal, loads, targetRate: targetRate ?? null, notes: [...notes] });
}
