import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { modelCache } from '../../../src/models/cache.ts';
import { layerCount, modelOf } from '../../../src/models/index.ts';
import { kvBandwidthDemand, kvTransferTime, promptKvBytes } from '../../../src/serving/disaggregation/kv-transfer.ts';

const NVLINK = 600e9;
const CROSS_NODE = 25e9 / 8;
const bytesPerToken = (id: string): number => modelCache(modelOf(id)).perToken;

describe('keys and values of OPT in FP16', () => {
  it.each([
    ['opt-13b', 819_200],
    ['opt-66b', 2_359_296],
    ['opt-175b', 4_718_592],
  ])('%s: %i bytes of a token', (id, expected) => {
    expect(bytesPerToken(id)).toBe(expected);
    expect(expected).toBe(2 * layerCount(modelOf(id)) * modelOf(id).hidden * 2);
  });

  it('of 512 tokens of OPT-66B are 1.125 GiB, take 2.0 ms on NVLink and 387 ms between nodes, and 10 requests a second need 12.1 GB/s', () => {
    const bytes = promptKvBytes.evaluate({ tokens: 512, bytesPerToken: bytesPerToken('opt-66b') });
    expect(bytes).toBe(1_207_959_552);
    expect(bytes / 2 ** 30).toBe(1.125);
    expect((kvTransferTime.evaluate({ bytes, bandwidth: NVLINK }) * 1e3).toFixed(2)).toBe('2.01');
    expect((kvTransferTime.evaluate({ bytes, bandwidth: CROSS_NODE }) * 1e3).toFixed(1)).toBe('386.5');
    expect(kvBandwidthDemand.evaluate({ rate: 10, bytes })).toBe(12_079_595_520);
  });
});

describe('laws', () => {
  const whole = fc.integer({ min: 1, max: 2 ** 20 });
  test.prop([whole, whole])('bytes are those of each token, together', (tokens, bytesPerToken) => {
    const of = (count: number): number => promptKvBytes.evaluate({ tokens: count, bytesPerToken });
    expect(of(tokens)).toBe(of(tokens - 1) + bytesPerToken);
    expect(of(0)).toBe(0);
  });

  test.prop([fc.double({ min: 0.01, max: 1000, noNaN: true }), whole])('a link as fast as the demand is busy all the time', (rate, bytes) => {
    const bandwidth = kvBandwidthDemand.evaluate({ rate, bytes });
    expect(rate * kvTransferTime.evaluate({ bytes, bandwidth })).toBeCloseTo(1, 12);
  });

  test.prop([whole, fc.double({ min: 1, max: 1e12, noNaN: true }), fc.integer({ min: 2, max: 9 })])('a faster link takes less in proportion', (bytes, bandwidth, times) => {
    expect((times * kvTransferTime.evaluate({ bytes, bandwidth: times * bandwidth })) / kvTransferTime.evaluate({ bytes, bandwidth })).toBeCloseTo(1, 12);
  });
});

describe('what is refused', () => {
  it.each([
    [() => promptKvBytes.evaluate({ tokens: -1, bytesPerToken: 1 }), 'kv-transfer: tokens -1 is not a finite number of at least 0'],
    [() => promptKvBytes.evaluate({ tokens: 1, bytesPerToken: Number.NaN }), 'kv-transfer: bytesPerToken NaN is not a finite number of bytes of at least 0'],
    [() => kvBandwidthDemand.evaluate({ rate: Number.NaN, bytes: 1 }), 'kv-transfer: rate NaN is not a finite number of at least 0'],
    [() => kvBandwidthDemand.evaluate({ rate: 1, bytes: -1 }), 'kv-transfer: bytes -1 is not a finite number of bytes of at least 0'],
    [() => kvTransferTime.evaluate({ bytes: Number.POSITIVE_INFINITY, bandwidth: 1 }), 'kv-transfer: bytes Infinity is not a finite number of bytes of at least 0'],
    [() => kvTransferTime.evaluate({ bytes: 1, bandwidth: 0 }), 'kv-transfer: bandwidth 0 is not a positive number of bytes per second'],
    [() => kvTransferTime.evaluate({ bytes: 1, bandwidth: Number.POSITIVE_INFINITY }), 'kv-transfer: bandwidth Infinity is not a positive number of bytes per second'],
  ])('%o: %s', (compute, message) => {
    expect(compute).toThrow(RangeError);
    expect(compute).toThrow(message);
  });
});
