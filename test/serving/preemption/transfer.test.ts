import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  blockBytes,
  copyCalls,
  crossoverGroup,
  duplexTime,
  linkUtilisation,
  overheadShare,
  pieceBandwidth,
  pipelinedCopyTime,
  reusedBlocks,
  serialCopyTime,
  sliceBytes,
  stallTime,
} from '../../../src/serving/preemption/transfer.ts';

const KIB = 2 ** 10;
const LLAMA = { blockTokens: 16, kvHeads: 8, headDim: 128, elementBytes: 2 };

describe('by hand', () => {
  it('a block of 16 tokens of 32 layers with 8 heads of 128 in 2 B: slices of 32 KiB, 2 MiB', () => {
    expect(sliceBytes.evaluate(LLAMA)).toBe(32 * KIB);
    expect(blockBytes.evaluate({ slicesPerBlock: 64, sliceBytes: 32 * KIB })).toBe(2 ** 21);
  });

  it('100 blocks go in 6400 calls, in 320 by groups of 20, and a last group that is not full is a call too', () => {
    const calls = (blocks: number, groupBlocks: number): number => copyCalls.evaluate({ slicesPerBlock: 64, blocks, groupBlocks });
    expect([calls(100, 1), calls(100, 20), calls(101, 20), calls(100, 100), calls(10, 2.5), calls(11, 2.5)]).toEqual([6400, 320, 384, 64, 256, 320]);
  });

  it('8 calls of 3 us and 1 MB at 1 GB/s: 1.024 ms in turn, 1.003 ms beside each other; of 300 us: 2.525 ms', () => {
    const of = (dispatch: number) => ({
      serial: serialCopyTime.evaluate({ calls: 8, dispatch, bytes: 1e6, bandwidth: 1e9 }),
      pipelined: pipelinedCopyTime.evaluate({ calls: 8, dispatch, pieceBytes: 125e3, bandwidth: 1e9 }),
    });
    expect(of(3e-6).serial).toBeCloseTo(1.024e-3, 15);
    expect(of(3e-6).pipelined).toBeCloseTo(1.003e-3, 15);
    expect(of(300e-6).pipelined).toBeCloseTo(2.525e-3, 15);
  });

  it('1 GB in 50 ms is 0.625 of 32 GB/s; 3.2768 us at 10 GB/s is one slice of 32 KiB', () => {
    expect(linkUtilisation.evaluate({ bytes: 1e9, time: 0.05, peak: 32e9 })).toBe(0.625);
    expect(crossoverGroup.evaluate({ dispatch: 3.2768e-6, bandwidth: 10e9, sliceBytes: 32 * KIB })).toBeCloseTo(1, 12);
  });

  it('half of 100 blocks are reused; 5 s beside 3 s stall 2 s; 0.25 updates an iteration of 4 iterations are half of the time', () => {
    expect(reusedBlocks.evaluate({ blocks: 100, reuse: 0.5 })).toBe(50);
    expect(stallTime.evaluate({ time: 5, overlapped: 3 })).toBe(2);
    expect(overheadShare.evaluate({ frequency: 0.25, stall: 4 })).toBe(0.5);
  });

  it('2 s out and 3 s in take 3 s on a link that carries them, 4 s on one of 2 B/s for 8 B', () => {
    const both = (bothBandwidth: number): number => duplexTime.evaluate({ outTime: 2, inTime: 3, outBytes: 4, inBytes: 4, bothBandwidth });
    expect([both(100), both(2)]).toEqual([3, 4]);
  });
});

const whole = fc.integer({ min: 1, max: 2 ** 20 });
const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const seconds = real(1e-9, 1);
const rate = real(1e6, 1e12);

describe('laws', () => {
  test.prop([fc.integer({ min: 1, max: 128 }), whole, whole])('calls: one block a call at worst, one group at best, never fewer by a smaller group', (slicesPerBlock, a, b) => {
    const [groupBlocks, blocks] = [Math.min(a, b), Math.max(a, b)];
    const calls = (group: number): number => copyCalls.evaluate({ slicesPerBlock, blocks, groupBlocks: group });
    expect(calls(1)).toBe(slicesPerBlock * blocks);
    expect(calls(blocks)).toBe(slicesPerBlock);
    expect(calls(groupBlocks)).toBeLessThanOrEqual(calls(Math.max(1, groupBlocks - 1)));
    expect(calls(groupBlocks) * groupBlocks).toBeGreaterThanOrEqual(slicesPerBlock * blocks);
  });

  test.prop([whole, seconds, whole, rate])('dispatch beside copy: between the slower of both and both in turn; equal to them at one call', (calls, dispatch, pieceBytes, bandwidth) => {
    const pipelined = pipelinedCopyTime.evaluate({ calls, dispatch, pieceBytes, bandwidth });
    const serial = serialCopyTime.evaluate({ calls, dispatch, bytes: calls * pieceBytes, bandwidth });
    expect(pipelined).toBeLessThanOrEqual(serial * (1 + 1e-12));
    expect(pipelined).toBeGreaterThanOrEqual(Math.max(calls * dispatch, (calls * pieceBytes) / bandwidth));
    if (calls === 1) expect(pipelined / serial).toBeCloseTo(1, 12);
  });

  test.prop([seconds, whole, rate])('one call takes the same in turn and beside', (dispatch, pieceBytes, bandwidth) => {
    expect(pipelinedCopyTime.evaluate({ calls: 1, dispatch, pieceBytes, bandwidth })).toBeCloseTo(serialCopyTime.evaluate({ calls: 1, dispatch, bytes: pieceBytes, bandwidth }), 12);
  });

  test.prop([whole, whole, rate])('without dispatch the link is full', (calls, pieceBytes, bandwidth) => {
    const bytes = calls * pieceBytes;
    for (const time of [serialCopyTime.evaluate({ calls, dispatch: 0, bytes, bandwidth }), pipelinedCopyTime.evaluate({ calls, dispatch: 0, pieceBytes, bandwidth })])
      expect(linkUtilisation.evaluate({ bytes, time, peak: bandwidth })).toBeCloseTo(1, 10);
    expect(pieceBandwidth.evaluate({ pieceBytes, dispatch: 0, bandwidth }) / bandwidth).toBeCloseTo(1, 12);
  });

  test.prop([seconds, rate, whole])('at the crossover dispatch and copy take the same time, and a piece goes at half of the rate of the link', (dispatch, bandwidth, bytes) => {
    const group = crossoverGroup.evaluate({ dispatch, bandwidth, sliceBytes: bytes });
    expect((group * bytes) / bandwidth / dispatch).toBeCloseTo(1, 12);
    expect(pieceBandwidth.evaluate({ pieceBytes: group * bytes, dispatch, bandwidth }) / bandwidth).toBeCloseTo(0.5, 12);
  });

  test.prop([seconds, rate, whole, real(1.1, 100)])('a larger piece is faster, and never faster than the link or than dispatch lets', (dispatch, bandwidth, pieceBytes, times) => {
    const at = (bytes: number): number => pieceBandwidth.evaluate({ pieceBytes: bytes, dispatch, bandwidth });
    expect(at(times * pieceBytes)).toBeGreaterThan(at(pieceBytes));
    expect(at(pieceBytes)).toBeLessThanOrEqual(Math.min(bandwidth, pieceBytes / dispatch));
  });

  test.prop([seconds, seconds, whole, whole, rate])('both ways at once: not faster than either, and either order is the same', (outTime, inTime, outBytes, inBytes, bothBandwidth) => {
    const time = duplexTime.evaluate({ outTime, inTime, outBytes, inBytes, bothBandwidth });
    expect(time).toBeGreaterThanOrEqual(Math.max(outTime, inTime));
    expect(time).toBe(duplexTime.evaluate({ outTime: inTime, inTime: outTime, outBytes: inBytes, inBytes: outBytes, bothBandwidth }));
    expect(duplexTime.evaluate({ outTime, inTime, outBytes: 0, inBytes: 0, bothBandwidth })).toBe(Math.max(outTime, inTime));
  });

  test.prop([whole, real(0, 1)])('what is copied and what is reused are all blocks', (blocks, reuse) => {
    expect(reusedBlocks.evaluate({ blocks, reuse }) + blocks * reuse).toBeCloseTo(blocks, 6);
    expect(reusedBlocks.evaluate({ blocks, reuse: 0 })).toBe(blocks);
    expect(reusedBlocks.evaluate({ blocks, reuse: 1 })).toBe(0);
  });

  test.prop([seconds, seconds])('a stall and what is overlapped cover the transfer', (time, overlapped) => {
    const stall = stallTime.evaluate({ time, overlapped });
    expect(stall + Math.min(time, overlapped)).toBeCloseTo(time, 12);
    expect(stallTime.evaluate({ time, overlapped: 0 })).toBe(time);
  });

  test.prop([real(1e-4, 1), real(1e-3, 1e3), real(1.01, 10)])('the share of stalls grows with frequency, stays below 1 and gives back its stall', (frequency, stall, times) => {
    const share = overheadShare.evaluate({ frequency, stall });
    expect(share).toBeLessThan(1);
    expect(overheadShare.evaluate({ frequency: times * frequency, stall })).toBeGreaterThan(share);
    expect(share / (1 - share) / frequency / stall).toBeCloseTo(1, 9);
    expect(overheadShare.evaluate({ frequency, stall: 0 })).toBe(0);
  });
});

const COPY = { calls: 1, dispatch: 1, bytes: 1, pieceBytes: 1, bandwidth: 1 };
const BOTH = { outTime: 1, inTime: 1, outBytes: 1, inBytes: 1, bothBandwidth: 1 };

describe('what is refused', () => {
  it.each([
    [() => sliceBytes.evaluate({ ...LLAMA, blockTokens: 0 }), 'preemption: blockTokens 0 is not a whole number of at least 1'],
    [() => sliceBytes.evaluate({ ...LLAMA, kvHeads: 0.5 }), 'preemption: kvHeads 0.5 is not a whole number of at least 1'],
    [() => sliceBytes.evaluate({ ...LLAMA, headDim: Number.NaN }), 'preemption: headDim NaN is not a whole number of at least 1'],
    [() => sliceBytes.evaluate({ ...LLAMA, elementBytes: 0 }), 'preemption: elementBytes 0 is not a positive number of bytes'],
    [() => blockBytes.evaluate({ slicesPerBlock: 0, sliceBytes: 1 }), 'preemption: slicesPerBlock 0 is not a whole number of at least 1'],
    [() => blockBytes.evaluate({ slicesPerBlock: 1, sliceBytes: -1 }), 'preemption: sliceBytes -1 is not a positive number of bytes'],
    [() => copyCalls.evaluate({ slicesPerBlock: 1.5, blocks: 4, groupBlocks: 1 }), 'preemption: slicesPerBlock 1.5 is not a whole number of at least 1'],
    [() => copyCalls.evaluate({ slicesPerBlock: 2, blocks: 0, groupBlocks: 1 }), 'preemption: blocks 0 is not a whole number of at least 1'],
    [() => copyCalls.evaluate({ slicesPerBlock: 2, blocks: 4, groupBlocks: 0 }), 'preemption: groupBlocks 0 is not a finite number of at least 1'],
    [() => copyCalls.evaluate({ slicesPerBlock: 2, blocks: 4, groupBlocks: 5 }), 'preemption: groupBlocks 5 is more than the 4 blocks to copy'],
    [() => copyCalls.evaluate({ slicesPerBlock: 2, blocks: 4, groupBlocks: Number.POSITIVE_INFINITY }), 'preemption: groupBlocks Infinity is not a finite number of at least 1'],
    [() => serialCopyTime.evaluate({ ...COPY, calls: -1 }), 'preemption: calls -1 is not a finite number of calls of at least 0'],
    [() => serialCopyTime.evaluate({ ...COPY, dispatch: Number.NaN }), 'preemption: dispatch NaN is not a finite number of seconds of at least 0'],
    [() => serialCopyTime.evaluate({ ...COPY, bytes: Number.POSITIVE_INFINITY }), 'preemption: bytes Infinity is not a finite number of bytes of at least 0'],
    [() => serialCopyTime.evaluate({ ...COPY, bandwidth: 0 }), 'preemption: bandwidth 0 is not a positive number of bytes per second'],
    [() => pipelinedCopyTime.evaluate({ ...COPY, calls: 0 }), 'preemption: calls 0 is not a finite number of calls of at least 1'],
    [() => pipelinedCopyTime.evaluate({ ...COPY, dispatch: -1 }), 'preemption: dispatch -1 is not a finite number of seconds of at least 0'],
    [() => pipelinedCopyTime.evaluate({ ...COPY, pieceBytes: 0 }), 'preemption: pieceBytes 0 is not a positive number of bytes'],
    [() => pipelinedCopyTime.evaluate({ ...COPY, bandwidth: 0 }), 'preemption: bandwidth 0 is not a positive number of bytes per second'],
    [() => linkUtilisation.evaluate({ bytes: -1, time: 1, peak: 1 }), 'preemption: bytes -1 is not a finite number of bytes of at least 0'],
    [() => linkUtilisation.evaluate({ bytes: 1, time: 0, peak: 1 }), 'preemption: time 0 is not a positive number of seconds'],
    [() => linkUtilisation.evaluate({ bytes: 1, time: 1, peak: 0 }), 'preemption: peak 0 is not a positive number of bytes per second'],
    [() => crossoverGroup.evaluate({ dispatch: -1, bandwidth: 1, sliceBytes: 1 }), 'preemption: dispatch -1 is not a finite number of seconds of at least 0'],
    [() => crossoverGroup.evaluate({ dispatch: 1, bandwidth: 0, sliceBytes: 1 }), 'preemption: bandwidth 0 is not a positive number of bytes per second'],
    [() => crossoverGroup.evaluate({ dispatch: 1, bandwidth: 1, sliceBytes: 0 }), 'preemption: sliceBytes 0 is not a positive number of bytes'],
    [() => pieceBandwidth.evaluate({ ...COPY, pieceBytes: 0 }), 'preemption: pieceBytes 0 is not a positive number of bytes'],
    [() => pieceBandwidth.evaluate({ ...COPY, dispatch: -1 }), 'preemption: dispatch -1 is not a finite number of seconds of at least 0'],
    [() => pieceBandwidth.evaluate({ ...COPY, bandwidth: Number.POSITIVE_INFINITY }), 'preemption: bandwidth Infinity is not a positive number of bytes per second'],
    [() => duplexTime.evaluate({ ...BOTH, outTime: -1 }), 'preemption: outTime -1 is not a finite number of seconds of at least 0'],
    [() => duplexTime.evaluate({ ...BOTH, inTime: Number.NaN }), 'preemption: inTime NaN is not a finite number of seconds of at least 0'],
    [() => duplexTime.evaluate({ ...BOTH, outBytes: -1 }), 'preemption: outBytes -1 is not a finite number of bytes of at least 0'],
    [() => duplexTime.evaluate({ ...BOTH, inBytes: -1 }), 'preemption: inBytes -1 is not a finite number of bytes of at least 0'],
    [() => duplexTime.evaluate({ ...BOTH, bothBandwidth: 0 }), 'preemption: bothBandwidth 0 is not a positive number of bytes per second'],
    [() => reusedBlocks.evaluate({ blocks: -1, reuse: 0 }), 'preemption: blocks -1 is not a finite number of blocks of at least 0'],
    [() => reusedBlocks.evaluate({ blocks: 1, reuse: 2 }), 'preemption: reuse 2 is not a share from 0 to 1'],
    [() => stallTime.evaluate({ time: -1, overlapped: 0 }), 'preemption: time -1 is not a finite number of seconds of at least 0'],
    [() => stallTime.evaluate({ time: 1, overlapped: -1 }), 'preemption: overlapped -1 is not a finite number of seconds of at least 0'],
    [() => overheadShare.evaluate({ frequency: -1, stall: 1 }), 'preemption: frequency -1 is not a finite number of updates an iteration of at least 0'],
    [() => overheadShare.evaluate({ frequency: 1, stall: Number.POSITIVE_INFINITY }), 'preemption: stall Infinity is not a finite number of iterations of at least 0'],
  ])('%o: %s', (compute, message) => {
    expect(compute).toThrow(RangeError);
    expect(compute).toThrow(message);
  });
});
