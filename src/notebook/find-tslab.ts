import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { InputError } from '../io/index.ts';

/**
 * The folder of the tslab package that a notebook in `folder` runs with: the one installed beside or above it, else the
 * one beside this package, else the one behind the `tslab` command.
 * @throws InputError when there is none
 */
export function findTslab(folder: string): string {
  for (const from of [join(resolve(folder), 'notebook.js'), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve('tslab/package.json'));
    } catch {}
  }
  for (const path of (process.env.PATH ?? '').split(delimiter)) {
    const command = join(path, 'tslab');
    const home = existsSync(command) ? dirname(dirname(realpathSync(command))) : '';
    if (existsSync(join(home, 'dist', 'jupyter.js'))) return home;
  }
  throw new InputError(`kernel: program tslab is not installed for ${resolve(folder)}, run npm install tslab there`);
}
