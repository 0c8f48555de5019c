import { formula } from '../../provenance/card.ts';

/*
 * Copies of keys and values between a device and its host, in closed form. A block keeps one slice per layer and kind (keys, values);
 * slices of blocks that are neighbours lie beside each other, so one call copies the slice of a whole group. The host dispatches
 * every call, then the link carries its piece.
 */

const FASTSWITCH = 'arXiv:2411.18424';

/**
 * Bytes of one slice: what one layer keeps of one block as keys, or as values.
 *   s = b h d e   [B]   b tokens of a block, h key/value heads, d their width, e bytes of an element
 * Ignored: scales of a quantised cache, padding.
 */
export const sliceBytes = formula({
  id: 'preemption/slice-bytes',
  name: 'Bytes of a slice of a block',
  symbols: {
    blockTokens: { unit: '1', meaning: 'tokens of a block', tex: 'b' },
    kvHeads: { unit: '1', meaning: 'heads of keys and values that the device holds', tex: 'h' },
    headDim: { unit: '1', meaning: 'width of a head', tex: 'd' },
    elementBytes: { unit: 'B', meaning: 'bytes of an element of the cache', tex: 'e' },
  },
  expression: 'blockTokens * kvHeads * headDim * elementBytes',
  unit: 'B',
  evaluate: ({ blockTokens, kvHeads, headDim, elementBytes }) => {
    count('blockTokens', blockTokens);
    count('kvHeads', kvHeads);
    count('headDim', headDim);
    positive('elementBytes', elementBytes, 'bytes');
    return blockTokens * kvHeads * headDim * elementBytes;
  },
  source: { kind: 'derived', from: 'layout of a paged cache: one tensor of blocks per layer and kind' },
});

/** Bytes of one block, all layers: n s [B], n slices of a block (2 per layer where keys and values are apart). */
export const blockBytes = formula({
  id: 'preemption/block-bytes',
  name: 'Bytes of a block',
  symbols: { slicesPerBlock: { unit: '1', meaning: 'slices of a block', tex: 'n' }, sliceBytes: { unit: 'B', meaning: 'bytes of a slice', tex: 's' } },
  expression: 'slicesPerBlock * sliceBytes',
  unit: 'B',
  evaluate: ({ slicesPerBlock, sliceBytes }) => {
    count('slicesPerBlock', slicesPerBlock);
    positive('sliceBytes', sliceBytes, 'bytes');
    return slicesPerBlock * sliceBytes;
  },
  source: { kind: 'derived', from: 'slices of a block times their bytes' },
});

/**
 * Calls that copy N blocks in groups of g: n ceil(N / g) [1]. g = 1 is a cache without groups; a mean g need not be whole.
 * Ignored: that groups differ in length.
 */
export const copyCalls = formula({
  id: 'preemption/calls',
  name: 'Copy calls of a transfer',
  symbols: {
    slicesPerBlock: { unit: '1', meaning: 'slices of a block', tex: 'n' },
    blocks: { unit: '1', meaning: 'blocks to copy', tex: 'N' },
    groupBlocks: { unit: '1', meaning: 'blocks of a group', tex: 'g' },
  },
  expression: 'slicesPerBlock * ceil(blocks / groupBlocks)',
  unit: '1',
  evaluate: ({ slicesPerBlock, blocks, groupBlocks }) => {
    count('slicesPerBlock', slicesPerBlock);
    count('blocks', blocks);
    check('groupBlocks', groupBlocks, groupBlocks >= 1 && isAmount(groupBlocks), 'is not a finite number of at least 1');
    check('groupBlocks', groupBlocks, groupBlocks <= blocks, `is more than the ${blocks} blocks to copy`);
    return slicesPerBlock * Math.ceil(blocks / groupBlocks);
  },
  source: { kind: 'paper', id: FASTSWITCH, at: 'section 3.1' },
});

/** Time of a transfer whose dispatches and copies follow one another: c d + B / N [s], c calls of d. Ignored: overlap, other traffic. */
export const serialCopyTime = formula({
  id: 'preemption/serial-time',
  name: 'Time of a transfer, dispatch and copy in turn',
  symbols: {
    calls: { unit: '1', meaning: 'copy calls', tex: 'c' },
    dispatch: { unit: 's', meaning: 'host time of one call', tex: 'd' },
    bytes: { unit: 'B', meaning: 'bytes to copy', tex: 'B' },
    bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' },
  },
  expression: 'calls * dispatch + bytes / bandwidth',
  unit: 's',
  evaluate: ({ calls, dispatch, bytes, bandwidth }) => {
    amount('calls', calls, 'calls');
    amount('dispatch', dispatch, 'seconds');
    amount('bytes', bytes, 'bytes');
    positive('bandwidth', bandwidth, 'bytes per second');
    return calls * dispatch + bytes / bandwidth;
  },
  source: { kind: 'derived', from: 'each call is dispatched, then copied' },
});

/**
 * Time of a transfer in which the host dispatches the next call while the link carries a piece.
 *   T = c max(d, p / N) + min(d, p / N)   [s]   p bytes of a piece: the slower of the two runs all the time, the other once
 * Ignored: pieces that differ in size, other traffic.
 */
export const pipelinedCopyTime = formula({
  id: 'preemption/pipelined-time',
  name: 'Time of a transfer, dispatch beside copy',
  symbols: {
    calls: { unit: '1', meaning: 'copy calls', tex: 'c' },
    dispatch: { unit: 's', meaning: 'host time of one call', tex: 'd' },
    pieceBytes: { unit: 'B', meaning: 'bytes of one call', tex: 'p' },
    bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' },
  },
  expression: 'calls * max(dispatch, pieceBytes / bandwidth) + min(dispatch, pieceBytes / bandwidth)',
  unit: 's',
  evaluate: ({ calls, dispatch, pieceBytes, bandwidth }) => {
    check('calls', calls, calls >= 1 && isAmount(calls), 'is not a finite number of calls of at least 1');
    amount('dispatch', dispatch, 'seconds');
    positive('pieceBytes', pieceBytes, 'bytes');
    positive('bandwidth', bandwidth, 'bytes per second');
    const copy = pieceBytes / bandwidth;
    return calls * Math.max(dispatch, copy) + Math.min(dispatch, copy);
  },
  source: { kind: 'derived', from: 'a pipeline of two steps, equal pieces' },
});

/** Share of the peak of a link that a transfer uses: B / (T P) [1]. Above 1: the numbers contradict each other. */
export const linkUtilisation = formula({
  id: 'preemption/utilisation',
  name: 'Utilisation of the link',
  symbols: {
    bytes: { unit: 'B', meaning: 'bytes copied', tex: 'B' },
    time: { unit: 's', meaning: 'time of the transfer', tex: 'T' },
    peak: { unit: 'B/s', meaning: 'peak rate of the link, one way', tex: 'P' },
  },
  expression: 'bytes / (time * peak)',
  unit: '1',
  evaluate: ({ bytes, time, peak }) => {
    amount('bytes', bytes, 'bytes');
    positive('time', time, 'seconds');
    positive('peak', peak, 'bytes per second');
    return bytes / (time * peak);
  },
  source: { kind: 'derived', from: 'bytes over what the link could have carried' },
});

/** Blocks of a group at which copying a piece takes as long as dispatching it: d N / s [1]. Below it the host limits, above it the link. */
export const crossoverGroup = formula({
  id: 'preemption/crossover-group',
  name: 'Group at which dispatch and copy take the same time',
  symbols: {
    dispatch: { unit: 's', meaning: 'host time of one call', tex: 'd' },
    bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' },
    sliceBytes: { unit: 'B', meaning: 'bytes of a slice', tex: 's' },
  },
  expression: 'dispatch * bandwidth / sliceBytes',
  unit: '1',
  evaluate: ({ dispatch, bandwidth, sliceBytes }) => {
    amount('dispatch', dispatch, 'seconds');
    positive('bandwidth', bandwidth, 'bytes per second');
    positive('sliceBytes', sliceBytes, 'bytes');
    return (dispatch * bandwidth) / sliceBytes;
  },
  source: { kind: 'derived', from: 'd = g s / N' },
});

/** Rate of calls of one size, dispatch and copy in turn: p / (d + p / N) [B/s]. It is N for large pieces and p / d for small ones. */
export const pieceBandwidth = formula({
  id: 'preemption/piece-bandwidth',
  name: 'Rate of copies of one size',
  symbols: {
    pieceBytes: { unit: 'B', meaning: 'bytes of one call', tex: 'p' },
    dispatch: { unit: 's', meaning: 'host time of one call', tex: 'd' },
    bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' },
  },
  expression: 'pieceBytes / (dispatch + pieceBytes / bandwidth)',
  unit: 'B/s',
  evaluate: ({ pieceBytes, dispatch, bandwidth }) => {
    positive('pieceBytes', pieceBytes, 'bytes');
    amount('dispatch', dispatch, 'seconds');
    positive('bandwidth', bandwidth, 'bytes per second');
    return pieceBytes / (dispatch + pieceBytes / bandwidth);
  },
  source: { kind: 'derived', from: 'bytes of a call over its serial time' },
});

/** Time of swaps out and in that share a link: max(T_out, T_in, (B_out + B_in) / N_both) [s], N_both its rate both ways together. */
export const duplexTime = formula({
  id: 'preemption/duplex-time',
  name: 'Time of transfers both ways at once',
  symbols: {
    outTime: { unit: 's', meaning: 'time of the swap-out alone', tex: 'T_{out}' },
    inTime: { unit: 's', meaning: 'time of the swap-in alone', tex: 'T_{in}' },
    outBytes: { unit: 'B', meaning: 'bytes of the swap-out', tex: 'B_{out}' },
    inBytes: { unit: 'B', meaning: 'bytes of the swap-in', tex: 'B_{in}' },
    bothBandwidth: { unit: 'B/s', meaning: 'rate of the link, both ways together', tex: 'N_{both}' },
  },
  expression: 'max(outTime, inTime, (outBytes + inBytes) / bothBandwidth)',
  unit: 's',
  evaluate: ({ outTime, inTime, outBytes, inBytes, bothBandwidth }) => {
    amount('outTime', outTime, 'seconds');
    amount('inTime', inTime, 'seconds');
    amount('outBytes', outBytes, 'bytes');
    amount('inBytes', inBytes, 'bytes');
    positive('bothBandwidth', bothBandwidth, 'bytes per second');
    return Math.max(outTime, inTime, (outBytes + inBytes) / bothBandwidth);
  },
  source: { kind: 'derived', from: 'neither way is faster than alone, both together not faster than the link' },
});

/** Blocks that still go where the host keeps a valid copy of the share r: N (1 - r) [1]. A mean: it need not be whole. */
export const reusedBlocks = formula({
  id: 'preemption/reused-blocks',
  name: 'Blocks to copy with reuse',
  symbols: { blocks: { unit: '1', meaning: 'blocks of the requests that are swapped', tex: 'N' }, reuse: { unit: '1', meaning: 'share of them that the host still holds', tex: 'r' } },
  expression: 'blocks * (1 - reuse)',
  unit: '1',
  evaluate: ({ blocks, reuse }) => {
    amount('blocks', blocks, 'blocks');
    share('reuse', reuse);
    return blocks * (1 - reuse);
  },
  source: { kind: 'paper', id: FASTSWITCH, at: 'section 3.3' },
});

/** Time that a transfer holds up an iteration: max(0, T - o) [s], o the part beside computation. */
export const stallTime = formula({
  id: 'preemption/stall',
  name: 'Stall of a transfer',
  symbols: { time: { unit: 's', meaning: 'time of the transfer', tex: 'T' }, overlapped: { unit: 's', meaning: 'computation that runs beside it', tex: 'o' } },
  expression: 'max(0 [s], time - overlapped)',
  unit: 's',
  evaluate: ({ time, overlapped }) => {
    amount('time', time, 'seconds');
    amount('overlapped', overlapped, 'seconds');
    return Math.max(0, time - overlapped);
  },
  source: { kind: 'derived', from: 'what is not overlapped' },
});

/**
 * Share of the whole time that stalls take: f S / (1 + f S) [1].
 *   f updates an iteration, S stall of an update in iterations: 1 iteration of work goes with f S of stall
 * Ignored: stalls that depend on the frequency themselves (a busier scheduler moves other requests).
 */
export const overheadShare = formula({
  id: 'preemption/overhead-share',
  name: 'Share of the time that stalls take',
  symbols: { frequency: { unit: '1', meaning: 'priority updates an iteration', tex: 'f' }, stall: { unit: '1', meaning: 'stall of an update, in iterations', tex: 'S' } },
  expression: 'frequency * stall / (1 + frequency * stall)',
  unit: '1',
  evaluate: ({ frequency, stall }) => {
    amount('frequency', frequency, 'updates an iteration');
    amount('stall', stall, 'iterations');
    return (frequency * stall) / (1 + frequency * stall);
  },
  source: { kind: 'derived', from: 'stalls over iterations and stalls' },
});

const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;
const count = (field: string, value: number): void => check(field, value, Number.isSafeInteger(value) && value >= 1, 'is not a whole number of at least 1');
const amount = (field: string, value: number, what: string): void => check(field, value, isAmount(value), `is not a finite number of ${what} of at least 0`);
const positive = (field: string, value: number, what: string): void => check(field, value, value > 0 && isAmount(value), `is not a positive number of ${what}`);
const share = (field: string, value: number): void => check(field, value, value >= 0 && value <= 1, 'is not a share from 0 to 1');

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`preemption: ${field} ${value} ${rule}`);
}
