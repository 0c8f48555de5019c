/** Notes of many rows, each said once: those of all rows without a mark, the others numbered in the order they come. */
export interface Footnotes {
  /** for each row the numbers of its notes, `1 2` */
  readonly marks: readonly string[];
  readonly lines: readonly string[];
}

export function footnotes(rows: readonly (readonly string[])[]): Footnotes {
  const all = [...new Set(rows.flat())];
  const common = all.filter((note) => rows.every((notes) => notes.includes(note)));
  const numbered = all.filter((note) => !common.includes(note));
  return {
    marks: rows.map((notes) => numbered.flatMap((note, at) => (notes.includes(note) ? [at + 1] : [])).join(' ')),
    lines: [...common, ...numbered.map((note, at) => `${at + 1}  ${note}`)],
  };
}
