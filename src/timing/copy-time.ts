import { formula } from '../provenance/card.ts';

/**
 * Constants of copies between host and device, of one method in one direction; `loop` and `framework` have a call for each piece, `batch` and
 * `gather` one call for all, so that theirs is the time that a piece adds to it.
 */
export interface CopyConstants {
  /** host time of a call where it hides behind the copies before it: a piece takes no less; 0 where the time per call says it all */
  readonly dispatchSeconds: number;
  /** what a call adds to the bytes of its piece */
  readonly secondsPerCall: number;
  readonly bytesPerSecond: number;
  /** share of the time of a call that threads do not divide; above 1 where they get in each other's way */
  readonly serialShare: number;
}

/**
 * Time of one piece among many that are copied one after the other.
 *   t = max(d, c + x / B)   [s]
 * With d = 0 the constants are two: a time per call beside the bytes. With c = 0 the host dispatches while the link copies, and the slower of
 * both sets the pace.
 * Where it does not fit (errors of sizes left out are beside the constants): batches to the device of pieces below 32 KiB, for which the driver
 * takes a path of its own that grows slower from 4 to 16 KiB; loops to the host at 32 KiB, which take no longer than at 16; Python below 64 KiB,
 * whose calls are not alike from one size to the next. Measured from 4 KiB to 16 MiB.
 * Ignored: the first piece, whose dispatch nothing hides; the launch of the one call of `batch` and `gather`; where in memory pieces lie.
 */
export const copyTime = formula({
  id: 'timing/copy-time',
  name: 'Time of a piece copied between host and device',
  symbols: {
    dispatchSeconds: { unit: 's', meaning: 'host time of a call that hides behind copies', tex: 'd' },
    secondsPerCall: { unit: 's', meaning: 'what a call adds to its bytes', tex: 'c' },
    bytes: { unit: 'B', meaning: 'bytes of a piece', tex: 'x' },
    bytesPerSecond: { unit: 'B/s', meaning: 'rate of a large piece', tex: 'B' },
  },
  expression: 'max(dispatchSeconds, secondsPerCall + bytes / bytesPerSecond)',
  unit: 's',
  evaluate: ({ dispatchSeconds, secondsPerCall, bytes, bytesPerSecond }) => Math.max(dispatchSeconds, secondsPerCall + bytes / bytesPerSecond),
  source: { kind: 'derived', from: 'measured copies of 4 KiB to 16 MiB; dispatch and transfer as in arXiv:2411.18424 section 2.2' },
});

/** Time of all pieces: n t [s]. */
export const copiesTime = formula({
  id: 'timing/copies-time',
  name: 'Time of pieces copied between host and device',
  symbols: {
    pieces: { unit: '1', meaning: 'pieces of the same size', tex: 'n' },
    dispatchSeconds: { unit: 's', meaning: 'host time of a call that hides behind copies', tex: 'd' },
    secondsPerCall: { unit: 's', meaning: 'what a call adds to its bytes', tex: 'c' },
    bytes: { unit: 'B', meaning: 'bytes of a piece', tex: 'x' },
    bytesPerSecond: { unit: 'B/s', meaning: 'rate of a large piece', tex: 'B' },
  },
  expression: 'pieces * max(dispatchSeconds, secondsPerCall + bytes / bytesPerSecond)',
  unit: 's',
  evaluate: ({ pieces, ...piece }) => pieces * copyTime.evaluate(piece),
  source: { kind: 'derived', from: 'pieces share one link: their times add up' },
});

/**
 * Time of a call for each piece where n threads dispatch: c (s + (1 - s) / n) [s], as in Amdahl's law. A share s of a call is under a lock that
 * all threads take; s = 1 says that threads do not help, s > 1 that handing the lock over costs more than the others save, as with the
 * interpreter lock of Python. One constant; c at one thread and s c in the limit, so that it never runs away. One and four threads were
 * measured, which cannot tell forms of one constant apart: between them it interpolates, beyond it is assumed.
 * Ignored: starting the threads, which is most of what Python threads add to large pieces.
 */
export const threadedCall = formula({
  id: 'timing/threaded-call',
  name: 'Time of a call where threads share the calls',
  symbols: {
    seconds: { unit: 's', meaning: 'time of a call of one thread', tex: 'c' },
    serialShare: { unit: '1', meaning: 'share of it that threads do not divide', tex: 's' },
    threads: { unit: '1', meaning: 'threads that dispatch', tex: 'n' },
  },
  expression: 'seconds * (serialShare + (1 - serialShare) / threads)',
  unit: 's',
  evaluate: ({ seconds, serialShare, threads }) => seconds * (serialShare + (1 - serialShare) / threads),
  source: { kind: 'derived', from: "Amdahl's law, with a share above 1 for threads that hinder each other" },
});

/** The constants that n threads have together: all that a call costs is shared by them, the link is not. */
export function withThreads(constants: CopyConstants, threads: number): CopyConstants {
  if (threads === 1) return constants;
  const shared = (seconds: number): number => threadedCall.evaluate({ seconds, serialShare: constants.serialShare, threads });
  return { ...constants, dispatchSeconds: shared(constants.dispatchSeconds), secondsPerCall: shared(constants.secondsPerCall) };
}
