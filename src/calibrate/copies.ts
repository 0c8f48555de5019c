import { COPY_DIRECTIONS, COPY_METHODS, type CopyData, type CopyDirection, type CopyEntry, type CopyErrors, type CopyForm, type CopyMethod } from '../timing/copy-data.ts';
import { type CopyConstants, copyTime, withThreads } from '../timing/copy-time.ts';
import { number, type ReadTable, type Row, rowsOf } from './datasets.ts';
import { minimise } from './nelder-mead.ts';
import { digits } from './residuals.ts';

/** The link whose copies the table holds. */
export interface MeasuredLink {
  readonly id: string;
  readonly rawPerDirection: number;
}

/** Pieces of one size, by the time that one of them took. */
interface Measured {
  readonly method: CopyMethod;
  readonly direction: CopyDirection;
  readonly threads: number;
  readonly bytes: number;
  readonly seconds: number;
}

type Forms<T> = Readonly<Record<CopyForm, T>>;
/** Constants of every method, direction and form. */
type Fits = ReadonlyMap<string, Forms<CopyConstants>>;

const FILE = 'h100-2026-11.csv';
const MICRO = 1e-6;
/** Fewer blocks of the gather kernel do not fill the link with small pieces. */
const ENOUGH_BLOCKS = 32;
/** The form with a dispatch time is taken where, for sizes left out, it is off by less than this share of what the other is off by. */
const CLEARLY_BETTER = 2 / 3;

/**
 * Fits the constants of copies between host and device: least mean of |log(predicted / measured)|, and once more without each piece size.
 *   additive    time per call and rate
 *   pipelined   a dispatch time as well; of `framework` a dispatch time alone, in front of the copies that `loop` makes
 *   threads     one share a method, from its rows of several threads, all else being as with one
 * @throws RangeError where the table has a kernel that is not known, or none of a method in a direction
 */
export function calibrateCopies(read: ReadTable, link: MeasuredLink): CopyData {
  const table = rowsOf(read, FILE).filter(({ caveat }) => !caveat);
  const rows = table.flatMap((row) => (row.kind === 'swap' ? (measuredOf(row) ?? []) : []));
  const fits = fitAll(rows);
  const folds = new Map([...new Set(rows.map(({ bytes }) => bytes))].map((size) => [size, rows.filter(({ bytes }) => bytes !== size)]));
  const leftOut = new Map([...folds].map(([size, others]) => [size, fitAll(others)]));
  const heldOut = (key: string, form: CopyForm): readonly Off[] => singles(rows, key).map((row) => off(row, at(at(leftOut, row.bytes), key)[form]));
  const formOf = (key: string): CopyForm => (meanOf(heldOut(key, 'pipelined')) < CLEARLY_BETTER * meanOf(heldOut(key, 'additive')) ? 'pipelined' : 'additive');
  const chosen = new Map([...fits.keys()].map((key) => [key, formOf(key)]));
  const shareOf = (method: CopyMethod, from: Fits, of: readonly Measured[]): number => fitShare(several(of, method), (row) => at(from, keyOf(row))[at(chosen, keyOf(row))]);
  const entries = COPY_METHODS.flatMap((method) => {
    const serialShare = shareOf(method, fits, rows);
    const shares = new Map([...folds].map(([size, others]) => [size, shareOf(method, at(leftOut, size), others)]));
    return COPY_DIRECTIONS.map((direction): CopyEntry => {
      const key = `${method} ${direction}`;
      const form = at(chosen, key);
      const other: CopyForm = form === 'additive' ? 'pipelined' : 'additive';
      const [errors, otherErrors] = [heldOut(key, form), heldOut(key, other)];
      const constants = { ...at(fits, key)[form], serialShare };
      const threaded = several(rows, method)
        .filter((row) => row.direction === direction)
        .map((row) => off(row, { ...at(at(leftOut, row.bytes), key)[form], serialShare: at(shares, row.bytes) }));
      return {
        method,
        direction,
        constants: rounded(constants),
        fitted: [...FITTED[form](method), ...(threaded.length > 0 ? (['serialShare'] as const) : [])],
        form,
        error: {
          ...errorsOf(errors),
          inSample: digits(meanOf(singles(rows, key).map((row) => off(row, constants)))),
          bySize: { 'below 64 KiB': errorsOf(errors.filter(({ bytes }) => bytes < 65_536)), 'from 64 KiB': errorsOf(errors.filter(({ bytes }) => bytes >= 65_536)) },
          threads: threaded.length === 0 ? null : errorsOf(threaded),
        },
        otherForm: { form: other, mean: digits(meanOf(otherErrors)), worst: errorsOf(otherErrors).worst },
      };
    });
  });
  return { file: FILE, ...ratesOf(table, link), entries };
}

function methodOf(kernel: string): CopyMethod | undefined {
  if (kernel.startsWith('cudaMemcpyAsync')) return 'loop';
  if (kernel.startsWith('cudaMemcpyBatchAsync')) return 'batch';
  if (kernel.startsWith('torch Tensor.copy_')) return 'framework';
  const blocks = /^gather kernel\b.*\b(\d+) blocks/.exec(kernel)?.[1];
  if (blocks === undefined) throw new RangeError(`calibrate: copies: kernel ${JSON.stringify(kernel)} is not known`);
  return Number(blocks) < ENOUGH_BLOCKS ? undefined : 'gather';
}

function measuredOf(row: Row): Measured | undefined {
  const method = methodOf(row.kernel ?? '');
  const direction = COPY_DIRECTIONS.find((each) => each === row.dir);
  if (direction === undefined) throw new RangeError(`calibrate: copies: dir ${JSON.stringify(row.dir)} is not one of ${COPY_DIRECTIONS.join(', ')}`);
  return method && { method, direction, threads: number(row, 'threads'), bytes: number(row, 'piece_bytes'), seconds: (number(row, 'median_us') * MICRO) / number(row, 'pieces') };
}

/** Rates of the link: its largest contiguous copy, and both directions at once. */
function ratesOf(table: readonly Row[], { id, rawPerDirection }: MeasuredLink): Pick<CopyData, 'link' | 'bothDirections'> {
  const rates = (op: string, size?: number): readonly number[] =>
    table
      .filter((row) => row.kind === 'pcie' && row.op?.startsWith(op) && (size === undefined || number(row, 'size_bytes') === size))
      .map((row) => digits(number(row, 'size_bytes') / (number(row, 'median_us') * MICRO)));
  const largest = Math.max(...table.filter((row) => row.kind === 'pcie' && row.op === 'contiguous pinned').map((row) => number(row, 'size_bytes')));
  const [alone, both] = [rates('contiguous pinned', largest), rates('both directions')];
  if (alone.length === 0 || both.length === 0) throw new RangeError('calibrate: copies: contiguous pinned copies have no rows in one direction or in both');
  return { link: { id, rawPerDirection, achievedPerDirection: Math.max(...alone) }, bothDirections: { slowest: Math.min(...both), fastest: Math.max(...both) } };
}

const FITTED: Forms<(method: CopyMethod) => readonly (keyof CopyConstants)[]> = {
  additive: () => ['secondsPerCall', 'bytesPerSecond'],
  pipelined: (method) => (method === 'framework' ? ['dispatchSeconds'] : ['dispatchSeconds', 'secondsPerCall', 'bytesPerSecond']),
};

/** Where searches start; without rows of several threads they change nothing. */
const START: CopyConstants = { dispatchSeconds: 0, secondsPerCall: 1e-6, bytesPerSecond: 5e10, serialShare: 1 };

/** `loop` comes first: `framework` takes constants from it. */
function fitAll(rows: readonly Measured[]): Fits {
  const fits = new Map<string, Forms<CopyConstants>>();
  for (const method of COPY_METHODS)
    for (const direction of COPY_DIRECTIONS) {
      const key = `${method} ${direction}`;
      const own = singles(rows, key);
      if (own.length === 0) throw new RangeError(`calibrate: copies: ${key} has no rows of one thread in the table`);
      const additive = search(own, START, FITTED.additive(method));
      const behind = withDispatch(own, method === 'framework' ? at(fits, `loop ${direction}`).additive : additive);
      const pipelined = method === 'framework' || behind.dispatchSeconds === 0 ? behind : search(own, behind, FITTED.pipelined(method));
      fits.set(key, { additive, pipelined });
    }
  return fits;
}

/** The dispatch time that fits best in front of copies with given constants: none, or one of the times measured, as in any median; the least of equals. */
function withDispatch(rows: readonly Measured[], constants: CopyConstants): CopyConstants {
  let [best, least] = [constants, lossOf(rows, () => constants)];
  for (const dispatchSeconds of rows.map(({ seconds }) => seconds).sort((a, b) => a - b)) {
    const candidate = { ...constants, dispatchSeconds };
    const loss = lossOf(rows, () => candidate);
    if (loss < least - 1e-12) [best, least] = [candidate, loss];
  }
  return best;
}

function search(rows: readonly Measured[], start: CopyConstants, names: readonly (keyof CopyConstants)[]): CopyConstants {
  const constantsAt = (point: readonly number[]): CopyConstants => ({ ...start, ...Object.fromEntries(names.map((name, axis) => [name, Math.exp(point[axis] as number)])) });
  const loss = (point: readonly number[]): number => {
    const constants = constantsAt(point);
    return lossOf(rows, () => constants);
  };
  const origin = names.map((name) => Math.log(start[name]));
  return constantsAt(minimise(loss, origin));
}

function fitShare(rows: readonly Measured[], of: (row: Measured) => CopyConstants): number {
  if (rows.length === 0) return START.serialShare;
  const shareAt = ([point]: readonly number[]): number => Math.exp(point as number);
  return shareAt(minimise((point) => lossOf(rows, (row) => ({ ...of(row), serialShare: shareAt(point) })), [0]));
}

function lossOf(rows: readonly Measured[], of: (row: Measured) => CopyConstants): number {
  let sum = 0;
  for (const row of rows) sum += Math.abs(Math.log(predicted(row, of(row)) / row.seconds));
  return sum / rows.length;
}

const predicted = ({ bytes, threads }: Measured, constants: CopyConstants): number => copyTime.evaluate({ ...withThreads(constants, threads), bytes });

interface Off {
  readonly bytes: number;
  /** |predicted / measured - 1| */
  readonly error: number;
}

const off = (row: Measured, constants: CopyConstants): Off => ({ bytes: row.bytes, error: Math.abs(predicted(row, constants) / row.seconds - 1) });

const meanOf = (errors: readonly Off[]): number => errors.reduce((sum, { error }) => sum + error, 0) / errors.length;

function errorsOf(errors: readonly Off[]): CopyErrors {
  const worst = errors.reduce((a, b) => (b.error > a.error ? b : a));
  return { points: errors.length, mean: digits(meanOf(errors)), worst: digits(worst.error), worstAt: worst.bytes };
}

const keyOf = ({ method, direction }: Measured): string => `${method} ${direction}`;
const singles = (rows: readonly Measured[], key: string): readonly Measured[] => rows.filter((row) => keyOf(row) === key && row.threads === 1);
const several = (rows: readonly Measured[], method: CopyMethod): readonly Measured[] => rows.filter((row) => row.method === method && row.threads > 1);

const at = <K, V>(map: ReadonlyMap<K, V>, key: K): V => map.get(key) as V;

/** Constants have five digits, as those of kernels. */
const rounded = ({ dispatchSeconds, secondsPerCall, bytesPerSecond, serialShare }: CopyConstants): CopyConstants => {
  const five = (value: number): number => Number(value.toPrecision(5));
  return { dispatchSeconds: five(dispatchSeconds), secondsPerCall: five(secondsPerCall), bytesPerSecond: five(bytesPerSecond), serialShare: five(serialShare) };
};
