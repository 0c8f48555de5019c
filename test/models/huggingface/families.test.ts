import { describe, expect, it } from 'vitest';
import { modelCache } from '../../../src/models/cache.ts';
import { importConfig } from '../../../src/models/huggingface/index.ts';
import type { Model } from '../../../src/models/index.ts';
import { type ParameterCounts, parameters } from '../../../src/models/parameters.ts';
import { asPrinted } from '../../support/printed.ts';
import { type ExampleName, exampleNames, examples } from './configs.ts';

const modelOf = (name: ExampleName): Model => importConfig(examples[name]).entry.model;
const kinds = ({ layers }: Model): readonly string[] => layers.map(({ count, attention, ffn }) => `${count} ${attention.kind} + ${ffn.kind}`);

// Weights of the parts, written from the shapes in which checkpoints hold them.
const gqa = (h: number, n: number, kv: number, d: number): number => h * n * d + 2 * h * kv * d + n * d * h;
const gated = (h: number, i: number): number => 3 * h * i;
const ungated = (h: number, i: number): number => 2 * h * i;
/** Router over all `E` experts, `e` gated experts counted, a gated part that every token passes. */
const mixture = (h: number, E: number, e: number, i: number, shared = 0): number => h * E + e * gated(h, i) + gated(h, shared);
const latent = (h: number, n: number, q: number | null, kv: number, nope: number, rope: number, v: number): number =>
  (q === null ? h * n * (nope + rope) : h * q + q * n * (nope + rope)) + h * (kv + rope) + kv * n * (nope + v) + n * v * h;
const indexer = (h: number, q: number, n: number, d: number): number => q * n * d + h * d + h * n;
const deltaNet = (h: number, nk: number, dk: number, nv: number, dv: number, taps: number): number => h * (2 * nk * dk + 2 * nv * dv) + h * 2 * nv + (2 * nk * dk + nv * dv) * taps + nv * dv * h;
const mamba = (h: number, n: number, p: number, g: number, N: number, taps: number): number => h * (2 * n * p + 2 * g * N + n) + (n * p + 2 * g * N) * taps + n * p * h;
const kda = (h: number, n: number, d: number, taps: number): number => 3 * h * n * d + 3 * n * d * taps + h * n + 2 * (h * d + d * n * d) + n * d * h;
const mfa = (h: number, n: number, d: number, q: number): number => h * q + q * n * d + 2 * h * d + n * d * h;
const tables = (V: number, h: number): number => 2 * V * h;

const small = (d: number): number => gqa(256, 8, 2, d) + gated(256, 768);
const smallLatent = (q: number | null): number => latent(256, 8, q, 64, 32, 16, 48);
const smallLatentMoe = (q: number | null, e: number): number => 6 * smallLatent(q) + gated(256, 768) + 5 * mixture(256, 16, e, 64, 2 * 64) + tables(1000, 256);
const smallHybrid = 6 * deltaNet(256, 4, 32, 8, 16, 4) + 2 * (gqa(256, 8, 2, 64) + 256 * 8 * 64) + tables(1000, 256);
const smallQwenMoe = (e: number, shared: number): number => 2 * mixture(256, 16, e, 64, shared) + 4 * gated(256, 768);
/** A small model of 6 layers that caches 2 key-value heads of width `d`, 2 B an element. */
const smallKv =
  (d: number): ((S: number) => number) =>
  (S) =>
    S * 6 * 2 * 2 * d * 2;

interface Expected {
  readonly layers: readonly string[];
  /** all weights with `e` experts of a mixture counted: all of them stored, those of a token used */
  readonly weights: (e: number) => number;
  /** experts of a mixture, and those of one token */
  readonly experts?: readonly [number, number];
  /** bytes that a request of S tokens keeps, cache in BF16 */
  readonly cache: (S: number) => number;
}

const EXPECTED: Readonly<Partial<Record<ExampleName, Expected>>> = {
  'Llama-3.1-8B': { layers: ['32 gqa + dense'], weights: () => 32 * (gqa(4096, 32, 8, 128) + gated(4096, 14336)) + tables(128256, 4096), cache: (S) => S * 32 * 2 * 8 * 128 * 2 },
  'Llama-3.1-70B': { layers: ['80 gqa + dense'], weights: () => 80 * (gqa(8192, 64, 8, 128) + gated(8192, 28672)) + tables(128256, 8192), cache: (S) => S * 80 * 2 * 8 * 128 * 2 },
  mistral: { layers: ['6 sliding-window + dense'], weights: () => 6 * small(64) + tables(1000, 256), cache: () => 4096 * 6 * 2 * 2 * 64 * 2 },
  ministral: { layers: ['6 sliding-window + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: () => 1024 * 6 * 2 * 2 * 32 * 2 },
  ministral3: { layers: ['6 gqa + dense'], weights: () => 6 * small(64) + tables(1000, 256), cache: smallKv(64) },
  // max_window_layers 4: layers 4 and 5 slide over 4096 tokens.
  qwen2: { layers: ['4 gqa + dense', '2 sliding-window + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: (S) => (4 * S + 2 * 4096) * 2 * 2 * 32 * 2 },
  qwen2_5_vl_text: { layers: ['6 gqa + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: smallKv(32) },
  'Qwen3-32B': { layers: ['64 gqa + dense'], weights: () => 64 * (gqa(5120, 64, 8, 128) + gated(5120, 25600)) + tables(151936, 5120), cache: (S) => S * 64 * 2 * 8 * 128 * 2 },
  qwen3_vl_text: { layers: ['6 gqa + dense'], weights: () => 6 * small(64) + tables(1000, 256), cache: smallKv(64) },
  'Phi-3-mini': { layers: ['32 sliding-window + dense'], weights: () => 32 * (gqa(3072, 32, 32, 96) + gated(3072, 8192)) + tables(32064, 3072), cache: () => 2047 * 32 * 2 * 32 * 96 * 2 },
  glm4: { layers: ['6 gqa + dense'], weights: () => 6 * small(64) + tables(1000, 256), cache: smallKv(64) },
  olmo2: { layers: ['6 gqa + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: smallKv(32) },
  internlm2: { layers: ['6 gqa + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: smallKv(32) },
  // Each third layer attends everything.
  exaone4: { layers: ['4 sliding-window + dense', '2 gqa + dense'], weights: () => 6 * small(32) + tables(1000, 256), cache: (S) => (2 * S + 4 * 1024) * 2 * 2 * 32 * 2 },
  cohere2: { layers: ['4 sliding-window + dense', '2 gqa + dense'], weights: () => 6 * small(32) + 1000 * 256, cache: (S) => (2 * S + 4 * 1024) * 2 * 2 * 32 * 2 },
  starcoder2: { layers: ['6 sliding-window + dense'], weights: () => 6 * (gqa(256, 8, 2, 32) + ungated(256, 768)) + 1000 * 256, cache: () => 1024 * 6 * 2 * 2 * 32 * 2 },
  ernie4_5: { layers: ['6 gqa + dense'], weights: () => 6 * small(64) + 1000 * 256, cache: smallKv(64) },
  hunyuan_v1_dense: { layers: ['6 gqa + dense'], weights: () => 6 * small(64) + tables(1000, 256), cache: smallKv(64) },
  'MiMo-7B': { layers: ['36 gqa + dense'], weights: () => 36 * (gqa(4096, 32, 8, 128) + gated(4096, 11008)) + tables(151680, 4096), cache: (S) => S * 36 * 2 * 8 * 128 * 2 },
  'Mixtral-8x7B': {
    layers: ['32 gqa + moe'],
    weights: (e) => 32 * (gqa(4096, 32, 8, 128) + mixture(4096, 8, e, 14336)) + tables(32000, 4096),
    experts: [8, 2],
    cache: (S) => S * 32 * 2 * 8 * 128 * 2,
  },
  phimoe: {
    layers: ['6 sliding-window + moe'],
    weights: (e) => 6 * (gqa(256, 8, 2, 32) + mixture(256, 16, e, 768)) + tables(1000, 256),
    experts: [16, 2],
    cache: () => 2048 * 6 * 2 * 2 * 32 * 2,
  },
  // decoder_sparse_step 2: layers 1, 3 and 5 are mixtures, but for layer 1, which mlp_only_layers names.
  qwen2_moe: {
    layers: ['4 gqa + dense', '2 gqa + moe'],
    weights: (e) => 6 * gqa(256, 8, 2, 32) + smallQwenMoe(e, 96) + tables(1000, 256),
    experts: [16, 4],
    cache: smallKv(32),
  },
  'Qwen3-235B-A22B': {
    layers: ['94 gqa + moe'],
    weights: (e) => 94 * (gqa(4096, 64, 4, 128) + mixture(4096, 128, e, 1536)) + tables(151936, 4096),
    experts: [128, 8],
    cache: (S) => S * 94 * 2 * 4 * 128 * 2,
  },
  qwen3_vl_moe_text: {
    layers: ['4 gqa + dense', '2 gqa + moe'],
    weights: (e) => 6 * gqa(256, 8, 2, 64) + smallQwenMoe(e, 0) + tables(1000, 256),
    experts: [16, 4],
    cache: smallKv(64),
  },
  // 36 delta-nets keep 32 states of 128 x 128 in FP32, and 3 inputs of 2 x 16 x 128 + 32 x 128 channels in 16 bit; 12 full layers keep 2 heads of 256.
  'Qwen3-Next-80B-A3B': {
    layers: ['36 gated-delta-net + moe', '12 gqa + moe'],
    weights: (e) => 36 * deltaNet(2048, 16, 128, 32, 128, 4) + 12 * (gqa(2048, 16, 2, 256) + 2048 * 16 * 256) + 48 * mixture(2048, 512, e, 512, 512) + tables(151936, 2048),
    experts: [512, 10],
    cache: (S) => S * 12 * 2 * 2 * 256 * 2 + 36 * (32 * 128 * 128 * 4 + 3 * (2 * 16 * 128 + 32 * 128) * 2),
  },
  qwen3_5_text: {
    layers: ['6 gated-delta-net + dense', '2 gqa + dense'],
    weights: () => smallHybrid + 8 * gated(256, 768),
    cache: (S) => S * 2 * 2 * 2 * 64 * 2 + 6 * (8 * 32 * 16 * 4 + 3 * (2 * 4 * 32 + 8 * 16) * 2),
  },
  qwen3_5_moe_text: {
    layers: ['6 gated-delta-net + moe', '2 gqa + moe'],
    weights: (e) => smallHybrid + 8 * mixture(256, 16, e, 64, 96),
    experts: [16, 4],
    cache: (S) => S * 2 * 2 * 2 * 64 * 2 + 6 * (8 * 32 * 16 * 4 + 3 * (2 * 4 * 32 + 8 * 16) * 2),
  },
  // One latent of 512 and one rotary key of 64, 2 B each: 1152 B a token and layer.
  'DeepSeek-V3': {
    layers: ['3 mla + dense', '58 mla + moe'],
    weights: (e) => 61 * latent(7168, 128, 1536, 512, 128, 64, 128) + 3 * gated(7168, 18432) + 58 * mixture(7168, 256, e, 2048, 2048) + tables(129280, 7168),
    experts: [256, 8],
    cache: (S) => S * 61 * 1152,
  },
  deepseek_v2: { layers: ['1 mla + dense', '5 mla + moe'], weights: (e) => smallLatentMoe(null, e), experts: [16, 4], cache: (S) => S * 6 * (64 + 16) * 2 },
  'Kimi-K2': {
    layers: ['1 mla + dense', '60 mla + moe'],
    weights: (e) => 61 * latent(7168, 64, 1536, 512, 128, 64, 128) + gated(7168, 18432) + 60 * mixture(7168, 384, e, 2048, 2048) + tables(163840, 7168),
    experts: [384, 8],
    cache: (S) => S * 61 * 1152,
  },
  glm4_moe_lite: { layers: ['1 mla + dense', '5 mla + moe'], weights: (e) => smallLatentMoe(96, e), experts: [16, 4], cache: (S) => S * 6 * (64 + 16) * 2 },
  // An index key of 128 FP8 elements and one FP32 scale beside the latent: 132 B a token and layer.
  'DeepSeek-V3.2': {
    layers: ['3 dsa + dense', '58 dsa + moe'],
    weights: (e) => 61 * (latent(7168, 128, 1536, 512, 128, 64, 128) + indexer(7168, 1536, 64, 128)) + 3 * gated(7168, 18432) + 58 * mixture(7168, 256, e, 2048, 2048) + tables(129280, 7168),
    experts: [256, 8],
    cache: (S) => S * 61 * (1152 + 132),
  },
  'GLM-5': {
    layers: ['3 dsa + dense', '75 dsa + moe'],
    weights: (e) => 78 * (latent(6144, 64, 2048, 512, 192, 64, 256) + indexer(6144, 2048, 32, 128)) + 3 * gated(6144, 12288) + 75 * mixture(6144, 256, e, 2048, 2048) + tables(154880, 6144),
    experts: [256, 8],
    cache: (S) => S * 78 * (1152 + 132),
  },
  // Layers 0, 1, 2, 6, 10, ..., 74 own an indexer: 21 of 78, three of them dense.
  'GLM-5.2': {
    layers: ['3 dsa + dense', '57 dsa + moe', '18 dsa + moe'],
    weights: (e) => 78 * latent(6144, 64, 2048, 512, 192, 64, 256) + 21 * indexer(6144, 2048, 32, 128) + 3 * gated(6144, 12288) + 75 * mixture(6144, 256, e, 2048, 2048) + tables(154880, 6144),
    experts: [256, 8],
    cache: (S) => S * (78 * 1152 + 21 * 132),
  },
  // 2 layers attend a window, 21 also every entry of 4 tokens that an indexer chooses, 20 all entries of 128. One vector of 512 a token or entry.
  // Compressors keep 8 rows of 2 x 2 x 512 (and of 2 x 2 x 128 for index keys), or 128 rows of 2 x 512, in FP32.
  'DeepSeek-V4-Flash': {
    layers: ['2 compressed + moe', '21 compressed + moe', '20 compressed + moe'],
    weights: (e) =>
      43 * (4096 * 1024 + 1024 * 64 * 512 + 4096 * 512 + 64 * 512 * 1024 + 8 * 1024 * 4096) +
      21 * (2 * 4096 * 2 * 512 + 2 * 4096 * 2 * 128 + 1024 * 64 * 128 + 4096 * 64) +
      20 * (2 * 4096 * 512) +
      43 * mixture(4096, 256, e, 2048, 2048) +
      tables(129280, 4096),
    experts: [256, 6],
    cache: (S) => 43 * 128 * 512 * 2 + 21 * (S / 4) * (512 * 2 + 132) + 20 * (S / 128) * 512 * 2 + 21 * (8 * 4 * 512 * 4 + 8 * 4 * 128 * 4) + 20 * 128 * 2 * 512 * 4,
  },
  // Layers 3, 7, ..., 47 are full: 12; the others keep at most a chunk of 8192. Odd layers are mixtures.
  'Llama-4-Maverick text': {
    layers: ['24 chunked + dense', '12 chunked + moe', '12 gqa + moe'],
    weights: (e) => 48 * gqa(5120, 40, 8, 128) + 24 * gated(5120, 16384) + 24 * mixture(5120, 128, e, 8192, 8192) + tables(202048, 5120),
    experts: [128, 1],
    cache: (S) => (12 * S + 36 * 8192) * 2 * 8 * 128 * 2,
  },
  'gpt-oss-120b': {
    layers: ['18 sliding-window + moe', '18 gqa + moe'],
    weights: (e) => 36 * (gqa(2880, 64, 8, 64) + mixture(2880, 128, e, 2880)) + tables(201088, 2880),
    experts: [128, 4],
    cache: (S) => (18 * S + 18 * 128) * 2 * 8 * 64 * 2,
  },
  'Gemma-7B': { layers: ['28 gqa + dense'], weights: () => 28 * (gqa(3072, 16, 16, 256) + gated(3072, 24576)) + 256000 * 3072, cache: (S) => S * 28 * 2 * 16 * 256 * 2 },
  'gemma-2-27b': {
    layers: ['23 sliding-window + dense', '23 gqa + dense'],
    weights: () => 46 * (gqa(4608, 32, 16, 128) + gated(4608, 36864)) + 256000 * 4608,
    cache: (S) => (23 * S + 23 * 4096) * 2 * 16 * 128 * 2,
  },
  // Layers 5, 11, ..., 59 are full: 10 of 62.
  'gemma-3-27b text': {
    layers: ['52 sliding-window + dense', '10 gqa + dense'],
    weights: () => 62 * (gqa(5376, 32, 16, 128) + gated(5376, 21504)) + 262208 * 5376,
    cache: (S) => (10 * S + 52 * 1024) * 2 * 16 * 128 * 2,
  },
  // Full layers 5 and 11: 2 heads of 64, values that are keys but are kept too; the dense layer beside the mixture counts as shared.
  gemma4_text: {
    layers: ['10 sliding-window + moe', '2 gqa + moe'],
    weights: (e) => 10 * gqa(256, 8, 4, 32) + 2 * (2 * 256 * 8 * 64 + 256 * 2 * 64) + 12 * mixture(256, 16, e, 64, 192) + 1000 * 256,
    experts: [16, 4],
    cache: (S) => 2 * S * 2 * 2 * 64 * 2 + 10 * 1024 * 2 * 4 * 32 * 2,
  },
  // 70 lightning layers keep 64 states of 128 x 128 in FP32.
  'MiniMax-M1': {
    layers: ['70 lightning + moe', '10 gqa + moe'],
    weights: (e) => 70 * 5 * 6144 * 64 * 128 + 10 * gqa(6144, 64, 8, 128) + 80 * mixture(6144, 32, e, 9216) + tables(200064, 6144),
    experts: [32, 2],
    cache: (S) => S * 10 * 2 * 8 * 128 * 2 + 70 * 64 * 128 * 128 * 4,
  },
  minimax_text_01: {
    layers: ['3 lightning + moe', '1 gqa + moe'],
    weights: (e) => 3 * 5 * 256 * 8 * 32 + gqa(256, 8, 2, 32) + 4 * mixture(256, 8, e, 192) + tables(1000, 256),
    experts: [8, 2],
    cache: (S) => S * 2 * 2 * 32 * 2 + 3 * 8 * 32 * 32 * 4,
  },
  minimax: {
    layers: ['2 lightning + moe', '2 gqa + moe'],
    weights: (e) => 2 * 5 * 256 * 8 * 32 + 2 * gqa(256, 8, 2, 32) + 4 * mixture(256, 8, e, 192) + tables(1000, 256),
    experts: [8, 2],
    cache: (S) => S * 2 * 2 * 2 * 32 * 2 + 2 * 8 * 32 * 32 * 4,
  },
  'MiniMax-M2': {
    layers: ['62 gqa + moe'],
    weights: (e) => 62 * (gqa(3072, 48, 8, 128) + mixture(3072, 256, e, 1536)) + tables(200064, 3072),
    experts: [256, 8],
    cache: (S) => S * 62 * 2 * 8 * 128 * 2,
  },
  'GLM-4.5': {
    layers: ['3 gqa + dense', '89 gqa + moe'],
    weights: (e) => 92 * gqa(5120, 96, 8, 128) + 3 * gated(5120, 12288) + 89 * mixture(5120, 160, e, 1536, 1536) + tables(151552, 5120),
    experts: [160, 8],
    cache: (S) => S * 92 * 2 * 8 * 128 * 2,
  },
  glm4v_moe_text: {
    layers: ['1 gqa + dense', '5 gqa + moe'],
    weights: (e) => 6 * gqa(256, 8, 2, 64) + gated(256, 768) + 5 * mixture(256, 16, e, 64, 2 * 64) + tables(1000, 256),
    experts: [16, 4],
    cache: smallKv(64),
  },
  'ERNIE-4.5-21B-A3B': {
    layers: ['1 gqa + dense', '27 gqa + moe'],
    weights: (e) => 28 * gqa(2560, 20, 4, 128) + gated(2560, 12288) + 27 * mixture(2560, 64, e, 1536, 2 * 1536) + 103424 * 2560,
    experts: [64, 6],
    cache: (S) => S * 28 * 2 * 4 * 128 * 2,
  },
  'Pangu-Pro-MoE': {
    layers: ['48 gqa + moe'],
    weights: (e) => 48 * (gqa(5120, 40, 8, 128) + mixture(5120, 64, e, 1344, 5376)) + tables(153376, 5120),
    experts: [64, 8],
    cache: (S) => S * 48 * 2 * 8 * 128 * 2,
  },
  // MFA: one key and one value head of 256 a layer, 1024 B.
  'Step-3 text': {
    layers: ['5 mfa + dense', '56 mfa + moe'],
    weights: (e) => 61 * mfa(7168, 64, 256, 2048) + 5 * gated(7168, 18432) + 56 * mixture(7168, 48, e, 5120, 5120) + tables(128815, 7168),
    experts: [48, 3],
    cache: (S) => S * 61 * 1024,
  },
  // Layers 0, 4, ..., 44 are full with 64 query heads: 12; 33 slide with 96. All gate each head; both kinds cache 8 heads of 128.
  'Step-3.5-Flash': {
    layers: ['1 gqa + dense', '2 sliding-window + dense', '31 sliding-window + moe', '11 gqa + moe'],
    weights: (e) => 12 * (gqa(4096, 64, 8, 128) + 4096 * 64) + 33 * (gqa(4096, 96, 8, 128) + 4096 * 96) + 3 * gated(4096, 11264) + 42 * mixture(4096, 288, e, 1280, 1280) + tables(128896, 4096),
    experts: [288, 8],
    cache: (S) => (12 * S + 33 * 512) * 2 * 8 * 128 * 2,
  },
  step3p7_text: {
    layers: ['1 gqa + dense', '2 sliding-window + dense', '1 sliding-window + moe'],
    weights: (e) => gqa(4096, 64, 8, 128) + 4096 * 64 + 3 * (gqa(4096, 96, 8, 128) + 4096 * 96) + 3 * gated(4096, 11264) + mixture(4096, 288, e, 1280, 1280) + tables(128896, 4096),
    experts: [288, 8],
    cache: (S) => (S + 3 * 512) * 2 * 8 * 128 * 2,
  },
  // Odd layers use the keys and values of the even one before: 32 of 64 layers have Wk and Wv, and a cache.
  'Hunyuan-Large': {
    layers: ['32 gqa + moe', '32 gqa + moe'],
    weights: (e) => 64 * 2 * 6400 * 6400 + 32 * 2 * 6400 * 8 * 80 + 64 * mixture(6400, 16, e, 18304, 18304) + 129024 * 6400,
    experts: [16, 1],
    cache: (S) => S * 32 * 2 * 8 * 80 * 2,
  },
  hunyuan_v1_moe: {
    layers: ['6 gqa + moe'],
    weights: (e) => 6 * (gqa(256, 8, 2, 64) + mixture(256, 16, e, 96, 2 * 768)) + tables(1000, 256),
    experts: [16, 4],
    cache: smallKv(64),
  },
  // 20 delta layers keep 32 states of 128 x 128 in FP32 and 3 inputs of 3 x 32 x 128 channels in 16 bit; 7 latent ones 576 elements a token.
  'Kimi-Linear-48B-A3B': {
    layers: ['1 kda + dense', '19 kda + moe', '7 mla + moe'],
    weights: (e) => 20 * kda(2304, 32, 128, 4) + 7 * latent(2304, 32, null, 512, 128, 64, 128) + gated(2304, 9216) + 26 * mixture(2304, 256, e, 1024, 1024) + tables(163840, 2304),
    experts: [256, 8],
    cache: (S) => S * 7 * 1152 + 20 * (32 * 128 * 128 * 4 + 3 * 3 * 32 * 128 * 2),
  },
  // A gate of [256, 8 x 48] on latent attention, one of full rank on the delta layers; experts work in a width of 128.
  'Kimi-K3 text, small': {
    layers: ['2 kda + dense', '2 kda + moe', '2 mla + moe'],
    weights: (e) =>
      4 * (3 * 256 * 256 + 3 * 256 * 4 + 256 * 8 + (256 * 32 + 32 * 256) + 256 * 256 + 256 * 256) +
      2 * (smallLatent(96) + 256 * 8 * 48) +
      2 * gated(256, 768) +
      4 * (256 * 16 + 2 * 256 * 128 + e * gated(128, 64) + gated(256, 2 * 64)) +
      tables(1000, 256),
    experts: [16, 4],
    cache: (S) => S * 2 * (64 + 16) * 2 + 4 * (8 * 32 * 32 * 4 + 3 * 3 * 256 * 2),
  },
  // 23 Mamba-2 layers: 64 heads x 64 channels x 128 states in FP32, 3 inputs of 64 x 64 + 2 x 8 x 128 channels in 16 bit.
  'Nemotron-3-Nano-30B-A3B': {
    layers: ['23 mamba2 + none', '23 none + moe', '6 gqa + none'],
    weights: (e) => 23 * mamba(2688, 64, 64, 8, 128, 4) + 23 * (2688 * 128 + e * ungated(2688, 1856) + ungated(2688, 3712)) + 6 * gqa(2688, 32, 2, 128) + tables(131072, 2688),
    experts: [128, 6],
    cache: (S) => S * 6 * 2 * 2 * 128 * 2 + 23 * (64 * 64 * 128 * 4 + 3 * (64 * 64 + 2 * 8 * 128) * 2),
  },
  'nemotron_h by words': {
    layers: ['2 mamba2 + none', '3 none + dense', '2 gqa + none', '1 none + moe'],
    // Experts work in a latent width of 512, between two projections of their own.
    weights: (e) => 2 * mamba(8192, 256, 64, 8, 256, 4) + 3 * ungated(8192, 32768) + 2 * gqa(8192, 64, 8, 128) + 8192 * 8 + 2 * 8192 * 512 + e * ungated(512, 1024) + tables(131072, 8192),
    experts: [8, 2],
    cache: (S) => S * 2 * 2 * 8 * 128 * 2 + 2 * (256 * 64 * 256 * 4 + 3 * (256 * 64 + 2 * 8 * 256) * 2),
  },
  // ffn_mult 2.625: 2/3 x 2.625 x 256 = 448, up to 512.
  'nemotron-nas': {
    layers: ['1 gqa + dense', '1 none + dense', '1 gqa + none'],
    weights: () => gqa(256, 8, 2, 32) + gqa(256, 8, 1, 32) + 2 * gated(256, 512) + tables(1000, 256),
    cache: (S) => S * (2 + 1) * 2 * 32 * 2,
  },
  // Layers 0, 5, 11, ..., 47 are full: 9. Keys of 192 and values of 128: 4 heads in full layers, 8 in the others.
  'MiMo-V2-Flash': {
    layers: ['1 gqa + dense', '39 sliding-window + moe', '8 gqa + moe'],
    weights: (e) => 48 * (4096 * 64 * 192 + 64 * 128 * 4096) + (9 * 4 + 39 * 8) * 4096 * (192 + 128) + gated(4096, 16384) + 47 * mixture(4096, 256, e, 2048) + tables(152576, 4096),
    experts: [256, 8],
    cache: (S) => (9 * 4 * S + 39 * 8 * 128) * (192 + 128) * 2,
  },
  'OPT-13B': { layers: ['40 gqa + dense'], weights: () => 40 * (gqa(5120, 40, 40, 128) + ungated(5120, 20480)) + (50272 + 2048 + 2) * 5120, cache: (S) => S * 40 * 2 * 5120 * 2 },
  'GPT-2': { layers: ['12 gqa + dense'], weights: () => 12 * (gqa(768, 12, 12, 64) + ungated(768, 3072)) + (50257 + 1024) * 768, cache: (S) => S * 12 * 2 * 768 * 2 },
  'BLOOM-176B': { layers: ['70 gqa + dense'], weights: () => 70 * (gqa(14336, 112, 112, 128) + ungated(14336, 4 * 14336)) + 250880 * 14336, cache: (S) => S * 70 * 2 * 14336 * 2 },
};

const plainLayers = 2 * (4 * 64 * 64 + 2 * 64 * 128);
const gatedLayers = 2 * (4 * 64 * 64 + 3 * 64 * 128);
const qwenStem = 3 * 16 * 16 * 2 * 64;
const qwenMerger = 256 * 256 + 256 * 256;

/** Models of images and text: which example their language model equals, and the weights of the encoder. */
const WRAPPERS: Readonly<Partial<Record<ExampleName, { readonly text: ExampleName; readonly vision: number }>>> = {
  llama4: { text: 'Llama-4-Maverick text', vision: plainLayers + 3 * 14 ** 2 * 64 + (16 + 1) * 64 + 128 * 80 + 96 * 96 + 96 * 5120 },
  'gemma-3-27b': { text: 'gemma-3-27b text', vision: 27 * (4 * 1152 * 1152 + 2 * 1152 * 4304) + 3 * 14 ** 2 * 1152 + 64 ** 2 * 1152 + 1152 * 5376 },
  gemma4: { text: 'gemma4_text', vision: 2 * (4 * 64 * 4 * 24 + 3 * 64 * 128) + 3 * 16 ** 2 * 64 + 2 * 100 * 64 + 64 * 256 },
  qwen2_5_vl: { text: 'qwen2_5_vl_text', vision: gatedLayers + qwenStem + qwenMerger },
  qwen3_vl: { text: 'qwen3_vl_text', vision: plainLayers + qwenStem + 100 * 64 + 3 * qwenMerger },
  qwen3_vl_moe: { text: 'qwen3_vl_moe_text', vision: plainLayers + qwenStem + 100 * 64 + 3 * qwenMerger },
  // Qwen3.5 has no deep-stack mergers, whatever its config lists.
  qwen3_5: { text: 'qwen3_5_text', vision: plainLayers + qwenStem + 100 * 64 + qwenMerger },
  qwen3_5_moe: { text: 'qwen3_5_moe_text', vision: plainLayers + qwenStem + 100 * 64 + qwenMerger },
  mistral3: { text: 'olmo2', vision: gatedLayers + 3 * 14 ** 2 * 64 + 4 * 64 * 64 + 64 * 256 + 256 * 256 },
  'Step-3': { text: 'Step-3 text', vision: plainLayers + 3 * 14 ** 2 * 64 + (16 + 1) * 64 + 4 * 64 * 96 + 9 * 96 * 192 + 192 * 7168 },
  internvl_chat: { text: 'internlm2', vision: plainLayers + 3 * 14 ** 2 * 64 + (16 + 1) * 64 + 4 * 64 * 256 + 256 * 256 },
  minicpmv: { text: 'qwen2_5_vl_text', vision: plainLayers + 3 * 14 ** 2 * 64 + 16 * 64 + 16 * 256 + 64 * 256 + 256 * 768 + 2 * 256 * 256 },
  step3p7: { text: 'step3p7_text', vision: 0 },
  kimi_k3: { text: 'Kimi-K3 text, small', vision: 0 },
  kimi_k25: { text: 'glm4_moe_lite', vision: plainLayers + 3 * 14 ** 2 * 64 + 8 * 10 * 64 + 256 * 256 + 256 * 256 },
};

const expectedNames = Object.keys(EXPECTED) as readonly ExampleName[];
const wrapperNames = Object.keys(WRAPPERS) as readonly ExampleName[];

it('every example has its expected layers, or the language model that it wraps', () => expect([...expectedNames, ...wrapperNames].sort()).toEqual([...exampleNames].sort()));

describe.each(expectedNames)('%s', (name) => {
  const { layers, weights, experts = [1, 1], cache } = EXPECTED[name] as Expected;
  const model = modelOf(name);

  it('has its layers', () => expect(kinds(model)).toEqual(layers));
  it('has its parameters', () => expect(parameters(model).total.all).toBe(weights(experts[0])));
  it('uses its active parameters', () => expect(parameters(model).active.all).toBe(weights(experts[1])));
  it('keeps its bytes of a request of 32,768 tokens', () => expect(modelCache(model, { kv: 'bf16' }).perRequest.evaluate(32768)).toBe(cache(32768)));
  // Below the smallest window, 128, a request keeps all of its tokens; entries of several tokens come all at once, never more than a page holds.
  const whole = model.layers.every(({ attention }) => attention.kind !== 'compressed');
  it.each([1, 100])(`keeps ${whole ? 'all' : 'no more than all'} of its first tokens: one more at %i`, (S) => {
    const { perRequest, perToken } = modelCache(model, { kv: 'bf16' });
    const more = perRequest.evaluate(S + 1) - perRequest.evaluate(S);
    if (whole) expect(more).toBe(perToken);
    else expect(more > 0 && more <= perToken).toBe(true);
  });
});

describe.each(wrapperNames)('%s', (name) => {
  const { text, vision } = WRAPPERS[name] as { readonly text: ExampleName; readonly vision: number };
  const [model, own] = [modelOf(name), modelOf(text)];

  it(`has the language model of ${text}`, () => {
    expect(model.layers).toEqual(own.layers);
    for (const field of ['hidden', 'vocabulary', 'tiedEmbeddings', 'maxContext', 'mtp'] as const) expect(model[field], field).toEqual(own[field]);
  });
  it('has the weights of its encoder, which no token of text uses', () => {
    expect(parameters(model).parts.vision).toBe(vision);
    expect(parameters(model).total.all).toBe(parameters(own).total.all + vision);
    expect(parameters(model).active).toEqual(parameters(own).active);
  });
});

describe('the encoder of a wrapper', () => {
  const visionOf = (name: ExampleName) => modelOf(name).vision as NonNullable<ReturnType<typeof modelOf>['vision']>;
  const encoders = wrapperNames.filter((name) => modelOf(name).vision !== undefined);

  it.each(encoders)('of %s has the heads of its config, or of its class', (name) => expect(visionOf(name).heads).toBe(name === 'kimi_k25' || name === 'gemma-3-27b' ? 16 : 4));
  it('of Kimi may state its heads under either name', () => {
    const { vision_config } = examples.kimi_k25;
    const read = (heads: object) => importConfig({ ...examples.kimi_k25, vision_config: { ...vision_config, ...heads } }).entry.model.vision?.heads;
    expect([read({ vt_num_attention_heads: 8 }), read({ num_attention_heads: 2 })]).toEqual([8, 2]);
  });
  it('looks tables up, embeds patches, and works on tokens once neighbours are merged', () => {
    const onOf = (name: ExampleName) => [...visionOf(name).stem, ...visionOf(name).connector].map(({ name: matrix, rows }) => [matrix, rows]);
    for (const name of encoders)
      for (const [matrix, rows] of onOf(name)) {
        const expected = matrix === 'positions' || matrix === 'queries' ? 'table' : matrix === 'patch embedding' || matrix?.endsWith('keys and values') ? 'patches' : 'tokens';
        expect(rows, `${name} ${matrix}`).toBe(expected);
      }
    expect(onOf('minicpmv')).toEqual([
      ['patch embedding', 'patches'],
      ['positions', 'table'],
      ['queries', 'table'],
      ['keys and values', 'patches'],
      ['attention query', 'tokens'],
      ['attention keys and values', 'patches'],
      ['attention output', 'tokens'],
      ['projection', 'tokens'],
    ]);
  });
  it.each([
    ['internvl_chat', 'num_attention_heads'],
    ['minicpmv', 'num_attention_heads'],
    ['llama4', 'num_attention_heads'],
    ['Step-3', 'num_attention_heads'],
    ['mistral3', 'num_attention_heads'],
    ['qwen2_5_vl', 'num_heads'],
    ['qwen3_vl', 'num_heads'],
    ['kimi_k25', 'vt_num_attention_heads'],
  ] as const)('of %s is refused where %s do not divide its width', (name, key) => {
    const config = examples[name];
    expect(() => importConfig({ ...config, vision_config: { ...config.vision_config, [key]: 7 } })).toThrow(`vision_config.${key} 7 does not divide hidden_size, 64`);
  });
});

type Convention = keyof ParameterCounts;

/** Published figures in 1e9, at the digits in which they are printed. */
const PUBLISHED: readonly { readonly at: ExampleName; readonly side: 'total' | 'active'; readonly in: Convention; readonly printed: string; readonly source: string }[] = [
  { at: 'DeepSeek-V3', side: 'total', in: 'all', printed: '671', source: 'deepseek-ai/DeepSeek-V3 README' },
  { at: 'DeepSeek-V3', side: 'active', in: 'withoutInputEmbedding', printed: '37', source: 'deepseek-ai/DeepSeek-V3 README' },
  { at: 'DeepSeek-V3.2', side: 'active', in: 'withoutInputEmbedding', printed: '37', source: 'stepfun-ai/Step-3.5-Flash README, table' },
  { at: 'Kimi-K2', side: 'active', in: 'withoutInputEmbedding', printed: '32', source: 'MoonshotAI/Kimi-K2 README' },
  { at: 'GLM-5', side: 'total', in: 'all', printed: '744', source: 'GLM-5 technical report, table of sizes' },
  { at: 'GLM-5', side: 'active', in: 'withoutEmbeddings', printed: '40', source: 'GLM-5 technical report, table of sizes' },
  { at: 'DeepSeek-V4-Flash', side: 'total', in: 'all', printed: '284', source: 'DeepSeek-V4 paper, abstract' },
  { at: 'DeepSeek-V4-Flash', side: 'active', in: 'withoutInputEmbedding', printed: '13', source: 'DeepSeek-V4 paper, abstract' },
  { at: 'GLM-4.5', side: 'active', in: 'withoutEmbeddings', printed: '32', source: 'zai-org/GLM-4.5 README' },
  { at: 'Qwen3-235B-A22B', side: 'total', in: 'all', printed: '235', source: 'name of the model' },
  { at: 'Qwen3-235B-A22B', side: 'active', in: 'all', printed: '22', source: 'name of the model' },
  { at: 'Qwen3-32B', side: 'total', in: 'all', printed: '32.8', source: 'apxml.com/models/qwen3-32b' },
  { at: 'Qwen3-32B', side: 'total', in: 'withoutEmbeddings', printed: '31.2', source: 'huggingface.co/spaces/polats/ZeroGPU-LLM-Inference' },
  { at: 'Llama-3.1-8B', side: 'total', in: 'all', printed: '8.03', source: 'model size badge of the hub' },
  { at: 'Llama-3.1-70B', side: 'total', in: 'all', printed: '70.6', source: 'model size badge of the hub' },
  { at: 'Mixtral-8x7B', side: 'total', in: 'all', printed: '46.7', source: 'release text of Mixtral' },
  { at: 'Mixtral-8x7B', side: 'active', in: 'all', printed: '12.9', source: 'release text of Mixtral' },
  { at: 'gpt-oss-120b', side: 'active', in: 'withoutInputEmbedding', printed: '5.13', source: 'arXiv:2508.10925, Table 1' },
  { at: 'MiMo-V2-Flash', side: 'total', in: 'all', printed: '309', source: 'arXiv:2601.02780, abstract' },
  { at: 'MiMo-V2-Flash', side: 'active', in: 'withoutInputEmbedding', printed: '15', source: 'arXiv:2601.02780, abstract' },
  { at: 'Hunyuan-Large', side: 'total', in: 'all', printed: '389', source: 'Tencent/Tencent-Hunyuan-Large README' },
  { at: 'Pangu-Pro-MoE', side: 'total', in: 'all', printed: '72', source: 'name of the model' },
  { at: 'Pangu-Pro-MoE', side: 'active', in: 'all', printed: '16.5', source: 'arXiv:2507.19427v1' },
  { at: 'Step-3 text', side: 'total', in: 'all', printed: '316', source: 'stepfun-ai/Step3 README' },
  { at: 'Step-3 text', side: 'active', in: 'withoutInputEmbedding', printed: '38', source: 'stepfun-ai/Step3 README' },
  { at: 'Step-3.5-Flash', side: 'active', in: 'withoutInputEmbedding', printed: '11', source: 'stepfun-ai/Step-3.5-Flash README' },
  { at: 'MiniMax-M1', side: 'total', in: 'all', printed: '456', source: 'MiniMax-AI/MiniMax-M1 README' },
  { at: 'MiniMax-M1', side: 'active', in: 'withoutEmbeddings', printed: '45.9', source: 'MiniMax-AI/MiniMax-M1 README' },
  { at: 'MiniMax-M2', side: 'active', in: 'withoutEmbeddings', printed: '10', source: 'MiniMax-AI/MiniMax-M2 README' },
  { at: 'Qwen3-Next-80B-A3B', side: 'total', in: 'all', printed: '80', source: 'name of the model' },
  { at: 'Qwen3-Next-80B-A3B', side: 'active', in: 'withoutEmbeddings', printed: '3', source: 'name of the model' },
  { at: 'Nemotron-3-Nano-30B-A3B', side: 'total', in: 'all', printed: '31.6', source: 'NVIDIA Nemotron 3 Nano, abstract' },
  { at: 'Nemotron-3-Nano-30B-A3B', side: 'active', in: 'all', printed: '3.6', source: 'NVIDIA Nemotron repository, README' },
  { at: 'Nemotron-3-Nano-30B-A3B', side: 'active', in: 'withoutInputEmbedding', printed: '3.2', source: 'NVIDIA Nemotron 3 Nano, abstract' },
  { at: 'Kimi-Linear-48B-A3B', side: 'active', in: 'withoutInputEmbedding', printed: '3', source: 'NVIDIA NeMo documentation, kimi-linear' },
  { at: 'Llama-4-Maverick text', side: 'active', in: 'all', printed: '17', source: 'name of the model' },
  { at: 'gemma-3-27b text', side: 'total', in: 'withoutEmbeddings', printed: '25.6', source: 'Gemma 3 report, as tabulated at huggingface.co/spaces/AC2513/gemma-demo' },
  { at: 'gemma-2-27b', side: 'total', in: 'all', printed: '27', source: 'name of the model' },
  { at: 'OPT-13B', side: 'total', in: 'all', printed: '13', source: 'name of the model' },
  { at: 'ERNIE-4.5-21B-A3B', side: 'active', in: 'all', printed: '3', source: 'name of the model' },
];

/** Published figures that the counts do not give. */
const DEVIATIONS: readonly { readonly at: ExampleName; readonly side: 'total' | 'active'; readonly printed: string; readonly computed: string; readonly because: string }[] = [
  { at: 'DeepSeek-V3.2', side: 'total', printed: '671', computed: '672', because: 'published for the backbone of V3, without the indexers' },
  { at: 'gpt-oss-120b', side: 'total', printed: '116.83', computed: '116.79', because: 'biases of the experts, 36 x 128 x 3 x 2880 numbers, are not counted' },
  { at: 'BLOOM-176B', side: 'total', printed: '176.247', computed: '176.234', because: 'biases and norms are not counted' },
  { at: 'GLM-4.5', side: 'total', printed: '355', computed: '353', because: 'between the count with its prediction layer and the one without' },
  { at: 'Step-3.5-Flash', side: 'total', printed: '196.81', computed: '196.96', because: 'unexplained; the README names 196 and 0.81 for backbone and head' },
  { at: 'MiniMax-M2', side: 'total', printed: '230', computed: '229', because: 'rounded by its publisher, or with prediction heads' },
  { at: 'Hunyuan-Large', side: 'active', printed: '52', computed: '51', because: 'unexplained' },
  { at: 'Kimi-Linear-48B-A3B', side: 'total', printed: '48', computed: '49', because: 'a name: its experts alone are 47.1' },
  { at: 'ERNIE-4.5-21B-A3B', side: 'total', printed: '21', computed: '22', because: 'a name: cut, not rounded' },
  { at: 'Llama-4-Maverick text', side: 'total', printed: '400', computed: '401', because: 'rounded by its publisher' },
];

describe('published figures', () => {
  it.each(PUBLISHED)('$at, $side, $in: $printed ($source)', ({ at, side, in: convention, printed }) => expect(asPrinted(parameters(modelOf(at))[side][convention] / 1e9, printed)).toBe(printed));

  it.each(DEVIATIONS)('$at, $side: not $printed but $computed ($because)', ({ at, side, printed, computed }) => {
    expect(asPrinted(parameters(modelOf(at))[side].all / 1e9, printed)).toBe(computed);
    expect(computed).not.toBe(printed);
  });

  it('are met where what is not counted is added', () => {
    const total = (name: ExampleName): number => parameters(modelOf(name)).total.all / 1e9;
    expect(asPrinted(total('gpt-oss-120b') + (36 * 128 * 3 * 2880) / 1e9, '116.83')).toBe('116.83');
    expect(asPrinted(total('DeepSeek-V3.2') - parameters(modelOf('DeepSeek-V3.2')).parts.indexer / 1e9, '671')).toBe('671');
    // Biases of query, key, value and output, and of both sides of the feed-forward layer; two norms a layer and two at the ends, with biases.
    expect(asPrinted(total('BLOOM-176B') + (70 * (3 + 1 + 4 + 1 + 4) * 14336 + 4 * 14336) / 1e9, '176.247271424')).toBe('176.247271424');
  });
});

describe('prediction heads are beside the totals', () => {
  it.each([
    // A projection of [2 H, H] and one layer like the last.
    ['DeepSeek-V3', 2 * 7168 ** 2 + latent(7168, 128, 1536, 512, 128, 64, 128) + mixture(7168, 256, 256, 2048, 2048)],
    ['DeepSeek-V3.2', 2 * 7168 ** 2 + latent(7168, 128, 1536, 512, 128, 64, 128) + indexer(7168, 1536, 64, 128) + mixture(7168, 256, 256, 2048, 2048)],
    ['GLM-4.5', 2 * 5120 ** 2 + gqa(5120, 96, 8, 128) + mixture(5120, 160, 160, 1536, 1536)],
    ['qwen3_5_text', 2 * 256 ** 2 + gqa(256, 8, 2, 64) + 256 * 8 * 64 + gated(256, 768)],
    ['nemotron_h by words', 2 * 8192 ** 2 + gqa(8192, 64, 8, 128) + 8192 * 8 + 2 * 8192 * 512 + 8 * ungated(512, 1024)],
    ['Kimi-K2', 0],
  ] as const)('%s', (name, weights) => expect(parameters(modelOf(name)).mtp).toBe(weights));
});

describe('encoders that are not understood', () => {
  it.each(['step3p7', 'kimi_k3'] as const)('%s: refused, and left out where the key is ignored by name', (name) => {
    const config = { ...examples[name], vision_config: { hidden_size: 64 } };
    expect(() => importConfig(config)).toThrow(/^config \w+: vision_config \{"hidden_size":64\} is not understood in this family/);
    const { entry, notes } = importConfig(config, { ignore: ['vision_config'] });
    expect(entry.model).toEqual(modelOf(name));
    expect(notes).toContain('the vision encoder is not counted: vision_config is ignored');
  });
});

describe('attended tokens at 32,768', () => {
  const S = 32768;
  const read = (name: ExampleName): number => modelCache(modelOf(name), { kv: 'bf16' }).readPerToken.evaluate(S);

  it('sparse attention reads the latents of 2048 tokens and all index keys', () => expect(read('DeepSeek-V3.2')).toBe(61 * (2048 * 1152 + S * 132)));
  it('a layer that shares an index reads no index keys', () => expect(read('GLM-5.2')).toBe(78 * 2048 * 1152 + 21 * S * 132));
  it('compressed attention reads its window, the 512 entries chosen of 8192 and all index keys, or all 256 entries', () =>
    expect(read('DeepSeek-V4-Flash')).toBe(43 * 128 * 1024 + 21 * (512 * 1024 + 8192 * 132) + 20 * 256 * 1024));
  it('a layer that shares a cache reads all of it', () => expect(read('Hunyuan-Large')).toBe(64 * S * 2 * 8 * 80 * 2));
  it('a window reads its tokens', () => expect(read('gpt-oss-120b')).toBe((18 * S + 18 * 128) * 2 * 8 * 64 * 2));
  it('a chunk reads up to the position in it', () => expect(read('Llama-4-Maverick text')).toBe((12 * S + 36 * 8192) * 2 * 8 * 128 * 2));
  it('states are read whole', () => expect(read('MiniMax-M1')).toBe(S * 10 * 2 * 8 * 128 * 2 + 70 * 64 * 128 * 128 * 4));
});
