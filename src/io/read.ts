import { readFile } from 'node:fs/promises';
import { fileError, InputError } from './input-error.ts';
import { oneLine } from './one-line.ts';

/**
 * The text of a UTF-8 file, without a byte order mark.
 * @throws InputError `<place>: file <path> <rule>` when it cannot be read or is not UTF-8
 */
export async function readText(path: string, place = 'read'): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(place, 'file', path, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InputError(`${place}: file ${path} is not UTF-8 text`, { cause: error });
  }
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
