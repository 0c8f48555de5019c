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

/**
 * Rules of DistServe's engine, as its evaluation started it: prefill batches of 128 prompts and 8,192 tokens, decode batches of 1,024 requests; a prompt waits
 * in the prefill cache until the decode instance, whose loop steps and pulls in turn, has room, and less than 5 % of its cache waits there.
 * Source: github LLMServe/DistServe 82831f1, distserve/{context_stage,decoding_stage}_scheduler.py, evaluation/2-benchmark-serving/2-start-api-server.py.
 */
export const distserveRules: Rules = Object.freeze<Rules>({
  batching: { maxPrompts: 128, maxTokens: 8192, padded: null },
  decodeTokens: Number.MAX_SAFE_INTEGER,
  memory: { waitingShare: 0.05, reserve: 0, maxRequests: 1024, pulls: 'between-steps' },
  decodeSteps: 'output-1',
  dispatch: 'least-loaded',
});

/**
 * Rules of vLLM 0.2.3, as DistServe's evaluation started it: padded prefill batches of at most 16,384 tokens with 256 of padding, 1,024 sequences; a prompt starts
 * where it leaves 1 % of the cache free; the newest sequence is read again where a step finds no room.
 * Source: github LLMServe/DistServe 82831f1, evaluation/2-benchmark-serving/2-start-api-server.py; vLLM 0.2.3, vllm/core/scheduler.py.
 */
export const vllmRules: Rules = Object.freeze<Rules>({
  batching: { maxPrompts: 1024, maxTokens: 16_384, padded: { maxTokens: 16_384, maxPadding: 256 } },
  decodeTokens: Number.MAX_SAFE_INTEGER,
  memory: { waitingShare: 1, reserve: 0.01, maxRequests: 1024, pulls: 'beside-steps' },
  decodeSteps: 'output-1',
  dispatch: 'least-loaded',
});
