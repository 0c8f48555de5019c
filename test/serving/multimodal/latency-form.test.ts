import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { waitMD1 } from '../../../src/serving/disaggregation/queueing.ts';
import {
  encodeTilesOfWorker,
  encodeWorkersByImage,
  epTransferTime,
  irpSlopeRatio,
  irpSpeedup,
  ttftEncodePrefill,
  ttftFloor,
  ttftLinear,
  ttftQueued,
  ttftWithIrp,
  ttftWithIrpByTile,
  ttftWithoutIrp,
} from '../../../src/serving/multimodal/latency-form.ts';

const images = fc.integer({ min: 1, max: 64 });
const workers = fc.integer({ min: 1, max: 64 });
const tiles = fc.integer({ min: 1, max: 13 });
/** Whole milliseconds in units of 1/1024 s, so that sums and products are exact. */
const time = fc.integer({ min: 0, max: 4096 }).map((units) => units / 1024);
const constants = fc.record({ base: time, encodeTime: time, prefillTime: time });
const some = { base: 0.5, encodeTime: 0.4, prefillTime: 0.05 };

describe('ttftWithIrp', () => {
  test.prop([constants, images])('with one encode worker is that without IRP', (given, n) => {
    expect(ttftWithIrp.evaluate({ ...given, images: n, workers: 1 })).toBe(ttftWithoutIrp.evaluate({ ...given, images: n }));
  });

  test.prop([constants, images, workers])('is never longer with one more encode worker, and never below the floor', (given, n, E) => {
    const of = (count: number): number => ttftWithIrp.evaluate({ ...given, images: n, workers: count });
    expect(of(E + 1)).toBeLessThanOrEqual(of(E));
    expect(of(E)).toBeGreaterThanOrEqual(ttftFloor.evaluate({ ...given, images: n }));
  });

  test.prop([constants, images, workers])('with as many workers as images is one image of encoding above the floor', (given, n, more) => {
    expect(ttftWithIrp.evaluate({ ...given, images: n, workers: n + more - 1 })).toBe(ttftFloor.evaluate({ ...given, images: n }) + given.encodeTime);
  });

  test.prop([constants, images, workers])('is never shorter with one more image; with a worker more for it, longer by its prefill alone', (given, n, E) => {
    const of = (count: number): number => ttftWithIrp.evaluate({ ...given, images: count, workers: E });
    expect(of(n + 1)).toBeGreaterThanOrEqual(of(n));
    // a round more begins after a multiple of the workers
    expect(of(n + 1) - of(n)).toBe(given.prefillTime + (n % E === 0 ? given.encodeTime : 0));
  });

  it('takes ceil(n / E) rounds', () => {
    const rounds = (n: number): number => ttftWithIrp.evaluate({ base: 0, encodeTime: 1, prefillTime: 0, images: n, workers: 6 });
    expect([2, 4, 6, 7, 8, 12, 13].map(rounds)).toEqual([1, 1, 1, 2, 2, 2, 3]);
  });
});

describe('ttftWithIrpByTile', () => {
  test.prop([constants, images, workers])('with one tile an image is that by image', (given, n, E) => {
    expect(ttftWithIrpByTile.evaluate({ ...given, images: n, tiles: 1, workers: E })).toBe(ttftWithIrp.evaluate({ ...given, images: n, workers: E }));
  });

  test.prop([constants, images, tiles, workers])('is never longer than by image, nor shorter than even shares', (given, n, t, E) => {
    const byTile = ttftWithIrpByTile.evaluate({ ...given, images: n, tiles: t, workers: E });
    expect(byTile).toBeLessThanOrEqual(ttftWithIrp.evaluate({ ...given, images: n, workers: E }) + 1e-9);
    expect(byTile).toBeGreaterThanOrEqual(given.base + (n * given.encodeTime) / E + n * given.prefillTime - 1e-9);
  });

  it('gives the busiest of 6 workers a sixth of the tiles, rounded up', () => {
    expect([2, 4, 6, 8].map((n) => encodeTilesOfWorker.evaluate({ images: n, tiles: 10, workers: 6 }))).toEqual([4, 7, 10, 14]);
  });
});

describe('what follows from both', () => {
  test.prop([images, workers])('as many workers are busy as there are images, at most all', (n, E) => {
    const busy = encodeWorkersByImage.evaluate({ images: n, workers: E });
    expect(busy).toBe(n < E ? n : E);
    expect(busy * encodeTilesOfWorker.evaluate({ images: n, tiles: 1, workers: E })).toBeGreaterThanOrEqual(n);
  });

  test.prop([images, workers])('IRP speeds up by at least 1, and by fewer times than there are workers', (n, E) => {
    const speedup = irpSpeedup.evaluate({ without: ttftWithoutIrp.evaluate({ ...some, images: n }), withIrp: ttftWithIrp.evaluate({ ...some, images: n, workers: E }) });
    expect(speedup).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(speedup).toBeLessThanOrEqual(E * (1 + 1e-12));
  });

  test.prop([workers])('the growth per image tends to the ratio of whole rounds', (E) => {
    const grown = (count: number): number => ttftWithIrp.evaluate({ ...some, images: count, workers: E });
    const perImage = (grown(2 * E) - grown(E)) / E;
    expect(perImage / (some.encodeTime + some.prefillTime)).toBeCloseTo(irpSlopeRatio.evaluate({ ...some, workers: E }), 9);
  });

  test.prop([time, images])('a worker of both stages takes as long as EPD with no base and one worker', (imageTime, n) => {
    expect(ttftEncodePrefill.evaluate({ images: n, imageTime })).toBe(ttftWithoutIrp.evaluate({ base: 0, encodeTime: imageTime, prefillTime: 0, images: n }));
  });
});

describe('ttftQueued', () => {
  test.prop([time, images])('without arrivals is the line', (base, frames) => {
    expect(ttftQueued.evaluate({ base, frames, frameTime: 0.01, rate: 0 })).toBe(ttftLinear.evaluate({ base, frames, frameTime: 0.01 }));
  });

  it('is above the line by the wait for one server', () => {
    const given = { base: 0.2, frames: 50, frameTime: 0.01 };
    expect(ttftQueued.evaluate({ ...given, rate: 1 }) - ttftLinear.evaluate(given)).toBeCloseTo(waitMD1.evaluate({ rate: 1, time: 0.5 }), 12);
  });

  it('refuses more requests than the workers keep up with', () => {
    expect(() => ttftQueued.evaluate({ base: 0, frames: 100, frameTime: 0.01, rate: 1 })).toThrow(RangeError);
  });
});

describe('epTransferTime', () => {
  it('is bytes over the rate, and a start for each tile', () => {
    expect(epTransferTime.evaluate({ tiles: 20, tileBytes: 458_752, bandwidth: 1e9, copyTime: 0 })).toBeCloseTo(9.17504e-3, 12);
    expect(epTransferTime.evaluate({ tiles: 20, tileBytes: 0, bandwidth: 1e9, copyTime: 1e-5 })).toBeCloseTo(2e-4, 12);
  });
});

describe('rejections', () => {
  it.each([
    [() => ttftWithIrp.evaluate({ ...some, images: 2.5, workers: 6 }), 'epd-latency: images 2.5 is not a whole number of at least 1'],
    [() => ttftWithIrp.evaluate({ ...some, images: 2, workers: 0 }), 'epd-latency: workers 0 is not a whole number of at least 1'],
    [() => ttftWithIrpByTile.evaluate({ ...some, images: 2, tiles: 0, workers: 6 }), 'epd-latency: tiles 0 is not a whole number of at least 1'],
    [() => ttftWithoutIrp.evaluate({ ...some, base: -1, images: 2 }), 'epd-latency: base -1 is not a finite number of seconds of at least 0'],
    [() => ttftFloor.evaluate({ ...some, prefillTime: Number.NaN, images: 2 }), 'epd-latency: prefillTime NaN is not a finite number of seconds of at least 0'],
    [() => irpSpeedup.evaluate({ without: 1, withIrp: 0 }), 'epd-latency: withIrp 0 is not a positive number of seconds'],
    [() => irpSlopeRatio.evaluate({ encodeTime: 0, prefillTime: 0, workers: 6 }), 'epd-latency: encodeTime 0 and prefillTime are both 0'],
    [() => epTransferTime.evaluate({ tiles: 1, tileBytes: 1, bandwidth: 0, copyTime: 0 }), 'epd-latency: bandwidth 0 is not a positive number of bytes per second'],
    [() => epTransferTime.evaluate({ tiles: 1, tileBytes: -1, bandwidth: 1, copyTime: 0 }), 'epd-latency: tileBytes -1 is not a finite number of bytes of at least 0'],
  ])('%#: %s', (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
