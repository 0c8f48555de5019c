import { from } from '../../provenance/sourced.ts';
import { nearest } from '../../units/nearest.ts';
import { type ModelEntry, modelEntry } from '../entry.ts';
import type { Draft, Family } from './draft.ts';
import { textFamilies } from './families/text.ts';
import { wrappers } from './families/wrappers.ts';
import { type KeyLog, Keys } from './keys.ts';
import { precisionOf } from './quantisation.ts';

export interface ImportOptions {
  /** id of the model; `config` unless given */
  readonly id?: string;
  /** name of the model; its id unless given */
  readonly name?: string;
  /** where the config is from, for sources; its id unless given */
  readonly repo?: string;
  readonly file?: string;
  /** keys that are known to change no count, by name or path (`rope_foo`, `text_config.rope_foo`) */
  readonly ignore?: readonly string[];
  /** a parsed `hf_quant_config.json`, which ModelOpt writes beside the config */
  readonly quantisation?: unknown;
}

/** A model that was read from a config, and what was found out on the way. */
export interface ImportedModel {
  readonly entry: ModelEntry;
  /** the `model_type` by which it was read */
  readonly family: string;
  /** keys that were absent, and what the class of the family takes instead */
  readonly defaults: readonly string[];
  /** keys that change no count */
  readonly ignored: readonly string[];
  /** what the counts leave out */
  readonly notes: readonly string[];
}

const FAMILIES: ReadonlyMap<string, Family> = new Map([...textFamilies, wrappers].flatMap((family) => family.modelTypes.map((type) => [type, family] as const)));

/** Every `model_type` that can be read. */
export const modelTypes: readonly string[] = [...FAMILIES.keys()].sort();

/** Deepest nesting and most keys that a config can have. */
const DEEPEST = 12;
const MOST_KEYS = 100_000;

/**
 * The model that a parsed Hugging Face `config.json` describes, read by its `model_type`, a source on every field.
 * A config is read whole or refused: a key that may change weights, caches or attended tokens and is not understood is an error, so is
 * a `model_type` without a family.
 * @throws RangeError in one line, `config <family>: <key> <value> <rule>`
 */
export function importConfig(config: unknown, options: ImportOptions = {}): ImportedModel {
  const { id = 'config', name = id, repo = id, file = 'config.json', ignore = [], quantisation } = options;
  const fields = objectOf('config', config);
  bounded(fields);
  const type = Object.hasOwn(fields, 'model_type') ? fields.model_type : undefined;
  const family = typeof type === 'string' ? FAMILIES.get(type) : undefined;
  if (typeof type !== 'string') throw new RangeError(`config: model_type ${type === undefined ? '(absent)' : shown(type)} is not a text; a config must say its family`);
  if (family === undefined) throw new RangeError(`config: model_type ${shown(type)} is unknown; nearest: ${nearest(type.slice(0, 60), modelTypes).join(', ')}`);
  const log: KeyLog = { defaults: [], ignored: [], notes: [] };
  const origin = { repo, file };
  const keys = new Keys(fields, type, origin, log, new Set(ignore));
  keys.ignore('model_type');
  const draft = family.read(keys, type);
  const sections = ['text_config', 'llm_config'].flatMap((key) => (keys.has(key) ? keys.required(key) : []));
  const beside = quantisation === undefined ? undefined : new Keys(objectOf('config hf_quant_config', quantisation), 'hf_quant_config', { ...origin, file: 'hf_quant_config.json' }, log, new Set());
  const precision = precisionOf([keys, ...sections], beside, origin, draft.expertFormat);
  keys.finish();
  const given = from({ kind: 'derived', from: 'name given at import' });
  const entry = checked(type, () => modelEntry({ id: given(id), name: given(name), ...draftFields(draft), precision }, null));
  return { entry, family: type, defaults: [...new Set(log.defaults)], ignored: log.ignored, notes: [...new Set(log.notes)] };
}

/** What the model's own checks refuse, under the name of the config's family. */
function checked<T>(family: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`config ${family}: ${error.message.replace(/^model [^:]*: /, '')}`, { cause: error }) : error;
  }
}

const draftFields = ({ hidden, vocabulary, tiedEmbeddings, maxContext, positions, layers, vision, images, mtp }: Draft) => ({
  hidden,
  vocabulary,
  tiedEmbeddings,
  maxContext,
  layers,
  ...(positions === undefined ? {} : { positions }),
  ...(vision === undefined ? {} : { vision }),
  ...(images === undefined ? {} : { images }),
  ...(mtp === undefined ? {} : { mtp }),
});

function objectOf(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError(`${place}: file ${shown(value)} is not an object`);
  return value as Record<string, unknown>;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);

/** Refuses what no config is: one that nests too deep or has too many keys. */
function bounded(config: object): void {
  let level: object[] = [config];
  let keys = 0;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new RangeError(`config: file nests deeper than ${DEEPEST} levels`);
    const next: object[] = [];
    for (const node of level)
      for (const key in node) {
        if (++keys > MOST_KEYS) throw new RangeError(`config: file has more than ${MOST_KEYS} values`);
        const value = (node as Readonly<Record<string, unknown>>)[key];
        if (typeof value === 'object' && value !== null) next.push(value);
      }
    level = next;
  }
}
