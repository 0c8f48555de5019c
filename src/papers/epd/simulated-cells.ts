import type { NumberSpec } from '../../evidence/number.ts';
import type { Allocation } from '../../serving/multimodal/allocation.ts';
import type { Aim } from '../printed.ts';
import { bestAllocation, optimised } from './allocations.ts';
import { reductions } from './data/latency.ts';
import { table5, table6 } from './data/runs.ts';
import { type ENGINES, engineForm, fittedCells } from './engine-fit.ts';
import { derived, found, ID, type Item, item } from './item.ts';
import type { FitError } from './latency-fits.ts';
import { BEST_IMAGES } from './latency-numbers.ts';
import { allocationSearchProcedure, timesAsLong, timesTheRate } from './simulated-formulas.ts';
import { clientMeans, goodputNumber, optimisedNumber, simulatedNumbers, spaceInputs, spaceNumber, switchMeans, switchNumber } from './simulated-numbers.ts';

const PERCENT = 0.01;
/** What is asked of every predicted time, rate and ratio: the aim of the latencies that the closed form predicts, taken over and not chosen for these runs. */
const WITHIN: Aim = { kind: 'within', share: 0.05 };

const id = (path: string): string => `${ID}/${path}`;
const FITTED = fittedCells('engine');

/** A cell that a constant was fitted to is compared at its printed digits; the others are predictions. */
function cell(path: string, printed: string, where: string, number: Item['number'], because?: string): Item {
  const fitted = FITTED.includes(path);
  return item(path, printed, `${where}${fitted ? '; a constant was fitted to it' : ''}`, number, { ...(fitted ? {} : { aim: WITHIN }), ...(because === undefined ? {} : { deviates: because }) });
}

const LABEL = { latency: 'mean latency', ttft: 'mean TTFT', tpot: 'mean TPOT', goodput: 'goodput' } as const;
const ratioOf = (value: string, other: string): string => (Number(value) / Number(other)).toFixed(2);

/** TPOT that latency and TTFT of a row of Table 6 leave at least, s: as if short requests had none. */
const leastTpot = ({ latency, ttft }: { readonly latency: string; readonly ttft: string }): string => ((Number(latency) - Number(ttft)) / (table6.longOutput - 1)).toFixed(3);

const ENCODE_STAYS =
  'in ours prefill sets TTFT, and it keeps its worker, so that TTFT stays what it is without switching; with one encode worker less, which our rule goes on to where nothing stops it, encoding sets it, see run/engine/table-6/rule/ttft';
const SWITCH_TPOT = `the printed latency and TTFT of this row themselves leave at least ${leastTpot(table6.switching)} s; the rest is ours: one worker moves at each decision, and requests that began on few decode workers carry that in their mean`;
const BECAUSE: Readonly<Record<string, string>> = {
  'table-6/switching/ttft': ENCODE_STAYS,
  'table-6/switching/tpot': SWITCH_TPOT,
  'table-6/ratio/latency': 'both latencies are within the aim, one below and one above the printed one, which adds up',
  'table-6/ratio/ttft': `of TTFT with switching: ${ENCODE_STAYS}`,
  'table-6/ratio/tpot': `of TPOT with switching: ${SWITCH_TPOT}`,
};

/** Nine of ten outputs are equally long, so that mean TTFT and TPOT leave mean latency little room. */
const OF_THE_FIT = '; mostly made of the TTFT and TPOT beside it, to which constants were fitted';

const switchCell = (row: 'switching' | 'fixed', what: 'latency' | 'ttft' | 'tpot'): Item => {
  const path = `table-6/${row}/${what}`;
  return cell(
    path,
    table6[row][what],
    `Table 6, ${row === 'fixed' ? 'without switching' : 'with role switching'}, ${LABEL[what]}${path === 'table-6/fixed/latency' ? OF_THE_FIT : ''}`,
    switchNumber('engine', row === 'fixed' ? 'fixed' : 'printed-end', what),
    BECAUSE[path],
  );
};

/** Table 6: workers change roles until they are as printed. */
const table6Items: readonly Item[] = [
  ...(['switching', 'fixed'] as const).flatMap((row) => (['latency', 'ttft', 'tpot'] as const).map((what) => switchCell(row, what))),
  ...(['latency', 'ttft', 'tpot'] as const).map((what) =>
    cell(
      `table-6/ratio/${what}`,
      ratioOf(table6.fixed[what], table6.switching[what]),
      `Table 6, ${LABEL[what]} without switching over that with it; ratio of the printed times`,
      derived(`${LABEL[what]} without switching over that with it`, timesAsLong, { value: id(`table-6/fixed/${what}`), other: id(`table-6/switching/${what}`) }),
      BECAUSE[`table-6/ratio/${what}`],
    ),
  ),
];

const BUSY_CONFLICT =
  'the two tables ask for different constants: prefill as busy as the TTFT of Table 5 asks, see constant/engine-table-5/busyTime, gives Table 6 without switching several times its TTFT, see run/engine-table-5/table-6/fixed/ttft';
const DRAWN = 'which ten configurations were drawn is not published; ours is the mean over all counts, with and without intra-request parallelism, and three batches';
const RANDOM_RATE = `${DRAWN}; means of ten of them differ by more than this from one draw to the next`;
const RANDOM_TTFT = `${DRAWN}; most of these are overloaded at this rate, so that their TTFT grows with the length of the run`;
const FASTER_RANDOM = 'printed below that of the optimised configuration, where a decode step already serves one request alone, which no other count of workers makes faster';
const OPTIMISED: Readonly<Record<'goodput' | 'ttft', string>> = {
  goodput: `the deviation of TTFT, seen as a rate, which allocation/engine-table-5/6E1P1D nearly has: ${BUSY_CONFLICT}`,
  ttft: BUSY_CONFLICT,
};
const RANDOM = { goodput: RANDOM_RATE, ttft: RANDOM_TTFT, tpot: FASTER_RANDOM } as const;

/** Table 5. */
const table5Items: readonly Item[] = [
  cell('table-5/optimised/goodput', table5.optimised.goodput, 'Table 5, optimised configuration, goodput', goodputNumber('engine', optimised), OPTIMISED.goodput),
  cell('table-5/optimised/ttft', table5.optimised.ttft, 'Table 5, optimised configuration, mean TTFT', optimisedNumber('engine', 'ttft'), OPTIMISED.ttft),
  cell('table-5/optimised/tpot', table5.optimised.tpot, 'Table 5, optimised configuration, mean TPOT', optimisedNumber('engine', 'tpot')),
  ...(['goodput', 'ttft', 'tpot'] as const).map((what) =>
    cell(`table-5/random/${what}`, table5.random[what], `Table 5, mean of ten random configurations, ${LABEL[what]}; ours is that of all`, spaceNumber(what), RANDOM[what]),
  ),
  cell(
    'table-5/ratio/goodput',
    ratioOf(table5.optimised.goodput, table5.random.goodput),
    'Table 5, goodput of the optimised configuration over the mean of random ones; ratio of the printed rates',
    derived('goodput of the optimised configuration over the mean', timesTheRate, { value: id('table-5/optimised/goodput'), other: id('table-5/random/goodput') }),
    `of the optimised goodput: ${OPTIMISED.goodput}`,
  ),
  cell(
    'table-5/ratio/ttft',
    ratioOf(table5.random.ttft, table5.optimised.ttft),
    'Table 5, mean TTFT of random configurations over that of the optimised one; ratio of the printed times',
    derived('mean TTFT over that of the optimised configuration', timesAsLong, { value: id('table-5/random/ttft'), other: id('table-5/optimised/ttft') }),
    `of the random TTFT: ${RANDOM_TTFT}`,
  ),
];

const HANGS = 'it hangs on the constants: with those of the rows of 2 and 8 images of Table 4 another allocation is better, see share-of-best/engine-2-8';
const workersIn = ({ encode, placement }: Allocation): Readonly<Record<string, number>> =>
  placement.kind === 'colocated' ? { encode: 0, prefill: 0, decode: 0 } : { encode, prefill: placement.prefillInstances, decode: placement.decodeInstances };

const bestItem = (path: string, printed: number, where: string, value: () => number, deviates?: string): Item =>
  item(
    `text/best-allocation/${path}`,
    String(printed),
    `Appendix E.4, best configuration of eight GPUs, ${where}`,
    found(`best allocation: ${where}`, '1', allocationSearchProcedure, spaceInputs, value, HANGS),
    deviates === undefined ? {} : { deviates },
  );

const BATCH_BECAUSE: Readonly<Record<string, string>> = {
  encode: 'time to encode is proportional to the images in this form, so that a larger batch serves nothing faster, and images of one request end later in it',
  decode: 'of equals the search gives the first: with the printed batch of decode the goodput is the same, as no two requests decode together',
};

/** What the optimiser of the paper found, by our search. */
const bestItems: readonly Item[] = (['encode', 'prefill', 'decode'] as const).flatMap((stage) => [
  bestItem(stage, table5.optimised.workers[stage], `${stage} workers`, () => workersIn(bestAllocation())[stage] as number),
  bestItem(`${stage}-batch`, table5.optimised.batches[stage], `batch of ${stage}`, () => bestAllocation().batches[stage], BATCH_BECAUSE[stage]),
]);

const reductionItem = item(
  'text/ttft-reduction/minicpm-v-2.6:simulated',
  reductions['minicpm-v-2.6'],
  'section 4.2, MiniCPM-V 2.6, up to so many per cent less than DistServe; both simulated, with their queues',
  () => simulatedNumbers[`reduction-simulated/${BEST_IMAGES}`] as NumberSpec,
  { scale: PERCENT, aim: WITHIN },
);

/** Printed cells that simulated runs of the client answer. */
export const simulatedItems: readonly Item[] = [...table5Items, ...table6Items, ...bestItems, reductionItem];

/**
 * `epd/...`, of each fit of `ENGINES`: `constant/<engine>/<busyTime|stepTime|requestTime>`, `run/<engine>/table-6/<fixed|rule|printed-end>/<latency|ttft|tpot>`,
 * `run/<engine>/table-5/<latency|ttft|tpot>`, `share-of-best/<engine>`; goodputs `allocation/6E1P1D` of every count, `7P1D` and `8` too, with the fit `engine`, and
 * `allocation/<engine>/6E1P1D` with the others; `allocation/apart-times/7P1D`; `ttft-simulated/<epd|distserve>/<images>`, `reduction-simulated/<images>`,
 * `printed/<table-5|table-6>/<row>/<latency|goodput|ttft|tpot>` and `setting/<...>`.
 */
export function simulatedNumber(path: readonly string[]): NumberSpec | null {
  const key = path.join('/');
  const number = Object.hasOwn(simulatedNumbers, key) ? simulatedNumbers[key] : undefined;
  return (typeof number === 'function' ? number() : number) ?? null;
}

/** The constants of the runs, the cells they were fitted to, and the means of Tables 5 and 6 that they predict; TPOT of the optimised configuration is read off, not searched. */
export function engineConstants(engine: (typeof ENGINES)[number] = 'engine'): {
  readonly fit: string;
  readonly constants: Readonly<Record<'busyTime' | 'stepTime' | 'requestTime', number>>;
  readonly fitted: readonly FitError[];
  readonly heldOut: readonly FitError[];
} {
  const { busySeconds, stepSeconds, requestSeconds } = engineForm(engine);
  const errors: readonly FitError[] = [
    ...(['ttft', 'tpot'] as const).map((what) => ({ path: `table-5/optimised/${what}`, printed: table5.optimised[what], seconds: clientMeans(engine, optimised, table5.images, table5.rate)[what] })),
    ...(['fixed', 'switching'] as const).flatMap((row) =>
      (['latency', 'ttft', 'tpot'] as const).map((what) => ({
        path: `table-6/${row}/${what}`,
        printed: table6[row][what],
        seconds: switchMeans(engine, row === 'fixed' ? 'fixed' : 'printed-end')[what],
      })),
    ),
  ].map(({ path, printed, seconds }) => ({ cell: path, printed, seconds, error: seconds / Number(printed) - 1 }));
  const fitted = fittedCells(engine);
  return {
    fit: engine,
    constants: { busyTime: busySeconds, stepTime: stepSeconds, requestTime: requestSeconds },
    fitted: errors.filter((each) => fitted.includes(each.cell)),
    heldOut: errors.filter((each) => !fitted.includes(each.cell)),
  };
}
