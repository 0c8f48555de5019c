import type { NumberSpec } from '../../evidence/number.ts';
import { figure8Latency, figure8Throughput, METRICS, type Metric, MODELS, type Model, PATTERNS, type Pattern, type System } from './data/figure8.ts';
import { figure11, figure12 } from './data/sensitivity.ts';
import { abstractSpeedups, claims, speedups, throughputGains } from './data/text.ts';
import { figure1 } from './data/waiting.ts';
import { shareAbove, stallShare, timesOther } from './formulas.ts';
import { derived, type Item, item, METRIC_NAMES, MODEL_NAMES, PATTERN_NAMES, PERCENT, printedLeaf, SYSTEM_NAMES } from './item.ts';
import { input } from './settings.ts';

const ENDS = ['vllm', 'fastswitch'] as const satisfies readonly System[];
const cases = MODELS.flatMap((model) => PATTERNS.map((pattern) => ({ model, pattern })));
const bar = (model: Model, pattern: Pattern, system: System, what: Metric | 'throughput'): string => input(`figure-8/${model}/${pattern}/${system}/${what}`);

/** Bars, points and ratios that the text speaks of, as read, by `fastswitch/input/<path>`. */
export const drawnInputs: Readonly<Record<string, NumberSpec>> = Object.fromEntries([
  ...cases.flatMap(({ model, pattern }) =>
    ENDS.flatMap((system) => [
      ...METRICS.map((metric) => [
        `input/figure-8/${model}/${pattern}/${system}/${metric}`,
        printedLeaf(
          `${METRIC_NAMES[metric]} over that of vLLM: ${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, ${SYSTEM_NAMES[system]}`,
          figure8Latency[model][pattern][system][metric],
          '1',
          'Figure 8, read from the bar',
        ),
      ]),
      [
        `input/figure-8/${model}/${pattern}/${system}/throughput`,
        printedLeaf(
          `throughput over that of vLLM: ${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, ${SYSTEM_NAMES[system]}`,
          figure8Throughput[model][pattern][system],
          '1',
          'Figure 8, read from the bar',
        ),
      ],
    ]),
  ),
  ['input/figure-1/stall', printedLeaf('stall by swaps at P99, over the time of inference', figure1.stall.p99, '1', 'Figure 1, read from the bar')],
  ['input/figure-1/execution', printedLeaf('time of inference, over itself', figure1.execution, '1', 'Figure 1, read from the bar')],
  ['input/figure-11/largest', printedLeaf('largest over smallest mean group, at most', Math.max(...figure11.ratio), '1', 'Figure 11, read from the line')],
  ['input/one', { kind: 'leaf', label: 'equal', value: 1, unit: '1', source: { kind: 'derived', from: 'definition' } } satisfies NumberSpec],
  ...(['baseline', 'fastswitch'] as const).flatMap((series) =>
    figure12.percentile.map((percentile, at) => [
      `input/figure-12/${series}/${percentile}`,
      printedLeaf(`tokens per second over the largest, ${series}, at the label ${percentile}`, figure12[series][at] as number, '1', 'Figure 12, read from the bar'),
    ]),
  ),
]);

const speedup = (model: Model, pattern: Pattern, metric: Metric): NumberSpec =>
  derived(`${METRIC_NAMES[metric]} of vLLM over that of FastSwitch, ${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, as drawn`, timesOther, {
    value: bar(model, pattern, 'vllm', metric),
    other: bar(model, pattern, 'fastswitch', metric),
  });

const CUT = 'from the bars as drawn; the printed number is the same cut behind its last digit, not rounded';
const APART = 'the text disagrees with the bars of its figure';
const DEVIATES: Readonly<Record<string, string>> = {
  'llama-8b/markov/p99-ttft': CUT,
  'llama-8b/random/p95-ttft': APART,
  'qwen-32b/markov/p95-ttft': CUT,
  'qwen-32b/markov/p99-ttft': CUT,
  'qwen-32b/markov/p99.9-ttft': APART,
};

const speedupItems: readonly Item[] = cases.flatMap(({ model, pattern }) =>
  METRICS.map((metric) => {
    const because = DEVIATES[`${model}/${pattern}/${metric}`];
    return item(
      `text/speedup/${model}/${pattern}/${metric}`,
      speedups[model][pattern][metric],
      `text on Figure 8, times shorter ${METRIC_NAMES[metric]} than of vLLM, ${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, from its bars`,
      speedup(model, pattern, metric),
      because === undefined ? {} : { deviates: because },
    );
  }),
);

const BAR_READ = 'from the bar as drawn, which can be read to three digits behind the point at best';
const bestPattern = (model: Model): Pattern => PATTERNS.reduce((best, next) => (figure8Throughput[model][next].fastswitch > figure8Throughput[model][best].fastswitch ? next : best));
const throughputItems: readonly Item[] = MODELS.map((model) =>
  item(
    `text/throughput/${model}`,
    throughputGains[model],
    `text on Figure 8, up to so many times the throughput of vLLM, ${MODEL_NAMES[model]}, from its bars`,
    derived(`throughput of FastSwitch over that of vLLM, ${MODEL_NAMES[model]}, as drawn`, timesOther, {
      value: bar(model, bestPattern(model), 'fastswitch', 'throughput'),
      other: bar(model, bestPattern(model), 'vllm', 'throughput'),
    }),
    { deviates: BAR_READ },
  ),
);

const speedupAsDrawn = ({ model, pattern, metric }: { readonly model: Model; readonly pattern: Pattern; readonly metric: Metric }): number =>
  figure8Latency[model][pattern].vllm[metric] / figure8Latency[model][pattern].fastswitch[metric];
const everySpeedup = cases.flatMap((each) => METRICS.map((metric) => ({ ...each, metric }))).sort((a, b) => speedupAsDrawn(a) - speedupAsDrawn(b));
const abstractItems: readonly Item[] = (['least', 'most'] as const).map((which) => {
  const { model, pattern, metric } = everySpeedup.at(which === 'least' ? 0 : -1) as (typeof everySpeedup)[number];
  return item(`abstract/speedup/${which}:drawn`, abstractSpeedups[which], `abstract, ${which} speedup of tail latencies, from its bars`, speedup(model, pattern, metric));
});

const stall = { stall: input('figure-1/stall'), execution: input('figure-1/execution') };
const figureItems: readonly Item[] = [
  item('text/stall', claims.stallPercent, 'section 2.2 on Figure 1, per cent of the P99 latency that is a stall by swaps', derived('share of the P99 latency that is a stall', stallShare, stall), {
    scale: PERCENT,
    deviates: 'the printed share is that of the time of inference, see the cell beside it, not of the whole latency',
  }),
  item(
    'text/stall:of-inference',
    claims.stallPercent,
    'section 2.2 on Figure 1, stall by swaps at P99 in per cent of the time of inference, read from the bar',
    derived('stall at P99 over the time of inference', timesOther, { value: stall.stall, other: stall.execution }),
    {
      scale: PERCENT,
      aim: { kind: 'near', by: 0.1 },
    },
  ),
  item(
    'text/group-spread',
    claims.groupSpreadPercent,
    'text on Figure 11, per cent between the largest and smallest mean group, at most',
    derived('largest mean group above the smallest, as drawn', shareAbove, { value: input('figure-11/largest'), other: input('one') }),
    {
      scale: PERCENT,
      deviates: 'from the line as drawn; the digits differ in one place',
    },
  ),
  ...(
    [
      ['p99', 95, undefined],
      ['p99.9', 99, 'from the bars as drawn, which can be read to a thousandth; the printed number is within it'],
    ] as const
  ).map(([name, label, because]) =>
    item(
      `text/efficiency/${name}`,
      claims.efficiencyPercent[name],
      `text on Figure 12, per cent more tokens per second at ${name.toUpperCase()}, from the bars that are labelled ${label}`,
      derived(`tokens per second above the baseline at the label ${label}`, shareAbove, { value: input(`figure-12/fastswitch/${label}`), other: input(`figure-12/baseline/${label}`) }),
      { scale: PERCENT, ...(because === undefined ? {} : { deviates: because }) },
    ),
  ),
];

/** What text and abstract say of the figures, from the figures as they are drawn. */
export const drawnItems: readonly Item[] = [...speedupItems, ...throughputItems, ...figureItems, ...abstractItems];
