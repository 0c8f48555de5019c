import { type EpdModel, table3 } from './tables.ts';

/** Times of arXiv:2501.05460v4 as printed, in seconds, and shares in per cent. */

export const FRAMES = [8, 16, 32, 64] as const;
export const SYSTEMS = ['vllm', 'distserve', 'epd'] as const;
export type System = (typeof SYSTEMS)[number];

/** Table 1: mean TTFT by frames of a video (MiniCPM-V 2.6, 100 samples of Video-MME, 1 request per second). */
export const table1: Readonly<Record<System, readonly string[]>> = {
  vllm: ['0.42', '0.82', '1.59', '3.11'],
  distserve: ['0.42', '0.81', '1.54', '3.08'],
  epd: ['0.24', '0.30', '0.49', '1.00'],
};
/** Requests per second of Table 1. */
export const TABLE_1_RATE = 1;

export const IMAGES = [2, 4, 6, 8] as const;

/** Table 4: mean TTFT by images of a request with and without intra-request parallelism (MiniCPM-V 2.6, 4032 x 3024, 0.25 requests per second), and how many times as long. */
export const table4: { readonly irp: readonly string[]; readonly 'no-irp': readonly string[]; readonly ratio: readonly string[] } = {
  irp: ['0.92', '1.02', '1.14', '1.74'],
  'no-irp': ['1.46', '2.47', '3.37', '4.27'],
  ratio: ['1.6', '2.4', '2.9', '2.5'],
};

/** Section 4.2: by up to so many per cent is TTFT less than that of DistServe. */
export const reductions: Readonly<Record<EpdModel, string>> = { 'minicpm-v-2.6': '71.9', 'internvl2-8b': '32.8', 'internvl2-26b': '44.9' };
/** The same as the abstract has it, of all models. */
export const abstractReduction = '71';
/** Section 4.2, of Table 1: by up to, and at some frames. */
export const videoReductions = { distserve: '68.2', vllm: '69.2', 'distserve-8': '42.9', 'distserve-64': '67.5' } as const;
/** Section 4.5: by so many per cent is TTFT of InternVL2-8B less than that of vLLM, 8 images, on GPUs and on Ascend 910B3. */
export const npuReductions = { gpu: '24.4', npu: '35.2' } as const;

/** What a request is to keep: seconds to the first token and per token after it. */
export interface Slo {
  readonly ttft: number;
  readonly tpot: number;
  /** what is doubtful about the printed numbers */
  readonly note?: string;
}

/** Table 9: objectives by model and images of a request. */
export const SLO: Readonly<Record<EpdModel, Readonly<Record<(typeof IMAGES)[number], Slo>>>> = {
  'minicpm-v-2.6': { 2: { ttft: 1.4, tpot: 0.04 }, 4: { ttft: 2.6, tpot: 0.04 }, 6: { ttft: 3.9, tpot: 0.06 }, 8: { ttft: 5.1, tpot: 0.06 } },
  'internvl2-8b': { 2: { ttft: 1.2, tpot: 0.05 }, 4: { ttft: 2.4, tpot: 0.06 }, 6: { ttft: 3.55, tpot: 0.09 }, 8: { ttft: 5, tpot: 0.18 } },
  'internvl2-26b': {
    2: { ttft: 3.5, tpot: 0.07 },
    4: { ttft: 7.05, tpot: 0.08 },
    6: { ttft: 11, tpot: 0.95, note: 'between 0.08 and 0.15 of its neighbours; probably 0.095 is meant' },
    8: { ttft: 15, tpot: 0.15 },
  },
};

/** Objectives of the other workloads: sections 4.1 (videos) and 4.5 (InternVL2-8B, 8 images, on Ascend 910B3). */
export const WORKLOAD_SLO: Readonly<Record<'nextqa' | 'video-mme' | 'npu', Slo>> = {
  nextqa: { ttft: 5.6, tpot: 0.06 },
  'video-mme': { ttft: 3.1, tpot: 0.025 },
  npu: { ttft: 8.5, tpot: 0.12 },
};

/**
 * A released run of DistServe (7P1D, MiniCPM-V 2.6, one request a batch, 2 images of 4032 x 3024, 100 requests at once): mean time of encode and
 * prefill of a request, the first of each worker left out, which warm up. Which GPU it ran on is not recorded.
 */
export const distserveTrace = { images: 2, seconds: 1.345984897826628, requests: 93, file: 'baselines/pd/runs/None/lifetime_events.json' } as const;

/** Tiles of an image of 4032 x 3024, MiniCPM-V 2.6 (Table 3). */
export const TILES_4K = table3['minicpm-v-2.6']['4032x3024'].tiles;
/** Encode workers of EPD for MiniCPM-V 2.6: 6E1P1D in Appendix E.4 and in the released script. */
export const ENCODE_WORKERS = 6;
