import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/models/index.ts';
import { type EngineOptions, preemptionEngine } from '../../../src/serving/preemption/engine.ts';
import { CalibratedPassTimes } from '../../../src/serving/preemption/pass-times.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { activationBytes } from '../../../src/timing/memory.ts';
import { chipOf } from '../../timing/support.ts';
import { constantsOf, linkOf } from './support.ts';

const llama = modelOf('llama-3.1-8b');
const h100 = chipOf('h100');
const link = linkOf(constantsOf(0, 3e-6, 5e10));
const engineWith = (changes: Partial<EngineOptions> = {}, model = llama, chip = h100) => preemptionEngine(model, chip, { link, hostBytes: 60e9, context: 1000, ...changes });

/** Embedding and head; attention and feed-forward of 32 layers; norms are left out. */
const LLAMA_PARAMETERS = 2 * 128256 * 4096 + 32 * (2 * 4096 ** 2 + 2 * 4096 * 1024 + 3 * 4096 * 14336);

describe('the blocks of an engine', () => {
  it('are those that fit beside weights, activations and workspace, and into the memory of the host', () => {
    const engine = engineWith();
    const block = 2 ** 21;
    const weights = 2 * LLAMA_PARAMETERS;
    const left = 0.9 * h100.memoryCapacity - weights - 2 * 2 ** 30;
    // requests of 1000 tokens take 63 blocks; 2048 tokens a pass, gate and up as one matrix
    const requests = Math.floor(left / (63 * block));
    const of = (batch: number): number => activationBytes.evaluate({ tokens: 2048, hidden: 4096, widest: 2 * 14336, requests: batch, vocabulary: 128256 });
    let batch = requests;
    while (batch * 63 * block + of(batch) > left) batch--;
    expect(engine.gpuBlocks).toBe(Math.floor((left - of(batch)) / block));
    expect(engine.cpuBlocks).toBe(Math.floor(60e9 / block));
    expect(engine).toMatchObject({ maxRequests: 256, batchTokens: 2048, link, layout: { blockTokens: 16, kind: 'apart' } });
  });

  it('do not depend on how far a context fills its last block', () => {
    const blocks = [993, 1000, 1007, 1008].map((context) => engineWith({ context }).gpuBlocks);
    expect(new Set(blocks).size).toBe(1);
  });

  it('are smaller and more with tensor parallelism', () => {
    const [one, two] = [engineWith(), engineWith({ tensorParallel: 2 })];
    expect(two.gpuBlocks).toBeGreaterThan(2 * one.gpuBlocks);
    expect(two.cpuBlocks).toBe(2 * one.cpuBlocks);
  });

  it('are none on the host without memory there', () => {
    expect(engineWith({ hostBytes: 0 }).cpuBlocks).toBe(0);
    expect(engineWith({ hostBytes: 2 ** 21 }).cpuBlocks).toBe(1);
  });
});

describe('preemptionEngine refuses', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('%f bytes on the host', (hostBytes) => {
    expect(() => engineWith({ hostBytes })).toThrow(new RangeError(`preemption: hostBytes ${hostBytes} is not a finite number of at least 0`));
  });

  it('a model that leaves no room', () => {
    expect(() => engineWith({}, modelOf('llama-3.1-70b'))).toThrow(new RangeError('preemption: llama-3.1-70b on 1 x h100 leaves no room for a request of 1000 tokens'));
  });

  it('times of less than nothing, and shares of more than all memory', () => {
    expect(() => engineWith({ hostSeconds: -1 })).toThrow(new RangeError('preemption: hostSeconds -1 is not a finite number of at least 0'));
    expect(() => engineWith({ memoryShare: 1.1 })).toThrow(new RangeError('memory: memoryShare 1.1 is not above 0 and at most 1'));
    expect(() => engineWith({ blockTokens: 0 })).toThrow(new RangeError('preemption: blockTokens 0 is not a whole number from 1 to 65536'));
  });
});

describe('times of a pass', () => {
  const times = new CalibratedPassTimes(llama, h100, { deployment: singleChip });
  const prompt = (tokens: number, cached = 0): number => times.prefill(1, tokens, tokens ** 2, tokens * cached);

  it.each([
    [64, 512],
    [512, 2048],
    [2048, 8192],
    [4096, 65536],
  ])('read %i tokens behind %i cached ones in more time than alone, and in less than all of them', (tokens, cached) => {
    expect(prompt(tokens, cached)).toBeGreaterThan(prompt(tokens));
    expect(prompt(tokens, cached)).toBeLessThan(prompt(tokens + cached));
    expect(prompt(tokens, 2 * cached)).toBeGreaterThan(prompt(tokens, cached));
  });

  it('read the second half of 16384 tokens in what the whole takes beyond the first', () => {
    expect(prompt(8192, 8192)).toBeCloseTo(prompt(16384) - prompt(8192), 12);
  });

  it('take longer with more requests and more context', () => {
    for (const requests of [1, 16, 128]) {
      expect(times.decode(requests, requests * 4000)).toBeGreaterThan(times.decode(requests, requests * 500));
      expect(times.decode(2 * requests, 2 * requests * 500)).toBeGreaterThan(times.decode(requests, requests * 500));
    }
  });

  it('have the host time once in every pass', () => {
    const slow = new CalibratedPassTimes(llama, h100, { deployment: singleChip, hostSeconds: 0.25 });
    expect(slow.prefill(4, 400, 40_000, 100) - times.prefill(4, 400, 40_000, 100)).toBeCloseTo(0.25, 12);
    expect(slow.decode(40, 4000) - times.decode(40, 4000)).toBeCloseTo(0.25, 12);
  });
});
