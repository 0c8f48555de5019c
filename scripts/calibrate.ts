/**
 * Fits the constants of the time model to the measured tables beside the project.
 *   npm run calibrate                       writes src/timing/calibration.generated.json and prints the constants that moved
 *   npm run calibrate -- --report           prints the errors of every fit as well
 *   npm run calibrate -- --check            writes nothing; exit 1 where the file is stale
 *   npm run calibrate -- --tables FOLDER    reads the tables there (default: ../shared/measured)
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accelerator } from '../src/accelerators/index.ts';
import { calibrate } from '../src/calibrate/calibrate.ts';
import { InputError } from '../src/io/input-error.ts';
import { writeAtomic } from '../src/io/write.ts';
import { modelOf } from '../src/models/index.ts';
import type { CalibrationData, CalibrationEntry } from '../src/timing/calibration-data.ts';

const TARGET = fileURLToPath(new URL('../src/timing/calibration.generated.json', import.meta.url));
const TABLES = fileURLToPath(new URL('../../shared/measured', import.meta.url));

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

function moved(before: CalibrationData | undefined, { entries }: CalibrationData): readonly string[] {
  return entries.flatMap(({ id, constants }) => {
    const old = before?.entries.find((entry) => entry.id === id)?.constants ?? {};
    return Object.entries(constants).flatMap(([name, value]) => (old[name] === value ? [] : [`${id}.${name}: ${old[name] ?? 'new'} -> ${value}`]));
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { report: { type: 'boolean' }, check: { type: 'boolean' }, tables: { type: 'string', default: TABLES } } });
  const folder = resolve(values.tables);
  if (!existsSync(folder)) throw new InputError(`calibrate: tables ${values.tables} is not a folder`);
  const started = performance.now();
  const { data } = calibrate(
    (file) => readFileSync(join(folder, file), 'utf8'),
    chipOf,
    modelOf,
    (id) => process.stderr.isTTY && process.stderr.write(`calibrate: ${id}\n`),
  );
  if (values.report) for (const line of reportLines(data)) console.log(line);
  const before = existsSync(TARGET) ? readFileSync(TARGET, 'utf8') : '';
  const after = `${JSON.stringify(data, (_, value) => value, 1).replace(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
  if (before === after) console.log(`calibrate: ${data.entries.length} fits, nothing moved (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  else if (values.check) {
    console.error('calibrate: src/timing/calibration.generated.json is stale, run npm run calibrate');
    process.exitCode = 1;
  } else {
    for (const line of moved(before === '' ? undefined : JSON.parse(before), data)) console.log(line);
    await writeAtomic(TARGET, after, 'calibrate');
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
