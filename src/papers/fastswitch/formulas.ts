import { formula, procedure } from '../../provenance/card.ts';

/** Small formulas that only the cells of this paper need; those of transfers are in `serving/preemption/transfer.ts`. */

const share = (meaning: string, tex: string) => ({ unit: '1', meaning, tex });

/** How many times as much. */
export const timesOther = formula({
  id: 'fastswitch/times',
  name: 'How many times as much',
  symbols: { value: share('a number', 'x'), other: share('the number that it is compared with', "x'") },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: { kind: 'derived', from: 'definition' },
});

/** How many times as long. */
export const timesLonger = formula({
  id: 'fastswitch/times-as-long',
  name: 'How many times as long',
  symbols: { value: { unit: 's', meaning: 'a time', tex: 't' }, other: { unit: 's', meaning: 'the time that it is compared with', tex: "t'" } },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: { kind: 'derived', from: 'definition' },
});

/** By what share a number is above another. */
export const shareAbove = formula({
  id: 'fastswitch/above',
  name: 'By what share a number is above another',
  symbols: { value: share('a number', 'x'), other: share('the number that it is compared with', "x'") },
  expression: 'value / other - 1',
  unit: '1',
  evaluate: ({ value, other }) => value / other - 1,
  source: { kind: 'derived', from: 'definition' },
});

/** By what share a number is below another. */
export const shareBelow = formula({
  id: 'fastswitch/below',
  name: 'By what share a number is below another',
  symbols: { value: share('a number', 'x'), other: share('the number that it is compared with', "x'") },
  expression: '1 - value / other',
  unit: '1',
  evaluate: ({ value, other }) => 1 - value / other,
  source: { kind: 'derived', from: 'definition' },
});

/** What two shares of a run differ by. */
export const difference = formula({
  id: 'fastswitch/difference',
  name: 'Difference of two shares',
  symbols: { value: share('a share', 'x'), other: share('the share that is taken off', "x'") },
  expression: 'value - other',
  unit: '1',
  evaluate: ({ value, other }) => value - other,
  source: { kind: 'derived', from: 'definition' },
});

/** Share of a latency that is a stall. */
export const stallShare = formula({
  id: 'fastswitch/stall-share',
  name: 'Share of a latency that is a stall',
  symbols: { stall: share('stall, over the time of inference', 'w'), execution: share('inference, over itself', 'e') },
  expression: 'stall / (execution + stall)',
  unit: '1',
  evaluate: ({ stall, execution }) => stall / (execution + stall),
  source: { kind: 'derived', from: 'definition' },
});

/** Stall of an update, in iterations, from its share of the time: R / ((1 - R) f), `preemption/overhead-share` the other way round. */
export const stallOfShare = formula({
  id: 'fastswitch/stall-of-share',
  name: 'Stall of an update from its share of the time',
  symbols: { share: share('share of the time of a run', 'R'), frequency: share('priority updates an iteration', 'f') },
  expression: 'share / ((1 - share) * frequency)',
  unit: '1',
  evaluate: ({ share, frequency }) => share / ((1 - share) * frequency),
  source: { kind: 'derived', from: 'R = f S / (1 + f S)' },
});

/** Slices of a block: keys and values of every layer. */
export const slicesOfLayers = formula({
  id: 'fastswitch/slices',
  name: 'Slices of a block',
  symbols: { layers: share('layers', 'L') },
  expression: '2 * layers',
  unit: '1',
  evaluate: ({ layers }) => 2 * layers,
  source: { kind: 'derived', from: 'keys and values apart, one tensor each per layer' },
});

/** Bytes of one token in all layers. */
export const bytesOfToken = formula({
  id: 'fastswitch/token-bytes',
  name: 'Bytes of a token in a block',
  symbols: { bytes: { unit: 'B', meaning: 'bytes of a block', tex: 'B' }, blockTokens: share('tokens of a block', 'b') },
  expression: 'bytes / blockTokens',
  unit: 'B',
  evaluate: ({ bytes, blockTokens }) => bytes / blockTokens,
  source: { kind: 'derived', from: 'definition' },
});

/** How many slices so many bytes are. */
export const slicesOfBytes = formula({
  id: 'fastswitch/slices-of-bytes',
  name: 'Slices that so many bytes are',
  symbols: { bytes: { unit: 'B', meaning: 'bytes', tex: 'B' }, sliceBytes: { unit: 'B', meaning: 'bytes of a slice', tex: 's' } },
  expression: 'bytes / sliceBytes',
  unit: '1',
  evaluate: ({ bytes, sliceBytes }) => bytes / sliceBytes,
  source: { kind: 'derived', from: 'definition' },
});

/** Bytes that a link carries during one dispatch: smaller pieces wait for the host, larger ones for the link. */
export const bytesOfDispatch = formula({
  id: 'fastswitch/crossover-bytes',
  name: 'Bytes that the link carries during a dispatch',
  symbols: { dispatch: { unit: 's', meaning: 'host time of a call', tex: 'd' }, bandwidth: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' } },
  expression: 'dispatch * bandwidth',
  unit: 'B',
  evaluate: ({ dispatch, bandwidth }) => dispatch * bandwidth,
  source: { kind: 'derived', from: 'd = p / N' },
});

/** Share of a call that is dispatch, where the copy follows it. */
export const dispatchShare = formula({
  id: 'fastswitch/dispatch-share',
  name: 'Share of a call that is dispatch',
  symbols: { dispatch: { unit: 's', meaning: 'host time of a call', tex: 'd' }, copy: { unit: 's', meaning: 'time of its copy', tex: 'c' } },
  expression: 'dispatch / (dispatch + copy)',
  unit: '1',
  evaluate: ({ dispatch, copy }) => dispatch / (dispatch + copy),
  source: { kind: 'derived', from: 'definition' },
});

/** Rate of a link, both ways together. */
export const bothWays = formula({
  id: 'fastswitch/both-ways',
  name: 'Rate of a link, both ways together',
  symbols: { oneWay: { unit: 'B/s', meaning: 'rate of the link, one way', tex: 'N' } },
  expression: '2 * oneWay',
  unit: 'B/s',
  evaluate: ({ oneWay }) => 2 * oneWay,
  source: { kind: 'derived', from: 'definition' },
});

/** Something over how many there are. */
export const perOne = formula({
  id: 'fastswitch/per-one',
  name: 'Mean of one',
  symbols: { amount: share('how much of it there is', 'x'), count: share('how many there are', 'n') },
  expression: 'amount / count',
  unit: '1',
  evaluate: ({ amount, count }) => amount / count,
  source: { kind: 'derived', from: 'definition' },
});

/** Time of one of many. */
export const secondsEach = formula({
  id: 'fastswitch/seconds-each',
  name: 'Time of one of many',
  symbols: { time: { unit: 's', meaning: 'time of all', tex: 'T' }, count: share('how many there are', 'n') },
  expression: 'time / count',
  unit: 's',
  evaluate: ({ time, count }) => time / count,
  source: { kind: 'derived', from: 'definition' },
});

/** Bytes of one of many. */
export const bytesEach = formula({
  id: 'fastswitch/bytes-each',
  name: 'Bytes of one of many',
  symbols: { bytes: { unit: 'B', meaning: 'bytes of all', tex: 'B' }, count: share('how many there are', 'n') },
  expression: 'bytes / count',
  unit: 'B',
  evaluate: ({ bytes, count }) => bytes / count,
  source: { kind: 'derived', from: 'definition' },
});

/** Bytes of many. */
export const bytesOfMany = formula({
  id: 'fastswitch/bytes-of-many',
  name: 'Bytes of many',
  symbols: { bytes: { unit: 'B', meaning: 'bytes of one', tex: 'B' }, count: share('how many there are', 'n') },
  expression: 'bytes * count',
  unit: 'B',
  evaluate: ({ bytes, count }) => bytes * count,
  source: { kind: 'derived', from: 'definition' },
});

/** Rate of a transfer that was timed. */
export const timedRate = formula({
  id: 'fastswitch/rate',
  name: 'Rate of a timed transfer',
  symbols: { bytes: { unit: 'B', meaning: 'bytes copied', tex: 'B' }, time: { unit: 's', meaning: 'time of it', tex: 'T' } },
  expression: 'bytes / time',
  unit: 'B/s',
  evaluate: ({ bytes, time }) => bytes / time,
  source: { kind: 'derived', from: 'definition' },
});

/** Calls of operations: each copies one group in every layer, keys and values apart. */
export const callsOfOperations = formula({
  id: 'fastswitch/calls-of-operations',
  name: 'Calls of operations',
  symbols: { operations: share('operations', 'o'), slicesPerBlock: share('slices of a block', 'n') },
  expression: 'operations * slicesPerBlock',
  unit: '1',
  evaluate: ({ operations, slicesPerBlock }) => operations * slicesPerBlock,
  source: { kind: 'derived', from: 'one call per slice of a group' },
});

/** Time of an operation beside that of its blocks, from two timed runs: what T = o x + N y leaves for x. Below 0 where the run with larger groups is the slower one. */
export const operationTime = formula({
  id: 'fastswitch/operation-time',
  name: 'Time of an operation beside its blocks, from two runs',
  symbols: {
    time: { unit: 's', meaning: 'time of the first run', tex: 'T' },
    blocks: share('its blocks', 'N'),
    operations: share('its operations', 'o'),
    otherTime: { unit: 's', meaning: 'time of the second run', tex: "T'" },
    otherBlocks: share('its blocks', "N'"),
    otherOperations: share('its operations', "o'"),
  },
  expression: '(time * otherBlocks - otherTime * blocks) / (operations * otherBlocks - otherOperations * blocks)',
  unit: 's',
  evaluate: ({ time, blocks, operations, otherTime, otherBlocks, otherOperations }) => (time * otherBlocks - otherTime * blocks) / (operations * otherBlocks - otherOperations * blocks),
  source: { kind: 'derived', from: 'two equations, T = o x + N y' },
});

/** Time of a call that copies one block's slice, where copies in groups have the timed rate and are so many times as fast. */
export const impliedCallTime = formula({
  id: 'fastswitch/implied-call-time',
  name: 'Time of a call of one slice that a gain implies',
  symbols: { blockTime: { unit: 's', meaning: 'time of a block, in groups', tex: 't' }, slicesPerBlock: share('slices of a block', 'n'), gain: share('times as fast by groups', 'G') },
  expression: 'blockTime / slicesPerBlock * gain',
  unit: 's',
  evaluate: ({ blockTime, slicesPerBlock, gain }) => (blockTime / slicesPerBlock) * gain,
  source: { kind: 'derived', from: 'time of a slice in groups, times the gain' },
});

/** How the share of switches is read as a line over the frequency of updates. */
export const overheadLineProcedure = procedure({
  id: 'fastswitch/overhead-line',
  name: 'Least squares of a line through shares over frequencies',
  steps: [
    'take the points of a drawn line up to a frequency',
    'find the share at frequency 0 and the slope with which the squared differences of shares are least',
    'the slope is the stall of an update, in iterations, where shares are small',
  ],
  source: { kind: 'derived', from: 'Gauss' },
});
