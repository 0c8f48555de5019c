import { accelerator } from '../../accelerators/index.ts';
import { modelOf } from '../../models/index.ts';
import { calibratedEstimators } from '../../serving/disaggregation/calibrated-estimator.ts';
import { type Compared, comparePlacements } from '../../serving/disaggregation/compare.ts';
import type { Estimator } from '../../serving/disaggregation/estimator.ts';
import { type Load, meanOutput } from '../../serving/disaggregation/load.ts';
import type { SearchOptions } from '../../serving/disaggregation/placement.ts';
import { modernSplits } from '../../serving/disaggregation/splits.ts';
import { gapsOf } from '../../serving/engine/arrivals.ts';
import { randomOf } from '../../serving/engine/random.ts';
import { kept } from '../kept.ts';
import { repeatedShareGpt } from './load.ts';

/** Models and chips of today that the paper's question is asked of, and what a request has to keep. */
export const TODAY = {
  models: ['qwen3-32b', 'deepseek-v3'],
  chips: ['h800', 'h20', 'a800', 'h100'],
  slo: { ttft: 1, tpot: 0.05 },
  share: 0.9,
  requests: 300,
  leastSeconds: 100,
  chipsOfInstance: 32,
  batchTokens: 8192,
  linkShare: 0.8,
} as const;

export type TodayRow = Compared<string>;

const rowsOnce = kept<readonly TodayRow[]>();

/** ShareGPT's lengths at Poisson arrivals of seed 0. */
const load = (): Load => ({ gaps: gapsOf({ kind: 'poisson' }, TODAY.requests, randomOf(0)), ...repeatedShareGpt(TODAY.requests), leastSeconds: TODAY.leastSeconds });

const mean = (values: Int32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Output tokens of a request in the mean. */
export const todayOutput = (): number => meanOutput([load()]);

/** Every placement of a model on the chips of today: calibrated kernels, memory and prices of each chip; the cheapest request first. */
export const todayRows = (model: string): readonly TodayRow[] => rowsOnce(model, () => searched(model));

function searched(model: string): readonly TodayRow[] {
  const each = load();
  const asked = modelOf(model);
  const chipOf = (id: string) => accelerator(id).accelerator;
  const estimators = calibratedEstimators(asked, {
    precision: asked.precision,
    context: Math.round(mean(each.prompt) + mean(each.output) / 2),
    batchTokens: TODAY.batchTokens,
    kvLimit: true,
    hostSecondsPerSequence: 0,
    linkShare: TODAY.linkShare,
  });
  const estimate = (prefill: string, decode: string): Estimator => estimators({ prefill: chipOf(prefill), decode: chipOf(decode), colocated: chipOf(prefill) });
  const search: SearchOptions = { loads: [each], goal: { slo: TODAY.slo, criterion: 'joint', share: TODAY.share }, rates: { share: 0.03 }, objective: 'cost', prune: 0.9 };
  const rows = comparePlacements<string>({
    chips: TODAY.chips,
    how: 'apart',
    search,
    apart: estimate,
    together: (chip) => estimate(chip, chip),
    splits: (chip) => modernSplits(asked, chipOf(chip), TODAY.chipsOfInstance),
  });
  return [...rows].sort((a, b) => (a.usdPerRequest ?? Number.POSITIVE_INFINITY) - (b.usdPerRequest ?? Number.POSITIVE_INFINITY));
}
