/** Table 7 of arXiv:2501.05460v4: audio, ultravox-v0_3 (on Llama-3.1-8B), 24 audio files a request, 4 GPUs; attainments are shares as printed. */

export const AUDIO_SYSTEMS = ['vllm', 'distserve', 'epd'] as const;
export type AudioSystem = (typeof AUDIO_SYSTEMS)[number];

export const audioSetting = {
  model: 'ultravox-v0_3',
  languageModel: 'llama-3.1-8b',
  filesPerRequest: 24,
  gpus: 4,
  placement: { vllm: 'DP4', distserve: '3P1D', epd: '2E1P1D' },
  /** seconds to the first token, and per token after it */
  slo: { ttft: 2, tpot: 0.025 },
} as const satisfies { readonly placement: Readonly<Record<AudioSystem, string>> } & Readonly<Record<string, unknown>>;

/** A row of Table 7: share of requests that keep both objectives at a rate. */
interface AudioRow {
  /** requests per second */
  readonly rate: string;
  readonly attainment: Readonly<Record<AudioSystem, string>>;
}

const row = (rate: string, vllm: string, distserve: string, epd: string): AudioRow => ({ rate, attainment: { vllm, distserve, epd } });

export const audioRows: readonly AudioRow[] = [
  row('0.10', '0.99', '0.99', '0.99'),
  row('0.25', '1.00', '0.94', '0.99'),
  row('0.50', '0.99', '0.89', '1.00'),
  row('1.00', '0.91', '0.72', '0.96'),
  row('1.10', '0.87', '0.69', '0.93'),
  row('1.15', '0.87', '0.68', '0.93'),
];

/** Requests per second at which 90 % keep both objectives. */
export const audioGoodput: Readonly<Record<AudioSystem, string>> = { vllm: '1.01', distserve: '0.45', epd: '1.16' };
