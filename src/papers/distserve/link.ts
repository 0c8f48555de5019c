import type { KvLink } from '../../serving/disaggregation/cluster.ts';

/** Of OPT-13B: half of the transfers took less (Figure 10b), of prompts of so many tokens in the mean (Figure 7). */
const MEDIAN_TRANSFER = 3.4e-3;
const MEAN_PROMPT = 755.5;
const OPT_13B_BYTES = 819_200;

/** The way of the KV cache in the paper's cluster, from one server's A100 to another of its A100s: what the median transfer of OPT-13B reached. */
export const distserveLink = (bytesPerToken: number): KvLink => ({ bytesPerToken, bytesPerSecond: (MEAN_PROMPT * OPT_13B_BYTES) / MEDIAN_TRANSFER });
