/**
 * Fits the constants of the time model to the measured tables beside the project.
 *   npm run calibrate                       writes src/timing/calibration.generated.json, src/timing/copies.generated.json and reports/calibration/parity.json, prints the constants that moved
 *   npm run calibrate -- --report           prints the errors of every fit as well
 *   npm run calibrate -- --check            writes nothing; exit 1 where the file is stale
 *   npm run calibrate -- --tables FOLDER    reads the tables there (default: ../shared/measured)
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accelerator, link } from '../src/accelerators/index.ts';
import { calibrate, parityPoints } from '../src/calibrate/calibrate.ts';
import { calibrateCopies } from '../src/calibrate/copies.ts';
import { InputError } from '../src/io/input-error.ts';
import { writeAtomic } from '../src/io/write.ts';
import { modelOf } from '../src/models/index.ts';
import type { CalibrationData, CalibrationEntry } from '../src/timing/calibration-data.ts';
import type { CopyData } from '../src/timing/copy-data.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TARGET = join(ROOT, 'src/timing/calibration.generated.json');
const COPIES = join(ROOT, 'src/timing/copies.generated.json');
const POINTS = join(ROOT, 'reports/calibration/parity.json');
const TABLES = fileURLToPath(new URL('../../shared/measured', import.meta.url));

/** What the server of the measured copies has between host and device. */
const COPIES_LINK = 'pcie5-x16';

/** Names of chips in the tables: `H800`, `h100_sxm`. */
const chipOf = (name: string) => accelerator(name.toLowerCase().replace(/_sxm$/, '')).accelerator;

const percent = (share: number | null): string => (share === null ? 'unknown' : `${(100 * share).toFixed(1)} %`);

function reportLines({ entries, rejected, serving, passes }: CalibrationData): readonly string[] {
  const errors = (entry: CalibrationEntry): string =>
    Object.entries(entry.error.byAccelerator)
      .map(([id, { points, heldOut }]) => `${id} ${percent(heldOut)} of ${points}`)
      .join(', ');
  return [
    ...rejected.map(({ file, shape, rows, utilisation }) => `rejected: ${file}: ${shape}: ${rows} rows, utilisation ${utilisation.toFixed(2)} of a large one`),
    ...entries.map((entry) =>
      entry.points === 0
        ? `${entry.id}: assumed, ${entry.because}`
        : `${entry.id}: ${entry.fitted.length} constants, ${entry.points} points, in-sample ${percent(entry.error.inSample)}, held out (${entry.leftOut}) ${errors(entry)}, ` +
          `80 % interval covers ${percent(entry.error.coverage)} of ${entry.residuals.length} groups' points`,
    ),
    ...serving.engines.map(
      ({ engine, version, hostSecondsPerSequence, points, medianError }) =>
        `serving: ${engine} ${version ?? '(all versions)'}: ${(1e6 * hostSecondsPerSequence).toFixed(1)} us a sequence, ${points} points, median error ${percent(medianError)}`,
    ),
    ...serving.folds.map(
      ({ fitted, predicted, points, medianError, decodeOnly }) =>
        `serving: fitted on ${fitted.join(', ')}, predicted ${predicted.join(', ')}: median error ${percent(medianError)} of ${points} points; from decode steps alone ${percent(decodeOnly)}`,
    ),
    `passes: ${passes.coverage.inside} of ${passes.coverage.points} whole passes in their 80 % interval while their group is left out`,
    ...serving.leftOut.map(({ because, rows }) => `serving: left out: ${rows} rows, ${because}`),
  ];
}

const copyLines = ({ entries }: CopyData): readonly string[] =>
  entries.map(
    ({ method, direction, form, error, otherForm }) =>
      `copies: ${method} ${direction}: ${form}, ${error.points} points, in-sample ${percent(error.inSample)}, held out (a piece size) ${percent(error.mean)}, at worst ${percent(error.worst)} ` +
      `at ${error.worstAt} B; ${otherForm.form} ${percent(otherForm.mean)}; several threads ${percent(error.threads?.mean ?? null)}`,
  );

function moved(before: CalibrationData | undefined, { entries }: CalibrationData): readonly string[] {
  return entries.flatMap(({ id, constants }) => {
    const old = before?.entries.find((entry) => entry.id === id)?.constants ?? {};
    return Object.entries(constants).flatMap(([name, value]) => (old[name] === value ? [] : [`${id}.${name}: ${old[name] ?? 'new'} -> ${value}`]));
  });
}

function movedCopies(before: CopyData | undefined, { entries }: CopyData): readonly string[] {
  return entries.flatMap(({ method, direction, constants }) => {
    const old = before?.entries.find((entry) => entry.method === method && entry.direction === direction)?.constants;
    return Object.entries(constants).flatMap(([name, value]) => {
      const was = old?.[name as keyof typeof old];
      return was === value ? [] : [`copies ${method} ${direction}.${name}: ${was ?? 'new'} -> ${value}`];
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { report: { type: 'boolean' }, check: { type: 'boolean' }, tables: { type: 'string', default: TABLES } } });
  const folder = resolve(values.tables);
  if (!existsSync(folder)) throw new InputError(`calibrate: tables ${values.tables} is not a folder`);
  const started = performance.now();
  const run = calibrate(
    (file) => readFileSync(join(folder, file), 'utf8'),
    chipOf,
    modelOf,
    (id) => process.stderr.isTTY && process.stderr.write(`calibrate: ${id}\n`),
  );
  const copies = calibrateCopies((file) => readFileSync(join(folder, file), 'utf8'), link(COPIES_LINK).link);
  if (values.report) for (const line of [...reportLines(run.data), ...copyLines(copies)]) console.log(line);
  const outputs = [
    [TARGET, run.data],
    [COPIES, copies],
    [POINTS, parityPoints(run)],
  ] as const;
  const stale = outputs.filter(([path, value]) => read(path) !== compact(value));
  if (stale.length === 0) console.log(`calibrate: ${run.data.entries.length} fits, nothing moved (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  else if (values.check) {
    for (const [path] of stale) console.error(`calibrate: ${relative(ROOT, path)} is stale, run npm run calibrate`);
    process.exitCode = 1;
  } else {
    const before = (path: string) => (existsSync(path) ? JSON.parse(read(path)) : undefined);
    for (const line of [...moved(before(TARGET), run.data), ...movedCopies(before(COPIES), copies)]) console.log(line);
    for (const [path, value] of stale) await writeAtomic(path, compact(value), 'calibrate');
  }
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** JSON with lists of plain values on one line each. */
const compact = (value: unknown): string => `${JSON.stringify(value, null, 1).replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
