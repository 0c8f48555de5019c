import type { Source } from './source.ts';

/** A value together with where it comes from: the leaf of a catalogue entry. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
  readonly note?: string;
}

/** `from(source)(value)` marks one leaf; a catalogue file makes one `from` per source and uses it for many leaves. */
export const from =
  (source: Source) =>
  <const T>(value: T, note?: string): Sourced<T> =>
    note === undefined ? { value, source } : { value, source, note };

/** A catalogue entry as it is written: every leaf of `T`, or a whole subtree, carries a source. */
export type SourcedTree<T> = Sourced<T> | (T extends readonly (infer E)[] ? readonly SourcedTree<E>[] : T extends object ? { readonly [K in keyof T]: SourcedTree<T[K]> } : never);

export interface SourceNote {
  readonly source: Source;
  readonly note?: string;
}

/** The plain value of an entry, and the source of each leaf by its path (`layers.0.attention.queryHeads`). */
export interface Resolved<T> {
  readonly value: T;
  readonly sources: ReadonlyMap<string, SourceNote>;
}

const isSourced = (node: unknown): node is Sourced<unknown> => typeof node === 'object' && node !== null && 'source' in node && 'value' in node;

/** Splits an entry into what formulas compute with and what citations print. */
export function resolve<T>(tree: SourcedTree<T>): Resolved<T> {
  const sources = new Map<string, SourceNote>();
  const mark = (value: unknown, path: string, note: SourceNote): unknown => {
    if (Array.isArray(value)) return Object.freeze(value.map((item, index) => mark(item, join(path, String(index)), note)));
    if (typeof value === 'object' && value !== null) return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mark(item, join(path, key), note)])));
    sources.set(path, note);
    return value;
  };
  const walk = (node: unknown, path: string): unknown => {
    if (isSourced(node)) return mark(node.value, path, node.note === undefined ? { source: node.source } : { source: node.source, note: node.note });
    if (Array.isArray(node)) return Object.freeze(node.map((item, index) => walk(item, join(path, String(index)))));
    if (typeof node === 'object' && node !== null) return Object.freeze(Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, join(path, key))])));
    throw new RangeError(`catalogue: ${path} ${String(node)} has no source`);
  };
  return { value: walk(tree, '') as T, sources };
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
