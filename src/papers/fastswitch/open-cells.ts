import type { Aim, PrintedCell } from '../printed.ts';
import { figure8Latency, figure8Throughput, METRICS, type Metric, MODELS, type Model, PATTERNS, SYSTEMS } from './data/figure8.ts';
import { figure10 } from './data/overheads.ts';
import { figure11, figure12, figure13 } from './data/sensitivity.ts';
import { abstractSpeedups, claims, speedups, throughputGains } from './data/text.ts';
import { figure1, figure2, PERCENTILES } from './data/waiting.ts';
import { ID, METRIC_NAMES, MODEL_NAMES, PATTERN_NAMES, PERCENT, READ_DIGITS, SYSTEM_NAMES } from './item.ts';

/** A printed cell that nothing here computes, and what is missing. */
export interface Unanswered {
  readonly cell: PrintedCell;
  readonly because: string;
}

const SIMULATION = 'needs the simulation of preemption';
/** Digits of a share of a few per cent. */
const SHARE_DIGITS = 4;

/** What is asked of the simulation: set before any cell was computed. Gains of the P99 TTFT of LLaMA-8B are asked for within a factor, either way. */
const WITHIN: Aim = { kind: 'within', share: 0.25 };
const GAIN: Aim = { kind: 'factor', by: 1.5 };
/** The most that ratios near 1 may be off. */
const RATIO: Aim = { kind: 'near', by: 0.05, predicts: true };
const PER_CENT: Aim = { kind: 'near', by: 5, predicts: true };
const tailAim = (model: Model, metric: Metric): Aim => (model === 'llama-8b' && metric === 'p99-ttft' ? GAIN : WITHIN);

const unanswered = (path: string, printed: string, where: string, aim: Aim, scale = 1): Unanswered => ({
  cell: { id: `${ID}/${path}`, paper: ID, table: path.split('/')[0] as string, printed, scale, where, aim },
  because: SIMULATION,
});
/** What was read from a drawing has no digits of its own. */
const read = (path: string, value: number, where: string, aim: Aim, digits = READ_DIGITS): Unanswered => unanswered(path, value.toFixed(digits), `${where}, as drawn`, aim);

const cases = MODELS.flatMap((model) => PATTERNS.map((pattern) => ({ model, pattern, name: `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}` })));

/** The open cells by what would answer them: one group is replaced at a time. */
export const openGroups = {
  'figure-1': PERCENTILES.map((percentile) =>
    read(
      `figure-1/stall/${percentile}`,
      figure1.stall[percentile],
      `Figure 1, stall by swaps at ${percentile.toUpperCase()} over the time of inference`,
      figure1.stall[percentile] < 0.01 ? RATIO : WITHIN,
    ),
  ),
  'figure-2': figure2.percentile.map((percentile, at) =>
    read(`figure-2/waiting/p${percentile}`, figure2.waiting[at] as number, `Figure 2, share of the requests that wait for keys and values at P${percentile}`, WITHIN),
  ),
  'figure-8-latency': cases.flatMap(({ model, pattern, name }) =>
    SYSTEMS.flatMap((system) =>
      METRICS.map((metric) =>
        read(
          `figure-8/${model}/${pattern}/${system}/${metric}`,
          figure8Latency[model][pattern][system][metric],
          `Figure 8, ${METRIC_NAMES[metric]} of ${SYSTEM_NAMES[system]} over that of vLLM, ${name}`,
          tailAim(model, metric),
        ),
      ),
    ),
  ),
  'figure-8-throughput': cases.flatMap(({ model, pattern, name }) =>
    SYSTEMS.map((system) =>
      read(`figure-8/${model}/${pattern}/${system}/throughput`, figure8Throughput[model][pattern][system], `Figure 8, throughput of ${SYSTEM_NAMES[system]} over that of vLLM, ${name}`, WITHIN),
    ),
  ),
  'figure-10': (['vllm', 'dbg'] as const).flatMap((system) =>
    figure10[system].frequency.map((f, at) =>
      read(
        `figure-10/share/${system}/${f}`,
        figure10[system].share[at] as number,
        `Figure 10, share of the time that switches take, ${SYSTEM_NAMES[system]}, ${f} updates an iteration`,
        WITHIN,
        SHARE_DIGITS,
      ),
    ),
  ),
  'figure-11': figure11.frequency.map((f, at) => read(`figure-11/spread/${f}`, figure11.ratio[at] as number, `Figure 11, largest over smallest mean group, ${f} updates an iteration`, RATIO)),
  'figure-12': figure12.percentile.map((label, at) =>
    read(`figure-12/gain/${label}`, (figure12.fastswitch[at] as number) / (figure12.baseline[at] as number), `Figure 12, tokens per second over those of the baseline at the label ${label}`, WITHIN),
  ),
  'figure-13': figure13.hostGigabytes.map((gigabytes, at) =>
    read(`figure-13/share/${gigabytes}`, figure13.share[at] as number, `Figure 13, share of the time that switches take, ${gigabytes} GB of host memory`, WITHIN, SHARE_DIGITS),
  ),
  speedups: cases.flatMap(({ model, pattern, name }) =>
    METRICS.map((metric) =>
      unanswered(
        `text/speedup/${model}/${pattern}/${metric}:simulated`,
        speedups[model][pattern][metric],
        `text on Figure 8, times shorter ${METRIC_NAMES[metric]} than of vLLM, ${name}, simulated`,
        tailAim(model, metric),
      ),
    ),
  ),
  throughput: MODELS.map((model) =>
    unanswered(`text/throughput/${model}:simulated`, throughputGains[model], `text on Figure 8, up to so many times the throughput of vLLM, ${MODEL_NAMES[model]}, simulated`, WITHIN),
  ),
  sensitivity: [
    unanswered('text/group-spread:simulated', claims.groupSpreadPercent, 'text on Figure 11, per cent between the largest and smallest mean group, simulated', PER_CENT, PERCENT),
    ...(['p99', 'p99.9'] as const).map((name) =>
      unanswered(`text/efficiency/${name}:simulated`, claims.efficiencyPercent[name], `text on Figure 12, per cent more tokens per second at ${name.toUpperCase()}, simulated`, PER_CENT, PERCENT),
    ),
  ],
  abstract: (['least', 'most'] as const).map((which) => unanswered(`abstract/speedup/${which}`, abstractSpeedups[which], `abstract, ${which} speedup of tail latencies`, WITHIN)),
} as const satisfies Readonly<Record<string, readonly Unanswered[]>>;

/** Cells that wait for what is not built. */
export const openCells: readonly Unanswered[] = Object.values(openGroups).flat();
