/**
 * A printed value and the digits it was printed with. Forms: `7.89e8`, `0.040`, `591`; what the unit of print is stands in `scale`.
 */
export interface PrintedCell {
  /** `step3/table-6/step-3/h20/attention-8k`; the scoreboard groups by the second part */
  readonly id: string;
  readonly paper: string;
  readonly table: string;
  /** the number as printed, with the paper's digits */
  readonly printed: string;
  /** what one printed unit is in the unit of the computed number: 1e9 for a value printed in billions */
  readonly scale: number;
  /** where, in the paper's own labels */
  readonly where: string;
  /** what is asked of our number where it is a prediction or the printed one was read from a drawing: the printed digits themselves unless given */
  readonly aim?: Aim;
}

/** What a prediction, an error of predictions, or a number that was drawn is to meet. */
export type Aim =
  /** off by at most this share of the printed value, which somebody measured */
  | { readonly kind: 'within'; readonly share: number }
  /** at most this factor above or below the printed value, which somebody measured */
  | { readonly kind: 'factor'; readonly by: number }
  /** at most the printed value */
  | { readonly kind: 'at-most' }
  /** from the printed value to this one */
  | { readonly kind: 'up-to'; readonly value: number }
  /** off by at most this, in the unit of print: the point was read from a drawn curve, which has no digits of its own, or it is a share that is predicted */
  | { readonly kind: 'near'; readonly by: number; readonly predicts?: true };

/** Whether a cell is one that our number predicts: a measured value, or an error of predictions. What was only read from a drawing is reproduced. */
export const isPrediction = ({ aim }: PrintedCell): boolean => aim !== undefined && (aim.kind !== 'near' || aim.predicts === true);

/** Whether a cell holds what somebody measured, and our number is compared with it as such. */
export const isMeasured = ({ aim }: PrintedCell): boolean => aim?.kind === 'within' || aim?.kind === 'factor';

/** Whether our number meets what a cell asks of it. */
export function meets(value: number, { printed, scale, aim }: PrintedCell): boolean {
  // 70.0 in per cent is 0.7, not the nearest double of 70.0 x 0.01
  const asked = Number((Number(printed) * scale).toPrecision(15));
  switch (aim?.kind) {
    case undefined:
      return asPrinted(value, printed, scale) === printed;
    case 'within':
      return Math.abs(value / asked - 1) <= aim.share;
    case 'factor':
      return value <= asked * aim.by && value * aim.by >= asked;
    case 'at-most':
      return value <= asked;
    case 'up-to':
      return value >= asked && value <= aim.value;
    case 'near':
      // a difference of exactly `by` is met, whatever the last bits of the subtraction
      return Number(Math.abs(value / scale - Number(printed)).toPrecision(12)) <= aim.by;
  }
}

/**
 * A computed value in the digits of a printed one: the same number of significant digits for `7.89e8`, of decimals for
 * `0.040`, a whole number for `16384`. Rounds to nearest.
 * @throws RangeError for a printed value of another form
 */
export function asPrinted(value: number, printed: string, scale = 1): string {
  const scaled = value / scale;
  const scientific = /^(\d(?:\.(\d+))?)e-?\d+$/.exec(printed);
  if (scientific) return scaled.toExponential(scientific[2]?.length ?? 0).replace('e+', 'e');
  const decimals = /^\d+\.(\d+)$/.exec(printed)?.[1]?.length ?? 0;
  if (!/^\d+(\.\d+)?$/.test(printed)) throw new RangeError(`papers: printed ${printed} is not a number in a known form`);
  return scaled.toFixed(decimals);
}
