import { attention, namedAttention } from './attention.ts';
import type { Calibration } from './calibration.ts';
import { exchanges } from './exchanges.ts';
import { matrices } from './matrices.ts';

export type { Calibration } from './calibration.ts';

/** Every fit, in an order in which what one takes from another is there. */
export const calibrations: readonly Calibration[] = [...attention, ...matrices, ...exchanges, ...namedAttention];
