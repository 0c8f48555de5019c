import type { Json, JsonObject } from '../chart/spec.ts';
import { InputError, parseJson, readText, writeAtomic } from '../io/index.ts';

/** One output of a code cell, with the field names of nbformat 4. */
export type Output =
  | { readonly output_type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly output_type: 'display_data'; readonly data: JsonObject; readonly metadata: JsonObject }
  | { readonly output_type: 'execute_result'; readonly data: JsonObject; readonly metadata: JsonObject; readonly execution_count: number | null }
  | { readonly output_type: 'error'; readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] };

export interface CodeCell {
  readonly cell_type: 'code';
  readonly id: string;
  readonly metadata: JsonObject;
  readonly source: string;
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}

export interface TextCell {
  readonly cell_type: 'markdown' | 'raw';
  readonly id: string;
  readonly metadata: JsonObject;
  readonly source: string;
}

export type Cell = CodeCell | TextCell;

/** A Jupyter notebook, format 4.5. Sources are one string each; they are lists of lines only in the file. */
export interface Notebook {
  readonly metadata: JsonObject;
  readonly cells: readonly Cell[];
}

/** How Jupyter shows our kernel; its name is the one under which tslab installs itself, so that either runs a notebook. */
export const KERNEL = { name: 'tslab', display_name: 'TypeScript (Tokenroof)', language: 'typescript' } as const;

/** The metadata of every notebook of this project. */
export const NOTEBOOK_METADATA: JsonObject = {
  kernelspec: KERNEL,
  language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
};

/** A new clean notebook from its cells; ids are `cell-1`, `cell-2` ... */
export const notebook = (cells: readonly Pick<Cell, 'cell_type' | 'source'>[]): Notebook => ({
  metadata: NOTEBOOK_METADATA,
  cells: cells.map(({ cell_type, source }, index) => {
    const shared = { id: `cell-${index + 1}`, metadata: {}, source: source.trim() };
    return cell_type === 'code' ? { ...shared, cell_type, execution_count: null, outputs: [] } : { ...shared, cell_type };
  }),
});
export const markdown = (source: string): Pick<TextCell, 'cell_type' | 'source'> => ({ cell_type: 'markdown', source });
export const code = (source: string): Pick<CodeCell, 'cell_type' | 'source'> => ({ cell_type: 'code', source });

/**
 * The same notebook as it is committed: no outputs, execution counts, timings or editor state, and the project's kernel.
 * Cells keep their ids and tags.
 */
export const cleanNotebook = ({ cells }: Notebook): Notebook => ({
  metadata: NOTEBOOK_METADATA,
  cells: cells.map((cell) => {
    const metadata: JsonObject = cell.metadata.tags === undefined ? {} : { tags: cell.metadata.tags };
    return cell.cell_type === 'code' ? { ...cell, metadata, execution_count: null, outputs: [] } : { ...cell, metadata };
  }),
});

/**
 * A notebook from the text of a file. Cells without an id (before format 4.5) get `cell-1`, `cell-2` ...
 * @throws InputError `<from>: <field> <value> <rule>` when the text is not a notebook of format 4
 */
export function parseNotebook(text: string, from: string): Notebook {
  const refuse = (field: string, value: unknown, rule: string): never => {
    throw new InputError(`${from}: ${field} ${String(JSON.stringify(value)).slice(0, 60)} ${rule}`);
  };
  const object = (value: unknown, field: string): JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : refuse(field, value, 'is not an object');
  const list = (value: unknown, field: string): readonly Json[] => (Array.isArray(value) ? value : refuse(field, value, 'is not a list'));
  const lines = (value: unknown, field: string): string => {
    const parts = Array.isArray(value) ? value : [value];
    return parts.every((part) => typeof part === 'string') ? parts.join('') : refuse(field, value, 'is not text');
  };
  const output = (value: Json, field: string): Output => {
    const { output_type: kind, text, ...rest } = object(value, field);
    if (kind === 'stream') return { ...rest, output_type: kind, text: lines(text, `${field}.text`) } as Output;
    if (kind === 'display_data' || kind === 'execute_result') object(rest.data, `${field}.data`);
    else if (kind !== 'error') refuse(`${field}.output_type`, kind, 'is not a kind of output');
    return value as Output;
  };
  const ids = new Set<string>();
  const cell = (value: Json, index: number): Cell => {
    const field = `cells.${index}`;
    const { cell_type: kind, id = `cell-${index + 1}`, metadata, source, ...rest } = object(value, field);
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return refuse(`${field}.id`, id, 'is not 1 to 64 letters, digits, - and _');
    if (ids.has(id)) refuse(`${field}.id`, id, 'is used twice');
    ids.add(id);
    const shared = { id, metadata: object(metadata, `${field}.metadata`), source: lines(source, `${field}.source`) };
    if (kind === 'markdown' || kind === 'raw') return { ...shared, cell_type: kind };
    if (kind !== 'code') return refuse(`${field}.cell_type`, kind, 'is not code, markdown or raw');
    const { execution_count: count } = rest;
    if (count !== null && !Number.isInteger(count)) refuse(`${field}.execution_count`, count, 'is not null or an integer');
    const outputs = list(rest.outputs, `${field}.outputs`).map((item, at) => output(item, `${field}.outputs.${at}`));
    return { ...shared, cell_type: kind, execution_count: count as number | null, outputs };
  };
  const file = object(parseJson(text, from, 'notebook'), 'notebook');
  if (file.nbformat !== 4) refuse('nbformat', file.nbformat, 'is not 4');
  return { metadata: object(file.metadata, 'metadata'), cells: list(file.cells, 'cells').map(cell) };
}

/** The text of the file, byte by byte as Jupyter itself saves it: sorted keys, indent 1, sources as lists of lines. */
export function serialiseNotebook({ metadata, cells }: Notebook): string {
  const stored = cells.map((cell) => ({ ...cell, source: cell.source.split(/(?<=\n)/).filter((line) => line !== '') }));
  return `${JSON.stringify({ metadata, cells: stored, nbformat: 4, nbformat_minor: 5 }, sorted, 1)}\n`;
}

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

export const readNotebook = async (path: string): Promise<Notebook> => parseNotebook(await readText(path, 'notebook'), path);
export const writeNotebook = (path: string, content: Notebook): Promise<void> => writeAtomic(path, serialiseNotebook(content), 'notebook');
