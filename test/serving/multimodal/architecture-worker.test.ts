import { describe, expect, it } from 'vitest';
import { imageOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { type ArchitectureWorkerOptions, architectureWorker, imageSizeOf } from '../../../src/serving/multimodal/architecture-worker.ts';
import { MEMORY_STAGES, type MemoryStage, peakMemory } from '../../../src/serving/multimodal/memory.ts';
import { encoderActivations } from '../../../src/timing/encoder-memory.ts';
import { chipOf } from '../../timing/support.ts';

const chip = chipOf('a100-80g');
const options: ArchitectureWorkerOptions = { cacheTiles: 3000, attention: 'fused' };
const shapeOf = (id: string) => imageOf(modelOf(id), { width: 4032, height: 3024 });
const workerOf = (id: string, stage: MemoryStage = 'aggregated', changes: Partial<ArchitectureWorkerOptions> = {}) =>
  architectureWorker(modelOf(id), chip, stage, shapeOf(id), { ...options, ...changes });

describe('architectureWorker', () => {
  // bytes of a token in the KV cache and of 3,000 entries of the multimedia cache: 2 layers heads width x 2, and 3,000 tokens hidden x 2
  it.each([
    ['minicpm-v-2.6', 2 * 28 * 4 * 128 * 2, 3000 * 64 * 3584 * 2, 32_768],
    ['internvl2-8b', 2 * 32 * 8 * 128 * 2, 3000 * 256 * 4096 * 2, 65_536],
    ['internvl2-26b', 2 * 48 * 8 * 128 * 2, 3000 * 256 * 6144 * 2, 98_304],
  ])('of %s holds, by hand, what EPD counts', (id, kvPerToken, multimediaCache, context) => {
    const worker = workerOf(id);
    expect(worker.model).toMatchObject({ kvPerToken, multimediaCache });
    expect(worker).toMatchObject({ stage: 'aggregated', capacity: chip.memoryCapacity, context });
  });

  // parameters of the paper's Appendix E.2 at two bytes; ours have the connector, which the paper leaves out
  it.each([
    ['minicpm-v-2.6', 0.4e9, 7.6e9],
    ['internvl2-8b', 0.3e9, 7.7e9],
    ['internvl2-26b', 5.5e9, 19.9e9],
  ])('of %s has weights near those that the paper names', (id, encoder, language) => {
    const { model } = workerOf(id);
    expect(model.encoder / 2 / encoder).toBeGreaterThan(1);
    expect(model.encoder / 2 / encoder).toBeLessThan(1.25);
    expect(Math.abs(model.language / 2 / language - 1)).toBeLessThan(0.02);
  });

  it('is the same in every stage but for its name', () => {
    for (const stage of MEMORY_STAGES) expect({ ...workerOf('internvl2-8b', stage), stage: 'aggregated' }).toEqual(workerOf('internvl2-8b'));
  });

  it('takes the activations of its largest tile, more with eager attention, and of a token whatever the image', () => {
    for (const id of ['minicpm-v-2.6', 'internvl2-8b']) {
      const model = modelOf(id);
      const largest = Math.max(...shapeOf(id).tiles.map(({ patches }) => patches));
      const [fused, eager] = [workerOf(id), workerOf(id, 'encode', { attention: 'eager' })];
      expect(fused.activations.patch).toBe(encoderActivations(model.vision as NonNullable<typeof model.vision>, largest, 'fused') / largest);
      expect(eager.activations.patch).toBeGreaterThan(fused.activations.patch);
      const small = architectureWorker(model, chip, 'prefill', imageOf(model, { width: 313, height: 234 }), options);
      expect(small.activations.token).toBe(fused.activations.token);
      expect(fused.activations.reserved).toBe(0);
    }
  });

  it('holds cached tiles in proportion', () => {
    const cached = (cacheTiles: number): number => workerOf('internvl2-8b', 'encode', { cacheTiles }).model.multimediaCache;
    expect(cached(3000)).toBe(3000 * cached(1));
  });

  it('adds up to the peak of a stage', () => {
    const worker = workerOf('internvl2-8b', 'encode');
    const image = imageSizeOf(shapeOf('internvl2-8b'));
    expect(image).toEqual({ patches: shapeOf('internvl2-8b').patches, tokens: 3328, promptTokens: 3330 });
    const { activations, total } = peakMemory(worker, { image, images: 2, textTokens: 10 }, { batch: 3 });
    expect(activations).toBeCloseTo(6 * image.patches * worker.activations.patch, 3);
    expect(total).toBeCloseTo(worker.model.encoder + worker.model.multimediaCache + activations, 3);
  });

  it('refuses a model without an encoder', () =>
    expect(() => architectureWorker(modelOf('llama-3.1-8b'), chip, 'encode', shapeOf('internvl2-8b'), options)).toThrow(new RangeError('multimodal: model llama-3.1-8b has no vision encoder')));
});
