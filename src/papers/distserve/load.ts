import type { Load } from '../../serving/disaggregation/load.ts';
import { gapsOf } from '../../serving/engine/arrivals.ts';
import { lengthsOf } from '../../serving/engine/lengths.ts';
import { randomOf } from '../../serving/engine/random.ts';
import { shareGptLengths } from './data/sharegpt.ts';
import { LENGTH_BINS, lengthHistograms } from './data/workloads.ts';

/** The seed that the released code draws arrivals with, and ours for lengths from a histogram. */
const ARRIVAL_SEED = 0;
const LENGTH_SEED = 1;

/**
 * Gaps between arrivals as the released code draws them: exponential ones of mean 1, the first request at once. With an exact span as its measured runs had them:
 * the first draw left out, the others scaled so that the last request comes after as many mean gaps as there are requests.
 */
export function arrivalGaps(count: number, spanIsExact = false): Float64Array {
  if (!spanIsExact) return gapsOf({ kind: 'poisson' }, count, randomOf(ARRIVAL_SEED));
  const gaps = gapsOf({ kind: 'poisson' }, count + 1, randomOf(ARRIVAL_SEED)).slice(1);
  gaps[0] = 0;
  const span = gaps.reduce((sum, gap) => sum + gap, 0);
  return gaps.map((gap) => (gap * count) / span);
}

/** The first requests of the list of lengths that the measured runs sent, with arrivals of seed 0. @throws RangeError where the list is shorter */
export function shareGptLoad(count: number, spanIsExact = false): Load {
  const { prompt, output } = shareGptLengths;
  if (!(Number.isInteger(count) && count >= 1 && count <= prompt.length)) throw new RangeError(`distserve: requests ${count} is not a whole number from 1 to ${prompt.length}`);
  return { gaps: arrivalGaps(count, spanIsExact), prompt: Int32Array.from(prompt.slice(0, count)), output: Int32Array.from(output.slice(0, count)) };
}

/**
 * Requests of another data set: prompts and outputs drawn apart from the histograms of Figure 7, so that both keep their means.
 * Ignored: that prompt and output together are at most as many tokens as OPT has positions.
 */
export function histogramLoad(dataSet: 'humaneval' | 'longbench', count: number, spanIsExact = false, seed = LENGTH_SEED): Load {
  const random = randomOf(seed);
  const width = (LENGTH_BINS.to - LENGTH_BINS.from) / LENGTH_BINS.bins;
  const edges = Array.from({ length: LENGTH_BINS.bins + 1 }, (_, bin) => LENGTH_BINS.from + bin * width);
  const draw = (way: 'input' | 'output'): Int32Array => lengthsOf({ kind: 'histogram', edges, probabilities: lengthHistograms[dataSet][way].share }, count, random);
  return { gaps: arrivalGaps(count, spanIsExact), prompt: draw('input'), output: draw('output') };
}

/** Lengths of any number of requests: the list comes again where it ends. */
export const repeatedShareGpt = (count: number): Pick<Load, 'prompt' | 'output'> => {
  const taken = (from: readonly number[]): Int32Array => Int32Array.from({ length: count }, (_, at) => from[at % from.length] as number);
  return { prompt: taken(shareGptLengths.prompt), output: taken(shareGptLengths.output) };
};
