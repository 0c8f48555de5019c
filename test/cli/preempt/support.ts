import { z } from 'zod';
import { cli, json } from '../support.ts';

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();
const events = z.int().nonnegative();
const tails = z.strictObject({ mean: seconds, p50: seconds, p90: seconds, p95: seconds, p99: seconds, p999: seconds });
const runs = z.array(z.strictObject({ from: count, to: count, faster: z.enum(['swap', 'recompute', 'neither']) })).min(1);
const swaps = z.strictObject({ operations: events, blocks: events, groups: events, calls: events, bytes: seconds, seconds, blocksPerGroup: seconds, bytesPerSecond: seconds });

/** What `preempt transfer --help` says of its JSON. */
export const transferShape = z.array(
  z.strictObject({
    model: z.string(),
    link: z.string(),
    context: count,
    groupBlocks: count,
    blocks: count,
    blockBytes: positive,
    piecesPerBlock: count,
    pieceBytes: positive,
    calls: count,
    bytes: positive,
    outSeconds: positive,
    inSeconds: positive,
    bothSeconds: positive,
    bytesPerSecond: positive,
    utilisation: share,
    crossoverGroup: positive,
    notes: z.array(z.string()),
  }),
);
/** What `preempt break-even --help` says of its JSON. */
export const breakEvenShape = z.array(
  z.strictObject({
    model: z.string(),
    accelerator: z.string(),
    chips: count,
    link: z.string(),
    groupBlocks: count,
    exact: runs,
    trend: runs,
    calibrated: runs,
    at: z.array(z.strictObject({ context: count, swapSeconds: positive, recomputeSeconds: positive, calibratedRecomputeSeconds: positive })),
    notes: z.array(z.string()),
  }),
);
/** What `preempt simulate --help` says of its JSON. */
export const simulateShape = z.array(
  z.strictObject({
    policy: z.enum(['vllm', 'groups', 'groups-reuse', 'fastswitch', 'recompute', 'cheaper']),
    conversations: count,
    turns: count,
    makespan: positive,
    ttft: tails,
    tbt: tails,
    outputTokensPerSecond: positive,
    shares: z.strictObject({ busy: share, stall: share, idle: share }),
    fairness: share,
    iterations: count,
    updates: events,
    out: swaps,
    in: swaps,
    drops: events,
    recomputedTokens: events,
    givenUp: events,
    notes: z.array(z.string()),
  }),
);
export type Transferred = z.infer<typeof transferShape>[number];
export type BrokenEven = z.infer<typeof breakEvenShape>[number];
export type Simulated = z.infer<typeof simulateShape>[number];

export const transferred = async (...argv: readonly string[]): Promise<readonly Transferred[]> => transferShape.parse(await json('preempt', 'transfer', ...argv));
export const brokenEven = async (...argv: readonly string[]): Promise<readonly BrokenEven[]> => breakEvenShape.parse(await json('preempt', 'break-even', ...argv));
export const simulated = async (...argv: readonly string[]): Promise<readonly Simulated[]> => simulateShape.parse(await json('preempt', 'simulate', ...argv));

export async function printed(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await cli('preempt', ...argv);
  if (code !== 0) throw new Error(err);
  return out;
}
