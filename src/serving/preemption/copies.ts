import type { LinkCopies } from '../../timing/copies.ts';
import { type CopyConstants, copiesTime } from '../../timing/copy-time.ts';
import type { Moved } from './layout.ts';

/** The way between the chip and its host: constants of each direction alone (`d2h` swaps out, `h2d` swaps in), and the rate of both together. */
export type HostLink = Pick<LinkCopies, 'h2d' | 'd2h' | 'bothDirectionsBytesPerSecond'>;

/** Time of copies that have their direction for themselves, s; pieces of unlike sizes count as pieces of their mean. */
export function moveSeconds({ calls, bytes }: Moved, { dispatchSeconds, secondsPerCall, bytesPerSecond }: CopyConstants): number {
  return calls === 0 ? 0 : copiesTime.evaluate({ pieces: calls, dispatchSeconds, secondsPerCall, bytes: bytes / calls, bytesPerSecond });
}

/** A link of which both directions are always busy: each gets at most half of what both reach together. */
export function halved({ h2d, d2h, bothDirectionsBytesPerSecond }: HostLink): HostLink {
  const half = (rate: CopyConstants): CopyConstants => ({ ...rate, bytesPerSecond: Math.min(rate.bytesPerSecond, bothDirectionsBytesPerSecond / 2) });
  return { h2d: half(h2d), d2h: half(d2h), bothDirectionsBytesPerSecond };
}
