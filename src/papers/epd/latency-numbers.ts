import type { NumberSpec } from '../../evidence/number.ts';
import { epTransferTime, irpSlopeRatio, ttftEncodePrefill, ttftFloor } from '../../serving/multimodal/latency-form.ts';
import { distserveTrace, ENCODE_WORKERS, FRAMES, IMAGES, SLO, type Slo, SYSTEMS, TABLE_1_RATE, TILES_4K, table1, table4, WORKLOAD_SLO } from './data/latency.ts';
import { EPD_MODELS } from './data/tables.ts';
import { imageIn } from './images.ts';
import { derived, found, ID, type Item, printedLeaf } from './item.ts';
import { errorOf, FIT_IDS, type FittedCell, type LatencyFit, latencyFit } from './latency-fits.ts';
import { imageTimeOfRequest, largestErrorProcedure, ratioOfGrowth, ttftReduction } from './latency-formulas.ts';

type Numbers = Readonly<Record<string, Item['number']>>;

const REPOSITORY = { kind: 'repository', repo: 'vbdi/epdserve', revision: '9b111f710dfb', read: '2026-11-28' } as const;
const id = (path: string): string => `${ID}/${path}`;
const constantId = (fit: string, symbol: string): string => id(`constant/${fit}/${symbol}`);

/** The time of a cell by a fit. */
export function predictedTime(fit: LatencyFit, cell: FittedCell): NumberSpec {
  const constants = Object.fromEntries(Object.keys(fit.constants).map((symbol) => [symbol, constantId(fit.id, symbol)]));
  const given = Object.fromEntries(Object.entries(cell.given).map(([symbol, { path }]) => [symbol, id(path)]));
  return derived(`TTFT of ${cell.path} by the constants of ${fit.id}`, cell.card, { ...constants, ...given });
}

const MEANING: Readonly<Record<string, string>> = {
  base: 'time that does not grow',
  encodeTime: 'time to encode an image',
  prefillTime: 'time by which an image lengthens prefill',
  frameTime: 'time by which a frame lengthens TTFT',
};

const inputsOf = (cells: readonly FittedCell[]): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(cells.map(({ path }) => [path, id(`printed/${path}`)])),
  ...Object.fromEntries(cells.flatMap(({ given }) => Object.values(given).map(({ path }) => [path, id(path)]))),
});

const constant = (fit: LatencyFit, symbol: string): Item['number'] => found(`${MEANING[symbol]}, fitted (${fit.id})`, 's', fit.procedure, inputsOf(fit.fitted), () => fit.constants[symbol] as number);

const largestError = (fit: LatencyFit, kind: 'fitted' | 'held-out'): Item['number'] | null => {
  const cells = kind === 'fitted' ? fit.fitted : fit.heldOut;
  if (cells.length === 0) return null;
  const constants = Object.fromEntries(Object.keys(fit.constants).map((symbol) => [symbol, constantId(fit.id, symbol)]));
  return found(`largest error of the ${kind === 'fitted' ? 'cells of the fit' : 'held-out cells'}, ${fit.id}`, '1', largestErrorProcedure, { ...constants, ...inputsOf(cells) }, () =>
    Math.max(...cells.map((cell) => Math.abs(errorOf(fit, cell)))),
  );
};

/** `constant/<fit>/<symbol>`, `error/<fit>/<fitted|held-out>`, `predicted/<fit>/<the cell, without its table>`. */
export function fitNumber([kind = '', ...path]: readonly string[]): Item['number'] | null {
  const key = path.join('/');
  const fitId = FIT_IDS.find((each) => key.startsWith(`${each}/`));
  if (fitId === undefined) return null;
  const [fit, rest] = [latencyFit(fitId), key.slice(fitId.length + 1)];
  switch (kind) {
    case 'constant':
      return Object.hasOwn(fit.constants, rest) ? constant(fit, rest) : null;
    case 'error':
      return rest === 'fitted' || rest === 'held-out' ? largestError(fit, rest) : null;
    case 'predicted': {
      const cell = [...fit.fitted, ...fit.heldOut].find((each) => each.path === `${fitId.slice(0, fitId.lastIndexOf('/'))}/${rest}`);
      return cell === undefined ? null : predictedTime(fit, cell);
    }
    default:
      return null;
  }
}

/** Images of the largest reduction of TTFT against DistServe, by the printed times of EPD: "up to" in the text. */
export const BEST_IMAGES: number = IMAGES[leastAt(IMAGES.map((images, at) => Number(table4.irp[at]) / images))] as number;

const leaf = (label: string, value: number, unit: string, source: Extract<NumberSpec, { kind: 'leaf' }>['source'], note?: string): NumberSpec => ({
  kind: 'leaf',
  label,
  value,
  unit,
  source,
  ...(note === undefined ? {} : { note }),
});

const counted = [...new Set<number>([...IMAGES, ...FRAMES])];

const printed: Numbers = {
  ...Object.fromEntries(
    (['irp', 'no-irp'] as const).flatMap((row) =>
      IMAGES.map((images, at) => [`printed/table-4/${row}/${images}`, printedLeaf(`mean TTFT, ${images} images, ${row === 'irp' ? 'with' : 'without'} IRP`, Number(table4[row][at]), 's', 'Table 4')]),
    ),
  ),
  ...Object.fromEntries(
    SYSTEMS.flatMap((system) => FRAMES.map((frames, at) => [`printed/table-1/${system}/${frames}`, printedLeaf(`mean TTFT, ${system}, ${frames} frames`, Number(table1[system][at]), 's', 'Table 1')])),
  ),
};

const settings: Numbers = {
  ...Object.fromEntries(counted.map((value) => [`count/${value}`, printedLeaf('images or frames of a request', value, '1', value > 8 ? 'Table 1' : 'Tables 1 and 4')])),
  'input/encode-workers': printedLeaf('encode workers', ENCODE_WORKERS, '1', 'Appendix E.4'),
  'input/tiles-4k': printedLeaf('tiles of an image of 4032 x 3024, MiniCPM-V 2.6', TILES_4K, '1', 'Table 3'),
  'input/video-rate': printedLeaf('requests per second of Table 1', TABLE_1_RATE, '1/s', 'Table 1'),
  'input/distserve-request-time': leaf(
    `encode and prefill of a request of DistServe, mean of ${distserveTrace.requests}`,
    distserveTrace.seconds,
    's',
    { ...REPOSITORY, file: distserveTrace.file },
    'the first request of each worker, which warms it up, is left out; the GPU is not recorded',
  ),
  'input/distserve-images': leaf('images of a request of the released run', distserveTrace.images, '1', { ...REPOSITORY, file: distserveTrace.file }),
  'input/distserve-image-time': derived('encode and prefill of an image, DistServe', imageTimeOfRequest, { request: id('input/distserve-request-time'), images: id('input/distserve-images') }),
};

const objectives = (path: string, what: string, { ttft, tpot, note }: Slo, at: string): readonly (readonly [string, NumberSpec])[] => [
  [`${path}/ttft`, printedLeaf(`objective of TTFT, ${what}`, ttft, 's', at)],
  [`${path}/tpot`, { ...printedLeaf(`objective of TPOT, ${what}`, tpot, 's', at), ...(note === undefined ? {} : { note }) }],
];

const slos: Numbers = Object.fromEntries([
  ...EPD_MODELS.flatMap((model) => IMAGES.flatMap((images) => objectives(`slo/${model}/${images}`, `${model}, ${images} images`, SLO[model][images], 'Table 9'))),
  ...Object.entries(WORKLOAD_SLO).flatMap(([workload, slo]) => objectives(`slo/${workload}`, workload, slo, workload === 'npu' ? 'Appendix F.3' : 'section 4.1')),
]);

/** TTFT of the released DistServe worker, what EPD tends to with more workers, and by how much it is less. */
const times: Numbers = Object.fromEntries(
  IMAGES.flatMap((images) => [
    [`ttft/distserve/${images}`, derived(`TTFT of DistServe, ${images} images`, ttftEncodePrefill, { images: id(`count/${images}`), imageTime: id('input/distserve-image-time') })],
    [
      `ttft-floor/${images}`,
      derived(`TTFT of EPD with ever more encode workers, ${images} images`, ttftFloor, {
        base: constantId('table-4/2-8', 'base'),
        prefillTime: constantId('table-4/2-8', 'prefillTime'),
        images: id(`count/${images}`),
      }),
    ],
    [
      `reduction/${images}`,
      derived(`reduction of TTFT against DistServe, ${images} images, both predicted`, ttftReduction, { ttft: id(`predicted/table-4/2-8/irp/${images}`), other: id(`ttft/distserve/${images}`) }),
    ],
  ]),
);

/** How much slower TTFT of EPD grows with frames than that of DistServe, as printed (with and without a queue), and as Table 4 has encode and prefill of an image. */
const growth: Numbers = {
  'growth/printed': derived('growth of TTFT per frame, EPD over DistServe', ratioOfGrowth, {
    frameTime: constantId('table-1/epd/8-64', 'frameTime'),
    other: constantId('table-1/distserve/8-64', 'frameTime'),
  }),
  'growth/printed-queued': derived('growth of TTFT per frame without its queue, EPD over DistServe', ratioOfGrowth, {
    frameTime: constantId('table-1/epd/8-64-queued', 'frameTime'),
    other: constantId('table-1/distserve/8-64', 'frameTime'),
  }),
  'growth/predicted': derived('growth of TTFT per image with IRP over without', irpSlopeRatio, {
    encodeTime: constantId('table-4/2-8', 'encodeTime'),
    prefillTime: constantId('table-4/2-8', 'prefillTime'),
    workers: id('input/encode-workers'),
  }),
};

const transfers: Numbers = {
  'input/copy-time': leaf('start of a copy', 0, 's', { kind: 'assumed', because: 'not stated; copies are asynchronous' }),
  ...Object.fromEntries(
    EPD_MODELS.flatMap((model) =>
      IMAGES.flatMap((images) => [
        [
          `input/tiles/${model}/${images}`,
          leaf(`tiles of ${images} images of 4032 x 3024, ${model}`, images * imageIn(model, '4032x3024').tiles.length, '1', { kind: 'derived', from: 'image rule of the model' }),
        ] as const,
        [
          `ep-transfer/${model}/${images}`,
          derived(`multimedia tokens of ${images} images from encode to prefill, ${model}, NVLink of an A100`, epTransferTime, {
            tiles: id(`input/tiles/${model}/${images}`),
            tileBytes: id(`tile-bytes/${model}`),
            bandwidth: 'accelerator/a100-80g/scaleUpPerDirection',
            copyTime: id('input/copy-time'),
          }),
        ] as const,
      ]),
    ),
  ),
};

/** Numbers of latency under their path. */
export const latencyInputs: Numbers = { ...printed, ...settings, ...slos, ...times, ...growth, ...transfers };

/** Where the least of several values is. */
export function leastAt(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value < (values[best] as number) ? at : best), 0);
}
