import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError, InputError, systemCode } from './input-error.ts';

/**
 * Writes a whole file or nothing: into a temporary file of the same folder, which then takes the name. The folder is
 * made where it is missing. A reader sees the old file or the new one; after a failure the old one is untouched and
 * the temporary file is gone.
 * @throws InputError `<place>: file <path> <rule>` when it cannot be written
 */
export async function writeAtomic(path: string, data: string | Uint8Array, place = 'write'): Promise<void> {
  const folder = dirname(resolve(path));
  const temporary = join(folder, `.${basename(path).slice(0, 64)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await makeFolder(folder);
    await writeFile(temporary, data, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (systemCode(error) === 'ENOENT') throw new InputError(`${place}: file ${path} cannot be made in that folder`, { cause: error });
    throw fileError(place, 'file', path, error);
  }
}

/** `writeAtomic` of a value as JSON: two spaces, keys in their own order, a line end at the end. */
export const writeJson = (path: string, value: unknown, place = 'write'): Promise<void> => writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`, place);

/** Makes a folder and those above it. Not `mkdir` with `recursive`, which never ends below `/proc` in Node 20. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
}
