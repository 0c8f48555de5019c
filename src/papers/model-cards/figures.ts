/** A convention in which a publisher counts: see `ParameterCounts`. */
export type Convention = 'all' | 'without-input-embedding' | 'without-embeddings';

export interface PublishedFigures {
  readonly model: string;
  /** billions, as printed */
  readonly total: string;
  readonly active?: string;
  readonly convention?: Convention;
  /** where the figures stand */
  readonly where: string;
}

const name = (repo: string): string => `name of the model, ${repo}`;

/** Published parameter counts in billions; a figure that no source was found for is left out. `4.0e2` is a figure that ends in zeros. */
export const FIGURES: readonly PublishedFigures[] = [
  { model: 'deepseek-v3', total: '671', active: '37', convention: 'without-input-embedding', where: 'README of deepseek-ai/DeepSeek-V3' },
  { model: 'kimi-k2', total: '1.0e3', active: '32', convention: 'without-input-embedding', where: 'README of MoonshotAI/Kimi-K2 (1T, 32B)' },
  { model: 'qwen3-235b-a22b', total: '235', active: '22', convention: 'all', where: name('Qwen/Qwen3-235B-A22B') },
  { model: 'qwen3-32b', total: '32.8', active: '32.8', convention: 'all', where: 'model card of Qwen/Qwen3-32B' },
  { model: 'llama-4-maverick', total: '4.0e2', active: '17', convention: 'all', where: 'model card of meta-llama/Llama-4-Maverick-17B-128E-Instruct' },
  { model: 'minimax-m1', total: '456', active: '45.9', convention: 'without-embeddings', where: 'README of MiniMax-AI/MiniMax-M1' },
  { model: 'ernie-4.5-300b-a47b', total: '3.0e2', active: '47', convention: 'without-input-embedding', where: name('baidu/ERNIE-4.5-300B-A47B-PT') },
  { model: 'pangu-pro-moe', total: '72', active: '16.5', convention: 'all', where: 'name of the model; active: arXiv:2507.19427v1, Table 6' },
  { model: 'step-3', total: '316', active: '38', convention: 'without-input-embedding', where: 'README of stepfun-ai/Step3' },
  { model: 'llama-2-7b', total: '6.74', where: 'model size shown for models derived from meta-llama/Llama-2-7b-hf' },
  { model: 'llama-2-13b', total: '13.0', where: 'model size shown for models derived from meta-llama/Llama-2-13b-hf' },
  { model: 'llama-2-70b', total: '69.0', where: 'model size shown for models derived from meta-llama/Llama-2-70b-hf' },
  { model: 'llama-3.1-8b', total: '8.03', where: 'model size shown for meta-llama/Meta-Llama-3.1-8B and models derived from it' },
  { model: 'llama-3.1-70b', total: '70.6', where: 'model size shown for models derived from meta-llama/Meta-Llama-3.1-70B' },
  { model: 'mistral-7b', total: '7.25', where: 'model size shown for mistralai/Mistral-7B-v0.3' },
  { model: 'mistral-small-3.1-24b', total: '24', where: name('mistralai/Mistral-Small-3.1-24B-Instruct-2503') },
  { model: 'mixtral-8x7b', total: '46.7', active: '12.9', convention: 'all', where: "Mistral's announcement of Mixtral" },
  { model: 'qwen1.5-32b', total: '32.512', where: 'size of the checkpoint of Qwen/Qwen1.5-32B in the requests of the Open Arabic LLM Leaderboard' },
  { model: 'qwen3-8b', total: '8.2', where: 'model card of Qwen/Qwen3-8B' },
  { model: 'qwen3-14b', total: '14.8', where: 'model card of Qwen/Qwen3-14B' },
  { model: 'qwen3-30b-a3b', total: '30.5', active: '3.3', convention: 'all', where: 'model card of Qwen/Qwen3-30B-A3B' },
  { model: 'qwen3-next-80b-a3b', total: '80', active: '3', convention: 'without-embeddings', where: name('Qwen/Qwen3-Next-80B-A3B-Instruct') },
  { model: 'qwen3-vl-235b-a22b', total: '235', active: '22', convention: 'all', where: name('Qwen/Qwen3-VL-235B-A22B-Instruct') },
  { model: 'qwen3.5-397b-a17b', total: '397', active: '17', convention: 'all', where: name('Qwen/Qwen3.5-397B-A17B') },
  { model: 'deepseek-v3.2', total: '671', active: '37', convention: 'without-input-embedding', where: 'table of the README of stepfun-ai/Step-3.5-Flash' },
  { model: 'deepseek-v4-flash', total: '284', active: '13', convention: 'without-input-embedding', where: 'abstract of the DeepSeek-V4 report' },
  { model: 'deepseek-v4-pro', total: '1.6e3', active: '49', convention: 'without-input-embedding', where: 'abstract of the DeepSeek-V4 report (1.6T, 49B)' },
  { model: 'kimi-linear-48b-a3b', total: '48', active: '3', convention: 'without-input-embedding', where: name('moonshotai/Kimi-Linear-48B-A3B-Instruct') },
  { model: 'gpt-oss-120b', total: '116.83', active: '5.13', convention: 'without-input-embedding', where: 'arXiv:2508.10925, Table 1' },
  { model: 'gemma-2-27b', total: '27', where: name('google/gemma-2-27b') },
  { model: 'gemma-3-27b', total: '27.4', where: 'size of the checkpoint of google/gemma-3-27b-it, 27,432,406,640' },
  { model: 'gemma-4-26b-a4b', total: '25.2', active: '3.8', convention: 'all', where: 'press account of the model card of google/gemma-4-26B-A4B' },
  { model: 'minimax-m2', total: '2.3e2', active: '10', convention: 'without-embeddings', where: 'README of MiniMax-AI/MiniMax-M2' },
  { model: 'glm-4.5', total: '355', active: '32', convention: 'without-embeddings', where: 'README of zai-org/GLM-4.5' },
  { model: 'glm-5', total: '744', active: '40', convention: 'without-embeddings', where: 'table of the GLM-5 report' },
  { model: 'step-3.5-flash', total: '196.81', active: '11', convention: 'without-embeddings', where: 'README of stepfun-ai/Step-3.5-Flash' },
  { model: 'hunyuan-large', total: '389', active: '52', convention: 'all', where: 'README of Tencent/Tencent-Hunyuan-Large' },
  { model: 'mimo-v2-flash', total: '309', active: '15', convention: 'without-input-embedding', where: 'arXiv:2601.02780, abstract' },
  { model: 'nemotron-3-nano-30b-a3b', total: '31.6', active: '3.6', convention: 'all', where: 'README of the Nemotron repository of NVIDIA' },
  { model: 'phi-3-mini', total: '3.8', where: 'model card of microsoft/Phi-3-mini-128k-instruct' },
  { model: 'internvl2-8b', total: '8', where: name('OpenGVLab/InternVL2-8B') },
  { model: 'internvl2-26b', total: '26', where: name('OpenGVLab/InternVL2-26B') },
  { model: 'minicpm-v-2.6', total: '8', where: 'model card of openbmb/MiniCPM-V-2_6 (SigLip-400M and Qwen2-7B, 8B parameters)' },
  { model: 'opt-13b', total: '13', where: name('facebook/opt-13b') },
  { model: 'opt-66b', total: '66', where: name('facebook/opt-66b') },
  { model: 'opt-175b', total: '175', where: 'name of the model, arXiv:2205.01068' },
  { model: 'gpt2', total: '0.124', where: 'model card of openai-community/gpt2 (124M)' },
  { model: 'bloom-176b', total: '176.2', where: 'model card of bigscience/bloom, 176,247,271,424' },
];
