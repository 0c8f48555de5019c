import { basename, join } from 'node:path';
import { Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import type { NotebookRun } from '../../notebook/index.ts';
import { type CommandOf, createCommand } from '../command.ts';
import { verdict } from '../errors.ts';
import { distinct } from '../input/names.ts';
import { secondsOf } from '../input/numbers.ts';

export const notebook: CommandOf = (io) =>
  createCommand(io, 'notebook', {
    description: 'Executes notebooks from top to bottom in the TypeScript kernel, without Jupyter. One line for each; progress on stderr; exit code 1 when a cell fails.',
    examples: ['notebook notebooks/01-decode-cost-curves.ipynb', 'notebook notebooks/*.ipynb --out executed --timeout 60'],
  })
    .argument('<file...>', 'notebooks')
    .option('--out <folder>', 'write each executed notebook, with its outputs, into this folder')
    .addOption(new Option('--timeout <seconds>', 'longest time of one cell').argParser(secondsOf('notebook', 'timeout')).default(120))
    .action(async (files: readonly string[], { out, timeout }: { readonly out?: string; readonly timeout: number }) => {
      distinct('notebook', 'file', out === undefined ? files : files.map((file) => basename(file)));
      const { runNotebook, writeNotebook } = await import('../../notebook/index.ts');
      const failures: unknown[] = [];
      for (const file of files) {
        try {
          const run = await runNotebook(file, { timeoutSeconds: timeout, onCell: ({ number, seconds }) => io.err(`${basename(file)}: cell ${number} in ${seconds.toFixed(2)} s\n`) });
          if (out !== undefined) await writeNotebook(join(out, basename(file)), run.notebook);
          io.out(`${summary(file, run)}\n`);
        } catch (error) {
          failures.push(error);
          if (files.length > 1) io.err(`${verdict(error, 'notebook').line}\n`);
        }
      }
      if (failures.length === 0) return;
      if (files.length === 1) throw failures[0];
      const message = `notebook: failed ${failures.length} of ${files.length} did not run to their end`;
      throw failures.every((error) => error instanceof InputError) ? new InputError(message) : new Error(message);
    });

const summary = (file: string, { cells, outputs, seconds }: NotebookRun): string => `${file}: ${cells.length} cells, ${outputs.length} outputs in ${seconds.toFixed(1)} s`;
