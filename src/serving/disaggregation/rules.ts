import type { Rules } from './cluster.ts';

/**
 * Rules of the released simulator: every prompt that waits goes into one batch, as many tokens as the cache of the instance holds; decode batches of
 * 50,000 tokens; no memory, no time for the KV cache; a step for each output token.
 * Source: github LLMServe/DistServe 82831f1, simdistserve/base/worker.py.
 */
export const releasedRules = (prefillTokens: number): Rules => ({
  batching: { maxPrompts: 10_000_000, maxTokens: prefillTokens, padded: null },
  decodeTokens: 50_000,
  memory: null,
  decodeSteps: 'output',
  dispatch: 'shortest-queue',
});
