import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { precisionPolicies } from '../../../src/models/index.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { elementwise, exchange, expertExchange, norm, quantise, stepContext } from '../../../src/timing/step/run.ts';
import { contextOf, decode, prefill } from './support.ts';

const { bf16 } = precisionPolicies;
const stages = fc.integer({ min: 1, max: 64 });

describe('stepContext', () => {
  it.each([
    [decode(64, 4096), 1, 64, 64],
    [decode(64, 4096), 3, 22, 22],
    [decode(1, 4096), 8, 1, 1],
    [prefill(3, 1000), 1, 3, 3000],
    [prefill(3, 1000), 4, 3, 3000],
  ])('%j in %i stages: %i requests, %i tokens at a time', (pass, pipelineParallel, requests, tokens) => {
    expect(stepContext(4096, pass, { ...singleChip, pipelineParallel }, bf16)).toMatchObject({ hidden: 4096, pass, precision: bf16, requests, tokens });
  });

  it('loses no request of a batch, and no stage has one too many', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), stages, (batch, pipelineParallel) => {
        const { requests } = stepContext(4096, decode(batch, 1), { ...singleChip, pipelineParallel }, bf16);
        expect(requests * pipelineParallel).toBeGreaterThanOrEqual(batch);
        expect((requests - 1) * pipelineParallel).toBeLessThan(batch);
      }),
    ));
});

describe('the runs between matrices', () => {
  it('are element-wise steps of bytes alone, and exchanges', () => {
    expect(elementwise('a', 3, 100)).toEqual({ id: 'a', part: 'elementwise', count: 3, kernel: { kind: 'elementwise', bytes: 100, flop: 0 } });
    expect(exchange('b', 2, 'all-gather', 8, 100)).toEqual({ id: 'b', part: 'network', count: 2, kernel: { kind: 'collective', operation: 'all-gather', gpus: 8, bytes: 100 } });
  });

  it('norm reads and writes the hidden states and the residual, 16 bit each', () => {
    expect(norm(contextOf({ tokens: 5, hidden: 7 }), 'n', 2)).toEqual(elementwise('n', 2, 4 * 5 * 7 * 2));
  });

  it.each(['bf16', 'fp16', 'fp32', 'fp4', 'int4'] as const)('nothing is quantised for math in %s', (math) => expect(quantise('q', 1, 100, math)).toEqual([]));
  it.each(['fp8', 'int8'] as const)('inputs of math in %s are read in 16 bit and written in 8', (math) => expect(quantise('q', 4, 100, math)).toEqual([elementwise('q-quantise', 4, 300)]));

  it.each([
    [decode(64, 4096), 'low-latency'],
    [prefill(3, 1000), 'normal'],
  ] as const)('experts are reached in %j by the %s kernels', (pass, mode) => {
    const size = { gpus: 8, tokens: 64, topK: 8, experts: 256, hidden: 7168, elementBytes: 1 };
    for (const direction of ['dispatch', 'combine'] as const)
      expect(expertExchange(contextOf({ pass }), direction, 5, size)).toEqual({ id: direction, part: 'network', count: 5, kernel: { kind: 'expert-exchange', direction, mode, ...size } });
  });
});

describe('query tokens of a request', () => {
  it('are tokens of the step, not requests: 22 requests of a third of 64, three tokens each', () =>
    expect(stepContext(4096, decode(64, 4096), { ...singleChip, pipelineParallel: 3 }, bf16, 3)).toMatchObject({ requests: 22, tokens: 66, queries: 3 }));

  it('are one unless given', () => expect(stepContext(4096, decode(64, 4096), singleChip, bf16)).toEqual(stepContext(4096, decode(64, 4096), singleChip, bf16, 1)));

  it.each([
    [decode(1, 1), -1],
    [decode(1, 1), 2.5],
    [prefill(1, 1), 2],
  ])('of %j are refused: %d', (pass, queries) =>
    expect(() => stepContext(4096, pass, singleChip, bf16, queries)).toThrow(new RangeError(`step: queries ${queries} is not a positive integer, 1 outside of decode`)),
  );
});
