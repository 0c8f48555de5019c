import type { NumberSpec } from '../../evidence/number.ts';
import { derived, ID } from './item.ts';
import { timesTheRate } from './simulated-formulas.ts';

/** What the printed counts of EPD are compared with: encode and prefill on one worker, and all three stages. */
const OTHERS = ['7P1D', '8'] as const;

/** `epd/gain/<7P1D|8>`: goodput of 6E1P1D over that of eight workers that encode themselves, where an image takes as long on all of them. */
export function gainNumber([head = '', other = '', ...rest]: readonly string[]): NumberSpec | null {
  if (head !== 'gain' || rest.length > 0 || !(OTHERS as readonly string[]).includes(other)) return null;
  return derived(`goodput of 6E1P1D over that of ${other}, the same time of an image`, timesTheRate, { value: `${ID}/allocation/6E1P1D`, other: `${ID}/allocation/apart-times/${other}` });
}
