import type { Resolver } from '../evidence/evidence.ts';
import type { PrintedCell } from './printed.ts';

/** A printed cell that our number does not round to, with the reason. */
export interface Deviation {
  readonly cell: string;
  readonly because: string;
}

/** A printed cell that nothing here computes yet, with what is missing. */
export interface OpenCell {
  readonly cell: string;
  readonly because: string;
}

/** A paper: what it prints, which of our numbers answers each cell (the cell's own id), and what does not match. */
export interface Paper {
  readonly id: string;
  readonly title: string;
  readonly reference: string;
  readonly url: string;
  readonly cells: readonly PrintedCell[];
  readonly resolver: Resolver;
  readonly deviations: readonly Deviation[];
  readonly open: readonly OpenCell[];
}
