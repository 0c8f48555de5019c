import { paperItems } from '../item.ts';
import type { Metric, Model, Pattern, System } from './data/figure8.ts';

export { derived, found, type Item } from '../item.ts';

export const ID = 'fastswitch';
export const REFERENCE = 'arXiv:2411.18424';
export const { item, printedLeaf } = paperItems(ID, REFERENCE);

/** Digits behind the point of what was read from a drawing: bars and points are off by about 0.3 % of their axis at most. */
export const READ_DIGITS = 3;

/** Digits of a share of a few per cent. */
export const SHARE_DIGITS = 4;

export const PERCENT = 0.01;

export const MODEL_NAMES: Readonly<Record<Model, string>> = { 'llama-8b': 'LLaMA-8B', 'qwen-32b': 'Qwen-32B' };
export const PATTERN_NAMES: Readonly<Record<Pattern, string>> = { markov: 'Markov', random: 'Random' };
export const METRIC_NAMES: Readonly<Record<Metric, string>> = { 'p95-ttft': 'P95 TTFT', 'p99-ttft': 'P99 TTFT', 'p99.9-ttft': 'P99.9 TTFT', 'p99.9-tbt': 'P99.9 TBT' };
export const SYSTEM_NAMES: Readonly<Record<System, string>> = { vllm: 'vLLM', dbg: 'block groups', 'dbg-reuse': 'block groups and reuse', fastswitch: 'FastSwitch' };
