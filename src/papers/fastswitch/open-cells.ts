import type { PrintedCell } from '../printed.ts';
import { figure12 } from './data/sensitivity.ts';
import { claims } from './data/text.ts';
import { figure2 } from './data/waiting.ts';
import { ID, PERCENT, READ_DIGITS } from './item.ts';

/** A printed cell that nothing here computes, and what is missing. */
export interface Unanswered {
  readonly cell: PrintedCell;
  readonly because: string;
}

const WAITING = 'needs what counts as waiting of the engine that is drawn: in the simulation all wait while synchronous copies run, and none at other times';
const EFFICIENCY = 'needs what is taken at a percentile: tokens per second of iterations or of seconds are not said, and the labels of the figure are not those of the text';

const unanswered = (path: string, printed: string, where: string, because: string, scale = 1): Unanswered => ({
  cell: { id: `${ID}/${path}`, paper: ID, table: path.split('/')[0] as string, printed, scale, where },
  because,
});

/** Cells that wait for what is not built or not said. */
export const openCells: readonly Unanswered[] = [
  ...figure2.percentile.map((percentile, at) =>
    unanswered(
      `figure-2/waiting/p${percentile}`,
      (figure2.waiting[at] as number).toFixed(READ_DIGITS),
      `Figure 2, share of the requests that wait for keys and values at P${percentile}, as drawn`,
      WAITING,
    ),
  ),
  ...figure12.percentile.map((label, at) =>
    unanswered(
      `figure-12/gain/${label}`,
      ((figure12.fastswitch[at] as number) / (figure12.baseline[at] as number)).toFixed(READ_DIGITS),
      `Figure 12, tokens per second over those of the baseline at the label ${label}, as drawn`,
      EFFICIENCY,
    ),
  ),
  ...(['p99', 'p99.9'] as const).map((name) =>
    unanswered(`text/efficiency/${name}:simulated`, claims.efficiencyPercent[name], `text on Figure 12, per cent more tokens per second at ${name.toUpperCase()}, simulated`, EFFICIENCY, PERCENT),
  ),
];
