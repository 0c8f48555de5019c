import { type Basis, basisOf, describeSource } from '../../provenance/source.ts';
import type { SourceNote } from '../../provenance/sourced.ts';
import { footnotes } from './footnotes.ts';
import type { Printout } from './print.ts';

type Scalar = string | number | boolean | null;

/** One field of a catalogue entry and how it is known. */
export interface SourceRow {
  readonly field: string;
  readonly value: Scalar;
  readonly basis: Basis;
  readonly source: string;
  readonly note: string | null;
}

/** Every field of an entry by its path, in the order in which it was written. */
export function sourceRows(entry: object, sources: ReadonlyMap<string, SourceNote>): readonly SourceRow[] {
  return [...sources].map(([field, { source, note = null }]) => ({ field, value: valueAt(entry, field), basis: basisOf(source), source: describeSource(source), note }));
}

/** All fields of one entry; notes below the table. */
export function fieldsPrintout(title: string, json: object, rows: readonly SourceRow[]): Printout {
  const { marks, lines } = footnotes([...rows.map(({ note }) => (note === null ? [] : [note])), []]);
  return {
    json,
    rows: rows.map((row) => ({ ...row })),
    tables: [
      {
        title,
        columns: [{ header: 'field' }, { header: 'value' }, { header: 'basis' }, { header: 'source' }, { header: 'see' }],
        rows: rows.map(({ field, value, basis, source }, at) => [field, value === null ? '–' : String(value), basis, source, marks[at] ?? '']),
        notes: lines,
      },
    ],
  };
}

const valueAt = (entry: object, path: string): Scalar => path.split('.').reduce((node, key) => (node as Record<string, unknown>)[key], entry as unknown) as Scalar;
