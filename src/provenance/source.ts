/**
 * How a number is known, in the order from strongest to weakest.
 *   stated    a paper, datasheet or config prints it
 *   derived   it follows from stated numbers by a formula
 *   measured  somebody timed or counted it
 *   assumed   it was chosen, with a reason
 */
export const BASES = ['stated', 'derived', 'measured', 'assumed'] as const;
export type Basis = (typeof BASES)[number];

/** Where one number comes from. `read` is the ISO date on which a changeable page was read. */
export type Source =
  | { readonly kind: 'paper'; readonly id: string; readonly at: string }
  | { readonly kind: 'datasheet'; readonly title: string; readonly url?: string; readonly read: string }
  | { readonly kind: 'repository'; readonly repo: string; readonly file: string; readonly revision: string; readonly read: string }
  | { readonly kind: 'config'; readonly repo: string; readonly file: string; readonly key?: string; readonly revision?: string }
  | { readonly kind: 'derived'; readonly from: string }
  | { readonly kind: 'measured'; readonly what: string; readonly date: string }
  | { readonly kind: 'assumed'; readonly because: string };

/** The basis that a source gives to the number it supports. */
export function basisOf(source: Source): Basis {
  switch (source.kind) {
    case 'derived':
      return 'derived';
    case 'measured':
      return 'measured';
    case 'assumed':
      return 'assumed';
    default:
      return 'stated';
  }
}

/** The weakest of several bases, in the order of `BASES`; `stated` for none. */
export function weakestOf(bases: Iterable<Basis>): Basis {
  let weakest = 0;
  for (const basis of bases) weakest = Math.max(weakest, BASES.indexOf(basis));
  return BASES[weakest] as Basis;
}

/** One line of text for a source, as reports and citations print it. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'paper':
      return `${source.id}, ${source.at}`;
    case 'datasheet':
      return `${source.title}${source.url ? `, ${source.url}` : ''} (read ${source.read})`;
    case 'repository':
      return `${source.repo} ${source.file}@${source.revision.slice(0, 12)} (read ${source.read})`;
    case 'config':
      return `${source.repo} ${source.file}${source.key ? `, key ${source.key}` : ''}`;
    case 'derived':
      return `derived: ${source.from}`;
    case 'measured':
      return `measured: ${source.what} (${source.date})`;
    case 'assumed':
      return `assumed: ${source.because}`;
  }
}
