import { modelCache } from '../../../src/models/cache.ts';
import { importConfig } from '../../../src/models/huggingface/index.ts';
import type { Model } from '../../../src/models/index.ts';
import { parameters } from '../../../src/models/parameters.ts';
import type { Config } from './configs.ts';

export type Path = readonly (string | number)[];

/** Every path of a config: to keys, and into lists of objects. */
export function pathsOf(node: unknown, at: Path = []): readonly Path[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    const path = [...at, Array.isArray(node) ? Number(name) : name];
    const descends = !Array.isArray(value) || value.some((item) => typeof item === 'object');
    return [path, ...(descends ? pathsOf(value, path) : [])];
  });
}

export const textOf = (path: Path): string => path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
export const valueAt = (config: unknown, path: Path): unknown => path.reduce<unknown>((node, part) => (node as Record<string | number, unknown>)[part], config);

function changed(config: Config, path: Path, change: (node: Record<string | number, unknown>, last: string | number) => void): Config {
  const copy = structuredClone(config) as Record<string, unknown>;
  change(valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>, path.at(-1) as string | number);
  return copy;
}

export const withValue = (config: Config, path: Path, value: unknown): Config =>
  changed(config, path, (node, last) => {
    Object.defineProperty(node, last, { value, enumerable: true, configurable: true, writable: true });
  });

export const without = (config: Config, path: Path): Config =>
  changed(config, path, (node, last) => {
    if (Array.isArray(node)) node.splice(last as number, 1);
    else delete node[last];
  });

/** What reading a config gives: a model, or the text of the RangeError; anything else that is thrown is thrown on. */
export function outcome(config: unknown, ignore: readonly string[] = []): Model | string {
  try {
    return importConfig(config, { ignore }).entry.model;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The last name in a path: what an error must name. */
export const keyOf = (path: Path): string => String(path.findLast((part) => typeof part === 'string'));

const CONTEXTS = [1, 2, 127, 128, 129, 1000, 4095, 8192, 8193, 32768, 1_000_000];

/** What is wrong with the numbers of a model; undefined where nothing is. */
export function wrongNumbers(model: Model): string | undefined {
  const { total, active, parts, activeParts, mtp, bytes } = parameters(model);
  const counts = { ...total, ...parts, mtp, bytes };
  for (const [name, value] of Object.entries({ ...counts, ...active, ...activeParts })) if (!Number.isFinite(value) || value < 0) return `${name} is ${value}`;
  if (active.all > total.all) return `active ${active.all} is more than ${total.all}`;
  const { ring, paged, index, perRequest, readPerToken, writtenPerToken, state, perToken } = modelCache(model);
  for (const [name, value] of Object.entries({ state, perToken })) if (!Number.isFinite(value) || value < 0) return `${name} is ${value}`;
  for (const [name, curve] of Object.entries({ ring, paged, index, perRequest, readPerToken, writtenPerToken })) {
    const values = CONTEXTS.map((S) => curve.evaluate(S));
    const bad = values.find((value) => !Number.isFinite(value) || value < 0);
    if (bad !== undefined) return `${name} is ${bad}`;
    // A chunk is read from its beginning: what is read drops where a chunk begins.
    if (name !== 'readPerToken' && values.some((value, at) => value < (values[at - 1] ?? 0))) return `${name} decreases: ${values}`;
  }
  return undefined;
}
