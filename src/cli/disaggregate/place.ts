import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import type { Model } from '../../models/index.ts';
import { checkGoal } from '../../serving/disaggregation/attainment.ts';
import { type Estimator, type Placement, type Split, splitText } from '../../serving/disaggregation/estimator.ts';
import type { Load } from '../../serving/disaggregation/load.ts';
import { type Evaluated, type Objective, placementText, type Ranking, replicated, type SearchOptions, searchPhase, searchTogether } from '../../serving/disaggregation/placement.ts';
import { type Affinity, modernSplits, pairsOf, splitsOf } from '../../serving/disaggregation/splits.ts';
import { type Catalogue, pick } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { type EstimatorOptions, estimatorFor, modelFor } from './estimator.ts';
import { type GoalOptions, goalOf } from './goal.ts';
import { type LoadOptions, loadsOf } from './load.ts';
import { placePrintout } from './place-printout.ts';

export const SEARCHES = ['apart', 'together'] as const;

export interface PlaceOptions extends EstimatorOptions, LoadOptions, GoalOptions {
  readonly accelerators?: readonly string[];
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly affinity: Affinity;
  readonly search?: (typeof SEARCHES)[number];
  readonly objective: Objective;
  readonly targetRate?: number;
  readonly maxRatePerGpu?: number;
  readonly within?: number;
  readonly prune: boolean;
  readonly seeds: number;
  readonly leastSeconds: number;
  readonly top: number;
}

export const KINDS = ['disaggregated', 'colocated', 'prefill', 'decode'] as const;

/** A placement that was looked at, or a split of one phase. */
export interface PlaceRow {
  readonly model: string;
  readonly kind: (typeof KINDS)[number];
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
  const how = options.search ?? (options.affinity === 'high' ? 'apart' : 'together');
  if (how === 'together' && targetRate !== undefined) throw new InputError(`disaggregate: target-rate ${targetRate} is used with --search apart only`);
  const loads = (await loadsOf(options, options.seeds)).map((load): Load => ({ ...load, leastSeconds: options.leastSeconds }));
  const goal = goalOf(options);
  checkGoal(goal, (loads[0] as Load).gaps.length);
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
  const estimate = (given: Readonly<Record<string, Chip>>): Estimator => {
    const known = Object.fromEntries(Object.entries(given).filter(([, chip]) => chip !== null));
    const found = estimatorFor(options, catalogue, model, known, loads);
    for (const note of found.notes) notes.add(note);
    return found.estimator;
  };
  const splits = (chip: Chip): readonly Split[] => (chip === null ? splitsOf(model, options.nodes * options.gpusPerNode) : modernSplits(model, chip, options.nodes * options.gpusPerNode));
  const tokens = meanOutput(loads);
  const rowsOf = <T>(kind: PlaceRow['kind'], on: string, ranking: Ranking<T>, text: (candidate: T) => string): readonly PlaceRow[] =>
    ranking.map((found) => rowOf(model, kind, on, text(found.candidate), found, tokens));
  const rows: PlaceRow[] = [];
  for (const prefill of chips)
    for (const decode of chips) {
      const on = nameOf(prefill) === nameOf(decode) ? nameOf(prefill) : `${nameOf(prefill)} + ${nameOf(decode)}`;
      step(`prefill and decode on ${on}`);
      const estimator = estimate({ prefill, decode });
      if (how === 'together') {
        const pairs = prefill === null ? pairsOf(model, options, options.affinity) : product(splits(prefill), splits(decode));
        rows.push(...rowsOf('disaggregated', on, searchTogether(estimator, pairs, search), placementText));
        continue;
      }
      const [first, second] = [searchPhase(estimator, 'prefill', splits(prefill), search), searchPhase(estimator, 'decode', splits(decode), search)];
      rows.push(...rowsOf('prefill', nameOf(prefill), first, splitText), ...rowsOf('decode', nameOf(decode), second, splitText));
      const best = replicatedBest(first, second, targetRate);
      if (best !== null) rows.push(...rowsOf('disaggregated', on, searchTogether(estimator, [best], { ...search, prune: null }), placementText));
    }
  for (const chip of chips) {
    step(`both on ${nameOf(chip)}`);
    const both = splits(chip).map((split): Placement => ({ kind: 'colocated', split, instances: 1 }));
    rows.push(...rowsOf('colocated', nameOf(chip), searchTogether(estimate({ colocated: chip }), both, search), placementText));
  }
  return placePrintout(distinctRows(rows), { objective, top: options.top, goal, loads, targetRate: targetRate ?? null, notes: [...notes] });
}

const meanOutput = (loads: readonly Load[]): number => loads.reduce((sum, { output }) => sum + output.reduce((all, each) => all + each, 0) / output.length, 0) / loads.length;

const product = (prefills: readonly Split[], decodes: readonly Split[]): readonly Placement[] =>
  prefills.flatMap((prefill) => decodes.map((decode): Placement => ({ kind: 'disaggregated', prefill, decode, prefillInstances: 1, decodeInstances: 1 })));

/** The best of both phases, as many instances of each as the target needs, or as the faster of the two serves; null where a phase serves nothing. */
function replicatedBest([prefill]: Ranking<Split>, [decode]: Ranking<Split>, target: number | undefined): Placement | null {
  if (prefill === undefined || decode === undefined || prefill.rate === 0 || decode.rate === 0) return null;
  return replicated(prefill, decode, target ?? Math.max(prefill.rate, decode.rate));
}

const rowOf = <T>(model: Model, kind: PlaceRow['kind'], on: string, placement: string, { chips, rate, ratePerChip, usdPerRequest, because }: Evaluated<T>, tokens: number): PlaceRow => ({
  model: model.id,
  kind,
  accelerators: on,
  placement,
  chips,
  rate,
  ratePerChip,
  usdPerRequest,
  usdPerMillionOutputTokens: usdPerRequest === null || kind === 'prefill' ? null : (1e6 * usdPerRequest) / tokens,
  because,
});

/** A phase is looked at once for each chip of the other. */
const distinctRows = (rows: readonly PlaceRow[]): readonly PlaceRow[] => [...new Map(rows.map((row) => [`${row.kind} ${row.accelerators} ${row.placement}`, row])).values()];
