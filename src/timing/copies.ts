import type { Basis, Source } from '../provenance/source.ts';
import { findOrNearest } from '../units/nearest.ts';
import raw from './copies.generated.json' with { type: 'json' };
import { COPY_DIRECTIONS, COPY_METHODS, type CopyData, type CopyDirection, type CopyEntry, type CopyMethod } from './copy-data.ts';
import { type CopyConstants, copiesTime, copyTime, withThreads } from './copy-time.ts';

export const copyData = raw as unknown as CopyData;

const MEASURED: Source = { kind: 'measured', what: 'H100 80GB HBM3 SXM on PCIe 5.0 x16, pinned host memory, driver 580.159.04, CUDA 13.0, 256 MiB in pieces', date: '2026-11-23' };

/** Constants, how far off they were for piece sizes that were left out, and where they come from. @throws RangeError that lists the nearest names */
export function copyConstants(method: CopyMethod, direction: CopyDirection): CopyConstants & { readonly error: CopyEntry['error']; readonly source: Source } {
  findOrNearest('copies', COPY_METHODS, method, (id) => id);
  findOrNearest('copies', COPY_DIRECTIONS, direction, (id) => id);
  const { constants, error } = copyData.entries.find((entry) => entry.method === method && entry.direction === direction) as CopyEntry;
  return { ...constants, error, source: MEASURED };
}

export interface CopyPiece {
  readonly method: CopyMethod;
  readonly direction: CopyDirection;
  readonly pieceBytes: number;
  /** that dispatch calls; one unless given. They change nothing where one call copies all pieces */
  readonly threads?: number;
}

export interface Copies extends CopyPiece {
  readonly pieces: number;
}

/**
 * Seconds that pieces of one size take, one direction busy.
 * @param constants those measured unless given; `copiesOver` has those of another link
 * @throws RangeError where bytes are not a positive number, pieces or threads not a count of at least 1
 */
export function copySeconds({ method, direction, pieces, pieceBytes, threads = 1 }: Copies, constants: CopyConstants = copyConstants(method, direction)): number {
  check('pieces', pieces, isCount(pieces), 'is not a whole number of at least 1');
  checkPiece(pieceBytes, threads);
  return copiesTime.evaluate({ ...withThreads(constants, threads), pieces, bytes: pieceBytes });
}

/** Bytes per second that pieces of one size reach. @throws RangeError as `copySeconds` */
export function effectiveBandwidth({ method, direction, pieceBytes, threads = 1 }: CopyPiece, constants: CopyConstants = copyConstants(method, direction)): number {
  checkPiece(pieceBytes, threads);
  return pieceBytes / copyTime.evaluate({ ...withThreads(constants, threads), bytes: pieceBytes });
}

/** Bytes per second of large copies in both directions at once, together: the slower of the measured runs. */
export const bothDirectionsBytesPerSecond: number = copyData.bothDirections.slowest;

/** What copies must know of a link of the catalogue. */
export interface CopyLink {
  readonly id: string;
  readonly rawPerDirection: number;
  readonly achievedPerDirection: number | null;
  readonly achievedBothDirections: number | null;
}

/** Constants of a method on a link. */
export interface LinkCopies extends Readonly<Record<CopyDirection, CopyConstants>> {
  readonly link: string;
  readonly method: CopyMethod;
  readonly bothDirectionsBytesPerSecond: number;
  /** `measured` on the link that was measured, `assumed` on any other */
  readonly basis: Basis;
  readonly because: string;
}

/**
 * Carries the constants to another link.
 *   B' = R min(1, B / R0)   R what a large copy reaches on the link, R0 on the one that was measured
 * R is what the link achieved where that is known, else its line rate times the share of it that the measured link achieved. What a call
 * costs stays as on the measured host: an assumption, as it is the processor's and the driver's, not the link's.
 * @throws RangeError where a rate of the link is not a positive number
 */
export function copiesOver(link: CopyLink, method: CopyMethod): LinkCopies {
  const [h2d, d2h] = [constantsOf(method, 'h2d'), constantsOf(method, 'd2h')];
  checkRate(link, 'rawPerDirection', link.rawPerDirection);
  if (link.achievedPerDirection !== null) checkRate(link, 'achievedPerDirection', link.achievedPerDirection);
  if (link.achievedBothDirections !== null) checkRate(link, 'achievedBothDirections', link.achievedBothDirections);
  const { link: own } = copyData;
  if (isMeasured(link)) return { link: link.id, method, h2d, d2h, bothDirectionsBytesPerSecond, basis: 'measured', because: `measured on ${own.id}` };
  const rate = link.achievedPerDirection ?? (link.rawPerDirection * own.achievedPerDirection) / own.rawPerDirection;
  const carried = (constants: CopyConstants): CopyConstants => ({ ...constants, bytesPerSecond: rate * Math.min(1, constants.bytesPerSecond / own.achievedPerDirection) });
  const known = link.achievedPerDirection === null ? `its line rate times the share that ${own.id} achieved` : 'the rate that it achieved';
  return {
    link: link.id,
    method,
    h2d: carried(h2d),
    d2h: carried(d2h),
    bothDirectionsBytesPerSecond: link.achievedBothDirections ?? (rate * bothDirectionsBytesPerSecond) / own.achievedPerDirection,
    basis: 'assumed',
    because: `calls cost what they do on the host of ${own.id}; bytes run at ${known}, times the share of it that ${method} reached there`,
  };
}

/** The catalogue has the achieved rate to three digits; a link that somebody changed is another link. */
const isMeasured = ({ id, rawPerDirection, achievedPerDirection }: CopyLink): boolean =>
  id === copyData.link.id && rawPerDirection === copyData.link.rawPerDirection && achievedPerDirection === Number(copyData.link.achievedPerDirection.toPrecision(3));

function constantsOf(method: CopyMethod, direction: CopyDirection): CopyConstants {
  const { error: _, source: __, ...constants } = copyConstants(method, direction);
  return constants;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
const isPositive = (value: number): boolean => value > 0 && value < Number.POSITIVE_INFINITY;

function checkPiece(pieceBytes: number, threads: number): void {
  check('pieceBytes', pieceBytes, isPositive(pieceBytes), 'is not a positive number of bytes');
  check('threads', threads, isCount(threads), 'is not a whole number of at least 1');
}

const checkRate = ({ id }: CopyLink, field: keyof CopyLink, value: number): void => check(`${field} of ${id}`, value, isPositive(value), 'is not a positive number of bytes per second');

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`copies: ${field} ${value} ${rule}`);
}
