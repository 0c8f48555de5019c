import { formula } from '../../provenance/card.ts';

const STEP_3 = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;
const hidden = { unit: '1', meaning: 'width of the residual stream', tex: 'H' } as const;

/** FP8 on the way to the feed-forward side, and one FP32 scale for 128 elements; BF16 on the way back. */
export const DISPATCH = { elementBytes: 1, scaleBytes: 4, scaleBlock: 128 } as const;
export const COMBINE = { elementBytes: 2, scaleBytes: 0, scaleBlock: 1 } as const;

/** Bytes of the hidden state of one token on the way between the sides, scales of its blocks included. */
export const tokenBytes = formula({
  id: 'afd/token-bytes',
  name: 'Bytes of one token on the way to one instance',
  symbols: {
    hidden,
    elementBytes: { unit: 'B', meaning: 'bytes of an element', tex: 'b' },
    scaleBytes: { unit: 'B', meaning: 'bytes of the scale of a block', tex: 'b_s' },
    scaleBlock: { unit: '1', meaning: 'elements of a block', tex: 'g' },
  },
  expression: 'hidden * (elementBytes + scaleBytes / scaleBlock)',
  unit: 'B',
  evaluate: ({ hidden, elementBytes, scaleBytes, scaleBlock }) => hidden * (elementBytes + scaleBytes / scaleBlock),
  source: STEP_3('section 5.4 (8 bit there, 16 bit back)'),
});

/** Expected number of feed-forward instances that hold at least one of a token's experts, experts dealt out evenly. */
export const instancesReached = formula({
  id: 'afd/instances-reached',
  name: 'Feed-forward instances that a token goes to',
  symbols: {
    instances: { unit: '1', meaning: 'feed-forward instances that a token may go to', tex: 'y' },
    activeExperts: { unit: '1', meaning: 'routed experts of a token', tex: 'k' },
  },
  expression: 'instances * (1 - (1 - 1 / instances)^activeExperts)',
  unit: '1',
  evaluate: ({ instances, activeExperts }) => instances * (1 - (1 - 1 / instances) ** activeExperts),
  source: { kind: 'derived', from: 'each of k experts lies in one of y instances, with replacement' },
});

/** Time that bytes take on the network cards of some chips of one side. */
export const transferTime = formula({
  id: 'afd/transfer-time',
  name: 'Time of a transfer between the sides',
  symbols: {
    tokens: { unit: '1', meaning: 'tokens of a micro-batch', tex: 'B' },
    reached: { unit: '1', meaning: 'instances that each token goes to', tex: 'r' },
    bytes: { unit: 'B', meaning: 'bytes of a token', tex: 'b_t' },
    chips: { unit: '1', meaning: 'chips of a side, each with a network card', tex: 'n' },
    nicBandwidth: { unit: 'B/s', meaning: 'rate of a network card, one way', tex: 'N_1' },
    nicShare: { unit: '1', meaning: 'share of that rate which is reached', tex: '\\eta' },
  },
  expression: 'tokens * reached * bytes / (chips * nicBandwidth * nicShare)',
  unit: 's',
  evaluate: ({ tokens, reached, bytes, chips, nicBandwidth, nicShare }) => (tokens * reached * bytes) / (chips * nicBandwidth * nicShare),
  source: STEP_3('section 5.4'),
});

/** Batch at which the experts' weights take as long to read as to multiply: 2 FLOP for each byte of weights in 8 bit. */
export const idealBatch = formula({
  id: 'afd/ideal-batch',
  name: 'Batch at which experts are read and multiplied in the same time',
  symbols: {
    peak: { unit: 'FLOP/s', meaning: 'dense peak of the chip in the format of the arithmetic', tex: 'P' },
    memoryBandwidth: { unit: 'B/s', meaning: 'memory bandwidth of the chip', tex: '\\beta' },
    activationRatio: { unit: '1', meaning: 'share of the experts that a token uses', tex: 'S' },
  },
  expression: 'peak / (2 [FLOP/B] * memoryBandwidth * activationRatio)',
  unit: '1',
  evaluate: ({ peak, memoryBandwidth, activationRatio }) => peak / (2 * memoryBandwidth * activationRatio),
  source: STEP_3('section 5.4'),
});

/**
 * Largest micro-batch whose tokens get through the network cards of the attention side in a stage, there and back one after the other.
 * With one feed-forward instance and one attention instance this is the plain budget 3 H B / Net <= t.
 */
export const networkBatch = formula({
  id: 'afd/network-batch',
  name: 'Largest micro-batch that the network lets through',
  symbols: {
    stageTime: { unit: 's', meaning: 'time of the network stage for one layer', tex: 't' },
    attentionInstances: { unit: '1', meaning: 'attention instances', tex: 'x' },
    reached: { unit: '1', meaning: 'feed-forward instances that each token goes to', tex: 'r' },
    networkBandwidth: { unit: 'B/s', meaning: 'network bandwidth of an instance, one way', tex: 'N' },
    bytes: { unit: 'B', meaning: 'bytes of a token, there and back', tex: 'b_t' },
  },
  expression: 'stageTime * attentionInstances * networkBandwidth / (reached * bytes)',
  unit: '1',
  evaluate: ({ stageTime, attentionInstances, reached, networkBandwidth, bytes }) => (stageTime * attentionInstances * networkBandwidth) / (reached * bytes),
  source: STEP_3('sections 5.4 and 7.3'),
});

/**
 * The bound on sparsity (`roofline/min-activation-ratio`) where routing sends a token to some of the feed-forward instances only: each of them
 * receives that share of the tokens, while the experts that it holds need as many as before.
 */
export const restrictedActivationRatio = formula({
  id: 'afd/restricted-activation-ratio',
  name: 'Smallest MoE activation ratio with restricted routing',
  symbols: {
    ratio: { unit: '1', meaning: 'smallest activation ratio where every token goes to every instance', tex: 'S' },
    reached: { unit: '1', meaning: 'instances that a token goes to at most', tex: 'r' },
    instances: { unit: '1', meaning: 'instances that hold the experts', tex: 'y' },
  },
  expression: 'ratio * reached / instances',
  unit: '1',
  evaluate: ({ ratio, reached, instances }) => (ratio * reached) / instances,
  source: STEP_3('section 5.5'),
});
