import { requireRange } from './range.ts';

/**
 * Context lengths from..to, log-spaced and rounded to integers: 2^(k / n) for integers k, so every power of two of the range is
 * among them, and both ends are. Ascending, none twice.
 * @throws RangeError unless from and to are positive integers in order and n = pointsPerOctave is a positive integer
 */
export function contextGrid(from: number, to: number, pointsPerOctave: number): readonly number[] {
  requireRange('context-grid', from, to);
  if (!Number.isSafeInteger(pointsPerOctave) || pointsPerOctave < 1) throw new RangeError(`context-grid: pointsPerOctave ${pointsPerOctave} is not a positive integer`);
  const grid = [from];
  for (let k = Math.floor(Math.log2(from)) * pointsPerOctave; ; k++) {
    const octave = Math.floor(k / pointsPerOctave);
    const context = Math.round(2 ** octave * 2 ** (k / pointsPerOctave - octave));
    if (context >= to) break;
    if (context > (grid.at(-1) as number)) grid.push(context);
  }
  if (to > from) grid.push(to);
  return grid;
}
