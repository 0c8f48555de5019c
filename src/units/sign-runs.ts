import type { ContextCurve, Span, Term } from './context-curve.ts';
import { pieceEnd, spanAt } from './span.ts';

export type Sign = -1 | 0 | 1;

/** Consecutive contexts, both ends included, where a curve keeps one sign. */
export interface SignRun {
  readonly from: number;
  readonly to: number;
  readonly sign: Sign;
}

/** A curve that needs more polynomial pieces than this to know its sign is refused. */
export const PIECE_LIMIT = 2 ** 20;

/**
 * The sign of a curve on every integer context from..to (unchecked), as maximal runs in order.
 * A range whose bounds already show the sign is settled at once; any other is halved until it is one polynomial piece, which
 * is solved exactly. So the work grows with the pieces near a change of sign, not with all pieces.
 * @throws RangeError when more than PIECE_LIMIT pieces must be solved
 */
export function signRuns(curve: ContextCurve, from: number, to: number): readonly SignRun[] {
  const runs: { from: number; to: number; sign: Sign }[] = [];
  const push = (low: number, high: number, sign: Sign): void => {
    const last = runs.at(-1);
    if (last?.sign === sign) last.to = high;
    else runs.push({ from: low, to: high, sign });
  };
  const weights = curve.terms.map(({ coefficient }) => Number(coefficient));
  let pieces = 0;
  const visit = (low: number, high: number): void => {
    const sign = signByBounds(curve.terms, weights, low, high);
    if (sign !== 0) push(low, high, sign);
    else if (high <= endOf(curve.terms, low)) {
      if (++pieces > PIECE_LIMIT) throw new RangeError(`sign-runs: contexts ${from}..${to} of ${curve} need more than ${PIECE_LIMIT} pieces`);
      solvePiece(curve, low, high, push);
    } else {
      const middle = low + Math.floor((high - low) / 2);
      const end = endOf(curve.terms, middle);
      const cut = end < high ? end : middle;
      visit(low, cut);
      visit(cut + 1, high);
    }
  };
  visit(from, to);
  return runs;
}

const endOf = (terms: readonly Term[], S: number): number => {
  let end = Number.POSITIVE_INFINITY;
  for (const { span } of terms) end = Math.min(end, pieceEnd(span, S));
  return end;
};

/** The one sign that a curve has on low..high as far as the ranges of its spans tell; 0 when they do not tell. */
function signByBounds(terms: readonly Term[], weights: readonly number[], low: number, high: number): Sign {
  let atLeast = 0;
  let atMost = 0;
  let size = 0;
  for (let i = 0; i < terms.length; i++) {
    const { span } = terms[i] as Term;
    const weight = weights[i] as number;
    const wraps = span.kind === 'chunk' && pieceEnd(span, low) < high;
    const a = weight * (wraps ? Math.min(low, 1) : spanAt(span, low));
    const b = weight * (wraps ? (span as Span & { kind: 'chunk' }).chunk : spanAt(span, high));
    atLeast += Math.min(a, b);
    atMost += Math.max(a, b);
    size += Math.max(Math.abs(a), Math.abs(b));
  }
  const rounding = size * 1e-13;
  return atLeast > rounding ? 1 : atMost < -rounding ? -1 : 0;
}

/** Signs of one polynomial piece: split where it turns, so that each half is monotone. */
function solvePiece(curve: ContextCurve, low: number, high: number, push: (low: number, high: number, sign: Sign) => void): void {
  const value = valueAt(curve, low);
  const slope = high > low ? valueAt(curve, low + 1) - value : 0n;
  const bend = high > low + 1 ? valueAt(curve, low + 2) - value - 2n * slope : 0n;
  const at = (n: number): bigint => value + slope * BigInt(n) + (bend * BigInt(n) * BigInt(n - 1)) / 2n;
  const guesses = roots(Number(bend) / 2, Number(slope) - Number(bend) / 2, Number(value));
  const monotone = (first: number, last: number): void => {
    const end = signOf(at(last));
    let start = first;
    for (let sign = signOf(at(start)); sign !== end; sign = signOf(at(start))) {
      const change = firstWhere((n) => signOf(at(n)) !== sign, start, last, guesses);
      push(low + start, low + change - 1, sign);
      start = change;
    }
    push(low + start, low + last, end);
  };
  const last = high - low;
  const turn = slope * (slope + bend * BigInt(last - 1)) < 0n ? Number((magnitude(slope) - 1n) / magnitude(bend)) + 1 : last;
  monotone(0, turn);
  if (turn < last) monotone(turn + 1, last);
}

const valueAt = (curve: ContextCurve, S: number): bigint => {
  const value = curve.evaluate(S);
  return Number.isSafeInteger(value) ? BigInt(value) : curve.exact(S);
};
const signOf = (value: bigint): Sign => (value > 0n ? 1 : value < 0n ? -1 : 0);
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Real roots of a n^2 + b n + c in closed form, by the form that does not cancel; some may be NaN or infinite. */
function roots(a: number, b: number, c: number): readonly number[] {
  const q = -(b + (b < 0 ? -1 : 1) * Math.sqrt(b * b - 4 * a * c)) / 2;
  return [q / a, c / q];
}

/**
 * Smallest n with first < n <= last that passes; passing must be monotone, false at `first` and true at `last`.
 * The neighbours of each guess are tried before halving, so a good guess is only confirmed.
 */
function firstWhere(passes: (n: number) => boolean, first: number, last: number, guesses: readonly number[]): number {
  let no = first;
  let yes = last;
  const narrow = (n: number): void => {
    if (!(n > no && n < yes)) return;
    if (passes(n)) yes = n;
    else no = n;
  };
  for (const guess of guesses) for (const offset of [0, -1, 1]) narrow(Math.round(guess) + offset);
  while (yes - no > 1) narrow(no + Math.floor((yes - no) / 2));
  return yes;
}
