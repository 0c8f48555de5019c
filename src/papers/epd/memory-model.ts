import { modelCache } from '../../models/cache.ts';
import { largestTile, mmCacheBytes, modelOf, paddedPatches, parameters, tileBytes } from '../../models/index.ts';
import { RELEASED_MEMORY } from '../../serving/disaggregation/kv-capacity.ts';
import type { ActivationConstants, ImageRequest, MemoryOutcome, MultimodalBytes, MultimodalWorker } from '../../serving/multimodal/memory.ts';
import { imagesPerRequest, kvShare, largestBatch } from '../../serving/multimodal/memory.ts';
import { kept } from '../kept.ts';
import { type EpdModel, type PrintedOutcome, RESOLUTIONS, type Resolution, table2, table3, table8, tableSettings } from './data/tables.ts';
import { imageIn } from './images.ts';

/** The resolution of Table 8. */
export const LARGE: Resolution = '4032x3024';
/** Bytes of FP16. */
export const ELEMENT_BYTES = 2;
/** What an A100 with 80 GB reports, as the released profiler of DistServe has it, whose code EPD's goes on. */
export const CAPACITY = RELEASED_MEMORY.memory;

/** Constants of one model. Both workers that encode have the same bytes of a patch unless cells ask for two. */
export interface EpdConstants {
  readonly patch: number;
  readonly encodePrefillPatch: number;
  readonly token: number;
  readonly reserved: number;
}

const keptBytes = kept<MultimodalBytes>();

/** Weights and caches of a model in FP16. */
export const epdBytes = (id: EpdModel): MultimodalBytes =>
  keptBytes(id, () => {
    const model = modelOf(id);
    const { parts, total } = parameters(model);
    const { tokens } = largestTile(imageIn(id, LARGE));
    return {
      encoder: parts.vision * ELEMENT_BYTES,
      language: (total.all - parts.vision) * ELEMENT_BYTES,
      multimediaCache: mmCacheBytes.evaluate({ entries: tableSettings.cacheEntries, bytes: tileBytes.evaluate({ tokens, hidden: model.hidden, elementBytes: ELEMENT_BYTES }) }),
      kvPerToken: modelCache(model).perToken,
    };
  });

export type EpdStage = 'encode' | 'prefill' | 'encode-prefill';

/** The tables count tokens of images alone against the context: 490 images of 64 tokens are within 32,768 tokens, with their markers they are not. */
export function workerOf(id: EpdModel, stage: EpdStage, { patch, encodePrefillPatch, token, reserved }: EpdConstants): MultimodalWorker {
  const activations: ActivationConstants = { patch: stage === 'encode-prefill' ? encodePrefillPatch : patch, token, reserved };
  return { stage, capacity: CAPACITY, model: epdBytes(id), activations, context: modelOf(id).maxContext ?? null, contextCounts: 'image-tokens' };
}

/** A request of images of one resolution with the text of the paper's prompts; all tiles of a pass are padded to the largest. */
export function requestOf(id: EpdModel, resolution: Resolution, images: number): ImageRequest {
  const image = imageIn(id, resolution);
  return { image: { patches: paddedPatches(image), tokens: image.tokens, promptTokens: image.promptTokens }, images, textTokens: tableSettings.textTokens };
}

/** A printed cell of Tables 2, 3 and 8; `workers` must all take it. `unit` says what a number is: images, requests, per cent of KV. */
export interface MemoryCell {
  readonly table: 2 | 3 | 8;
  /** `table-3/minicpm-v-2.6/313x234/encode` */
  readonly path: string;
  readonly model: EpdModel;
  readonly resolution: Resolution;
  readonly column: 'distserve' | 'epd' | 'encode' | 'prefill';
  readonly images: number;
  readonly stages: readonly EpdStage[];
  readonly printed: number | PrintedOutcome;
}

const COLUMN_STAGES: Readonly<Record<MemoryCell['column'], readonly EpdStage[]>> = { distserve: ['encode-prefill'], epd: ['encode', 'prefill'], encode: ['encode'], prefill: ['prefill'] };

/** All cells of Tables 2, 3 and 8 of a model, in the order of print. */
export const cellsOf = (model: EpdModel): readonly MemoryCell[] => [
  ...RESOLUTIONS.flatMap((resolution) =>
    (['distserve', 'epd'] as const).map(
      (column): MemoryCell => ({
        table: 2,
        path: `table-2/${model}/${resolution}/${column}`,
        model,
        resolution,
        column,
        images: 1,
        stages: COLUMN_STAGES[column],
        printed: table2[model][resolution][column],
      }),
    ),
  ),
  ...RESOLUTIONS.flatMap((resolution) =>
    (['distserve', 'encode', 'prefill'] as const).map(
      (column): MemoryCell => ({
        table: 3,
        path: `table-3/${model}/${resolution}/${column}`,
        model,
        resolution,
        column,
        images: tableSettings.batchImages,
        stages: COLUMN_STAGES[column],
        printed: table3[model][resolution][column],
      }),
    ),
  ),
  ...table8[model].flatMap((row) =>
    (['distserve', 'epd'] as const).map(
      (column): MemoryCell => ({
        table: 8,
        path: `table-8/${model}/${row.images}/${column}`,
        model,
        resolution: LARGE,
        column,
        images: row.images,
        // of the workers of EPD, only that of prefill has KV beside activations
        stages: column === 'epd' ? ['prefill'] : ['encode-prefill'],
        printed: row[column],
      }),
    ),
  ),
];

/** What one worker gives for a cell. */
function outcomeOn(stage: EpdStage, { table, model, resolution, images }: MemoryCell, constants: EpdConstants): MemoryOutcome {
  const worker = workerOf(model, stage, constants);
  const request = requestOf(model, resolution, images);
  if (table === 2) return imagesPerRequest(worker, request, tableSettings);
  return table === 3 ? largestBatch(worker, request, tableSettings) : kvShare(worker, request);
}

/** What all workers of a cell give: the least, or what stops the first of them. */
export function outcomeOf(cell: MemoryCell, constants: EpdConstants): MemoryOutcome {
  const outcomes = cell.stages.map((stage) => outcomeOn(stage, cell, constants));
  return outcomes.reduce((least, each) => (least.outcome !== 'fits' || (each.outcome === 'fits' && each.value >= least.value) ? least : each));
}

/** How far shares of KV in Table 8 may be off, points. */
export const KV_POINTS = 1.5;

/** Whether an outcome is the printed one: equal for images, requests and OOM or OOCL; within 1.5 points for a share of KV. */
export function isPrinted({ table, printed }: MemoryCell, outcome: MemoryOutcome): boolean {
  if (typeof printed !== 'number' || outcome.outcome !== 'fits') return outcome.outcome === printed;
  return table === 8 ? Math.abs(100 * outcome.value - printed) <= KV_POINTS : outcome.value === printed;
}
