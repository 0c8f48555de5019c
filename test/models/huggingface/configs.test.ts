import { describe, expect, it } from 'vitest';
import { importConfig, modelTypes } from '../../../src/models/huggingface/index.ts';
import { exampleNames, examples } from './configs.ts';

describe('the example configs', () => {
  it('hold at least one for every model_type, and none of a type that is unknown', () => {
    expect([...new Set(exampleNames.map((name) => examples[name].model_type))].sort()).toEqual([...modelTypes].sort());
  });

  it.each(exampleNames)('%s is read, with no key that is only ignored', (name) => {
    const { family, ignored } = importConfig(examples[name]);
    expect(family).toBe(examples[name].model_type);
    expect(ignored).toEqual([]);
  });
});
