import { overheadShare, reusedBlocks } from '../../serving/preemption/transfer.ts';
import { METRICS, type Metric, MODELS, type Model, PATTERNS, type Pattern, SYSTEMS, type System } from './data/figure8.ts';
import { figure10 } from './data/overheads.ts';
import { figure11, figure13 } from './data/sensitivity.ts';
import { setup } from './data/text.ts';
import { PERCENTILES } from './data/waiting.ts';
import { shareBelow, timesLonger, timesOther } from './formulas.ts';
import { derived, found, ID, type Item, METRIC_NAMES, MODEL_NAMES, PATTERN_NAMES, SYSTEM_NAMES } from './item.ts';
import { FIRST_GROUPS, inputsOf, LIGHTER, runSettings } from './run-settings.ts';
import { type PaperRun, paperRun, type RunOf } from './runs.ts';
import { input } from './settings.ts';
import { runProcedure, spreadOfGroups, timesTheTokens } from './simulated-formulas.ts';

type Numbers = Readonly<Record<string, Item['number']>>;

const id = (path: string): string => `${ID}/${path}`;
const ALL_SYSTEMS = ['vllm', ...SYSTEMS] as const satisfies readonly System[];

/** What no figure says: the pattern of the runs of Figures 1, 10, 11 and 13. It was chosen before they were run. */
export const UNSAID: Pattern = 'random';
const TTFT = { 'p95-ttft': 'p95', 'p99-ttft': 'p99', 'p99.9-ttft': 'p999' } as const satisfies Readonly<Partial<Record<Metric, string>>>;
/** A tail of a run, s. */
export const tail = (metric: Metric, { ttft, tbt }: PaperRun): number => (metric === 'p99.9-tbt' ? tbt.p999 : ttft[TTFT[metric]]);

type Reading = readonly [words: string, unit: string, value: (run: PaperRun) => number];
/** What is read off a run: words, unit, value. */
const READ = {
  'p95-ttft': [METRIC_NAMES['p95-ttft'], 's', (run) => tail('p95-ttft', run)],
  'p99-ttft': [METRIC_NAMES['p99-ttft'], 's', (run) => tail('p99-ttft', run)],
  'p99.9-ttft': [METRIC_NAMES['p99.9-ttft'], 's', (run) => tail('p99.9-ttft', run)],
  'p99.9-tbt': [METRIC_NAMES['p99.9-tbt'], 's', (run) => tail('p99.9-tbt', run)],
  'tokens-per-second': ['tokens per second', 'token/s', ({ outputTokensPerSecond }) => outputTokensPerSecond],
  'stall-share': ['share of the time that iterations wait for copies', '1', ({ shares }) => shares.stall],
  'idle-share': ['share of the time without anything to do', '1', ({ shares }) => shares.idle],
  'blocks-out': ['blocks swapped out', '1', ({ out }) => out.blocks],
  'group-out': ['blocks of a mean group swapped out', '1', ({ out }) => out.blocksPerGroup],
  'swaps-per-update': ['swap-outs for each update', '1', ({ out, updates }) => out.operations / updates],
  'iteration-seconds': ['time of an iteration', 's', ({ makespan, shares, iterations }) => (shares.busy * makespan) / iterations],
  'update-seconds': ['time from one update to the next', 's', ({ makespan, updates }) => makespan / updates],
  'recomputed-tokens': ['tokens read again as their cache was dropped', 'token', ({ recomputedTokens }) => recomputedTokens],
} as const satisfies Readonly<Record<Metric, Reading> & Record<string, Reading>>;
export type Read = keyof typeof READ;

/** A number of a run. @param what in words, what differs from the runs of Figure 8 */
function runNumber(read: Read, of: RunOf, differs = ''): Item['number'] {
  const [words, unit, value] = READ[read];
  return found(`${words}, simulated: ${MODEL_NAMES[of.model]}, ${PATTERN_NAMES[of.pattern]}, ${SYSTEM_NAMES[of.system]}${differs}`, unit, runProcedure, inputsOf(of), () => value(paperRun(of)));
}

/** Id of a number of a run of Figure 8. */
export const runId = (model: Model, pattern: Pattern, system: System, read: Read): string => id(`run/${model}/${pattern}/${system}/${read}`);

const figure8Runs: Numbers = Object.fromEntries(
  MODELS.flatMap((model) =>
    PATTERNS.flatMap((pattern) =>
      ALL_SYSTEMS.flatMap((system) => (Object.keys(READ) as Read[]).map((read) => [`run/${model}/${pattern}/${system}/${read}`, runNumber(read, { model, pattern, system })] as const)),
    ),
  ),
);

const MODEL = 'llama-8b';
const at = (f: number): string => `, ${f} updates an iteration`;

/** Figure 10: `overhead/<pattern>/<system>/<f>/<read>`; what the stall of rare updates would give, `extrapolated/<system>/<f>`. */
const overheads: Numbers = Object.fromEntries(
  (['vllm', 'dbg'] as const).flatMap((system) =>
    figure10[system].frequency.flatMap((f) => [
      ...PATTERNS.flatMap((pattern) =>
        (['stall-share', 'swaps-per-update'] as const).map((read) => [`overhead/${pattern}/${system}/${f}/${read}`, runNumber(read, { model: MODEL, pattern, system, frequency: f }, at(f))] as const),
      ),
      [
        `extrapolated/${system}/${f}`,
        derived(`share of switches, ${SYSTEM_NAMES[system]}${at(f)}, were the stall of an update as at rare ones`, overheadShare, {
          frequency: input(`frequency/${f}`),
          stall: id(`line/${system}/stall`),
        }),
      ] as const,
    ]),
  ),
);

/** Figure 1: `stall-over-iteration/<percentile>`. */
const FIGURE_1: RunOf = { model: MODEL, pattern: UNSAID, system: 'vllm', frequency: setup.frequency['figure-1'] };
const stalls: Numbers = Object.fromEntries(
  PERCENTILES.map((percentile) => [
    `stall-over-iteration/${percentile}`,
    found(`stall over the time of an iteration, ${percentile.toUpperCase()}, simulated`, '1', runProcedure, inputsOf(FIGURE_1), () => paperRun(FIGURE_1).stalls[percentile]),
  ]),
);

/** Figure 11: `group/<first group>/<f>` and `group-spread/<f>`. */
const groups: Numbers = Object.fromEntries(
  figure11.frequency.flatMap((f) => {
    const groupId = (blocks: number): string => id(`group/${blocks}/${f}`);
    const [first, second, third] = FIRST_GROUPS;
    return [
      ...FIRST_GROUPS.map(
        (blocks) =>
          [`group/${blocks}/${f}`, runNumber('group-out', { model: MODEL, pattern: UNSAID, system: 'dbg', frequency: f, initialGroup: blocks }, `${at(f)}, first group of ${blocks} blocks`)] as const,
      ),
      [`group-spread/${f}`, derived(`largest over smallest mean group, simulated${at(f)}`, spreadOfGroups, { first: groupId(first), second: groupId(second), third: groupId(third) })] as const,
    ];
  }),
);

/** Figure 13: `host/<GB>/<read>`. */
const hosts: Numbers = Object.fromEntries(
  figure13.hostGigabytes.flatMap((gigabytes) =>
    (['stall-share', 'tokens-per-second', 'recomputed-tokens'] as const).map((read) => [
      `host/${gigabytes}/${read}`,
      runNumber(read, { model: MODEL, pattern: UNSAID, system: 'fastswitch', hostGigabytes: gigabytes }, `, ${gigabytes} GB of host memory`),
    ]),
  ),
);

/** Table 1: `reuse/<f>/<blocks|blocks-with-reuse|left|reused>`, and the printed blocks less what the simulation reuses. */
const reuses: Numbers = Object.fromEntries(
  figure10.dbg.frequency.flatMap((f) => {
    const own = (what: string): string => id(`reuse/${f}/${what}`);
    const run = (system: System): Item['number'] => runNumber('blocks-out', { model: MODEL, pattern: UNSAID, system, frequency: f }, at(f));
    return [
      [`reuse/${f}/blocks`, run('dbg')],
      [`reuse/${f}/blocks-with-reuse`, run('dbg-reuse')],
      [`reuse/${f}/left`, derived(`blocks swapped out with reuse over those without${at(f)}`, timesOther, { value: own('blocks-with-reuse'), other: own('blocks') })],
      [`reuse/${f}/reused`, derived(`share of the blocks that is not swapped out again${at(f)}`, shareBelow, { value: own('blocks-with-reuse'), other: own('blocks') })],
      [
        `reuse/${f}/printed-blocks`,
        derived(`blocks that the run of Table 1 would swap out with the reuse that is simulated${at(f)}`, reusedBlocks, { blocks: input('traditional-blocks'), reuse: own('reused') }),
      ],
    ] as const;
  }),
);

type Variant = Pick<RunOf, 'rate' | 'seeds' | 'persistence' | 'thinkSeconds'>;
/** What the gains are computed again with. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  'seeds-1': { seeds: 1 },
  'seeds-2': { seeds: 2 },
  ...Object.fromEntries(LIGHTER.map((rate) => [`rate-${rate}`, { rate }])),
  'persistence-0.5': { persistence: 0.5 },
  'think-30': { thinkSeconds: 30 },
};

/**
 * Other loads: `other/<variant>/<model>/<pattern>/<system>/<read>`, and against vLLM `.../<system>/<metric>/gain` (times shorter) and `.../<system>/throughput-gain`.
 * They run when they are asked for.
 */
const others: Numbers = Object.fromEntries(
  Object.entries(VARIANTS).flatMap(([variant, changed]) =>
    MODELS.flatMap((model) =>
      PATTERNS.filter((pattern) => pattern === 'markov' || changed.persistence === undefined).flatMap((pattern) => {
        const path = (system: System, read: string): string => `other/${variant}/${model}/${pattern}/${system}/${read}`;
        const words = `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]} (${variant.replaceAll('-', ' ')})`;
        return ALL_SYSTEMS.flatMap((system): readonly (readonly [string, Item['number']])[] => [
          ...(Object.keys(READ) as Read[]).map((read) => [path(system, read), runNumber(read, { model, pattern, system, ...changed }, ` (${variant.replaceAll('-', ' ')})`)] as const),
          ...METRICS.map(
            (metric) =>
              [
                path(system, `${metric}/gain`),
                derived(`${METRIC_NAMES[metric]} of vLLM over that of ${SYSTEM_NAMES[system]}, ${words}`, timesLonger, { value: id(path('vllm', metric)), other: id(path(system, metric)) }),
              ] as const,
          ),
          [
            path(system, 'throughput-gain'),
            derived(`throughput of ${SYSTEM_NAMES[system]} over that of vLLM, ${words}`, timesTheTokens, {
              value: id(path(system, 'tokens-per-second')),
              other: id(path('vllm', 'tokens-per-second')),
            }),
          ],
        ]);
      }),
    ),
  ),
);

/** How many times the blocks of Table 1 a run of Figure 8 swaps out: `times-table-1/<traditional|reuse>`. */
const timesTable1: Numbers = Object.fromEntries(
  (
    [
      ['traditional', 'dbg'],
      ['reuse', 'dbg-reuse'],
    ] as const
  ).map(([run, system]) => [
    `times-table-1/${run}`,
    derived(`blocks swapped out, simulated, over those of Table 1, ${run === 'reuse' ? 'with' : 'without'} reuse`, timesOther, {
      value: runId(MODEL, UNSAID, system, 'blocks-out'),
      other: input(`${run}-blocks`),
    }),
  ]),
);

/** Numbers of simulated runs, by `fastswitch/<path>`. */
export const simulatedNumbers: Numbers = { ...runSettings, ...figure8Runs, ...overheads, ...stalls, ...groups, ...hosts, ...reuses, ...timesTable1, ...others };
