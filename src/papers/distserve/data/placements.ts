/** An engine and how its instances are split: tensor and pipeline degree of prefill and of decode, or of instances that do both. */
export interface Splits {
  readonly engine: 'distserve' | 'vllm';
  readonly splits: readonly number[];
}
