import type { Goal } from '../../serving/disaggregation/attainment.ts';
import type { Load } from '../../serving/disaggregation/load.ts';
import { meritOf, type Objective } from '../../serving/disaggregation/placement.ts';
import { significant } from '../../units/format.ts';
import type { Printout } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';
import type { PlaceRow } from './place.ts';

interface Asked {
  readonly objective: Objective;
  /** rows of each kind that a table shows */
  readonly top: number;
  readonly goal: Goal;
  readonly loads: readonly Load[];
  readonly targetRate: number | null;
  readonly notes: readonly string[];
}

const TITLES: Readonly<Record<PlaceRow['kind'], string>> = {
  disaggregated: 'Prefill and decode on instances of their own',
  colocated: 'Both on the same instances',
  prefill: 'Prefill alone',
  decode: 'Decode alone',
};

export function placePrintout(rows: readonly PlaceRow[], { objective, top, goal, loads, targetRate, notes }: Asked): Printout {
  const merit = meritOf(objective);
  const sorted = [...rows].sort((a, b) => merit(b) - merit(a) || a.chips - b.chips);
  const [apart, together] = (['disaggregated', 'colocated'] as const).map((kind) => sorted.find((row) => row.kind === kind && row.rate > 0));
  const all = [
    `goal: ${significant(100 * goal.share, 4)} % of the requests within ${goal.slo.ttft} s and ${goal.slo.tpot} s (${goal.criterion}), ${loads.length} ${loads.length === 1 ? 'run' : 'runs'} of ${(loads[0] as Load).gaps.length} requests or ${loads[0]?.leastSeconds} s`,
    ...(targetRate === null ? [] : [`sized for ${targetRate} requests/s`]),
    ...verdict(apart, together, objective),
    ...notes,
  ];
  const kinds = (Object.keys(TITLES) as PlaceRow['kind'][]).filter((kind) => sorted.some((row) => row.kind === kind));
  return {
    json: { placements: sorted, notes: all },
    rows: sorted.map((row) => ({ ...row })),
    tables: kinds.map((kind, at) => {
      const found = sorted.filter((row) => row.kind === kind);
      return placeTable(TITLES[kind], found.slice(0, top), [...(found.length > top ? [`${found.length - top} more: --top, or --format json`] : []), ...(at === kinds.length - 1 ? all : [])]);
    }),
  };
}

function verdict(apart: PlaceRow | undefined, together: PlaceRow | undefined, objective: Objective): readonly string[] {
  if (apart === undefined || together === undefined) return [];
  if (objective === 'rate') return [`best apart serves ${significant(apart.ratePerChip / together.ratePerChip, 3)} times as many requests per chip as best together`];
  if (apart.usdPerRequest === null || together.usdPerRequest === null) return [];
  return [`a request costs ${significant(apart.usdPerRequest / together.usdPerRequest, 3)} times as much on the best apart (${apart.accelerators}) as on the best together (${together.accelerators})`];
}

function placeTable(title: string, rows: readonly PlaceRow[], notes: readonly string[]): TextTable {
  const number = true;
  const dash = (value: number | null, scale: number): string => (value === null ? '–' : significant(scale * value, 3));
  return {
    title,
    columns: [
      { header: 'chips' },
      { header: 'placement' },
      { header: 'number', number },
      { header: 'requests/s', number },
      { header: 'per chip', number },
      { header: 'USD/1,000 requests', number },
      { header: 'USD/Mtok out', number },
      { header: 'why not more' },
    ],
    rows: rows.map(({ accelerators, placement, chips, rate, ratePerChip, usdPerRequest, usdPerMillionOutputTokens, because }) => [
      accelerators,
      placement,
      String(chips),
      rate === 0 ? '–' : significant(rate, 3),
      rate === 0 ? '–' : significant(ratePerChip, 3),
      dash(usdPerRequest, 1e3),
      dash(usdPerMillionOutputTokens, 1),
      because,
    ]),
    notes,
  };
}
