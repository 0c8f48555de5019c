import { Argument } from 'commander';
import { InputError } from '../../io/input-error.ts';
import type { KernelPlace } from '../../notebook/index.ts';
import { type CommandOf, createCommand } from '../command.ts';
import { choice } from '../input/names.ts';

interface KernelOptions {
  readonly user?: true;
  readonly prefix?: string;
  readonly project?: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export const kernel: CommandOf = (io) =>
  createCommand(io, 'kernel', {
    description: 'Registers the TypeScript kernel with Jupyter: writes one kernel.json, and prints where and how to open the notebooks.',
    examples: ['kernel install', 'kernel install --project . --dry-run'],
  })
    .addArgument(new Argument('<action>', 'install').argParser(choice('kernel', 'action', ['install'])))
    .option('--user', 'for this user (default)')
    .option('--prefix <folder>', 'for the Python environment in a folder')
    .option('--project <folder>', 'for a project folder, in its jupyter/; can be committed')
    .option('--name <name>', 'name of the kernel (default: tslab, which the notebooks ask for)')
    .option('--force', 'replace another kernel of that name')
    .option('--dry-run', 'print what would be written')
    .action(async (_: string, { name, force = false, dryRun = false, ...where }: KernelOptions) => {
      const { installKernel } = await import('../../notebook/index.ts');
      const { file, content, outcome, open } = await installKernel({ place: placeOf(where), force, dryRun, ...(name === undefined ? {} : { name }) });
      io.out(`${file}: ${outcome}\n${dryRun ? content : ''}open with: ${open}\n`);
    });

function placeOf({ user, prefix, project }: Pick<KernelOptions, 'user' | 'prefix' | 'project'>): KernelPlace {
  const given = Object.entries({ user, prefix, project }).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}`]));
  if (given.length > 1) throw new InputError(`kernel: options ${given.join(', ')} exclude each other`);
  const folder = prefix ?? project;
  if (folder === '') throw new InputError(`kernel: ${prefix === undefined ? 'project' : 'prefix'} "" is not a folder`);
  if (folder === undefined) return { kind: 'user' };
  return prefix === undefined ? { kind: 'project', folder } : { kind: 'prefix', folder };
}
