import type { Family } from '../draft.ts';
import { bloom, gpt2, opt } from './classic.ts';
import { deepseek, deepseekSparse } from './deepseek.ts';
import { deepseekV4 } from './deepseek-v4.ts';
import { gemma, gemma4 } from './gemma.ts';
import { hunyuan } from './hunyuan.ts';
import { kimiLinear, minimaxLightning, qwenHybrid } from './linear.ts';
import { llama } from './llama.ts';
import { llama4 } from './llama4.ts';
import { mimoV2 } from './mimo-v2.ts';
import { ernieMoe, glm4Moe, gptOss, minimaxM2, mixtral, panguProMoe, qwenMixture } from './mixture.ts';
import { nemotronH } from './nemotron.ts';
import { nemotronNas } from './nemotron-nas.ts';
import { step3, step35 } from './step.ts';

/** Families of language models; those of images and text (`wrappers`) are read through them. */
export const textFamilies: readonly Family[] = [
  llama,
  mixtral,
  qwenMixture,
  qwenHybrid,
  deepseek,
  deepseekSparse,
  deepseekV4,
  llama4,
  gptOss,
  gemma,
  gemma4,
  minimaxLightning,
  minimaxM2,
  glm4Moe,
  ernieMoe,
  panguProMoe,
  step3,
  step35,
  hunyuan,
  kimiLinear,
  nemotronH,
  nemotronNas,
  mimoV2,
  opt,
  gpt2,
  bloom,
];
