import { type PolicyBarRow, policyBars } from '../../src/chart/index.ts';
import { METRICS, MODELS, type Model, PATTERNS, type Pattern, SYSTEMS } from '../../src/papers/fastswitch/data/figure8.ts';
import { VARIANTS } from '../../src/papers/fastswitch/simulated-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type FastswitchContext, id, METRIC_NAMES, MODEL_NAMES, PATTERN_NAMES, POLICY_NAMES, percent, SERIES, times, twice, whole } from './context.ts';

const WHAT = [...METRICS, 'throughput'] as const;
const cases = MODELS.flatMap((model) => PATTERNS.map((pattern) => ({ model, pattern })));
export const bar = (model: Model, pattern: Pattern, system: (typeof SYSTEMS)[number], what: (typeof WHAT)[number]): string => `figure-8/${model}/${pattern}/${system}/${what}`;
export const ablationCells: readonly string[] = cases.flatMap(({ model, pattern }) => SYSTEMS.flatMap((system) => WHAT.map((what) => bar(model, pattern, system, what))));

/** Figure A: tails over those of vLLM, simulated beside drawn. */
export function ablationFigure(context: FastswitchContext): FigureBlock {
  const { simulated, cells, numbers, answered } = context;
  const drawn = (path: string): number => Number(cells.compared(id(path)).cell.printed);
  const rows = cases.flatMap(({ model, pattern }) =>
    METRICS.flatMap((metric) =>
      SYSTEMS.map((system): PolicyBarRow => {
        const path = bar(model, pattern, system, metric);
        const ours = simulated(path);
        return {
          panel: `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}`,
          group: METRIC_NAMES[metric],
          series: system,
          name: POLICY_NAMES[system],
          ...(ours === undefined ? {} : { value: ours, number: numbers.reference(id(path)) }),
          reference: drawn(path),
        };
      }),
    ),
  );
  const met = (of: (metric: (typeof METRICS)[number]) => boolean): number => {
    const all = cases.flatMap(({ model, pattern }) => SYSTEMS.flatMap((system) => METRICS.filter(of).map((metric) => cells.compared(id(bar(model, pattern, system, metric))).status)));
    return all.filter((status) => status === 'reproduced').length / all.length;
  };
  const first = met((metric) => metric !== 'p99.9-tbt') > 0.8 && met((metric) => metric === 'p99.9-tbt') < 0.5;
  return {
    kind: 'figure',
    anchor: 'ablation-bars',
    label: 'Figure A',
    chart: policyBars(rows, {
      id: 'ablation-bars',
      title: claim('With nothing fitted, most tails to the first token come out near those that are drawn; tails between tokens do not', first),
      description: 'Tail latencies of block groups, block groups with reuse and FastSwitch over those of vLLM, for two models and two patterns of priorities.',
      yTitle: 'Latency over that of vLLM',
      valueName: 'Simulated',
      referenceName: 'Read from Figure 8',
      allSeries: SERIES,
    }),
    note: 'TTFT: to the first token of a turn; TBT: between tokens. One is vLLM. Markov: requests that ran lately keep a high priority; Random: priorities change without any rule.',
    source: answered(ablationCells) ? 'Simulated conversations, see {{#figure-8}}; ticks read from the drawing.' : 'Ticks read from the drawing.',
  };
}

const table = ({ cell }: FastswitchContext): TableBlock => ({
  kind: 'table',
  anchor: 'figure-8',
  label: 'Figure 8',
  caption: 'Tail latencies and throughput over those of vLLM, simulated beside drawn',
  rowHeader: 'Model, priorities, policy',
  columns: WHAT.map((what) => ({ id: what, header: what === 'throughput' ? 'Throughput' : METRIC_NAMES[what] })),
  rows: cases.flatMap(({ model, pattern }) =>
    SYSTEMS.map(
      (system): RowView => ({
        header: `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, ${POLICY_NAMES[system]}`,
        cells: Object.fromEntries(WHAT.map((what) => [what, cell(bar(model, pattern, system, what))])),
      }),
    ),
  ),
  note: 'Predictions: each is asked to be within a quarter of the drawn value, the P99 TTFT of LLaMA-8B within a factor of one and a half. The aims were set before these cells were compared, though not blind: runs that chose the form of Markov had shown some of them. A footnote says why a cell is not within.',
});

/** What the simulated runs are in seconds: nothing to compare with is printed. */
function runs({ cite }: FastswitchContext): TableBlock {
  const all = ['vllm', ...SYSTEMS] as const;
  return {
    kind: 'table',
    anchor: 'runs',
    label: 'Table J',
    caption: 'The simulated runs themselves',
    rowHeader: 'Model, priorities, policy',
    columns: [
      { id: 'ttft', header: 'P99 TTFT', unit: 's' },
      { id: 'tbt', header: 'P99.9 TBT', unit: 's' },
      { id: 'rate', header: 'Tokens', unit: '/s' },
      { id: 'stall', header: 'Stalls', unit: '%' },
      { id: 'swaps', header: 'Swap-outs', unit: 'an update' },
      { id: 'group', header: 'Mean group', unit: 'blocks' },
    ],
    rows: cases.flatMap(({ model, pattern }) =>
      all.map((system): RowView => {
        const run = (what: string, format: (value: number) => string) => cite(`run/${model}/${pattern}/${system}/${what}`, format);
        return {
          header: `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}, ${POLICY_NAMES[system]}`,
          cells: {
            ttft: run('p99-ttft', times),
            tbt: run('p99.9-tbt', times),
            rate: run('tokens-per-second', whole),
            stall: run('stall-share', percent),
            swaps: run('swaps-per-update', times),
            group: run('group-out', times),
          },
        };
      }),
    ),
    note: 'The paper prints no time in seconds. Stalls: share of the time in which nothing runs because of copies. With reuse only what is new goes out, which is little and lies in small groups.',
  };
}

const VARIANT_NAMES: Readonly<Record<string, string>> = {
  'seeds-1': 'Other conversations and priorities',
  'seeds-2': 'Others again',
  'persistence-0.5': 'Half of the priorities stay at an update',
  'think-30': 'Half a minute from an answer to the next turn',
};
const rateOf = (variant: string): number | undefined => VARIANTS[variant]?.rate;
const MEASURES = ['p99-ttft', 'p99.9-tbt', 'throughput'] as const;
const gainOf = (variant: string, model: Model, measure: (typeof MEASURES)[number]): string =>
  `other/${variant}/${model}/markov/fastswitch/${measure === 'throughput' ? 'throughput-gain' : `${measure}/gain`}`;

/** The same gains where what is assumed is otherwise. */
function sensitivity({ cite }: FastswitchContext): TableBlock {
  const row = (header: string, of: (model: Model, measure: (typeof MEASURES)[number]) => string): RowView => ({
    header,
    cells: Object.fromEntries(MODELS.flatMap((model) => MEASURES.map((measure) => [`${model}-${measure}`, cite(of(model, measure), measure === 'throughput' ? twice : times)]))),
  });
  return {
    kind: 'table',
    anchor: 'sensitivity',
    label: 'Table K',
    caption: 'How many times better FastSwitch is than vLLM, simulated, where an assumption is another',
    rowHeader: 'Other than in Figure 8',
    columns: MODELS.flatMap((model) => [
      { id: `${model}-p99-ttft`, header: 'P99 TTFT', group: `${MODEL_NAMES[model]}, Markov` },
      { id: `${model}-p99.9-tbt`, header: 'P99.9 TBT', group: `${MODEL_NAMES[model]}, Markov` },
      { id: `${model}-throughput`, header: 'Throughput', group: `${MODEL_NAMES[model]}, Markov` },
    ]),
    rows: [
      row('As in Figure 8', (model, measure) => (measure === 'throughput' ? bar(model, 'markov', 'fastswitch', 'throughput') : `text/speedup/${model}/markov/${measure}:simulated`)),
      ...Object.keys(VARIANTS).map((variant) => {
        const rate = rateOf(variant);
        return row(rate === undefined ? (VARIANT_NAMES[variant] ?? variant) : `${rate} conversations a second`, (model, measure) => gainOf(variant, model, measure));
      }),
    ],
    note: 'One conversation a second unless said, as in the paper. Times shorter, and times as many tokens.',
  };
}

/** Figure 8: the three ideas one by one. */
export function ablationSection(context: FastswitchContext): SectionView {
  const { own, look, cells } = context;
  const drawn = (path: string): number => Number(cells.compared(id(path)).cell.printed);
  const p99 = PATTERNS.every((pattern) => SYSTEMS.every((system) => cells.compared(id(bar('llama-8b', pattern, system, 'p99-ttft'))).status === 'reproduced'));
  const ofQwen = PATTERNS.flatMap((pattern) =>
    SYSTEMS.flatMap((system) => METRICS.filter((metric) => metric !== 'p99.9-tbt').map((metric) => cells.compared(id(bar('qwen-32b', pattern, system, metric))).status)),
  );
  const qwen = ofQwen.filter((status) => status === 'reproduced').length > 0.9 * ofQwen.length;
  const backward = cases.flatMap(({ model, pattern }) =>
    METRICS.flatMap((metric) =>
      SYSTEMS.filter((system, at) => look(bar(model, pattern, system, metric)) > (at === 0 ? 1 : look(bar(model, pattern, SYSTEMS[at - 1] as typeof system, metric)))).map((system) =>
        bar(model, pattern, system, metric),
      ),
    ),
  );
  const steps = backward.length < 0.1 * cases.length * METRICS.length * SYSTEMS.length;
  const busy = cases.every(({ model, pattern }) => look(`run/${model}/${pattern}/vllm/idle-share`) < 1e-6) && look('run/llama-8b/markov/vllm/p99-ttft') > 30;
  const between = PATTERNS.every(
    (pattern) =>
      look(bar('llama-8b', pattern, 'dbg', 'p99.9-tbt')) < 0.75 * drawn(bar('llama-8b', pattern, 'dbg', 'p99.9-tbt')) &&
      look(bar('qwen-32b', pattern, 'fastswitch', 'p99.9-tbt')) > 1.5 * drawn(bar('qwen-32b', pattern, 'fastswitch', 'p99.9-tbt')),
  );
  const more = PATTERNS.every(
    (pattern) =>
      look(bar('llama-8b', pattern, 'fastswitch', 'throughput')) > drawn(bar('llama-8b', pattern, 'fastswitch', 'throughput')) &&
      look(`run/llama-8b/${pattern}/vllm/stall-share`) > look('input/figure-10/vllm/0.04'),
  );
  const gain = (variant: string, model: Model, measure: (typeof MEASURES)[number]): number => look(gainOf(variant, model, measure));
  const lighter = Object.keys(VARIANTS).filter((variant) => rateOf(variant) !== undefined);
  const load = MODELS.every((model) => Math.max(...lighter.map((variant) => gain(variant, model, 'p99-ttft'))) > 2.5 * look(`text/speedup/${model}/markov/p99-ttft:simulated`));
  const seeds = Math.abs(gain('seeds-1', 'qwen-32b', 'p99-ttft') / look('text/speedup/qwen-32b/markov/p99-ttft:simulated') - 1) > 0.2;
  return {
    anchor: 'ablation',
    heading: 'The three ideas one by one',
    takeaway: `${claim('Simulated with nothing fitted, the P99 times to the first token of LLaMA-8B come out within the factor that was asked for, with every policy', p99)}: FastSwitch is ${own('text/speedup/llama-8b/markov/p99-ttft:simulated', (value) => `${times(value)} times`)} and ${own('text/speedup/llama-8b/random/p99-ttft:simulated', (value) => `${times(value)} times`)} faster than vLLM.`,
    blocks: [
      table(context),
      {
        kind: 'list',
        items: [
          claim('Each of the three ideas shortens the tails further in the simulation too, groups, then reuse, then copies beside computation, with fewer exceptions than one in ten.', steps),
          claim('More than nine in ten tails to the first token of Qwen-32B are within what was asked.', qwen),
          claim(
            'Tails between tokens are not: with LLaMA-8B groups alone help them more than drawn, with Qwen-32B copies beside computation help them less. In the simulation such a tail is the time that a turn lies on the host, waiting for its priority, which copies only lengthen.',
            between,
          ),
          claim('At the printed rate of arrivals the simulated GPU is never idle, and the tail of vLLM is a queue that grows until arrivals end. Whatever saves time saves more of that queue.', busy),
          claim('Throughput gains more with LLaMA-8B than drawn, because the simulated vLLM loses more of its time to copies than Figure 10 says at the same frequency.', more),
        ],
      },
      runs(context),
      sensitivity(context),
      {
        kind: 'list',
        items: [
          claim(
            'How much FastSwitch gains depends most on the load: where vLLM is just overloaded and FastSwitch is not, the gain of the first token is several times that of Figure 8. The paper says how many conversations arrive, not how busy its GPUs were.',
            load,
          ),
          claim('Other seeds move the gains of Qwen-32B by more than a fifth: a thousand conversations are few for a tail.', seeds),
          'Not fitted: no constant was chosen to meet a figure. One choice was made after results of three had been seen, the form of Markov; with half of the priorities staying its row stands in {{#sensitivity}}.',
          'Assumed: the limits of the engine (its defaults), the share of answers in a conversation, the next turn right after an answer, and that kernels and calls take what they take on other machines.',
        ],
      },
    ],
  };
}
