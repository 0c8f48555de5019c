import { findOrNearest } from '../units/nearest.ts';
import { a10 } from './catalogue/a10.ts';
import { a10080g } from './catalogue/a100-80g.ts';
import { a800, a800Datasheet } from './catalogue/a800.ts';
import { ascend910b, ascend910bB4Bf16 } from './catalogue/ascend-910b.ts';
import { h20 } from './catalogue/h20.ts';
import { h100 } from './catalogue/h100.ts';
import { h200 } from './catalogue/h200.ts';
import { h800, h800Datasheet } from './catalogue/h800.ts';
import { l4 } from './catalogue/l4.ts';
import { l20 } from './catalogue/l20.ts';
import type { AcceleratorEntry } from './entry.ts';

export { type Accelerator, PEAK_PRECISIONS, type PeakPrecision, type Price } from './accelerator.ts';
export type { AcceleratorEntry } from './entry.ts';
export { type Link, type LinkEntry, link, links } from './links.ts';
export { type AcceleratorOverrides, withOverrides } from './overrides.ts';
export { type Peak, peakFor } from './peak.ts';

/** Every chip that the project knows; a variant follows its chip. The first four chips carry Table 4 of arXiv:2507.19427v1. */
export const accelerators: readonly AcceleratorEntry[] = Object.freeze([h800, h800Datasheet, h20, a800, a800Datasheet, ascend910b, ascend910bB4Bf16, l20, l4, a10, a10080g, h100, h200]);

/**
 * The chip with an id.
 * @throws RangeError that lists the nearest ids
 */
export const accelerator = (id: string): AcceleratorEntry => findOrNearest('accelerators', accelerators, id, (entry) => entry.accelerator.id);
