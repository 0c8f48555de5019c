import type { NumberSpec } from '../../evidence/number.ts';
import { largestTile } from '../../models/index.ts';
import { imagesByTokens } from '../../serving/multimodal/memory-formulas.ts';
import { EPD_MODELS, type EpdModel, memoryHeadlines, type Resolution, table2 } from './data/tables.ts';
import { batchOfEncodePrefill, batchOfPrefill, checksPassed, imagesOfWorkers, savedBytes, timesAsManyBytes, timesAsMuch } from './formulas.ts';
import { imageIn } from './images.ts';
import { derived, ID, type Item, item } from './item.ts';
import { limitWindow, type Window } from './memory-fit.ts';
import { cellsOf, KV_POINTS, LARGE, type MemoryCell } from './memory-model.ts';

export { memoryNumber } from './memory-numbers.ts';

const PERCENT = 0.01;

const tilesIn = (model: EpdModel, resolution: Resolution): number => imageIn(model, resolution).tiles.length;
const SMALLER = '787x444';

/** Why cells deviate, by path. */
const smallImageContext = (): string =>
  `the paper prints what the context holds of images of ${tilesIn('internvl2-8b', LARGE)} tiles, see the cell beside it; of images of ${tilesIn('internvl2-8b', SMALLER)} tiles it holds more, and memory takes more`;

const cellOf = (model: EpdModel, path: string): MemoryCell => cellsOf(model).find((candidate) => candidate.path === path) as MemoryCell;

/** Tiles that a cell of InternVL2-26B allows one pass of a worker: at least, and below. */
function tilesOf(path: string, stage: 'encode' | 'encode-prefill'): { readonly from: number; readonly below: number } {
  const cell = cellOf('internvl2-26b', path);
  const { from, to } = limitWindow(cell, stage) as Window;
  const { patches } = largestTile(imageIn(cell.model, cell.resolution));
  return { from: from / patches, below: to / patches };
}

const distserve26b = (): string =>
  `the paper's cells of this worker contradict each other: one image of ${tilesIn('internvl2-26b', LARGE)} tiles and not two is a limit below ${tilesOf('table-2/internvl2-26b/4032x3024/distserve', 'encode-prefill').below} tiles, ${table2['internvl2-26b'][SMALLER].distserve} of ${tilesIn('internvl2-26b', SMALLER)} tiles in the row of ${SMALLER} need at least ${tilesOf('table-2/internvl2-26b/787x444/distserve', 'encode-prefill').from}; what Table 8 has left for KV at 5 and 10 images asks for more, too`;
const encode26b = (): string =>
  `the paper's cells of this worker contradict each other: batches of images of ${tilesIn('internvl2-26b', LARGE)} tiles need a limit of at least ${tilesOf('table-3/internvl2-26b/4032x3024/encode', 'encode').from} tiles, the printed batch of images of ${tilesIn('internvl2-26b', SMALLER)} tiles one below ${tilesOf('table-3/internvl2-26b/787x444/encode', 'encode').below}`;
function prefillMinicpm(): string {
  const [small, large] = (['313x234', SMALLER] as const).map((resolution) => cellOf('minicpm-v-2.6', `table-3/minicpm-v-2.6/${resolution}/prefill`)) as [MemoryCell, MemoryCell];
  const window = (cell: MemoryCell): Window => limitWindow(cell, 'prefill') as Window;
  return `the paper's cells of this worker contradict each other: the printed batch of ${small.printed} in the row of ${small.resolution} needs a limit of at least ${window(small).from} tokens, that of ${large.printed} here one below ${window(large).to}; a line break behind the last row of slices, too, which the released image processor does not write, would do away with it`;
}
const FITTED_SHARE = `a cell of the fit: few constants meet the shares of a model only nearly, all of them within ${KV_POINTS} points; the paper does not say how it rounds or in which steps it tried`;
const NEAR_SHARES = [
  'minicpm-v-2.6/5/distserve',
  'minicpm-v-2.6/5/epd',
  'minicpm-v-2.6/40/epd',
  'internvl2-8b/10/distserve',
  'internvl2-26b/5/distserve',
  'internvl2-26b/10/epd',
  'internvl2-26b/20/epd',
];
const DEVIATIONS: Readonly<Record<string, string>> = {
  'table-2/internvl2-8b/787x444/distserve': smallImageContext(),
  'table-2/internvl2-8b/787x444/epd': smallImageContext(),
  'table-2/internvl2-26b/313x234/distserve': distserve26b(),
  'table-2/internvl2-26b/4032x3024/distserve': distserve26b(),
  'table-3/minicpm-v-2.6/787x444/prefill': prefillMinicpm(),
  'table-3/internvl2-26b/787x444/encode': encode26b(),
  ...Object.fromEntries(NEAR_SHARES.map((path) => [`table-8/${path}`, FITTED_SHARE])),
};

const NAMES = { 'minicpm-v-2.6': 'MiniCPM-V 2.6', 'internvl2-8b': 'InternVL2-8B', 'internvl2-26b': 'InternVL2-26B' } as const satisfies Readonly<Record<EpdModel, string>>;
const COLUMNS = { distserve: 'DistServe', epd: 'EPD', encode: 'EPD, encode', prefill: 'EPD, prefill' } as const satisfies Readonly<Record<MemoryCell['column'], string>>;

function numberOf({ table, model, resolution, column, images, path }: MemoryCell): NumberSpec {
  const by = (what: string, limit: string, stage: string): string => `${ID}/${what}/${limit}/${model}/${stage}/${resolution}`;
  const label = `${NAMES[model]}, ${path}`;
  if (table === 2) {
    const [encoder, language] = column === 'epd' ? ['encode', 'prefill'] : ['encode-prefill', 'encode-prefill'];
    return derived(`images of a request at most: ${label}`, imagesOfWorkers, {
      byTiles: by('images-by', 'tiles', encoder as string),
      byTokens: by('images-by', 'tokens', language as string),
      byKv: by('images-by', 'kv', language as string),
      byContext: by('images-by', 'context', language as string),
    });
  }
  if (table === 3) {
    const what = `largest batch: ${label}`;
    if (column === 'encode') return { kind: 'sum', label: what, unit: '1', terms: [by('batch-by', 'tiles', 'encode')] };
    if (column === 'prefill') return derived(what, batchOfPrefill, { byTokens: by('batch-by', 'tokens', 'prefill'), byKv: by('batch-by', 'kv', 'prefill') });
    return derived(what, batchOfEncodePrefill, {
      byTiles: by('batch-by', 'tiles', 'encode-prefill'),
      byTokens: by('batch-by', 'tokens', 'encode-prefill'),
      byKv: by('batch-by', 'kv', 'encode-prefill'),
    });
  }
  return { kind: 'sum', label: `largest share for KV: ${label}`, unit: '1', terms: [kvLeft(model, column, images)] };
}

const stageOf = (column: MemoryCell['column']): string => (column === 'epd' ? 'prefill' : 'encode-prefill');
const kvLeft = (model: EpdModel, column: MemoryCell['column'], images: number): string => `${ID}/kv-left/${model}/${stageOf(column)}/${LARGE}/${images}`;

/**
 * The item of a cell. What is printed as OOM in Table 3 is a largest batch of 0; OOM and OOCL in Table 8 are the checks that a request passes: 0 (memory fails) and
 * 1 (memory passes, context fails). All are cells of the fit, see `fittedConstants`.
 */
function tableItem(cell: MemoryCell): Item {
  const { table, model, resolution, column, images, path, printed } = cell;
  const because = DEVIATIONS[path];
  const deviates = because === undefined ? {} : { deviates: because };
  const row = table === 8 ? `${images} images` : resolution;
  const where = `Table ${table}, ${NAMES[model]}, ${row}, ${COLUMNS[column]}`;
  const fitted = '; constants were fitted to it';
  if (typeof printed === 'number')
    return item(
      path,
      String(printed),
      `${where}: ${['images of a request', 'requests of ten images', 'largest share of the free memory for KV, per cent'][[2, 3, 8].indexOf(table)]}${fitted}`,
      numberOf(cell),
      table === 8 ? { scale: PERCENT, ...deviates } : deviates,
    );
  if (table === 3) return item(path, '0', `${where}: requests of ten images, printed ${printed}${fitted}`, numberOf(cell), deviates);
  const passed = derived(`checks passed: ${NAMES[model]}, ${path}`, checksPassed, {
    kvShare: kvLeft(model, column, images),
    context: `model/${model}/maxContext`,
    tokens: `${ID}/request-image-tokens/${model}/${stageOf(column)}/${LARGE}/${images}`,
  });
  return item(path, printed === 'OOM' ? '0' : '1', `${where}: printed ${printed}; 0 is OOM, 1 is OOCL, 2 fits${fitted}`, passed, deviates);
}

/** The context of InternVL2-8B in images of most tiles, beside the two cells that are printed for smaller ones. */
const besideItems: readonly Item[] = (['distserve', 'epd'] as const).map((column) =>
  item(
    `table-2/internvl2-8b/787x444/${column}:largest-image`,
    '19',
    `Table 2, InternVL2-8B, 787x444, ${COLUMNS[column]}: images of a request, each counted with the tokens of ${tilesIn('internvl2-8b', LARGE)} tiles`,
    derived(`images of ${tilesIn('internvl2-8b', LARGE)} tiles that the context of InternVL2-8B holds`, imagesByTokens, {
      tokenLimit: 'model/internvl2-8b/maxContext',
      textTokens: `${ID}/input/no-text`,
      tokensPerImage: `${ID}/input/image-tokens/internvl2-8b/${LARGE}`,
    }),
  ),
);

const tableItems = ([2, 3, 8] as const).flatMap((table) => [
  ...EPD_MODELS.flatMap((model) =>
    cellsOf(model)
      .filter((cell) => cell.table === table)
      .map(tableItem),
  ),
  ...(table === 2 ? besideItems : []),
]);

const cellId = (path: string): string => `${ID}/${path}`;
const ratio = (label: string, value: string, other: string): NumberSpec => derived(label, timesAsMuch, { value: cellId(value), other: cellId(other) });
const UNSTATED_PROFILE =
  'the paper profiles without absolute numbers and states neither model nor images nor share of KV; ours is MiniCPM-V 2.6, one image of 4032x3024, KV given 80 %; more images make it less';
const peaks = { value: `${ID}/peak/minicpm-v-2.6/encode/${LARGE}/1`, other: `${ID}/peak/minicpm-v-2.6/encode-prefill/${LARGE}/1` };

const headlineItems: readonly Item[] = [
  item(
    'abstract/batch',
    memoryHeadlines.batch,
    'abstract, times the batch: InternVL2-26B, 787x444, encode worker against DistServe',
    ratio('batch of the encode worker against DistServe, InternVL2-26B', 'table-3/internvl2-26b/787x444/encode', 'table-3/internvl2-26b/787x444/distserve'),
    { deviates: 'follows from the cell of Table 3 that deviates, where the cells of the encode worker contradict each other' },
  ),
  item(
    'abstract/images',
    memoryHeadlines.images,
    'abstract, times the images of a request: InternVL2-26B, 4032x3024',
    ratio('images of a request against DistServe, InternVL2-26B', 'table-2/internvl2-26b/4032x3024/epd', 'table-2/internvl2-26b/4032x3024/distserve'),
    { deviates: 'follows from the cell of Table 2 that deviates: 2 images on the worker of DistServe, not 1' },
  ),
  item(
    'abstract/kv-share',
    memoryHeadlines.kvShare,
    'abstract, times the KV cache: InternVL2-26B, 10 images',
    ratio('KV share against DistServe, InternVL2-26B', 'table-8/internvl2-26b/10/epd', 'table-8/internvl2-26b/10/distserve'),
  ),
  item(
    'abstract/encode-peak-memory',
    '15',
    'abstract, times less peak memory of the encode worker',
    derived('peak of an encode-prefill worker against an encode worker', timesAsManyBytes, { value: peaks.other, other: peaks.value }),
    {
      deviates: UNSTATED_PROFILE,
    },
  ),
  item(
    'text/encode-peak-saving',
    memoryHeadlines.encodePeakSaving,
    'section 4.3, per cent less peak memory of the encode worker',
    derived('peak memory saved on an encode worker', savedBytes, peaks),
    { scale: PERCENT, deviates: UNSTATED_PROFILE },
  ),
  item(
    'text/prefill-batch',
    memoryHeadlines.prefillBatch,
    'text, times the batch: MiniCPM-V 2.6, 787x444, prefill worker against DistServe',
    ratio('batch of the prefill worker against DistServe, MiniCPM-V 2.6', 'table-3/minicpm-v-2.6/787x444/prefill', 'table-3/minicpm-v-2.6/787x444/distserve'),
    { deviates: 'follows from the cell of Table 3 that deviates, where the cells of the prefill worker contradict each other' },
  ),
];

const MODEL_CARD = 'counted from the dimensions of the layers; the printed share probably follows from rounded sizes of encoder and language model';
const WEIGHT_DEVIATIONS: readonly string[] = ['encode/internvl2-26b', 'prefill/internvl2-8b', 'prefill/internvl2-26b'];

const weightItems: readonly Item[] = EPD_MODELS.flatMap((model) =>
  (
    [
      ['encode', memoryHeadlines.encodeWeights[model], 'encoder-layer-bytes'],
      ['prefill', memoryHeadlines.prefillWeights[model], 'language-bytes'],
    ] as const
  ).map(([stage, printed, kept]) =>
    item(
      `text/weights/${stage}/${model}`,
      printed,
      `text, per cent of weights that the ${stage} worker of ${NAMES[model]} saves`,
      derived(`weights saved on the ${stage} worker of ${NAMES[model]}, layers of the encoder`, savedBytes, { value: `${ID}/${kept}/${model}`, other: `${ID}/both-bytes/${model}` }),
      { scale: PERCENT, ...(WEIGHT_DEVIATIONS.includes(`${stage}/${model}`) ? { deviates: MODEL_CARD } : {}) },
    ),
  ),
);

/** Cells of Tables 2, 3 and 8, and headlines that follow from memory. */
export const memoryItems: readonly Item[] = [...tableItems, ...headlineItems, ...weightItems];
