import type { ModelEntry } from '../entry.ts';
import { bloom176b } from './bloom-176b.ts';
import { deepseekV32 } from './deepseek-v3.2.ts';
import { deepseekV3 } from './deepseek-v3.ts';
import { deepseekV4Flash } from './deepseek-v4-flash.ts';
import { deepseekV4Pro } from './deepseek-v4-pro.ts';
import { ernie45_300bA47b } from './ernie-4.5-300b-a47b.ts';
import { gemma2_27b } from './gemma-2-27b.ts';
import { gemma3_27b } from './gemma-3-27b.ts';
import { gemma4_26bA4b } from './gemma-4-26b-a4b.ts';
import { glm45 } from './glm-4.5.ts';
import { glm5 } from './glm-5.ts';
import { gptOss120b } from './gpt-oss-120b.ts';
import { gpt2 } from './gpt2.ts';
import { hunyuanLarge } from './hunyuan-large.ts';
import { internvl2_8b } from './internvl2-8b.ts';
import { internvl2_26b } from './internvl2-26b.ts';
import { kimiK2 } from './kimi-k2.ts';
import { kimiLinear48bA3b } from './kimi-linear-48b-a3b.ts';
import { llama2_7b } from './llama-2-7b.ts';
import { llama2_13b } from './llama-2-13b.ts';
import { llama2_70b } from './llama-2-70b.ts';
import { llama31_8b } from './llama-3.1-8b.ts';
import { llama31_70b } from './llama-3.1-70b.ts';
import { llama4Maverick } from './llama-4-maverick.ts';
import { mimoV2Flash } from './mimo-v2-flash.ts';
import { minicpmV26 } from './minicpm-v-2.6.ts';
import { minimaxM1 } from './minimax-m1.ts';
import { minimaxM2 } from './minimax-m2.ts';
import { mistral7b } from './mistral-7b.ts';
import { mistralSmall31_24b } from './mistral-small-3.1-24b.ts';
import { mixtral8x7b } from './mixtral-8x7b.ts';
import { nemotron3Nano30bA3b } from './nemotron-3-nano-30b-a3b.ts';
import { opt13b } from './opt-13b.ts';
import { opt66b } from './opt-66b.ts';
import { opt175b } from './opt-175b.ts';
import { panguProMoe } from './pangu-pro-moe.ts';
import { phi3Mini } from './phi-3-mini.ts';
import { qwen15_32b } from './qwen1.5-32b.ts';
import { qwen35_397bA17b } from './qwen3.5-397b-a17b.ts';
import { qwen3_8b } from './qwen3-8b.ts';
import { qwen3_14b } from './qwen3-14b.ts';
import { qwen3_30bA3b } from './qwen3-30b-a3b.ts';
import { qwen3_32b } from './qwen3-32b.ts';
import { qwen3_235bA22b } from './qwen3-235b-a22b.ts';
import { qwen3Next80bA3b } from './qwen3-next-80b-a3b.ts';
import { qwen3Vl235bA22b } from './qwen3-vl-235b-a22b.ts';
import { step35Flash } from './step-3.5-flash.ts';
import { step3 } from './step-3.ts';

/** Every model that can be named. */
export const modelEntries: readonly ModelEntry[] = [
  // models of the Step-3 paper, in the order of its tables
  deepseekV3,
  kimiK2,
  qwen3_235bA22b,
  qwen3_32b,
  llama4Maverick,
  minimaxM1,
  ernie45_300bA47b,
  panguProMoe,
  step3,
  // the others, by maker
  llama2_7b,
  llama2_13b,
  llama2_70b,
  llama31_8b,
  llama31_70b,
  mistral7b,
  mistralSmall31_24b,
  mixtral8x7b,
  qwen15_32b,
  qwen3_8b,
  qwen3_14b,
  qwen3_30bA3b,
  qwen3Next80bA3b,
  qwen3Vl235bA22b,
  qwen35_397bA17b,
  deepseekV32,
  deepseekV4Flash,
  deepseekV4Pro,
  kimiLinear48bA3b,
  gptOss120b,
  gemma2_27b,
  gemma3_27b,
  gemma4_26bA4b,
  minimaxM2,
  glm45,
  glm5,
  step35Flash,
  hunyuanLarge,
  mimoV2Flash,
  nemotron3Nano30bA3b,
  phi3Mini,
  internvl2_8b,
  internvl2_26b,
  minicpmV26,
  opt13b,
  opt66b,
  opt175b,
  gpt2,
  bloom176b,
];
