import { type ImageShape, imageOf, modelOf } from '../../models/index.ts';
import type { EpdModel, Resolution } from './data/tables.ts';

/** An image of one of the paper's resolutions in a model. */
export function imageIn(model: EpdModel, resolution: Resolution): ImageShape {
  const [width = 0, height = 0] = resolution.split('x').map(Number);
  return imageOf(modelOf(model), { width, height });
}
