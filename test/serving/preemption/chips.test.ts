import { describe, expect, it } from 'vitest';
import { accelerator } from '../../../src/accelerators/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { chipsThatHold } from '../../../src/serving/preemption/chips.ts';

const held = (model: string, chip: string) => chipsThatHold(modelOf(model), accelerator(chip).accelerator);

describe('chips that hold a model', () => {
  it('are one for a small model, and more where a chip has less memory', () => {
    expect(held('llama-3.1-8b', 'h800')).toEqual({ tensorParallel: 1, fits: true });
    expect(held('step-3', 'h20')).toEqual({ tensorParallel: 4, fits: true });
    expect(held('step-3', 'h800')).toEqual({ tensorParallel: 8, fits: true });
  });

  it('are all that are linked where even they do not hold it, and say so', () => {
    expect(held('deepseek-v3', 'h800')).toEqual({ tensorParallel: accelerator('h800').accelerator.scaleUpDomain, fits: false });
    expect(held('deepseek-v3', 'h20').fits).toBe(true);
  });
});
