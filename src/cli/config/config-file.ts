import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError, InputError, systemCode } from '../../io/input-error.ts';
import { parseJson, readText } from '../../io/read.ts';
import { type ImportedModel, importConfig } from '../../models/huggingface/index.ts';

/** No config is near this large; a larger file is refused without being read. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The model of a Hugging Face config: a `config.json`, or a folder that holds one. A `hf_quant_config.json` beside it says how the weights
 * are stored. The id is the name of the folder (of the file, where that is not called `config.json`), made different from those `taken`.
 * @throws InputError for what cannot be read, RangeError for what is not understood
 */
export async function readConfigModel(path: string, ignore: readonly string[], taken: readonly string[]): Promise<ImportedModel> {
  const file = (await isFolder(path)) ? join(path, 'config.json') : path;
  const named = basename(file) === 'config.json' ? basename(dirname(resolve(file))) : basename(file).replace(/(_config)?\.json$/i, '');
  const beside = basename(file) === 'config.json' ? await optionalJson(join(dirname(file), 'hf_quant_config.json')) : undefined;
  const config = await configJson(file);
  const name = named === '' ? 'config' : named;
  return importConfig(config, { id: distinctId(name, taken), name, repo: name, file: basename(file), ignore, ...(beside === undefined ? {} : { quantisation: beside }) });
}

/** Lower-case letters, digits, dots and dashes, as other ids. */
function distinctId(name: string, taken: readonly string[]): string {
  const id =
    name
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'config';
  const free = [id, `${id}:config`].find((each) => !taken.includes(each) && each !== 'all');
  if (free !== undefined) return free;
  for (let n = 2; ; n++) if (!taken.includes(`${id}:config-${n}`)) return `${id}:config-${n}`;
}

async function isFolder(path: string): Promise<boolean> {
  if (path === '') throw new InputError('config: file "" is empty');
  const found = await stat(path).catch((error: unknown) => {
    throw fileError('config', 'file', path, error);
  });
  return found.isDirectory();
}

async function optionalJson(path: string): Promise<unknown> {
  try {
    return await configJson(path);
  } catch (error) {
    if (error instanceof InputError && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** JSON as Python writes it: Infinity and NaN, which configs give for limits that change no count, become null. */
async function configJson(path: string): Promise<unknown> {
  const text = await readText(path, 'config', MOST_BYTES);
  const plain = /\b(?:Infinity|NaN)\b/.test(text) ? text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g, (token) => (token.startsWith('"') ? token : 'null')) : text;
  return parseJson(plain, path, 'config');
}
