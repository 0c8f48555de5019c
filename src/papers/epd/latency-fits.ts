import type { FormulaCard, ProcedureCard } from '../../provenance/card.ts';
import { fitLatency, leastSquaresProcedure } from '../../serving/multimodal/fit-latency.ts';
import { ttftLinear, ttftQueued, ttftWithIrp, ttftWithIrpByTile, ttftWithoutIrp } from '../../serving/multimodal/latency-form.ts';
import { ENCODE_WORKERS, FRAMES, IMAGES, SYSTEMS, type System, TABLE_1_RATE, TILES_4K, table1, table4 } from './data/latency.ts';
import { queuedFitProcedure } from './latency-formulas.ts';

/** A printed time, `table-4/irp/2`, and the formula that gives it from the constants of a fit and what is `given`, by symbol. */
export interface FittedCell {
  readonly path: string;
  readonly printed: string;
  readonly card: FormulaCard;
  readonly given: Readonly<Record<string, Given>>;
}

/** A number that is no constant of the fit, and the path under which it is cited. */
export interface Given {
  readonly path: string;
  readonly value: number;
}

/** Few constants, the cells they are fitted to, and the cells that they predict. */
export interface LatencyFit {
  readonly id: string;
  readonly procedure: ProcedureCard;
  /** constants [s] by symbol */
  readonly constants: Readonly<Record<string, number>>;
  readonly fitted: readonly FittedCell[];
  readonly heldOut: readonly FittedCell[];
}

const WORKERS: Given = { path: 'input/encode-workers', value: ENCODE_WORKERS };
const TILES: Given = { path: 'input/tiles-4k', value: TILES_4K };
const RATE: Given = { path: 'input/video-rate', value: TABLE_1_RATE };
const count = (value: number): Given => ({ path: `count/${value}`, value });

/** What a cell gives with these constants [s]. */
export const timeOf = ({ card, given }: FittedCell, constants: Readonly<Record<string, number>>): number =>
  card.evaluate({ ...constants, ...Object.fromEntries(Object.entries(given).map(([symbol, { value }]) => [symbol, value])) });

/** Our time over the printed one, less 1. */
export const errorOf = (fit: LatencyFit, cell: FittedCell): number => timeOf(cell, fit.constants) / Number(cell.printed) - 1;

type Shards = 'image' | 'tile';

const table4Cells = (shards: Shards): readonly FittedCell[] =>
  (['irp', 'no-irp'] as const).flatMap((row) =>
    IMAGES.map((images, at) => ({
      path: `table-4/${row}/${images}`,
      printed: table4[row][at] as string,
      card: row === 'no-irp' ? ttftWithoutIrp : shards === 'image' ? ttftWithIrp : ttftWithIrpByTile,
      given: { images: count(images), ...(row === 'no-irp' ? {} : shards === 'image' ? { workers: WORKERS } : { workers: WORKERS, tiles: TILES }) },
    })),
  );

const table1Cells = (system: System, queued: boolean): readonly FittedCell[] =>
  FRAMES.map((frames, at) => ({
    path: `table-1/${system}/${frames}`,
    printed: table1[system][at] as string,
    card: queued ? ttftQueued : ttftLinear,
    given: { frames: count(frames), ...(queued ? { rate: RATE } : {}) },
  }));

/** The cells in two parts: those whose last part of the path is one of `counts`, and the rest. */
function split(cells: readonly FittedCell[], counts: readonly number[]): Pick<LatencyFit, 'fitted' | 'heldOut'> {
  const isFitted = ({ path }: FittedCell): boolean => counts.includes(Number(path.split('/').at(-1)));
  return { fitted: cells.filter(isFitted), heldOut: cells.filter((cell) => !isFitted(cell)) };
}

function leastSquares(id: string, names: readonly string[], cells: readonly FittedCell[], counts: readonly number[]): LatencyFit {
  const parts = split(cells, counts);
  const points = parts.fitted.map((cell) => ({ time: (constants: Readonly<Record<string, number>>) => timeOf(cell, constants), seconds: Number(cell.printed) }));
  return { id, procedure: leastSquaresProcedure, constants: fitLatency(names, points), ...parts };
}

/** Halvings after which a range is as narrow as doubles allow. */
const HALVINGS = 100;

/** Base and time per frame with which the queue gives the two printed times. */
function throughQueue(id: string, cells: readonly FittedCell[], counts: readonly [number, number]): LatencyFit {
  const parts = split(cells, counts);
  const [few, many] = parts.fitted as readonly [FittedCell, FittedCell];
  const asked = Number(many.printed) - Number(few.printed);
  const grows = (frameTime: number): number => timeOf(many, { base: 0, frameTime }) - timeOf(few, { base: 0, frameTime });
  let [low, high] = [0, 1 / (TABLE_1_RATE * counts[1])];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (grows(middle) < asked) low = middle;
    else high = middle;
  }
  return { id, procedure: queuedFitProcedure, constants: { base: Number(few.printed) - timeOf(few, { base: 0, frameTime: low }), frameTime: low }, ...parts };
}

const TABLE_4 = ['base', 'encodeTime', 'prefillTime'] as const;
const LINE = ['base', 'frameTime'] as const;
const ENDS = [8, 64] as const;
const MIDDLE = [16, 32] as const;

const makers: Readonly<Record<string, (id: string) => LatencyFit>> = {
  'table-4/2-8': (id) => leastSquares(id, TABLE_4, table4Cells('image'), [2, 8]),
  'table-4/4-6': (id) => leastSquares(id, TABLE_4, table4Cells('image'), [4, 6]),
  'table-4/all': (id) => leastSquares(id, TABLE_4, table4Cells('image'), IMAGES),
  'table-4/all-by-tile': (id) => leastSquares(id, TABLE_4, table4Cells('tile'), IMAGES),
  ...Object.fromEntries(
    SYSTEMS.flatMap((system) => [
      [`table-1/${system}/8-64`, (id: string) => leastSquares(id, LINE, table1Cells(system, false), ENDS)],
      [`table-1/${system}/16-32`, (id: string) => leastSquares(id, LINE, table1Cells(system, false), MIDDLE)],
    ]),
  ),
  'table-1/epd/8-64-queued': (id) => throughQueue(id, table1Cells('epd', true), ENDS),
};

/**
 * The fits: `table-4/2-8` and `table-1/<system>/8-64` answer the printed cells; `4-6` and `16-32` are the other way round, fitted to what those
 * predict; `all` has nothing held out; `all-by-tile` shards tiles, as the paper says, where the released code shards images; `8-64-queued` adds the
 * wait of requests that all encode workers share.
 */
export const FIT_IDS: readonly string[] = Object.keys(makers);

/** @throws RangeError for an unknown id */
export function latencyFit(id: string): LatencyFit {
  if (!Object.hasOwn(makers, id)) throw new RangeError(`epd: latency fit ${id} is none of ${FIT_IDS.join(', ')}`);
  return (makers[id] as (id: string) => LatencyFit)(id);
}

/** A cell beside what a fit gives for it. */
export interface FitError {
  readonly cell: string;
  readonly printed: string;
  readonly seconds: number;
  readonly error: number;
}

/** A row of the table "fitted against predicted". */
interface LatencyConstants {
  readonly fit: string;
  /** [s] by symbol */
  readonly constants: Readonly<Record<string, number>>;
  readonly fitted: readonly FitError[];
  /** empty where every cell was fitted */
  readonly heldOut: readonly FitError[];
}

/** Every fit: its constants, the cells it was fitted to with what is left of them, and the held-out cells with their errors. */
export const latencyConstants = (): readonly LatencyConstants[] =>
  FIT_IDS.map((id) => {
    const fit = latencyFit(id);
    const errors = (cells: readonly FittedCell[]): readonly FitError[] =>
      cells.map((cell) => ({ cell: cell.path, printed: cell.printed, seconds: timeOf(cell, fit.constants), error: errorOf(fit, cell) }));
    return { fit: id, constants: fit.constants, fitted: errors(fit.fitted), heldOut: errors(fit.heldOut) };
  });
