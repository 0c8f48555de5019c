import { describe, expect, it } from 'vitest';
import { contextAxis, decadeTicks } from '../../src/chart/axis.ts';
import type { JsonObject } from '../../src/chart/spec.ts';

const ticks = (from: number, to: number): unknown => (contextAxis('context', from, to).axis as JsonObject).values;

describe('axis', () => {
  it('puts ticks at 8K, 32K, 128K, 512K and the end', () => {
    expect(ticks(8192, 1048576)).toEqual([8192, 32768, 131072, 524288, 1048576]);
    expect(ticks(8192, 32768)).toEqual([8192, 16384, 32768]);
    expect(ticks(1000, 5000)).toEqual([1024, 2048, 4096]);
  });

  it('puts ticks of money at 1 and 3 of each decade', () => {
    expect(decadeTicks(0.03, 20)).toEqual([0.03, 0.1, 0.3, 1, 3, 10]);
  });
});
