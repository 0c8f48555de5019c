export const MODELS = ['llama-8b', 'qwen-32b'] as const;
export type Model = (typeof MODELS)[number];
export const PATTERNS = ['markov', 'random'] as const;
/** How priorities change: recent and frequent requests keep a high one, or without correlation. */
export type Pattern = (typeof PATTERNS)[number];
/** The block groups alone, with reuse of the host's copies, and with swaps beside computation. */
export const SYSTEMS = ['dbg', 'dbg-reuse', 'fastswitch'] as const;
export type System = (typeof SYSTEMS)[number] | 'vllm';
export const METRICS = ['p95-ttft', 'p99-ttft', 'p99.9-ttft', 'p99.9-tbt'] as const;
export type Metric = (typeof METRICS)[number];

type Bars = Readonly<Record<System, Readonly<Record<Metric, number>>>>;

/** Figure 8 (a-d) of arXiv:2411.18424: tail latencies over those of vLLM. Read from the vector paths of the authors' preprint of 22 November 2024; vLLM reads as 1.0001 where it is 1. */
export const figure8Latency: Readonly<Record<Model, Readonly<Record<Pattern, Bars>>>> = {
  'llama-8b': {
    markov: {
      vllm: { 'p95-ttft': 1.0001, 'p99-ttft': 1.0001, 'p99.9-ttft': 1.0001, 'p99.9-tbt': 1.0001 },
      dbg: { 'p95-ttft': 0.4657, 'p99-ttft': 0.49, 'p99.9-ttft': 0.6978, 'p99.9-tbt': 0.7886 },
      'dbg-reuse': { 'p95-ttft': 0.3202, 'p99-ttft': 0.353, 'p99.9-ttft': 0.3691, 'p99.9-tbt': 0.7687 },
      fastswitch: { 'p95-ttft': 0.1718, 'p99-ttft': 0.2402, 'p99.9-ttft': 0.2709, 'p99.9-tbt': 0.5007 },
    },
    random: {
      vllm: { 'p95-ttft': 1.0001, 'p99-ttft': 1.0001, 'p99.9-ttft': 1.0001, 'p99.9-tbt': 1.0001 },
      dbg: { 'p95-ttft': 0.4439, 'p99-ttft': 0.5661, 'p99.9-ttft': 0.583, 'p99.9-tbt': 0.8142 },
      'dbg-reuse': { 'p95-ttft': 0.3164, 'p99-ttft': 0.3544, 'p99.9-ttft': 0.461, 'p99.9-tbt': 0.7765 },
      fastswitch: { 'p95-ttft': 0.2376, 'p99-ttft': 0.2723, 'p99.9-ttft': 0.3954, 'p99.9-tbt': 0.3654 },
    },
  },
  'qwen-32b': {
    markov: {
      vllm: { 'p95-ttft': 1.0001, 'p99-ttft': 1.0001, 'p99.9-ttft': 1.0001, 'p99.9-tbt': 1.0001 },
      dbg: { 'p95-ttft': 0.7619, 'p99-ttft': 0.751, 'p99.9-ttft': 0.761, 'p99.9-tbt': 0.6613 },
      'dbg-reuse': { 'p95-ttft': 0.7113, 'p99-ttft': 0.71, 'p99.9-ttft': 0.7268, 'p99.9-tbt': 0.583 },
      fastswitch: { 'p95-ttft': 0.5647, 'p99-ttft': 0.6027, 'p99.9-ttft': 0.5974, 'p99.9-tbt': 0.0892 },
    },
    random: {
      vllm: { 'p95-ttft': 1, 'p99-ttft': 1, 'p99.9-ttft': 1, 'p99.9-tbt': 1 },
      dbg: { 'p95-ttft': 0.8863, 'p99-ttft': 0.8331, 'p99.9-ttft': 0.8293, 'p99.9-tbt': 0.8879 },
      'dbg-reuse': { 'p95-ttft': 0.867, 'p99-ttft': 0.8114, 'p99.9-ttft': 0.7845, 'p99.9-tbt': 0.8735 },
      fastswitch: { 'p95-ttft': 0.7073, 'p99-ttft': 0.6676, 'p99.9-ttft': 0.7225, 'p99.9-tbt': 0.2752 },
    },
  },
};

/** Figure 8 (e-f): requests per second over those of vLLM. */
export const figure8Throughput: Readonly<Record<Model, Readonly<Record<Pattern, Readonly<Record<System, number>>>>>> = {
  'llama-8b': {
    markov: { vllm: 1, dbg: 1.2272, 'dbg-reuse': 1.2926, fastswitch: 1.3281 },
    random: { vllm: 1, dbg: 1.2039, 'dbg-reuse': 1.2871, fastswitch: 1.335 },
  },
  'qwen-32b': {
    markov: { vllm: 1, dbg: 1.3156, 'dbg-reuse': 1.3518, fastswitch: 1.4448 },
    random: { vllm: 1, dbg: 1.1734, 'dbg-reuse': 1.2102, fastswitch: 1.2566 },
  },
};
