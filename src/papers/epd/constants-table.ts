import { kept } from '../kept.ts';
import { EPD_MODELS, type EpdModel, RESOLUTIONS, type Resolution } from './data/tables.ts';
import { ID } from './item.ts';
import { fitConstants, fittedConstants, TWO_PATCH_CONSTANTS } from './memory-fit.ts';
import { cellsOf, type EpdConstants, isPrinted, type MemoryCell, outcomeOf } from './memory-model.ts';
import { predictedTileBytes, predictedTokenBytes } from './memory-prediction.ts';
import { type Prediction, predictionId } from './prediction-numbers.ts';

/** A fitted constant from the architecture alone; `id` and `ratioId` are their numbers. */
export interface PredictedValue {
  readonly prediction: Prediction;
  readonly id: string;
  readonly value: number;
  readonly ratioId: string;
  /** predicted over fitted */
  readonly ratio: number;
}

export interface ConstantRow {
  /** of the fit, `epd/fit/<model>/<constant>` */
  readonly id: string;
  readonly constant: string;
  readonly value: number;
  readonly unit: string;
  /** empty for the reserve, which no architecture gives */
  readonly predictions: readonly PredictedValue[];
}

/** A fit of the cells of one resolution alone, and what it gives for those of the other two. */
export interface HeldOut {
  readonly fittedTo: Resolution;
  readonly fittedCells: number;
  readonly cells: number;
  readonly hits: number;
}

/** Cells of one kind among `cells`, and how many of them constants give as printed. */
export const hitsOf = (cells: readonly MemoryCell[], constants: EpdConstants): number => cells.filter((cell) => isPrinted(cell, outcomeOf(cell, constants))).length;

const keptHeldOut = kept<readonly HeldOut[]>();

/** Fits of one resolution each, of the cells of Tables 2, 3 and 8. */
const heldOutOf = (model: EpdModel): readonly HeldOut[] =>
  keptHeldOut(model, () =>
    RESOLUTIONS.map((resolution) => {
      const fitted = cellsOf(model).filter((cell) => cell.resolution === resolution);
      const others = cellsOf(model).filter((cell) => cell.resolution !== resolution);
      const constants = fitConstants(model, fitted, { twoPatchConstants: TWO_PATCH_CONSTANTS.includes(model) });
      return { fittedTo: resolution, fittedCells: fitted.length, cells: others.length, hits: hitsOf(others, constants) };
    }),
  );

/** The constants of memory of a model: how many, of which cells, what they give, and what the architecture says instead. */
export interface ModelConstants {
  readonly model: EpdModel;
  readonly constants: readonly ConstantRow[];
  /** constants that are free: 3, and one more where a patch has two */
  readonly count: number;
  /** cells of Tables 2, 3 and 8 that they are fitted to, and those of them that are met */
  readonly cells: number;
  readonly hits: number;
  readonly heldOut: readonly HeldOut[];
}

function rowsOf(model: EpdModel): readonly ConstantRow[] {
  const { patch, encodePrefillPatch, token, reserved } = fittedConstants(model);
  const row = (constant: string, value: number, unit: string, predictions: readonly PredictedValue[] = []): ConstantRow => ({
    id: `${ID}/fit/${model}/${constant}`,
    constant,
    value,
    unit,
    predictions,
  });
  const predicted = (prediction: Prediction, value: number, fitted: number, ratio = 'ratio'): PredictedValue => {
    const id = predictionId(model, prediction);
    return { prediction, id, value, ratioId: `${id}/${ratio}`, ratio: value / fitted };
  };
  const patches = (fitted: number, ratio?: string): readonly PredictedValue[] =>
    (['fused', 'eager'] as const).map((attention) => {
      const { ratio: ofTile } = predictedTileBytes(model, attention);
      return predicted(`patch/${attention}`, ofTile * patch, fitted, ratio);
    });
  return [
    row('patch-bytes', patch, 'B', patches(patch)),
    ...(TWO_PATCH_CONSTANTS.includes(model) ? [row('encode-prefill-patch-bytes', encodePrefillPatch, 'B', patches(encodePrefillPatch, 'encode-prefill-ratio'))] : []),
    row('token-bytes', token, 'B/token', [predicted('token/prefill', predictedTokenBytes(model).predicted, token)]),
    row('reserved-bytes', reserved, 'B'),
  ];
}

/** The table "fitted and predicted constants", a row a model. */
export const constantsTable = (): readonly ModelConstants[] =>
  EPD_MODELS.map((model) => {
    const constants = rowsOf(model);
    const cells = cellsOf(model);
    return { model, constants, count: constants.length, cells: cells.length, hits: hitsOf(cells, fittedConstants(model)), heldOut: heldOutOf(model) };
  });
