import { type ImageShape, imageOf, modelOf } from '../../models/index.ts';
import { kept } from '../kept.ts';
import type { EpdModel, Resolution } from './data/tables.ts';

const shapes = kept<ImageShape>();

/** An image of one of the paper's resolutions in a model. */
export const imageIn = (model: EpdModel, resolution: Resolution): ImageShape =>
  shapes(`${model} ${resolution}`, () => {
    const [width = 0, height = 0] = resolution.split('x').map(Number);
    return imageOf(modelOf(model), { width, height });
  });
