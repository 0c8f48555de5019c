import { MEMORY_PARTS, type MemoryRow, memoryBars } from '../../src/chart/index.ts';
import { EPD_MODELS, type EpdModel, table8, tableSettings } from '../../src/papers/epd/data/tables.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView } from '../../src/report/view.ts';
import { type EpdContext, gigabytes, id, MODEL_NAMES, ROWS, times } from './context.ts';

const WORKERS = { encode: 'Encode', prefill: 'Prefill', 'encode-prefill': 'Both (DistServe)' } as const;
type Worker = keyof typeof WORKERS;
const RESERVE = 'Reserve';
const IMAGES = tableSettings.batchImages;
const PHOTO = '4032x3024';

/** The number of a part of a worker with one request of ten photos; null where the worker does not hold it. */
function partsOf(model: EpdModel, worker: Worker): readonly { readonly part: string; readonly path: string }[] {
  const [encodes, prefills] = [worker !== 'prefill', worker !== 'encode'];
  return [
    ...(encodes ? [{ part: 'Encoder weights', path: `encoder-bytes/${model}` }] : []),
    ...(prefills ? [{ part: 'LLM weights', path: `language-bytes/${model}` }] : []),
    { part: 'Activations', path: `activations/${model}/${worker}/${PHOTO}/${IMAGES}` },
    { part: 'Multimedia cache', path: `multimedia-cache/${model}` },
    ...(prefills ? [{ part: 'KV cache', path: `kv-pool/${model}/${worker}` }] : []),
    { part: RESERVE, path: `fit/${model}/reserved-bytes` },
  ];
}

/** What a worker of each kind holds with one request of ten photos. */
function bars({ numbers, peek, value }: EpdContext): FigureBlock {
  const workers = Object.keys(WORKERS) as Worker[];
  const rows = EPD_MODELS.flatMap((model) =>
    workers.flatMap((worker) =>
      partsOf(model, worker).map(({ part, path }): MemoryRow => ({ panel: MODEL_NAMES[model], worker: WORKERS[worker], part, gigabytes: peek(id(path)) / 1e9, number: numbers.reference(id(path)) })),
    ),
  );
  const capacity = value(id('input/capacity')) / 1e9;
  const total = (model: EpdModel, worker: Worker): number => partsOf(model, worker).reduce((sum, { path }) => sum + peek(id(path)) / 1e9, 0);
  const holds =
    EPD_MODELS.every((model) => total(model, 'encode') < capacity && total(model, 'prefill') < capacity) &&
    EPD_MODELS.filter((model) => total(model, 'encode-prefill') > capacity).join() === 'minicpm-v-2.6,internvl2-26b';
  return {
    kind: 'figure',
    anchor: 'memory-bars',
    label: 'Figure C',
    chart: memoryBars(rows, {
      id: 'memory-bars',
      title: claim('One request of ten photos runs out of memory where two of three models encode and prefill on one worker, and nowhere else', holds),
      description: 'Memory of an encode, a prefill and an encode-prefill worker with one request of ten images, by part, for the three models of the paper.',
      usable: { gigabytes: Number(capacity.toFixed(1)), name: 'an A100' },
      parts: [...MEMORY_PARTS, { name: RESERVE, pale: true }],
    }),
    note: 'KV is given four fifths of what weights and the multimedia cache leave, as in Table 3. Both: encode and prefill. What activations take is fitted, see {{#fitted}}.',
    source: 'Weights and caches counted; activations and reserve fitted to Tables 2, 3 and 8.',
  };
}

/** A printed outcome that is no count: 0 and 1 of the cell in words. */
function inWords(cell: CellView, words: readonly string[]): CellView {
  const word = (text: string | undefined): string => words[Number(text)] ?? String(text);
  return { ...cell, text: word(cell.text), ...(cell.printed === undefined ? {} : { printed: word(cell.printed) }) };
}

/** Memory by stage: Tables 2, 3 and 8. */
export function memorySection(context: EpdContext): SectionView {
  const { cells, slot, peek } = context;
  const cell = (path: string): CellView => cells.cell(id(path));
  const exact = cells.count('reproduced', 'table-2') + cells.count('reproduced', 'table-3') > 40;
  const larger = EPD_MODELS.every((model) =>
    ROWS.filter((row) => row.model === model).every(({ resolution }) => peek(id(`table-3/${model}/${resolution}/encode`)) > peek(id(`table-3/${model}/${resolution}/distserve`))),
  );
  const deviating = ['table-2', 'table-3']
    .flatMap((table) => ROWS.map(({ model, resolution }) => ({ table, model, resolution })))
    .flatMap(({ table, model, resolution }) => {
      const columns = table === 'table-2' ? ['distserve', 'epd'] : ['distserve', 'encode', 'prefill'];
      return columns.filter((column) => cells.compared(id(`${table}/${model}/${resolution}/${column}`)).status === 'deviation').map(() => model);
    });
  const contradict = deviating.filter((model) => model === 'internvl2-26b').length >= 3;
  const freed = (model: EpdModel): string => `free/${model}/encode`;
  const ratio = 'text/prefill-batch';
  return {
    anchor: 'memory',
    heading: 'Memory by stage',
    takeaway: `${claim('Apart, every encode worker takes larger batches than a worker that also prefills', larger)}: with InternVL2-26B encoding alone leaves ${slot(id(freed('internvl2-26b')), (bytes) => `${gigabytes(bytes)} GB`)} free, both stages ${slot(id('free/internvl2-26b/encode-prefill'), (bytes) => `${gigabytes(bytes)} GB`)} before any KV cache.`,
    blocks: [
      bars(context),
      {
        kind: 'table',
        anchor: 'table-2',
        label: 'Table 2',
        caption: claim('Most images of a request', exact),
        rowHeader: 'Model, pixels',
        columns: [
          { id: 'distserve', header: 'DistServe' },
          { id: 'epd', header: 'EPD' },
        ],
        rows: ROWS.map(
          ({ model, resolution, header }): RowView => ({ header, cells: { distserve: cell(`table-2/${model}/${resolution}/distserve`), epd: cell(`table-2/${model}/${resolution}/epd`) } }),
        ),
        note: 'One request alone, KV given four fifths of the free memory.',
      },
      {
        kind: 'table',
        anchor: 'table-3',
        label: 'Table 3',
        caption: claim('Largest batch of requests of ten images', larger),
        rowHeader: 'Model, pixels',
        columns: [
          { id: 'distserve', header: 'DistServe' },
          { id: 'encode', header: 'Encode', group: 'EPD' },
          { id: 'prefill', header: 'Prefill', group: 'EPD' },
        ],
        rows: ROWS.map(
          ({ model, resolution, header }): RowView => ({
            header,
            cells: Object.fromEntries((['distserve', 'encode', 'prefill'] as const).map((column) => [column, inWords(cell(`table-3/${model}/${resolution}/${column}`), ['OOM'])])),
          }),
        ),
        note: `OOM: out of memory. The prefill worker of MiniCPM-V 2.6 takes ${slot(id(ratio), (value) => `${times(value)} times`)} the batch of DistServe at the middle size.`,
      },
      {
        kind: 'table',
        anchor: 'table-8',
        label: 'Table 8',
        caption: claim('Largest share of the free memory that KV can have, per cent', exact),
        rowHeader: 'Model, photos of a request',
        columns: [
          { id: 'distserve', header: 'DistServe', unit: '%' },
          { id: 'epd', header: 'EPD', unit: '%' },
        ],
        rows: EPD_MODELS.flatMap((model) =>
          table8[model].map(({ images, distserve, epd }): RowView => {
            const shown = (column: 'distserve' | 'epd', printed: number | string): CellView => {
              const found = cell(`table-8/${model}/${images}/${column}`);
              return typeof printed === 'number' ? found : inWords(found, ['OOM', 'OOCL', 'fits']);
            };
            return { header: `${MODEL_NAMES[model]}, ${images}`, cells: { distserve: shown('distserve', distserve), epd: shown('epd', epd) } };
          }),
        ),
        note: 'OOCL: more tokens than the context holds. The paper does not say how it rounds; shares are asked to be within a point and a half of print.',
      },
      {
        kind: 'list',
        items: [
          claim(
            'The cells of InternVL2-26B contradict each other: those of images of many tiles and of few ask for limits of a pass that exclude each other, whatever the constants are. No fit meets both; footnotes name the cells.',
            contradict,
          ),
          `What a worker keeps for its multimedia cache is fixed: ${slot(id('multimedia-cache/minicpm-v-2.6'), (bytes) => `${gigabytes(bytes)} GB`)} for MiniCPM-V 2.6, ${slot(id('multimedia-cache/internvl2-26b'), (bytes) => `${gigabytes(bytes)} GB`)} for InternVL2-26B, on encode and on prefill workers alike.`,
        ],
      },
    ],
  };
}
