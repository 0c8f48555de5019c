import type { ModelEntry } from '../entry.ts';
import { deepseekV3 } from './deepseek-v3.ts';
import { ernie45_300bA47b } from './ernie-4.5-300b-a47b.ts';
import { kimiK2 } from './kimi-k2.ts';
import { llama4Maverick } from './llama-4-maverick.ts';
import { minimaxM1 } from './minimax-m1.ts';
import { panguProMoe } from './pangu-pro-moe.ts';
import { qwen3_32b } from './qwen3-32b.ts';
import { qwen3_235bA22b } from './qwen3-235b-a22b.ts';
import { step3 } from './step-3.ts';

/** Every model that can be named, in the order of the Step-3 paper's tables. */
export const modelEntries: readonly ModelEntry[] = [deepseekV3, kimiK2, qwen3_235bA22b, qwen3_32b, llama4Maverick, minimaxM1, ernie45_300bA47b, panguProMoe, step3];
