import { readFile, stat } from 'node:fs/promises';
import { fileError, InputError } from './input-error.ts';
import { oneLine } from './one-line.ts';

/**
 * The text of a UTF-8 file, without a byte order mark. A file of more than `most` bytes is refused before it is read.
 * @throws InputError `<place>: file <path> <rule>` when it cannot be read or is not UTF-8
 */
export async function readText(path: string, place = 'read', most = Number.POSITIVE_INFINITY): Promise<string> {
  if (most !== Number.POSITIVE_INFINITY) await refuseLarge(path, place, most);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(place, 'file', path, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InputError(`${place}: file ${path} is not UTF-8 text`, { cause: error });
  }
}

async function refuseLarge(path: string, place: string, most: number): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(place, 'file', path, error);
  });
  if (found.isFile() && found.size > most) throw new InputError(`${place}: file ${path} of ${found.size} bytes is larger than ${most}`);
  if (!found.isFile() && !found.isDirectory()) throw new InputError(`${place}: file ${path} is not a file`);
}

/**
 * The value in a JSON file; what it means is checked by whoever asked.
 * @throws InputError `<place>: file <path> <rule>` when it cannot be read or is not JSON
 */
export async function readJson(path: string, place = 'read'): Promise<unknown> {
  return parseJson(await readText(path, place), path, place);
}

/** `JSON.parse` with a one-line InputError that names where the text came from. */
export function parseJson(text: string, from: string, place = 'read'): unknown {
  if (text.trim() === '') throw new InputError(`${place}: file ${from} is empty, JSON is expected`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place}: file ${from} is not JSON (${oneLine((error as SyntaxError).message)})`, { cause: error });
  }
}
