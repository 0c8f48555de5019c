import { chipsOfSplit, type Estimator, type Placement, type Split, splitText } from './estimator.ts';
import type { RateSearch } from './goodput.ts';
import { balanced, type Evaluated, placementText, type Ranking, replicated, type SearchOptions, searchPhase, searchTogether } from './placement.ts';
import { everyPair } from './splits.ts';

export const SEARCHES = ['apart', 'together'] as const;
/** Each phase by itself, then as many instances of each as the other needs (Algorithm 1 of the paper); or pair by pair (Algorithm 2). */
export type SearchHow = (typeof SEARCHES)[number];

export const PLACEMENT_KINDS = ['disaggregated', 'colocated', 'prefill', 'decode'] as const;

/** A placement that was looked at, or a split of one phase. */
export interface Compared<C> extends Omit<Evaluated<unknown>, 'candidate'> {
  readonly kind: (typeof PLACEMENT_KINDS)[number];
  /** what it runs on; of both phases where they differ */
  readonly on: readonly C[];
  readonly text: string;
  /** chips of `chips` that decode; all of them colocated */
  readonly decodeChips: number;
}

/** What is compared, on chips of any kind `C`. */
export interface Comparison<C> {
  readonly chips: readonly C[];
  /** of prefill and decode instances on two chips, or of instances that do both on one */
  readonly apart: (prefill: C, decode: C) => Estimator;
  readonly together: (chip: C) => Estimator;
  readonly splits: (chip: C) => readonly Split[];
  /** pairs that are simulated together; every pair of splits unless given */
  readonly pairs?: (prefill: C, decode: C) => readonly Placement[];
  readonly how: SearchHow;
  /** requests/s that the instances of a search apart are sized for; unless given, as `balanced` says */
  readonly targetRate?: number;
  readonly search: SearchOptions;
  /** called before each chip and pair */
  readonly progress?: (kind: 'apart' | 'together', on: readonly C[]) => void;
}

/** Placements of both kinds on every chip and pair of chips; a phase on a chip is searched once. */
export function comparePlacements<C>({ chips, apart, together, splits, pairs, how, targetRate, search, progress }: Comparison<C>): readonly Compared<C>[] {
  const rows: Compared<C>[] = [];
  const add = <T extends Split | Placement>(kind: Compared<C>['kind'], on: readonly C[], ranking: Ranking<T>, text: (candidate: T) => string): void => {
    for (const { candidate, ...found } of ranking) rows.push({ kind, on, text: text(candidate), decodeChips: found.chips - prefillChips(candidate, kind), ...found });
  };
  const phases = new Map<string, Ranking<Split>>();
  const phase = (role: 'prefill' | 'decode', chip: C, estimator: Estimator): Ranking<Split> => {
    const key = `${role} ${chips.indexOf(chip)}`;
    const known = phases.get(key);
    if (known !== undefined) return known;
    const found = searchPhase(estimator, role, splits(chip), search);
    phases.set(key, found);
    add(role, [chip], found, splitText);
    return found;
  };
  for (const prefill of chips)
    for (const decode of chips) {
      const on = prefill === decode ? [prefill] : [prefill, decode];
      progress?.('apart', on);
      const estimator = apart(prefill, decode);
      if (how === 'together') {
        add('disaggregated', on, searchTogether(estimator, pairs?.(prefill, decode) ?? everyPair(splits(prefill), splits(decode)), search), placementText);
        continue;
      }
      const [[first], [second]] = [phase('prefill', prefill, estimator), phase('decode', decode, estimator)];
      if (first === undefined || second === undefined || first.rate === 0 || second.rate === 0) continue;
      const placement = targetRate === undefined ? balanced(estimator, first, second, search.objective) : replicated(first, second, targetRate);
      add(
        'disaggregated',
        on,
        searchTogether(estimator, [placement], { ...search, prune: null, rates: nearly(search.rates, Math.min(placement.prefillInstances * first.rate, placement.decodeInstances * second.rate)) }),
        placementText,
      );
    }
  for (const chip of chips) {
    progress?.('together', [chip]);
    const both = splits(chip).map((split): Placement => ({ kind: 'colocated', split, instances: 1 }));
    add('colocated', [chip], searchTogether(together(chip), both, search), placementText);
  }
  return rows;
}

/** Chips that only read prompts. */
function prefillChips(candidate: Split | Placement, kind: Compared<unknown>['kind']): number {
  if ('kind' in candidate) return candidate.kind === 'disaggregated' ? candidate.prefillInstances * chipsOfSplit(candidate.prefill) : 0;
  return kind === 'prefill' ? chipsOfSplit(candidate) : 0;
}

/** The whole serves about what its slower phase does alone. */
const nearly = (rates: RateSearch, near: number): RateSearch => ('share' in rates ? { ...rates, near } : rates);
