import { si, significant } from '../../units/format.ts';

/** One prefix for all numbers of some columns, chosen so that the largest is from 10 to 9999. */
export interface Scale {
  /** `GFLOP` */
  readonly unit: string;
  readonly text: (value: number, digits?: number) => string;
}

export function scaleFor(values: readonly number[], unit: string): Scale {
  const typical = values.reduce((most, value) => Math.max(most, value), 0) / 10;
  const [number = '', prefixed = unit] = si(typical, unit).split(' ');
  const factor = typical === 0 ? 1 : 1000 ** Math.round(Math.log10(typical / Number(number)) / 3);
  return { unit: prefixed, text: (value, digits = 3) => (value === 0 ? '0' : significant(value / factor, digits)) };
}
