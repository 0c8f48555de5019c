import type { NumberSpec } from '../../evidence/number.ts';
import { irpSpeedup } from '../../serving/multimodal/latency-form.ts';
import type { Aim, PrintedCell } from '../printed.ts';
import { abstractReduction, FRAMES, IMAGES, npuReductions, reductions, SYSTEMS, type System, table1, table4, videoReductions } from './data/latency.ts';
import { derived, ID, type Item, item } from './item.ts';
import { type FittedCell, type LatencyFit, latencyFit } from './latency-fits.ts';
import { ttftReduction } from './latency-formulas.ts';
import { BEST_IMAGES, fitNumber, latencyInputs, leastAt, predictedTime } from './latency-numbers.ts';

export { latencyConstants } from './latency-fits.ts';

const PERCENT = 0.01;
/** What is asked of every predicted time and reduction, chosen before the cells were looked at. */
const WITHIN: Aim = { kind: 'within', share: 0.05 };

const id = (path: string): string => `${ID}/${path}`;
const printedId = (path: string): string => id(`printed/${path}`);

/** A cell that a fit was given is compared at its printed digits; one that it was not given is a prediction. */
function cellItem(fit: LatencyFit, cell: FittedCell, where: string, because: string | undefined, variant = ''): Item {
  const fitted = fit.fitted.includes(cell);
  const options = { ...(fitted ? {} : { aim: WITHIN }), ...(because === undefined ? {} : { deviates: because }) };
  return item(`${cell.path}${variant}`, cell.printed, `${where}${fitted ? '; the constants were fitted to it' : ''}`, predictedTime(fit, cell), options);
}

const FITTED = 'a cell of the fit: three constants meet four cells only in the mean';
const BASE = 'the cells of one round of encoding, up to six images, all lie below the form by about the same time: those without IRP ask for a larger base';

/** Table 4: constants of the rows of 2 and 8 images; 4 and 6 images are predicted. */
const table4Items = (fit: LatencyFit): readonly Item[] =>
  [...fit.fitted, ...fit.heldOut].map((cell) => {
    const [, row, images] = cell.path.split('/');
    const because = fit.fitted.includes(cell) ? FITTED : cell.path === 'table-4/irp/4' ? BASE : undefined;
    return cellItem(fit, cell, `Table 4, ${images} images, ${row === 'irp' ? 'EPD' : 'without IRP'}`, because);
  });

const ratio = (images: number): NumberSpec =>
  derived(`TTFT of ${images} images without IRP over that with it, as printed`, irpSpeedup, { without: printedId(`table-4/no-irp/${images}`), withIrp: printedId(`table-4/irp/${images}`) });
const AT_SIX = IMAGES.indexOf(6);
/** Half of the last digit of a printed time, s. */
const HALF = 0.005;
/** Ratio of six images that times allow which round to the printed ones. */
const leastRatio = ((Number(table4['no-irp'][AT_SIX]) - HALF) / (Number(table4.irp[AT_SIX]) + HALF)).toFixed(2);
const ROUNDED = `the times are printed rounded: those behind them may give as little as ${leastRatio}`;

/** What Table 4 and the text say of its times. */
const ratioItems: readonly Item[] = [
  ...IMAGES.map((images, at) =>
    item(`table-4/ratio/${images}`, table4.ratio[at] as string, `Table 4, ${images} images, times as long without IRP`, ratio(images), images === 6 ? { deviates: ROUNDED } : {}),
  ),
  item('text/irp-speedup', table4.ratio[AT_SIX] as string, 'section 4.4, up to so many times as long without IRP', ratio(6), { deviates: ROUNDED }),
];

const BENDS = 'by the printed times a frame costs EPD more the more frames there are, which no line has; with the queue of requests that share all encode workers it is met, see the cell beside it';

/** Table 1: a line for each system through 8 and 64 frames; 16 and 32 are predicted. */
const table1Items: readonly Item[] = SYSTEMS.flatMap((system) => {
  const fit = latencyFit(`table-1/${system}/8-64`);
  const where = ({ path }: FittedCell): string => `Table 1, ${system}, ${path.split('/').at(-1)} frames`;
  const queued = system === 'epd' ? latencyFit('table-1/epd/8-64-queued') : null;
  return [
    ...[...fit.fitted, ...fit.heldOut].map((cell) => cellItem(fit, cell, where(cell), system === 'epd' && fit.heldOut.includes(cell) ? BENDS : undefined)),
    // its two constants do not take these cells
    ...(queued?.heldOut.map((cell) => cellItem(queued, cell, `${where(cell)}, with a queue: a form chosen after the line had missed this cell`, undefined, ':queued')) ?? []),
  ];
});

const videoReduction = (system: Exclude<System, 'epd'>, frames: number): NumberSpec =>
  derived(`reduction of TTFT against ${system}, ${frames} frames, as printed`, ttftReduction, { ttft: printedId(`table-1/epd/${frames}`), other: printedId(`table-1/${system}/${frames}`) });
const framesOf = (system: Exclude<System, 'epd'>): number => FRAMES[leastAt(FRAMES.map((_, at) => Number(table1.epd[at]) / Number(table1[system][at])))] as number;

const videoItems: readonly Item[] = [
  ...(['distserve', 'vllm'] as const).map((system) =>
    item(`text/ttft-reduction/video-mme/${system}`, videoReductions[system], `section 4.2, up to so many per cent less than ${system} (Table 1)`, videoReduction(system, framesOf(system)), {
      scale: PERCENT,
    }),
  ),
  ...([8, 64] as const).map((frames) =>
    item(
      `text/ttft-reduction/video-mme/distserve-${frames}`,
      videoReductions[`distserve-${frames}`],
      `section 4.2, per cent less than distserve, ${frames} frames (Table 1)`,
      videoReduction('distserve', frames),
      {
        scale: PERCENT,
      },
    ),
  ),
];

const reduction = (ttft: string, what: string): NumberSpec => ({
  ...derived(`reduction of TTFT against DistServe, ${BEST_IMAGES} images, ${what}`, ttftReduction, { ttft, other: id(`ttft/distserve/${BEST_IMAGES}`) }),
  note: 'the GPU of the released run of DistServe is not recorded, and its run has no queue',
});
const predicted = reduction(id(`predicted/table-4/2-8/irp/${BEST_IMAGES}`), 'both predicted');
const halfPredicted = reduction(printedId(`table-4/irp/${BEST_IMAGES}`), 'with the printed TTFT of EPD');
const MINICPM = `text/ttft-reduction/minicpm-v-2.6`;
const UP_TO = 'up to so many per cent less than DistServe';

const reductionItems: readonly Item[] = [
  item(MINICPM, reductions['minicpm-v-2.6'], `section 4.2, MiniCPM-V 2.6, ${UP_TO}`, predicted, { scale: PERCENT, aim: WITHIN }),
  item(`${MINICPM}:printed-ttft`, reductions['minicpm-v-2.6'], `section 4.2, MiniCPM-V 2.6, ${UP_TO}; TTFT of EPD from Table 4`, halfPredicted, { scale: PERCENT, aim: WITHIN }),
  item('abstract/ttft-reduction', abstractReduction, 'abstract, TTFT up to so many per cent less', predicted, { scale: PERCENT, aim: WITHIN }),
];

/** Printed cells of latency that a formula answers. */
export const latencyItems: readonly Item[] = [...table4Items(latencyFit('table-4/2-8')), ...ratioItems, ...table1Items, ...videoItems, ...reductionItems];

/** A printed cell that nothing here computes, and what is missing. */
export interface OpenLatencyCell {
  readonly cell: PrintedCell;
  readonly because: string;
}

const open = (path: string, printed: string, where: string, because: string): OpenLatencyCell => ({
  cell: { id: id(path), paper: ID, table: path.split('/')[0] as string, printed, scale: PERCENT, where },
  because,
});
const NO_TIMES = 'needs a time of encode or prefill of this model; they are only in Figures 6 and 12, which are drawn without numbers, and no run of it is released';

/** Cells of latency that wait for what is not public. */
export const openLatencyCells: readonly OpenLatencyCell[] = [
  ...(['internvl2-8b', 'internvl2-26b'] as const).map((model) => open(`text/ttft-reduction/${model}`, reductions[model], `section 4.2, ${model}, ${UP_TO}`, NO_TIMES)),
  ...(['gpu', 'npu'] as const).map((chip) =>
    open(`text/ttft-reduction/vllm/${chip}`, npuReductions[chip], `section 4.5, InternVL2-8B, 8 images, per cent less than vLLM on ${chip === 'gpu' ? 'GPUs' : 'NPUs'}`, NO_TIMES),
  ),
];

/**
 * `epd/...`: `printed/<table>/<row>/<count>`, `slo/<model>/<images>/<ttft|tpot>`, `slo/<nextqa|video-mme|npu>/<ttft|tpot>`; of each fit of `FIT_IDS`
 * `constant/<fit>/<symbol>`, `predicted/<fit>/<row>/<count>` and `error/<fit>/<fitted|held-out>`; `ttft/distserve/<images>`, `ttft-floor/<images>`,
 * `reduction/<images>`, `growth/<printed|printed-queued|predicted>`, `ep-transfer/<model>/<images>`, and what these are computed from.
 */
export function latencyNumber(path: readonly string[]): NumberSpec | null {
  const key = path.join('/');
  const number = Object.hasOwn(latencyInputs, key) ? latencyInputs[key] : fitNumber(path);
  return (typeof number === 'function' ? number() : number) ?? null;
}
