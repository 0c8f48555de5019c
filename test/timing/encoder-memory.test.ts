import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VisionSpec } from '../../src/layers/vision.ts';
import { modelOf } from '../../src/models/index.ts';
import { encoderActivations } from '../../src/timing/encoder-memory.ts';

const specOf = (id: string): VisionSpec => modelOf(id).vision as VisionSpec;
const siglip = specOf('minicpm-v-2.6');
const patches = fc.integer({ min: 1, max: 8192 });

describe('encoderActivations', () => {
  it('are residual, normed input, query, key, value, attention output and two sides of the widest matrix, in 16 bit', () => {
    expect(encoderActivations(siglip, 1024)).toBe(2 * 1024 * (1152 + 1152 + 3 * 1152 + 1152 + 2 * 4304));
    expect(encoderActivations({ ...siglip, gated: true }, 1024)).toBe(2 * 1024 * (6 * 1152 + 4 * 4304));
    expect(encoderActivations({ ...siglip, intermediate: 1152 }, 1024)).toBe(2 * 1024 * (6 * 1152 + 6 * 1152));
  });

  it('of eager attention are the scores of all heads more: in 16 bit, their softmax in 32 and its copy in 16', () =>
    expect(encoderActivations(siglip, 1024, 'eager') - encoderActivations(siglip, 1024)).toBe(16 * 1024 * 1024 * (2 + 4 + 2)));

  it('are proportional to the patches where attention is fused, and grow faster where it is eager', () =>
    fc.assert(
      fc.property(patches, fc.constantFrom('minicpm-v-2.6', 'internvl2-26b', 'mistral-small-3.1-24b'), (S, id) => {
        expect(encoderActivations(specOf(id), 2 * S)).toBe(2 * encoderActivations(specOf(id), S));
        expect(encoderActivations(specOf(id), 2 * S, 'eager')).toBeGreaterThan(2 * encoderActivations(specOf(id), S, 'eager'));
      }),
    ));

  it.each([0, -1, 1.5, Number.NaN])('refuse %d patches', (S) => expect(() => encoderActivations(siglip, S)).toThrow(new RangeError(`memory: patches ${S} is not a positive integer`)));
});
