import { formula } from '../../provenance/card.ts';
import { waitMD1 } from '../disaggregation/queueing.ts';

const EPD = (at: string) => ({ kind: 'paper', id: 'arXiv:2501.05460v4', at }) as const;

const images = { unit: '1', meaning: 'images of the request', tex: 'n' } as const;
const tiles = { unit: '1', meaning: 'tiles of an image, each one input of the vision encoder', tex: 't' } as const;
const workers = { unit: '1', meaning: 'encode workers', tex: 'E' } as const;
const base = { unit: 's', meaning: 'time that does not grow with the images', tex: 'a' } as const;
const encodeTime = { unit: 's', meaning: 'time to encode an image on one worker', tex: 't_e' } as const;
const frames = { unit: '1', meaning: 'frames of the video', tex: 'f' } as const;
const frameTime = { unit: 's', meaning: 'time by which a frame lengthens TTFT', tex: 't_f' } as const;
const prefillTime = { unit: 's', meaning: 'time by which an image lengthens prefill', tex: 't_p' } as const;

/** Encode workers that a request keeps busy where its images are what is sharded, as in the released code: min(n, E). */
export const encodeWorkersByImage = formula({
  id: 'epd/encode-workers-by-image',
  name: 'Encode workers of a request, sharded by image',
  symbols: { images, workers },
  expression: 'min(images, workers)',
  unit: '1',
  evaluate: ({ images, workers }) => {
    checkCounts({ images, workers });
    return Math.min(images, workers);
  },
  source: { kind: 'repository', repo: 'vbdi/epdserve', file: 'epdserve/engine_encoding.py', revision: '9b111f710dfb', read: '2026-11-28' },
});

/** Tiles that the busiest encode worker gets where tiles are what is sharded, as in the paper: ceil(n t / E). */
export const encodeTilesOfWorker = formula({
  id: 'epd/encode-tiles-of-worker',
  name: 'Tiles of the busiest encode worker, sharded by tile',
  symbols: { images, tiles, workers },
  expression: 'ceil(images * tiles / workers)',
  unit: '1',
  evaluate: ({ images, tiles, workers }) => {
    checkCounts({ images, tiles, workers });
    return Math.ceil((images * tiles) / workers);
  },
  source: EPD('section 3.2.2'),
});

/**
 * Time to the first token with intra-request parallelism (IRP), images dealt out over E encode workers:
 *   TTFT = a + ceil(n / E) t_e + n t_p   [s]
 * Prefill starts when the last image is encoded. Ignored: queues, batches of several requests, the growth of attention with the square of the prompt,
 * the transfer of what was encoded (part of t_p and a).
 */
export const ttftWithIrp = formula({
  id: 'epd/ttft-irp',
  name: 'TTFT with intra-request parallelism, by image',
  symbols: { base, encodeTime, prefillTime, images, workers },
  expression: 'base + ceil(images / workers) * encodeTime + images * prefillTime',
  unit: 's',
  evaluate: ({ base, encodeTime, prefillTime, images, workers }) => {
    checkCounts({ images, workers });
    checkTimes({ base, encodeTime, prefillTime });
    return base + Math.ceil(images / workers) * encodeTime + images * prefillTime;
  },
  source: { kind: 'derived', from: 'the slowest worker encodes ceil(n / E) images, one worker reads all of them' },
});

/** The same where tiles are dealt out: TTFT = a + ceil(n t / E) t_e / t + n t_p [s]. Ignored: as for `ttftWithIrp`. */
export const ttftWithIrpByTile = formula({
  id: 'epd/ttft-irp-by-tile',
  name: 'TTFT with intra-request parallelism, by tile',
  symbols: { base, encodeTime, prefillTime, images, tiles, workers },
  expression: 'base + ceil(images * tiles / workers) * encodeTime / tiles + images * prefillTime',
  unit: 's',
  evaluate: ({ base, encodeTime, prefillTime, images, tiles, workers }) => {
    checkTimes({ base, encodeTime, prefillTime });
    return base + (encodeTilesOfWorker.evaluate({ images, tiles, workers }) * encodeTime) / tiles + images * prefillTime;
  },
  source: { kind: 'derived', from: 'the slowest worker encodes ceil(n t / E) tiles, one worker reads all of them' },
});

/** Time to the first token where one worker encodes all images: TTFT = a + n (t_e + t_p) [s]. Ignored: as for `ttftWithIrp`. */
export const ttftWithoutIrp = formula({
  id: 'epd/ttft-no-irp',
  name: 'TTFT without intra-request parallelism',
  symbols: { base, encodeTime, prefillTime, images },
  expression: 'base + images * (encodeTime + prefillTime)',
  unit: 's',
  evaluate: ({ base, encodeTime, prefillTime, images }) => {
    checkCounts({ images });
    checkTimes({ base, encodeTime, prefillTime });
    return base + images * (encodeTime + prefillTime);
  },
  source: { kind: 'derived', from: 'one worker encodes all images, one worker reads all of them' },
});

/** Time of a worker that encodes and reads a request, as in DistServe: TTFT = n s [s]. Ignored: queues, and all that does not grow with the images. */
export const ttftEncodePrefill = formula({
  id: 'epd/ttft-encode-prefill',
  name: 'TTFT of a worker that encodes and prefills',
  symbols: { images, imageTime: { unit: 's', meaning: 'time of encode and prefill of an image', tex: 's' } },
  expression: 'images * imageTime',
  unit: 's',
  evaluate: ({ images, imageTime }) => {
    checkCounts({ images });
    checkTimes({ imageTime });
    return images * imageTime;
  },
  source: { kind: 'derived', from: 'one worker does both stages of all images' },
});

/** Time to the first token of a video that grows evenly with its frames: a + f t_f [s]. Ignored: queues, rounds of encoding that are not full. */
export const ttftLinear = formula({
  id: 'epd/ttft-linear',
  name: 'TTFT that grows evenly with frames',
  symbols: { base, frames, frameTime },
  expression: 'base + frames * frameTime',
  unit: 's',
  evaluate: ({ base, frames, frameTime }) => {
    checkCounts({ frames });
    checkTimes({ base, frameTime });
    return base + frames * frameTime;
  },
  source: { kind: 'derived', from: 'every frame costs the same' },
});

/**
 * The same where all encode workers share each request, so that requests queue for them as for one server (M/D/1):
 *   TTFT = a + S + R S^2 / (2 (1 - R S))   [s]   S = f t_f
 * Ignored: that prefill of a request overlaps encoding of the next, rounds of encoding that are not full.
 * @throws RangeError where R S is not below 1
 */
export const ttftQueued = formula({
  id: 'epd/ttft-queued',
  name: 'TTFT that grows with frames, requests in a queue',
  symbols: { base, frames, frameTime, rate: { unit: '1/s', meaning: 'Poisson arrivals of requests', tex: 'R' } },
  expression: 'base + frames * frameTime + rate * (frames * frameTime)^2 / (2 * (1 - rate * (frames * frameTime)))',
  unit: 's',
  evaluate: ({ base, frames, frameTime, rate }) => ttftLinear.evaluate({ base, frames, frameTime }) + waitMD1.evaluate({ rate, time: frames * frameTime }),
  source: { kind: 'derived', from: 'the wait of equation 1 of arXiv:2401.09670v3, added' },
});

/** What TTFT tends to where encoding is shared by ever more workers and no tile is too large: a + n t_p [s]. */
export const ttftFloor = formula({
  id: 'epd/ttft-floor',
  name: 'TTFT with ever more encode workers',
  symbols: { base, prefillTime, images },
  expression: 'base + images * prefillTime',
  unit: 's',
  evaluate: ({ base, prefillTime, images }) => {
    checkCounts({ images });
    checkTimes({ base, prefillTime });
    return base + images * prefillTime;
  },
  source: { kind: 'derived', from: 'encoding takes no time' },
});

/** How many times as long the first token takes without intra-request parallelism: T_0 / T. */
export const irpSpeedup = formula({
  id: 'epd/irp-speedup',
  name: 'Speed-up of intra-request parallelism',
  symbols: { without: { unit: 's', meaning: 'TTFT without it', tex: 'T_0' }, withIrp: { unit: 's', meaning: 'TTFT with it', tex: 'T' } },
  expression: 'without / withIrp',
  unit: '1',
  evaluate: ({ without, withIrp }) => {
    checkTimes({ without });
    check('withIrp', withIrp, withIrp > 0 && isAmount(withIrp), 'is not a positive number of seconds');
    return without / withIrp;
  },
  source: { kind: 'derived', from: 'definition' },
});

/** By how much an image lengthens TTFT with IRP, as a share of what it does on one worker, many images: (t_e / E + t_p) / (t_e + t_p). */
export const irpSlopeRatio = formula({
  id: 'epd/irp-slope-ratio',
  name: 'Growth of TTFT per image, with IRP over without',
  symbols: { encodeTime, prefillTime, workers },
  expression: '(encodeTime / workers + prefillTime) / (encodeTime + prefillTime)',
  unit: '1',
  evaluate: ({ encodeTime, prefillTime, workers }) => {
    checkCounts({ workers });
    checkTimes({ encodeTime, prefillTime });
    check('encodeTime', encodeTime, encodeTime + prefillTime > 0, 'and prefillTime are both 0');
    return (encodeTime / workers + prefillTime) / (encodeTime + prefillTime);
  },
  source: { kind: 'derived', from: 'ceil(n / E) tends to n / E' },
});

/**
 * Time to bring the multimedia tokens of a request from encode to prefill over a link that it has for itself:
 *   T = t B / N + t c   [s]   t tiles, one copy each
 * Ignored: other transfers on the link, overlap of the first tiles with encoding of the others.
 */
export const epTransferTime = formula({
  id: 'epd/ep-transfer-time',
  name: 'Time of a transfer from encode to prefill',
  symbols: {
    tiles: { unit: '1', meaning: 'tiles of the request', tex: 't' },
    tileBytes: { unit: 'B', meaning: 'multimedia tokens of a tile', tex: 'B' },
    bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' },
    copyTime: { unit: 's', meaning: 'start of a copy', tex: 'c' },
  },
  expression: 'tiles * tileBytes / bandwidth + tiles * copyTime',
  unit: 's',
  evaluate: ({ tiles, tileBytes, bandwidth, copyTime }) => {
    checkCounts({ tiles });
    check('tileBytes', tileBytes, isAmount(tileBytes), 'is not a finite number of bytes of at least 0');
    check('bandwidth', bandwidth, bandwidth > 0 && isAmount(bandwidth), 'is not a positive number of bytes per second');
    checkTimes({ copyTime });
    return (tiles * tileBytes) / bandwidth + tiles * copyTime;
  },
  source: { kind: 'repository', repo: 'vbdi/epdserve', file: 'csrc/block_migration.cpp', revision: '9b111f710dfb', read: '2026-11-28' },
});

const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(counts)) check(field, value, Number.isSafeInteger(value) && value >= 1, 'is not a whole number of at least 1');
}

function checkTimes(times: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(times)) check(field, value, isAmount(value), 'is not a finite number of seconds of at least 0');
}

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`epd-latency: ${field} ${value} ${rule}`);
}
