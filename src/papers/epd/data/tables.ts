/**
 * Tables 2, 3 and 8 of arXiv:2501.05460v4, as printed. OOM is out of memory, OOCL out of context length. Columns are the paper's: DistServe has one worker
 * for encoding and prefilling, EPD one for each.
 */
export const EPD_MODELS = ['minicpm-v-2.6', 'internvl2-8b', 'internvl2-26b'] as const;
export type EpdModel = (typeof EPD_MODELS)[number];
export const RESOLUTIONS = ['313x234', '787x444', '4032x3024'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];
export type PrintedOutcome = 'OOM' | 'OOCL';
type Entry = number | PrintedOutcome;

type ByResolution<T> = Readonly<Record<EpdModel, Readonly<Record<Resolution, T>>>>;

/** Most images of a request, batch 1, KV given 80 % of the free memory. */
export const table2: ByResolution<{ readonly distserve: number; readonly epd: number }> = {
  'minicpm-v-2.6': { '313x234': { distserve: 77, epd: 490 }, '787x444': { distserve: 26, epd: 165 }, '4032x3024': { distserve: 7, epd: 49 } },
  'internvl2-8b': { '313x234': { distserve: 19, epd: 19 }, '787x444': { distserve: 19, epd: 19 }, '4032x3024': { distserve: 19, epd: 19 } },
  'internvl2-26b': { '313x234': { distserve: 1, epd: 10 }, '787x444': { distserve: 11, epd: 45 }, '4032x3024': { distserve: 1, epd: 10 } },
};

/** Largest batch of requests with 10 images, KV given 80 % of the free memory; `tiles` is the paper's column of patches per image. */
export const table3: ByResolution<{ readonly tiles: number; readonly distserve: Entry; readonly encode: Entry; readonly prefill: Entry }> = {
  'minicpm-v-2.6': {
    '313x234': { tiles: 1, distserve: 7, encode: 49, prefill: 86 },
    '787x444': { tiles: 3, distserve: 2, encode: 16, prefill: 29 },
    '4032x3024': { tiles: 10, distserve: 'OOM', encode: 4, prefill: 9 },
  },
  'internvl2-8b': {
    '313x234': { tiles: 13, distserve: 2, encode: 15, prefill: 2 },
    '787x444': { tiles: 3, distserve: 9, encode: 67, prefill: 10 },
    '4032x3024': { tiles: 13, distserve: 2, encode: 15, prefill: 2 },
  },
  'internvl2-26b': {
    '313x234': { tiles: 13, distserve: 'OOM', encode: 6, prefill: 1 },
    '787x444': { tiles: 3, distserve: 1, encode: 22, prefill: 4 },
    '4032x3024': { tiles: 13, distserve: 'OOM', encode: 6, prefill: 1 },
  },
};

/** Largest share of the free memory for KV on the worker that prefills, per cent; batch 1, images of 4032 x 3024. */
export const table8: Readonly<Record<EpdModel, readonly { readonly images: number; readonly distserve: Entry; readonly epd: Entry }[]>> = {
  'minicpm-v-2.6': [
    { images: 5, distserve: 86, epd: 99 },
    { images: 10, distserve: 74, epd: 97 },
    { images: 20, distserve: 49, epd: 95 },
    { images: 40, distserve: 'OOM', epd: 92 },
    { images: 80, distserve: 'OOM', epd: 'OOCL' },
  ],
  'internvl2-8b': [
    { images: 5, distserve: 94, epd: 95 },
    { images: 10, distserve: 89, epd: 91 },
    { images: 20, distserve: 'OOCL', epd: 'OOCL' },
  ],
  'internvl2-26b': [
    { images: 5, distserve: 67, epd: 89 },
    { images: 10, distserve: 36, epd: 80 },
    { images: 20, distserve: 'OOM', epd: 63 },
    { images: 40, distserve: 'OOM', epd: 'OOCL' },
  ],
};

/** Headlines of abstract and text that follow from memory; per cent where not times. */
export const memoryHeadlines = {
  batch: '22',
  images: '10',
  kvShare: '2.2',
  prefillBatch: '14.5',
  encodePeakSaving: '93.3',
  encodeWeights: { 'minicpm-v-2.6': '95', 'internvl2-8b': '96.2', 'internvl2-26b': '78.3' },
  prefillWeights: { 'minicpm-v-2.6': '5', 'internvl2-8b': '3.7', 'internvl2-26b': '21.6' },
} as const;

/** Settings of the tables. */
export const tableSettings = { kvShare: 0.8, batchImages: 10, textTokens: 22, cacheEntries: 3000 } as const;
