import { checkGoal } from '../../serving/disaggregation/attainment.ts';
import { outputCost } from '../../serving/disaggregation/cost.ts';
import { type CurvePoint, curvePoint } from '../../serving/disaggregation/curve.ts';
import { chipsOfPlacement, priceOf } from '../../serving/disaggregation/estimator.ts';
import { goodput } from '../../serving/disaggregation/goodput.ts';
import { type Load, meanOutput } from '../../serving/disaggregation/load.ts';
import { perRequest, placementText, stopText } from '../../serving/disaggregation/placement.ts';
import { significant } from '../../units/format.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { type GoalOptions, goalOf } from '../serving/goal.ts';
import { type EstimatorOptions, estimatorsFor, modelFor } from './estimator.ts';
import { type LoadOptions, loadsOf } from './load.ts';
import { chipsOf, clusterFor, type PlacementOptions, placementOf } from './placement.ts';
import { told } from './told.ts';

export interface GoodputOptions extends EstimatorOptions, LoadOptions, PlacementOptions, GoalOptions {
  readonly rates?: readonly number[];
  readonly scales?: readonly number[];
  readonly seeds: number;
  readonly leastSeconds: number;
}

/** Shares of the goodput that a curve has points at where no rates are given. */
const SHARES = [0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5];

/** The highest rate that reaches a goal, and attainment over the rate. */
export async function goodputFound(options: GoodputOptions, catalogue: Catalogue, progressOf: (steps: number) => (what: string) => void): Promise<Printout> {
  const loads = (await loadsOf(options, options.seeds)).map((load): Load => ({ ...load, leastSeconds: options.leastSeconds }));
  const goal = goalOf(options);
  told(() => checkGoal(goal, (loads[0] as Load).gaps.length));
  const model = modelFor(catalogue, options.model);
  const placement = placementOf(options, options.estimator);
  const { estimator, notes } = estimatorsFor(options, catalogue, model, loads)(chipsOf(options, catalogue, options.estimator));
  const cluster = clusterFor(estimator, placement, options);
  const chips = chipsOfPlacement(placement);
  const step = progressOf(1 + (options.rates?.length ?? SHARES.length));
  step('goodput');
  const found = told(() => goodput(cluster, loads, goal, { share: 0.005 }));
  const rates = options.rates ?? (found.rate > 0 ? SHARES.map((share) => Number((share * found.rate).toPrecision(3))) : []);
  const scales = options.scales ?? [1];
  const points = rates.map((rate) => {
    step(`${rate} requests/s`);
    return curvePoint(cluster, loads, rate, { slo: goal.slo, scales, warmup: options.warmup });
  });
  const price = priceOf(estimator, placement);
  const usdPerRequest = perRequest(price, found.rate);
  const whole = {
    model: model.id,
    estimator: options.estimator,
    placement: placementText(placement),
    chips,
    goal,
    seeds: loads.length,
    requests: (loads[0] as Load).gaps.length,
    leastSeconds: options.leastSeconds,
    goodput: found.rate,
    goodputPerChip: found.rate / chips,
    stops: found.stops,
    usdPerRequest,
    usdPerMillionOutputTokens: usdPerRequest === null ? null : outputCost.evaluate({ usdPerRequest, output: meanOutput(loads) }),
    points,
    notes,
  };
  return {
    json: whole,
    rows: points.flatMap(flatRows),
    tables: [
      {
        title: `${model.id} on ${whole.placement}`,
        columns: [{ header: '' }, { header: '' }],
        rows: [
          ['goodput', `${significant(found.rate, 3)} requests/s, ${significant(whole.goodputPerChip, 3)} of each of ${chips} chips`],
          ['what stops more', stopText(found)],
          ['USD per 1,000 requests', usdPerRequest === null ? '–' : significant(1e3 * usdPerRequest, 3)],
          ['USD per million output tokens', whole.usdPerMillionOutputTokens === null ? '–' : significant(whole.usdPerMillionOutputTokens, 3)],
        ],
        notes: [
          `goal: ${significant(100 * goal.share, 4)} % of the requests within ${goal.slo.ttft} s and ${goal.slo.tpot} s (${goal.criterion}); ${loads.length} ${loads.length === 1 ? 'run' : 'runs'} of ${whole.requests} requests or ${options.leastSeconds} s each, ${options.warmup} of them warm-up`,
          ...notes,
        ],
      },
      curveTable(points, chips),
    ],
  };
}

const flatRows = ({ rate, attainments, ttft, tpot, events, putOut }: CurvePoint) =>
  attainments.map(({ scale, both, ttft: early, tpot: fast }) => ({
    rate,
    scale,
    attainment: both.mean,
    low: both.low,
    high: both.high,
    ttftAttainment: early,
    tpotAttainment: fast,
    ttftP50: ttft.p50,
    ttftP90: ttft.p90,
    ttftP99: ttft.p99,
    tpotP50: tpot.p50,
    tpotP90: tpot.p90,
    tpotP99: tpot.p99,
    putOut,
    events,
  }));

function curveTable(points: readonly CurvePoint[], chips: number) {
  const number = true;
  const [share, first, each] = [
    { number, group: '% that keep' },
    { number, group: 'ms to first token' },
    { number, group: 'ms per output token' },
  ];
  const percent = (value: number | null): string => (value === null ? '–' : (100 * value).toFixed(1));
  const ms = (seconds: number): string => significant(1e3 * seconds, 3);
  return {
    columns: [
      { header: 'requests/s', number },
      { header: 'per chip', number },
      { header: 'SLO scale', number },
      { header: 'both', ...share },
      { header: 'low', ...share },
      { header: 'high', ...share },
      { header: 'first', ...share },
      { header: 'each', ...share },
      { header: 'p50', ...first },
      { header: 'p90', ...first },
      { header: 'p50', ...each },
      { header: 'p90', ...each },
    ],
    rows: points.flatMap(({ rate, attainments, ttft, tpot }) =>
      attainments.map(({ scale, both, ttft: early, tpot: fast }) => [
        significant(rate, 3),
        significant(rate / chips, 3),
        String(scale),
        percent(both.mean),
        percent(both.low),
        percent(both.high),
        percent(early),
        percent(fast),
        ms(ttft.p50),
        ms(ttft.p90),
        ms(tpot.p50),
        ms(tpot.p90),
      ]),
    ),
    notes: ['low and high: 95 % interval of the mean over seeds'],
  };
}
