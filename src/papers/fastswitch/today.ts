import { accelerator } from '../../accelerators/index.ts';
import { link } from '../../accelerators/links.ts';
import { modelOf } from '../../models/index.ts';
import { type BreakEvenRun, breakEven, calibratedBreakEven } from '../../serving/preemption/break-even.ts';
import { type ChipsThatHold, chipsThatHold } from '../../serving/preemption/chips.ts';
import { moveSeconds } from '../../serving/preemption/copies.ts';
import { blocksOf, type CacheLayout, cacheLayout, type Moved, movedInGroups } from '../../serving/preemption/layout.ts';
import { copiesOver, type LinkCopies } from '../../timing/copies.ts';
import type { CopyMethod } from '../../timing/copy-data.ts';
import { evaluate } from '../../units/context-expression.ts';
import { kept } from '../kept.ts';

/** What is asked of models and chips of today: which way back a preempted request should take. */
export const TODAY = {
  /** caches and work that differ most: grouped heads, many heads, experts, latents, one head */
  models: ['llama-3.1-8b', 'llama-2-7b', 'qwen3-30b-a3b', 'deepseek-v3', 'step-3'],
  chips: ['h800', 'h20', 'a800'],
  links: ['pcie4-x16', 'pcie5-x16', 'nvlink-c2c'],
  /** blocks that lie together: none, and the mean group of the paper */
  groups: [1, 20],
  /** a copy call for each piece, from C++ */
  method: 'loop',
  /** contexts that are compared, tokens */
  longest: 131_072,
} as const satisfies { readonly method: CopyMethod; readonly [field: string]: unknown };

/** What copies take over a link of the catalogue. */
export const todayCopies = (id: string, method: CopyMethod = TODAY.method): LinkCopies => copiesOver(link(id).link, method);

/** A cache that goes out and comes back, or is computed again. */
export interface Way extends ChipsThatHold {
  /** contexts where recomputing is the faster way, first and last; null where it never is */
  readonly recompute: Readonly<Record<WayTimes, { readonly from: number; readonly to: number } | null>>;
  /** how often the faster way changes */
  readonly changes: Readonly<Record<WayTimes, number>>;
  readonly swapSeconds: (context: number) => number;
  /** at data-sheet rates, and of calibrated kernels */
  readonly recomputeSeconds: Readonly<Record<'bound' | 'calibrated', (context: number) => number>>;
}

/**
 * Times that are compared.
 *   exact       data-sheet rates against copies of whole blocks: a staircase, which crosses a line several times
 *   trend       the same against the mean over a block
 *   calibrated  calibrated kernels against the mean over a block
 */
export const WAY_TIMES = ['exact', 'trend', 'calibrated'] as const;
export type WayTimes = (typeof WAY_TIMES)[number];

const keptWays = kept<Way>();

/** Swap or recompute, on as few chips as hold the model, each with a link of its own. @throws RangeError for an unknown model, chip or link */
export const todayWay = (modelId: string, chipId: string, linkId: string, groupBlocks: number): Way =>
  keptWays(`${modelId} ${chipId} ${linkId} ${groupBlocks}`, () => {
    const [model, chip] = [modelOf(modelId), accelerator(chipId).accelerator];
    const held = chipsThatHold(model, chip);
    const { tensorParallel } = held;
    const options = { layout: cacheLayout(model, { tensorParallel }), link: todayCopies(linkId), groupBlocks, tensorParallel };
    const { runs, trend, swap, recompute } = breakEven(model, chip, options, 1, TODAY.longest);
    const calibrated = calibratedBreakEven(model, chip, options, 1, TODAY.longest);
    const all = { exact: runs, trend, calibrated: calibrated.runs };
    const of = <T>(what: (runs: readonly BreakEvenRun[]) => T): Readonly<Record<WayTimes, T>> => ({ exact: what(all.exact), trend: what(all.trend), calibrated: what(all.calibrated) });
    return {
      ...held,
      recompute: of(recomputed),
      changes: of(({ length }) => length - 1),
      swapSeconds: (context) => evaluate(swap, context),
      recomputeSeconds: { bound: (context) => evaluate(recompute, context), calibrated: calibrated.recompute },
    };
  });

function recomputed(runs: readonly BreakEvenRun[]): { readonly from: number; readonly to: number } | null {
  const faster = runs.filter((run) => run.faster === 'recompute');
  const [first, last] = [faster[0], faster.at(-1)];
  return first === undefined || last === undefined ? null : { from: first.from, to: last.to };
}

const keptLayouts = kept<CacheLayout>();

/** How one chip that holds a whole model keeps a cache, in the model's own formats. */
export const todayLayout = (model: string): CacheLayout => keptLayouts(model, () => cacheLayout(modelOf(model)));

/** What a cache of so many tokens moves one way. */
export function todayMoved(model: string, tokens: number, groupBlocks: number): Moved {
  const layout = todayLayout(model);
  const blocks = blocksOf(layout, tokens);
  return movedInGroups(layout, blocks, groupBlocks);
}

/** Time to copy it out and in again, s. */
export function todaySwapSeconds(model: string, tokens: number, groupBlocks: number, linkId: string, method: CopyMethod = TODAY.method): number {
  const moved = todayMoved(model, tokens, groupBlocks);
  const { d2h, h2d } = todayCopies(linkId, method);
  return moveSeconds(moved, d2h) + moveSeconds(moved, h2d);
}
