import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { type Model, precisionPolicies } from '../../models/index.ts';
import { singleChip } from '../../timing/deployment.ts';
import { kernelEstimate } from '../../timing/estimate.ts';
import { kernelOf } from '../../timing/kernel-row.ts';
import { type FamilyId, families } from '../../timing/kernels/families.ts';
import { passTime } from '../../timing/pass-time.ts';
import { boundOf } from '../../timing/row.ts';
import { findOrNearest } from '../../units/nearest.ts';
import type { Catalogue } from '../catalogue.ts';
import { count } from '../input/numbers.ts';
import { readTable, type TableRow } from '../input/table-file.ts';
import { duration } from '../output/duration.ts';
import type { Printout } from '../output/print.ts';

/** Columns of a table of steps; tp is 1 unless given. */
export const STEP_COLUMNS = ['model', 'accelerator', 'dtype', 'batch', 'context', 'tp'] as const;

/** What a table of steps calls formats: what engines serve. */
const STEP_DTYPES = { bf16: precisionPolicies.bf16, fp16: precisionPolicies.bf16, fp8: precisionPolicies.w8a8kv16 } as const;

/** A row of a table with what was found for it. */
interface Timed extends Readonly<Record<string, string | number>> {
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  readonly idealSeconds: number;
  readonly bound: string;
  readonly basis: string;
}

const FOUND = ['seconds', 'low', 'high', 'idealSeconds', 'bound', 'basis'] as const;

/** The rows of a file that has none of the columns that are found for it. */
async function inputRows(path: string, required: readonly string[]): Promise<readonly TableRow[]> {
  const rows = await readTable('time', path, required);
  const taken = FOUND.find((column) => rows[0] !== undefined && Object.hasOwn(rows[0].cells, column));
  if (taken !== undefined) throw new InputError(`time: file ${path} has the column ${taken}, which is an answer and no input`);
  return rows;
}

const chipOf = (catalogue: Catalogue, id: string): Accelerator => findOrNearest('accelerators', catalogue.accelerators, id, (chip) => chip.id);

/** Errors of a row say in which line it stands. */
function atLine<T>(path: string, { line }: TableRow, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof InputError)) throw error;
    throw new InputError(`time: ${path} line ${line}: ${error.message}`, { cause: error });
  }
}

/** What each kernel of a CSV file takes on its chip, launched as the measurements of that chip were. */
export async function timedKernels(path: string, catalogue: Catalogue): Promise<readonly Timed[]> {
  const rows = await inputRows(path, ['accelerator', 'kernel']);
  return rows.map((row) =>
    atLine(path, row, () => {
      const { seconds, low, high, idealSeconds, bound, basis } = kernelEstimate(kernelOf(row.cells), chipOf(catalogue, row.cells.accelerator ?? ''), variantOf(row.cells.variant ?? ''));
      return { ...row.cells, seconds, low, high, idealSeconds, bound, basis };
    }),
  );
}

/** A kernel asked for by name: a family of the time model. */
function variantOf(name: string): { readonly family?: FamilyId } {
  if (name === '') return {};
  return { family: findOrNearest('variant', FAMILY_IDS, name, (id) => id) };
}

const FAMILY_IDS = Object.keys(families) as readonly FamilyId[];

/** What each decode step of a CSV file takes, launched from a graph. */
export async function timedSteps(path: string, catalogue: Catalogue): Promise<readonly Timed[]> {
  const rows = await inputRows(path, STEP_COLUMNS.slice(0, 5));
  return rows.map((row) =>
    atLine(path, row, () => {
      const { cells } = row;
      const model: Model = findOrNearest('models', catalogue.models, cells.model ?? '', ({ id }) => id);
      const whole = (field: 'batch' | 'context' | 'tp'): number => count('step', field)((cells[field] ?? '').replace(/\.0*$/, ''));
      const tp = (cells.tp ?? '') === '' ? 1 : whole('tp');
      const pass = { phase: 'decode', batch: whole('batch'), context: whole('context') } as const;
      const result = passTime(model, chipOf(catalogue, cells.accelerator ?? ''), pass, { deployment: { ...singleChip, tensorParallel: tp }, precision: policyOf(cells.dtype ?? '') });
      const { seconds, low, high, idealSeconds, basis } = result;
      return { ...cells, seconds, low, high, idealSeconds, bound: boundOf(result.parts.map((part) => ({ bound: part.estimate.bound, seconds: part.seconds }))), basis };
    }),
  );
}

function policyOf(dtype: string) {
  const known = { ...precisionPolicies, ...STEP_DTYPES };
  return findOrNearest('dtype', Object.entries(known), dtype, ([id]) => id)[1];
}

/** Rows of a file beside what was found for them. */
export function tablePrintout(rows: readonly Timed[]): Printout {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => rows.some((row) => row[column] !== ''));
  const text = (_column: string, value: string | number | undefined): string => (typeof value === 'number' ? duration(value) : (value ?? ''));
  return {
    json: rows,
    rows,
    tables: [
      {
        columns: columns.map((header) => ({ header, number: rows.some((row) => typeof row[header] === 'number') || /^\d/.test(String(rows[0]?.[header])) })),
        rows: rows.map((row) => columns.map((column) => text(column, row[column]))),
      },
    ],
  };
}
