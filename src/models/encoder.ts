import type { VisionSpec } from '../layers/vision.ts';
import type { Model } from './model.ts';

/** The vision encoder of a model. @throws RangeError `<place>: model <id> has no vision encoder` */
export function encoderOf({ id, vision }: Model, place = 'encode'): VisionSpec {
  if (vision === undefined) throw new RangeError(`${place}: model ${id} has no vision encoder`);
  return vision;
}
