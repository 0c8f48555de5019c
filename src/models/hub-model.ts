import type { ModelEntry } from './entry.ts';
import { importConfig } from './huggingface/index.ts';

/**
 * A catalogue model from the facts of its vendor's `config.json`: the keys that change a count, under their own names. It is read as a
 * user's config is, so that every field has the key that states it as its source. `file` says where the facts were read, where that was not the file itself.
 */
export const hubModel = (
  { file = 'config.json', ...named }: { readonly id: string; readonly name: string; readonly repo: string; readonly file?: string },
  config: Readonly<Record<string, unknown>>,
): ModelEntry => importConfig(config, { ...named, file }).entry;

/** A list with an entry for each layer, where a pattern repeats. */
export const repeated = <T>(pattern: readonly T[], layers: number): readonly T[] => Array.from({ length: layers }, (_, layer) => pattern[layer % pattern.length] as T);
