import fc from 'fast-check';
import type { Cluster, MemoryRules, Pool, Rules } from '../../../src/serving/disaggregation/cluster.ts';
import { ReleasedTimes, releasedCoefficients } from '../../../src/serving/disaggregation/released-times.ts';
import { releasedRules } from '../../../src/serving/disaggregation/rules.ts';
import type { StageTimes } from '../../../src/serving/disaggregation/stage-times.ts';
import { type Requests, requestsOf } from '../../../src/serving/engine/requests.ts';

export const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Requests as [arrival, prompt, output]. */
export const requestsFrom = (rows: readonly (readonly [number, number, number])[]): Requests =>
  requestsOf(
    rows.map(([arrival]) => arrival),
    rows.map(([, prompt]) => prompt),
    rows.map(([, , output]) => output),
  );

/** Prompt and output together of the longest request. */
export const longestOf = ({ prompt, output }: Requests): number => Math.max(...prompt.map((tokens, at) => tokens + (output[at] as number)));

/** Requests whose gaps are none, whole seconds or any, so that many things happen at the same time or none do. */
export const requestsArbitrary = (longestPrompt: number, longestOutput: number, most: number): fc.Arbitrary<Requests> =>
  fc
    .record({
      gap: fc.constantFrom(0, 0.05, 1, 3),
      ties: fc.boolean(),
      each: fc.array(fc.record({ gap: fc.double({ min: 0, max: 2, noNaN: true }), prompt: whole(1, longestPrompt), output: whole(1, longestOutput) }), { minLength: 1, maxLength: most }),
    })
    .map(({ gap, ties, each }) => {
      let time = 0;
      return requestsFrom(
        each.map((request) => {
          time += ties ? Math.round(gap * request.gap) : gap * request.gap;
          return [time, request.prompt, request.output];
        }),
      );
    });

/** Stages that take these times, whatever the batch. */
export const constantTimes = (prefill: number, decode: number): StageTimes => ({ prefill: () => prefill, decode: () => decode });

/** Whole seconds, longer for larger batches: much happens at the same time. */
export const wholeTimes: StageTimes = {
  prefill: (prompts, tokens, squares, isFirst) => 1 + ((prompts + tokens + squares) % 3) + (isFirst ? 1 : 0),
  decode: (requests, context, isFirst) => 1 + ((requests + context) % 2) + (isFirst ? 1 : 0),
};

/** Times of the released coefficients of one engine and model. */
export const releasedTimesOf = (tensorParallel: number, stages: number, engine: 'distserve' | 'vllm' = 'distserve', model = 'opt-13b'): StageTimes =>
  new ReleasedTimes(releasedCoefficients(engine, model, tensorParallel), stages);

export const poolOf = (changes: Partial<Pool> = {}): Pool => ({ instances: 1, stages: 1, times: constantTimes(2, 1), kvTokens: 1000, ...changes });

export const MEMORY: MemoryRules = { waitingShare: 1, reserve: 0, maxRequests: 100, pulls: 'beside-steps' };

/** Rules of the released simulator, unless said otherwise. */
export const rulesOf = (changes: Partial<Rules> = {}): Rules => ({ ...releasedRules(10_000), ...changes });

export const disaggregated = (prefill: Partial<Pool> = {}, decode: Partial<Pool> = {}, rules: Partial<Rules> = {}, link: { bytesPerToken: number; bytesPerSecond: number } | null = null): Cluster => ({
  kind: 'disaggregated',
  prefill: poolOf(prefill),
  decode: poolOf(decode),
  rules: rulesOf(rules),
  link,
});

export const colocated = (pool: Partial<Pool> = {}, rules: Partial<Rules> = {}): Cluster => ({ kind: 'colocated', pool: poolOf(pool), rules: rulesOf(rules) });
