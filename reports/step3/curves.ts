import { accelerator } from '../../src/accelerators/index.ts';
import { type CurveRow, curveRows } from '../../src/compare/index.ts';
import type { Counting } from '../../src/layers/counting.ts';
import { modelOf } from '../../src/models/index.ts';
import { MODEL_IDS } from './context.ts';

export const SHORTEST = 1024;
export const LONGEST = 1_048_576;

const chipsOf = (chips: readonly string[]) => chips.map((chip) => accelerator(chip).accelerator);

/** Cost of one model against context on a chip, or with each part on the cheapest of several. */
export const curveOf = (model: string, chips: readonly string[], counting: Counting): readonly CurveRow[] => curveRows([modelOf(model)], chipsOf(chips), { counting, from: SHORTEST, to: LONGEST });

/** The curves of the nine models of the paper. */
export const curves = (chips: readonly string[], counting?: Counting): readonly CurveRow[] =>
  curveRows(MODEL_IDS.map(modelOf), chipsOf(chips), { ...(counting === undefined ? {} : { counting }), from: SHORTEST, to: LONGEST });
