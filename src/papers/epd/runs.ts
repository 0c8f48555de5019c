import type { Load } from '../../serving/disaggregation/load.ts';
import { requestsAt } from '../../serving/disaggregation/load.ts';
import { type Outcome, tpotOf, ttftOf } from '../../serving/disaggregation/outcome.ts';
import { simulate } from '../../serving/disaggregation/simulate.ts';
import { gapsOf } from '../../serving/engine/arrivals.ts';
import { randomOf } from '../../serving/engine/random.ts';
import { type Allocation, clusterOfAllocation } from '../../serving/multimodal/allocation.ts';
import { CLIENT, table6 } from './data/runs.ts';
import { type PaperForm, paperFormEstimator } from './paper-form.ts';

type Workers = Readonly<Record<'encode' | 'prefill' | 'decode', number>>;

const ONE = { tensorParallel: 1, pipelineParallel: 1 } as const;

/** One chip a worker; batches of 1, 1 and 128 unless given. */
export const workersOf = ({ encode, prefill, decode }: Workers, batches: Allocation['batches'] = { encode: 1, prefill: 1, decode: 128 }): Allocation => ({
  encode,
  placement: { kind: 'disaggregated', prefill: ONE, decode: ONE, prefillInstances: prefill, decodeInstances: decode },
  batches,
  share: 'media',
  dispatch: 'least-loaded',
  order: 'fcfs',
});

/** What the paper's client sends: so many images a request. */
export function clientLoad(images: number, { imageTokens }: Pick<PaperForm, 'imageTokens'>, outputOf: (request: number) => number = () => CLIENT.outputTokens): Load {
  const count = CLIENT.requests;
  return {
    gaps: gapsOf({ kind: 'poisson' }, count, randomOf(CLIENT.seed)),
    prompt: new Int32Array(count).fill(CLIENT.promptTokens + images * imageTokens),
    output: Int32Array.from({ length: count }, (_, request) => outputOf(request)),
    media: new Int32Array(count).fill(images),
  };
}

const mean = (values: ArrayLike<number>): number => (Array.prototype.reduce.call(values, (sum, value) => (sum as number) + (value as number), 0) as number) / values.length;

/** Means over the requests of a run, s, as the paper prints them. */
export interface RunMeans {
  readonly latency: number;
  readonly ttft: number;
  readonly tpot: number;
}

const meansOf = (outcome: Outcome, { entrySeconds }: { readonly entrySeconds: number }): RunMeans => ({
  latency: mean(outcome.finish.map((time, at) => time - (outcome.requests.arrival[at] as number))) + entrySeconds,
  ttft: mean(ttftOf(outcome)) + entrySeconds,
  tpot: mean(tpotOf(outcome)),
});

/** A run of the client at a rate, and its means. */
export function runOf(form: PaperForm, workers: Allocation, load: Load, rate: number): { readonly outcome: Outcome; readonly means: RunMeans } {
  const estimator = paperFormEstimator(form);
  const outcome = simulate(requestsAt(load, rate), clusterOfAllocation(estimator, workers));
  return { outcome, means: meansOf(outcome, estimator) };
}

/** How Table 6 is run: workers stay as they are, the rule of `Switching` moves them, or moves them no further than the paper's run did. */
export type SwitchRun = 'fixed' | 'rule' | 'printed-end';

/** The run of Table 6. */
export function switchRun(form: PaperForm, how: SwitchRun): { readonly outcome: Outcome; readonly means: RunMeans } {
  const { images, rate, shortRequests, shortOutput, longOutput, before, after, switchSeconds, everySeconds } = table6;
  const estimator = paperFormEstimator(form);
  const load = clientLoad(images, form, (request) => (request < shortRequests ? shortOutput : longOutput));
  const switching = { everySeconds, seconds: () => switchSeconds, ...(how === 'printed-end' ? { least: { encode: after.encode } } : {}) };
  const cluster = clusterOfAllocation(estimator, workersOf(before), undefined, how === 'fixed' ? undefined : switching);
  const outcome = simulate(requestsAt(load, rate), cluster);
  return { outcome, means: meansOf(outcome, estimator) };
}
