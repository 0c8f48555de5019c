import { InputError } from '../../io/input-error.ts';
import type { Resolution } from '../../models/images/index.ts';
import { architectureWorker, imageSizeOf } from '../../serving/multimodal/architecture-worker.ts';
import { imagesPerRequest, kvShare, largestBatch, MEMORY_STAGES, type MemoryOutcome, type MemoryStage, peakMemory } from '../../serving/multimodal/memory.ts';
import type { EncoderAttention } from '../../timing/encoder-memory.ts';
import { significant } from '../../units/format.ts';
import { type Catalogue, importNotes, scenarioNotes } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';
import { type CatalogueOptions, chipFor, counted, DEFAULT_RESOLUTION, modelFor, policyOf, type RequestOptions, requestText, resolutionText, shapeOf, told } from './options.ts';

export interface MemoryOptions extends CatalogueOptions, RequestOptions {
  readonly model?: string;
  readonly accelerator: string;
  readonly image?: Resolution;
  readonly batch: number;
  readonly kvShare: number;
  readonly cacheTiles: number;
  readonly attention: EncoderAttention;
}

/** What one worker of a stage holds and takes. Outcomes: a number, `OOM` (out of memory) or `OOCL` (out of context length); null where a stage has none. */
export interface MemoryRow {
  readonly stage: MemoryStage;
  readonly weightBytes: number;
  readonly multimediaCacheBytes: number;
  readonly activationBytes: number;
  readonly kvBytes: number;
  readonly totalBytes: number;
  readonly capacityBytes: number;
  readonly fits: boolean;
  readonly imagesPerRequest: number | 'OOM' | 'OOCL' | null;
  readonly limitedBy: 'memory' | 'context' | null;
  readonly largestBatch: number | 'OOM' | 'OOCL';
  readonly largestKvShare: number | 'OOM' | 'OOCL' | null;
}

const said = (outcome: MemoryOutcome): number | 'OOM' | 'OOCL' => (outcome.outcome === 'fits' ? outcome.value : outcome.outcome);
const finite = (value: number | 'OOM' | 'OOCL'): number | 'OOM' | 'OOCL' | null => (value === Number.POSITIVE_INFINITY ? null : value);

/** Memory of a worker of each stage. */
export function memoryShown(options: MemoryOptions, catalogue: Catalogue): Printout {
  const { images, prompt, batch, kvShare: share, cacheTiles, attention } = options;
  if (share >= 1) throw new InputError(`multimodal: kv-share ${share} leaves no room for activations: below 1`);
  const model = modelFor(catalogue, options.model);
  const chip = chipFor(catalogue, options.accelerator);
  const resolution = options.image ?? DEFAULT_RESOLUTION;
  const shape = shapeOf(model, resolution);
  const precision = policyOf(model, options.precision);
  const request = { image: imageSizeOf(shape), images, textTokens: prompt };
  const rows = MEMORY_STAGES.map((stage): MemoryRow => {
    const worker = told(() => architectureWorker(model, chip, stage, shape, { precision, cacheTiles, attention }));
    const peak = told(() => peakMemory(worker, request, { batch, kvShare: share }));
    const most = stage === 'decode' ? null : told(() => imagesPerRequest(worker, request, { kvShare: share }));
    return {
      stage,
      weightBytes: peak.weights,
      multimediaCacheBytes: peak.multimediaCache,
      activationBytes: peak.activations,
      kvBytes: peak.kv,
      totalBytes: peak.total,
      capacityBytes: peak.capacity,
      fits: peak.total <= peak.capacity,
      imagesPerRequest: most === null ? null : finite(said(most)),
      limitedBy: most !== null && most.outcome === 'fits' && most.value < Number.POSITIVE_INFINITY ? most.limitedBy : null,
      largestBatch: said(told(() => largestBatch(worker, request, { kvShare: share }))),
      largestKvShare: stage === 'encode' ? null : said(told(() => kvShare(worker, request, batch))),
    };
  });
  const notes = [
    ...importNotes(catalogue, model.id),
    ...scenarioNotes(catalogue),
    `precision: ${precision.id}`,
    `${counted(batch, 'request')} of ${requestText(options, resolution, shape)}; KV gets ${significant(100 * share, 3)} % of what weights and multimedia cache leave`,
    `activations from the architecture alone, ${attention} attention; memory that driver and engine keep is not counted`,
  ];
  return {
    json: { model: model.id, accelerator: chip.id, image: resolutionText(resolution), images, prompt, batch, stages: rows, notes },
    rows: rows.map((row) => ({ ...row, fits: String(row.fits) })),
    tables: [tableOf(model.name, chip.id, rows, notes)],
  };
}

function tableOf(model: string, chip: string, rows: readonly MemoryRow[], notes: readonly string[]): Printout['tables'][number] {
  const number = true;
  const { unit, text } = scaleFor(
    rows.map(({ capacityBytes }) => capacityBytes),
    'B',
  );
  const bytes = { number, group: unit };
  const most = { number, group: 'at most' };
  const dash = (value: number | string | null): string => (value === null ? '–' : String(value));
  const percent = (value: number | string | null): string => (typeof value === 'number' ? significant(100 * value, 3) : dash(value));
  return {
    title: `${model} on one ${chip}, by the stages that a worker does`,
    columns: [
      { header: 'stage' },
      { header: 'weights', ...bytes },
      { header: 'multimedia cache', ...bytes },
      { header: 'activations', ...bytes },
      { header: 'KV', ...bytes },
      { header: 'total', ...bytes },
      { header: 'capacity', ...bytes },
      { header: '' },
      { header: 'images/request', ...most },
      { header: 'requests/batch', ...most },
      { header: 'KV share, %', ...most },
    ],
    rows: rows.map((row) => [
      row.stage,
      text(row.weightBytes),
      text(row.multimediaCacheBytes),
      text(row.activationBytes),
      text(row.kvBytes),
      text(row.totalBytes),
      text(row.capacityBytes),
      row.fits ? '' : 'does not fit',
      dash(row.imagesPerRequest),
      dash(row.largestBatch),
      percent(row.largestKvShare),
    ]),
    notes: [...notes, 'OOM: out of memory, OOCL: out of context length'],
  };
}
