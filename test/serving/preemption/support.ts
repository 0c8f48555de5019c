import { fc } from '@fast-check/vitest';
import type { Conversations } from '../../../src/serving/preemption/conversations.ts';
import type { HostLink } from '../../../src/serving/preemption/copies.ts';
import type { CacheLayout, Slices } from '../../../src/serving/preemption/layout.ts';
import type { LogHistogram } from '../../../src/serving/preemption/log-histogram.ts';
import type { PreemptionOutcome } from '../../../src/serving/preemption/outcome.ts';
import type { PassTimes } from '../../../src/serving/preemption/pass-times.ts';
import type { SwapPolicy } from '../../../src/serving/preemption/policy.ts';
import { PATTERNS } from '../../../src/serving/preemption/priorities.ts';
import type { Engine } from '../../../src/serving/preemption/simulate.ts';
import type { CopyConstants } from '../../../src/timing/copy-time.ts';

export const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Turns of one conversation: [earliest, think, prompt, output] each. */
export type Talk = readonly (readonly [number, number, number, number])[];

export function conversationsFrom(talks: readonly Talk[]): Conversations {
  const turns = talks.flat();
  const firstTurn = Int32Array.from({ length: talks.length + 1 }, (_, at) => talks.slice(0, at).flat().length);
  return {
    count: talks.length,
    turns: turns.length,
    firstTurn,
    earliest: Float64Array.from(turns, ([earliest]) => earliest),
    think: Float64Array.from(turns, ([, think]) => think),
    prompt: Int32Array.from(turns, ([, , prompt]) => prompt),
    output: Int32Array.from(turns, ([, , , output]) => output),
  };
}

/** Tokens of the longest conversation, and of all. */
export function tokensOf(talks: readonly Talk[]): { longest: number; all: number } {
  const each = talks.map((talk) => talk.reduce((sum, [, , prompt, output]) => sum + prompt + output, 0));
  return { longest: Math.max(...each), all: each.reduce((sum, tokens) => sum + tokens, 0) };
}

/** Conversations that start within some seconds, so that they meet. */
export const talksArbitrary = (least: number, most: number, within: number): fc.Arbitrary<readonly Talk[]> =>
  fc
    .array(fc.tuple(whole(0, 8 * within), fc.array(fc.tuple(whole(0, 40), fc.constantFrom(1, 2, 5, 9, 16, 30), fc.constantFrom(1, 2, 3, 8, 20)), { minLength: 1, maxLength: 4 })), {
      minLength: least,
      maxLength: most,
    })
    .map((talks) => talks.map(([start, turns]) => turns.map(([think, prompt, output]) => [start / 8, think / 8, prompt, output] as const)));

export const constantsOf = (dispatchSeconds: number, secondsPerCall: number, bytesPerSecond: number): CopyConstants => ({ dispatchSeconds, secondsPerCall, bytesPerSecond, serialShare: 1 });

export const linkOf = (constants: CopyConstants, both = 2 * constants.bytesPerSecond): HostLink => ({ h2d: constants, d2h: constants, bothDirectionsBytesPerSecond: both });

export const layoutOf = (blockTokens: number, slices: readonly Slices[] = [{ count: 4, bytes: 1024, mostBlocks: Number.POSITIVE_INFINITY }], states = { pieces: 0, bytes: 0 }): CacheLayout => ({
  model: 'made up',
  kind: 'apart',
  blockTokens,
  slices,
  states,
});

/** Times that are linear in everything, powers of two times a unit: sums of them are exact where the unit is a power of two. */
export const timesOf = (unit: number): PassTimes => ({
  prefill: (prompts, tokens, squares, pairs) => unit * (2 ** -4 + prompts * 2 ** -8 + tokens * 2 ** -8 + squares * 2 ** -14 + pairs * 2 ** -13),
  decode: (requests, context) => unit * (2 ** -5 + requests * 2 ** -10 + context * 2 ** -14),
});

export const policyArbitrary: fc.Arbitrary<SwapPolicy> = fc.record({
  initialGroup: fc.constantFrom(null, 1, 2, 3, 4),
  reuse: fc.boolean(),
  swapping: fc.constantFrom('synchronous', 'asynchronous', 'adaptive'),
  preempt: fc.constantFrom('swap', 'swap', 'swap', 'swap', 'recompute', 'cheaper'),
});

const constantsArbitrary = fc.record({
  dispatch: fc.constantFrom(0, 2 ** -14, 2 ** -8),
  call: fc.constantFrom(0, 2 ** -12),
  rate: fc.constantFrom(2 ** 12, 2 ** 15, 2 ** 18, 2 ** 24, Number.POSITIVE_INFINITY),
});

export const caseArbitrary = fc.record({
  talks: fc.oneof({ weight: 1, arbitrary: talksArbitrary(1, 3, 1) }, { weight: 5, arbitrary: talksArbitrary(4, 9, 1) }),
  blockTokens: fc.constantFrom(2, 3, 4, 8),
  slices: fc.constantFrom<readonly Slices[]>(
    [{ count: 4, bytes: 1024, mostBlocks: Number.POSITIVE_INFINITY }],
    [
      { count: 2, bytes: 512, mostBlocks: Number.POSITIVE_INFINITY },
      { count: 3, bytes: 2048, mostBlocks: 2 },
    ],
  ),
  states: fc.constantFrom({ pieces: 0, bytes: 0 }, { pieces: 2, bytes: 8192 }),
  /** blocks beyond those of the longest conversation, as a share of what all need */
  spare: fc.constantFrom(0, 0, 0.1, 0.2, 0.4, 2),
  host: fc.constantFrom(0, 0.2, 0.5, 0.8, 3, 3, 3),
  out: constantsArbitrary,
  in: constantsArbitrary,
  both: fc.constantFrom(1, 1.5, 2, 4),
  maxRequests: fc.constantFrom(1, 2, 3, 100),
  batchTokens: fc.constantFrom(1, 20, 60, 10_000),
  unit: fc.constantFrom<number>(1, 1, 0.317),
  policy: policyArbitrary,
  pattern: fc.constantFrom(...PATTERNS),
  persistence: fc.constantFrom(0, 0.5, 1),
  seed: whole(0, 1000),
  updateEvery: fc.constantFrom(1, 2, 3, 7.5, 20, Number.POSITIVE_INFINITY),
});
export type Case = typeof caseArbitrary extends fc.Arbitrary<infer T> ? T : never;

export function engineOf({ talks, blockTokens, slices, states, spare, host, out, in: back, both, maxRequests, batchTokens, unit, policy }: Case): Engine {
  const { longest, all } = tokensOf(talks);
  const most = Math.ceil(all / blockTokens) + talks.length;
  const group = policy.initialGroup ?? 0;
  const constants = ({ dispatch, call, rate }: Case['out']): CopyConstants => constantsOf(unit * dispatch, unit * call, rate / unit);
  const [h2d, d2h] = [constants(back), constants(out)];
  return {
    times: timesOf(unit),
    layout: layoutOf(blockTokens, slices, states),
    gpuBlocks: Math.max(group, 1, Math.ceil((longest - 1) / blockTokens) + Math.floor(spare * most)),
    cpuBlocks: Math.max(group, Math.floor(host * most)),
    link: { h2d, d2h, bothDirectionsBytesPerSecond: both * Math.min(h2d.bytesPerSecond, d2h.bytesPerSecond) },
    maxRequests,
    batchTokens,
  };
}

const histogram = ({ count, sum, largest }: LogHistogram): unknown => ({ count, sum, largest });

/** What can be compared as a whole. */
export const plain = <T extends Pick<PreemptionOutcome, 'tbt' | 'stalls' | 'waiting'>>(outcome: T): unknown => ({
  ...outcome,
  tbt: histogram(outcome.tbt),
  stalls: histogram(outcome.stalls),
  waiting: histogram(outcome.waiting),
});

/** The times of the turns of a run. */
export const turnTimes = ({ arrival, firstToken, finish }: PreemptionOutcome): Record<string, number[]> => ({ arrival: [...arrival], firstToken: [...firstToken], finish: [...finish] });
