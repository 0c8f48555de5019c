import type { Basis } from '../provenance/source.ts';

/** What each basis means, for the guide at the top of a page. */
export const BASIS_MEANINGS: Readonly<Record<Basis, string>> = {
  stated: 'a paper, datasheet or config prints it',
  derived: 'it follows from others by a formula',
  measured: 'somebody timed or counted it',
  assumed: 'it was chosen, with a reason',
};

/** A basis as the partial `basis` shows it: a letter in a frame of its own shape, and the word. */
export const basisContext = (basis: Basis): object => ({ basis, letter: basis.slice(0, 1) });
