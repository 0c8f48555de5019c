import { describe, expect, it } from 'vitest';
import { validateLayer } from '../../src/layers/index.ts';
import { type NoneSpec, none } from '../../src/layers/none.ts';
import { lowerModel, modelOf, parameters, validateModel } from '../../src/models/index.ts';
import { contextOf } from '../support/operators.ts';

const nothing: NoneSpec = { kind: 'none' };

describe('none', () => {
  it('is no operators, in any phase', () => {
    for (const phase of ['decode', 'prefill'] as const) expect(none.lower(nothing, contextOf({ phase }))).toEqual([]);
  });

  it('stands on either side of a layer: mixers and feed-forward layers that alternate are those that are paired', () => {
    const paired = modelOf('deepseek-v3');
    const layers = paired.layers.flatMap(({ count, attention, ffn }) => [
      { count, attention, ffn: nothing },
      { count, attention: nothing, ffn },
    ]);
    const alternating = validateModel({ ...paired, layers });
    expect(parameters(alternating)).toEqual(parameters(paired));
    const withoutGroup = (model: typeof paired) => lowerModel(model).map((operator) => ({ ...operator, group: null }));
    expect(withoutGroup(alternating)).toEqual(withoutGroup(paired));
  });

  it('has no fields but its kind', () => {
    expect(() => validateLayer(nothing, 512)).not.toThrow();
    expect(() => validateLayer({ ...nothing, heads: 8 } as NoneSpec, 512)).toThrow(/^none: heads 8 is not one of its fields, kind$/);
  });
});
