import type { Accelerator } from '../../accelerators/accelerator.ts';
import { peakFor } from '../../accelerators/peak.ts';
import { compile, type GemmTerm } from '../../cost/compile.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/model.ts';
import type { CopyConstants } from '../../timing/copy-time.ts';
import { singleChip } from '../../timing/deployment.ts';
import { passSeconds } from '../../timing/pass-time.ts';
import { ContextCurve } from '../../units/context-curve.ts';
import { type ContextExpression, evaluate, maxOf, minOf, scaled, sumOf } from '../../units/context-expression.ts';
import { signs } from '../../units/crossings.ts';
import { envelope } from '../../units/envelope.ts';
import { spans } from '../../units/span.ts';
import type { HostLink } from './copies.ts';
import type { CacheLayout, Slices } from './layout.ts';

export interface BreakEvenOptions {
  readonly layout: CacheLayout;
  readonly link: HostLink;
  /** blocks that lie together: 1 unless given */
  readonly groupBlocks?: number;
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** chips that recompute together, and swap each its own part (see `cacheLayout`): 1 unless given */
  readonly tensorParallel?: number;
  /** whether the pass that recomputes reads the weights for it alone, or reads them anyway for others: `alone` unless given */
  readonly weights?: 'alone' | 'shared';
}

/**
 * Time to copy the cache of a context S out and in again, an exact function of S, s:
 *   each way  max(c d, c e + bytes / B),  c = sum over slices of count min(ceil(S / (b g)), ceil(w / g)) + states,  bytes = sum of count s min(ceil(S / b), w) + states
 * with g blocks in a group, windows of w blocks; d, e and B as in `copyTime`.
 */
export function swapTime({ layout, link, groupBlocks = 1 }: Pick<BreakEvenOptions, 'layout' | 'link' | 'groupBlocks'>): ContextExpression {
  const { blockTokens, slices, states } = layout;
  if (!(Number.isSafeInteger(groupBlocks) && groupBlocks >= 1)) throw new RangeError(`preemption: groupBlocks ${groupBlocks} is not a positive integer`);
  const blocks = (of: (slice: Slices) => number, group: number, scale: number): ContextExpression =>
    sumOf(
      ...slices.map((slice) => {
        const all = scaled(ContextCurve.of(1, spans.ceil(blockTokens * group)), scale * of(slice));
        return slice.mostBlocks === Number.POSITIVE_INFINITY ? all : minOf(all, scaled(ContextCurve.constant(Math.ceil(slice.mostBlocks / group)), scale * of(slice)));
      }),
    );
  const way = ({ dispatchSeconds, secondsPerCall, bytesPerSecond }: CopyConstants): ContextExpression => {
    const calls = (seconds: number): ContextExpression =>
      sumOf(
        blocks(({ count }) => count, groupBlocks, seconds),
        scaled(ContextCurve.constant(states.pieces), seconds),
      );
    const bytes = sumOf(
      blocks(({ count, bytes }) => count * bytes, 1, 1 / bytesPerSecond),
      scaled(ContextCurve.constant(Math.round(states.bytes)), 1 / bytesPerSecond),
    );
    return maxOf(calls(dispatchSeconds), sumOf(calls(secondsPerCall), bytes));
  };
  return sumOf(way(link.d2h), way(link.h2d));
}

/**
 * Time to compute the cache of a context S again from its tokens, an exact function of S and a lower bound at data-sheet rates, s: the roofline of a prompt,
 *   sum over cores of max(flop / peak, bytes / bandwidth) + sum over matrix multiplies of max(flop / peak, weights / bandwidth)
 * without the head, whose result is not needed, and divided by the chips that share it. Weights of all experts are read; with `shared` none are, and every part is its arithmetic.
 * Ignored: activations, exchanges between chips, that a short prompt does not reach every expert.
 */
export function recomputeTime(
  model: Model,
  chip: Accelerator,
  { precision = model.precision, weights = 'alone', tensorParallel = 1 }: Omit<BreakEvenOptions, 'layout' | 'link' | 'groupBlocks'> = {},
): ContextExpression {
  const { cores, gemms } = compile(model, { phase: 'prefill', precision });
  const { math } = precision;
  const perByte = 1 / chip.memoryBandwidth / tensorParallel;
  const perFlop = (part: keyof typeof math): number => 1 / peakFor(chip, math[part]).flopPerSecond / tensorParallel;
  const isComputed = ({ part }: GemmTerm): boolean => part !== 'head';
  return sumOf(
    ...cores.map(({ flop, bytes }) => maxOf(scaled(flop, perFlop('attention')), scaled(bytes, perByte))),
    ...gemms.filter(isComputed).map(({ part, flop, weightBytes }) => {
      const computed = scaled(flop, perFlop(part === 'linear' ? 'linear' : 'ffn'));
      return weights === 'shared' ? computed : maxOf(computed, scaled(ContextCurve.constant(Math.round(weightBytes)), perByte));
    }),
  );
}

/** Contexts in which one way back is the faster one. */
export interface BreakEvenRun {
  readonly from: number;
  readonly to: number;
  readonly faster: 'swap' | 'recompute' | 'neither';
}

/** When to swap and when to recompute, and both times. */
export interface BreakEven {
  /** every change, exact: copies of whole blocks are a staircase, so that near a break-even there are many */
  readonly runs: readonly BreakEvenRun[];
  /** changes of the means over a block, which are few */
  readonly trend: readonly BreakEvenRun[];
  readonly swap: ContextExpression;
  readonly recompute: ContextExpression;
}

/** Contexts from..to in which swapping, or recomputing, is faster; solved, not sampled. @throws RangeError for contexts that are no range of positive integers */
export function breakEven(model: Model, chip: Accelerator, options: BreakEvenOptions, from = 1, to = 131_072): BreakEven {
  checkRange(from, to);
  const swap = swapTime(options);
  const recompute = recomputeTime(model, chip, options);
  const runs = (a: ContextExpression, b: ContextExpression): readonly BreakEvenRun[] =>
    joined(signs(a, b, from, to).map(({ sign, ...run }) => ({ from: run.from, to: run.to, faster: sign < 0 ? 'swap' : sign > 0 ? 'recompute' : 'neither' })));
  return { runs: runs(swap, recompute), trend: runs(envelope(swap, 'mean'), recompute), swap, recompute };
}

/** Runs that follow one another and agree, as one. */
function joined(runs: readonly BreakEvenRun[]): readonly BreakEvenRun[] {
  const all: BreakEvenRun[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last?.faster === run.faster) all[all.length - 1] = { ...last, to: run.to };
    else all.push(run);
  }
  return all;
}

/**
 * The same with calibrated kernels: time of a prompt alone, and contexts where the faster way changes, found at powers of two and by halving between them.
 * Two changes between neighbouring powers are not seen.
 * @throws RangeError for contexts that are no range of positive integers
 */
export function calibratedBreakEven(
  model: Model,
  chip: Accelerator,
  options: BreakEvenOptions,
  from = 1,
  to = 131_072,
): { readonly runs: readonly BreakEvenRun[]; readonly recompute: (contextLength: number) => number } {
  checkRange(from, to);
  const { precision, tensorParallel = 1 } = options;
  const deployment = { ...singleChip, tensorParallel };
  const swap = envelope(swapTime(options), 'mean');
  const recompute = (prompt: number): number => passSeconds(model, chip, { phase: 'prefill', prompts: 1, prompt }, { deployment, ...(precision === undefined ? {} : { precision }) }).seconds;
  const isSwap = (context: number): boolean => evaluate(swap, context) < recompute(context);
  const points = [from];
  for (let power = 2 ** Math.ceil(Math.log2(from + 1)); power < to; power *= 2) points.push(power);
  points.push(to);
  const runs: { from: number; to: number; faster: 'swap' | 'recompute' }[] = [{ from, to: from, faster: isSwap(from) ? 'swap' : 'recompute' }];
  for (let at = 1; at < points.length; at++) {
    const last = runs.at(-1) as (typeof runs)[number];
    let [low, high] = [points[at - 1] as number, points[at] as number];
    if (isSwap(high) !== (last.faster === 'swap')) {
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (isSwap(middle) === (last.faster === 'swap')) low = middle;
        else high = middle;
      }
      last.to = low;
      runs.push({ from: high, to: points[at] as number, faster: last.faster === 'swap' ? 'recompute' : 'swap' });
    } else last.to = points[at] as number;
  }
  return { runs, recompute };
}

function checkRange(from: number, to: number): void {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 1 && from <= to)) throw new RangeError(`preemption: contexts ${from}..${to} are no range of positive integers`);
}
