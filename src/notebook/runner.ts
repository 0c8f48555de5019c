import { basename, dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findTslab } from './find-tslab.ts';
import { startKernel } from './kernel.ts';
import { type Cell, cleanNotebook, type Notebook, type Output, readNotebook } from './notebook-file.ts';

export interface CellRun {
  /** the cell's number among code cells, as Jupyter shows it */
  readonly number: number;
  readonly source: string;
  readonly seconds: number;
  readonly outputs: readonly Output[];
}

export interface NotebookRun {
  readonly path: string;
  readonly cells: readonly CellRun[];
  /** outputs of all cells in order */
  readonly outputs: readonly Output[];
  readonly seconds: number;
  /** the notebook with its outputs, to be written where the reader wants it */
  readonly notebook: Notebook;
}

export interface NotebookOptions {
  /** longest time of one cell (default 120) */
  readonly timeoutSeconds?: number;
  readonly onCell?: (cell: CellRun) => void;
}

/** A notebook that did not run to its end: `<file>: cell <number> <reason>`, with what ran until then. */
export class NotebookFailure extends Error {
  override readonly name = 'NotebookFailure';
  constructor(
    message: string,
    readonly cell: number,
    readonly run: NotebookRun,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** How long un-awaited work of the last cell may take to fail and be noticed. */
const SETTLE_SECONDS = 0.2;

/**
 * Executes a notebook from top to bottom in a fresh TypeScript kernel, without Jupyter. Success is what the kernel
 * replies for every cell, and no promise that failed without being awaited.
 * @throws InputError for a file that is no notebook or when tslab is missing; NotebookFailure for a cell that fails, or
 *   in which the kernel dies or runs out of time
 */
export async function runNotebook(path: string, { timeoutSeconds = 120, onCell }: NotebookOptions = {}): Promise<NotebookRun> {
  const started = performance.now();
  const source = cleanNotebook(await readNotebook(path));
  const folder = dirname(resolve(path));
  const kernel = await startKernel(findTslab(folder), folder);
  const cells: CellRun[] = [];
  const run = (): NotebookRun => ({ path, cells, outputs: cells.flatMap(({ outputs }) => outputs), seconds: secondsSince(started), notebook: withOutputs(source, cells) });
  const failure = (number: number, reason: string, cause?: unknown) => new NotebookFailure(`${basename(path)}: cell ${number} ${reason}`, number, run(), cause);
  try {
    for (const cell of source.cells) {
      if (cell.cell_type !== 'code') continue;
      const number = cells.length + 1;
      const cellStarted = performance.now();
      const { ok, log } = await kernel.execute(cell.source, timeoutSeconds).catch((error: Error) => {
        throw failure(number, `fails: ${error.message}`, error);
      });
      const ran = { number, source: cell.source, seconds: secondsSince(cellStarted), outputs: log.outputs };
      cells.push(ran);
      if (!ok) throw failure(number, `fails: ${reasonIn(stderrOf(ran.outputs))}`);
      onCell?.(ran);
    }
    await pause(SETTLE_SECONDS * 1000);
    for (const { number, outputs } of cells) {
      const dropped = stderrOf(outputs).match(/^(UnhandledPromiseRejection|UncaughtException): ([\s\S]*)/m)?.[2];
      if (dropped !== undefined) throw failure(number, `leaves a failure that nothing awaits: ${reasonIn(dropped)}`);
    }
    return run();
  } finally {
    await kernel.close();
  }
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

const stderrOf = (outputs: readonly Output[]): string => outputs.map((output) => (output.output_type === 'stream' && output.name === 'stderr' ? output.text : '')).join('');

/** The kernel's words for an error as one line, without the code excerpt above and the stack below. */
function reasonIn(stderr: string): string {
  const lines = stderr.replace(/[\s\S]*^\s*\^+\s*$/m, '').split('\n');
  const told = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('at '));
  return told.join('; ').slice(0, 400) || 'the kernel gives no reason';
}

function withOutputs({ metadata, cells }: Notebook, runs: readonly CellRun[]): Notebook {
  let next = 0;
  const filled = cells.map((cell): Cell => {
    const ran = cell.cell_type === 'code' ? runs[next++] : undefined;
    return cell.cell_type === 'code' && ran ? { ...cell, execution_count: ran.number, outputs: ran.outputs } : cell;
  });
  return { metadata, cells: filled };
}
