import { formula } from '../../provenance/card.ts';

const paper = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;
const usd = (meaning: string, tex: string) => ({ unit: 'USD', meaning, tex }) as const;

/** Cost with attention on the cheapest of four chips and feed-forward on the cheapest of four. */
export const afdOfFour = formula({
  id: 'step3/afd-of-four',
  name: 'AFD cost of a million tokens, four chips to choose from',
  symbols: {
    attention1: usd('attention cost on the first chip', 'a_1'),
    attention2: usd('attention cost on the second chip', 'a_2'),
    attention3: usd('attention cost on the third chip', 'a_3'),
    attention4: usd('attention cost on the fourth chip', 'a_4'),
    ffn1: usd('feed-forward cost on the first chip', 'f_1'),
    ffn2: usd('feed-forward cost on the second chip', 'f_2'),
    ffn3: usd('feed-forward cost on the third chip', 'f_3'),
    ffn4: usd('feed-forward cost on the fourth chip', 'f_4'),
  },
  expression: 'min(attention1, attention2, attention3, attention4) + min(ffn1, ffn2, ffn3, ffn4)',
  unit: 'USD',
  evaluate: ({ attention1, attention2, attention3, attention4, ffn1, ffn2, ffn3, ffn4 }) => Math.min(attention1, attention2, attention3, attention4) + Math.min(ffn1, ffn2, ffn3, ffn4),
  source: paper('Figure 1 (communication hidden)'),
});

/** Cost with attention on the cheaper of two chips and feed-forward on the cheaper of two. */
export const afdOfTwo = formula({
  id: 'step3/afd-of-two',
  name: 'AFD cost of a million tokens, two chips to choose from',
  symbols: {
    attention1: usd('attention cost on the first chip', 'a_1'),
    attention2: usd('attention cost on the second chip', 'a_2'),
    ffn1: usd('feed-forward cost on the first chip', 'f_1'),
    ffn2: usd('feed-forward cost on the second chip', 'f_2'),
  },
  expression: 'min(attention1, attention2) + min(ffn1, ffn2)',
  unit: 'USD',
  evaluate: ({ attention1, attention2, ffn1, ffn2 }) => Math.min(attention1, attention2) + Math.min(ffn1, ffn2),
  source: paper('section 4.3, observation 1 (communication hidden)'),
});

/** Network bandwidth of a server, one way. */
export const serverNetwork = formula({
  id: 'step3/server-network',
  name: 'Network bandwidth of a server',
  symbols: {
    accelerators: { unit: '1', meaning: 'network cards of a server, one per accelerator', tex: 'n' },
    nicBandwidth: { unit: 'B/s', meaning: 'bandwidth of one network card, one way', tex: 'N_1' },
  },
  expression: 'accelerators * nicBandwidth',
  unit: 'B/s',
  evaluate: ({ accelerators, nicBandwidth }) => accelerators * nicBandwidth,
  source: paper('section 5.4'),
});

/** Time of one pipeline stage for all layers. */
export const stageTime = formula({
  id: 'step3/stage-time',
  name: 'Time of one stage of the AFD pipeline',
  symbols: { tpot: { unit: 's', meaning: 'target time per output token', tex: 't' }, stages: { unit: '1', meaning: 'stages of the pipeline', tex: 'n' } },
  expression: 'tpot / stages',
  unit: 's',
  evaluate: ({ tpot, stages }) => tpot / stages,
  source: paper('stage budget of the AFD pipeline'),
});

/** Time of one pipeline stage for one layer. */
export const layerTime = formula({
  id: 'step3/layer-time',
  name: 'Time of one stage of the AFD pipeline for one layer',
  symbols: { stageTime: { unit: 's', meaning: 'time of one stage', tex: 't_s' }, layers: { unit: '1', meaning: 'layers', tex: 'L' } },
  expression: 'stageTime / layers',
  unit: 's',
  evaluate: ({ stageTime, layers }) => stageTime / layers,
  source: paper('stage budget of the AFD pipeline'),
});

/** The time in the bound on sparsity: 3 bytes per token and width over 2 FLOP per weight byte take 3/2 of the stage. */
export const networkTime = formula({
  id: 'step3/network-time',
  name: 'Time in the bound on sparsity',
  symbols: { stageTime: { unit: 's', meaning: 'time of one stage', tex: 't_s' } },
  expression: '2 * stageTime / 3',
  unit: 's',
  evaluate: ({ stageTime }) => (2 * stageTime) / 3,
  source: paper('section 5.4'),
});

/** The stage time that the bound on sparsity stands for: three halves of the time that the paper prints in it. */
export const boundStageTime = formula({
  id: 'step3/bound-stage-time',
  name: 'Stage time behind the bound on sparsity',
  symbols: { networkTime: { unit: 's', meaning: 'time in the bound, as printed', tex: 't_n' } },
  expression: '3 * networkTime / 2',
  unit: 's',
  evaluate: ({ networkTime }) => (3 * networkTime) / 2,
  source: paper('section 5.4'),
});

/** Routed experts that a token must use for a model to reach an activation ratio, shared experts counted. */
export const expertsForRatio = formula({
  id: 'step3/experts-for-ratio',
  name: 'Routed experts per token that reach an activation ratio',
  symbols: {
    ratio: { unit: '1', meaning: 'activation ratio to reach', tex: 'S' },
    experts: { unit: '1', meaning: 'routed experts', tex: 'E' },
    sharedExperts: { unit: '1', meaning: 'shared experts', tex: 'E_s' },
  },
  expression: 'ceil(ratio * (experts + sharedExperts)) - sharedExperts',
  unit: '1',
  evaluate: ({ ratio, experts, sharedExperts }) => Math.ceil(ratio * (experts + sharedExperts)) - sharedExperts,
  source: paper('section 5.4'),
});

/** Bytes of one element of the KV cache over those of another format: how much the intensity of the core grows. */
export const storageRatio = formula({
  id: 'step3/storage-ratio',
  name: 'Growth of the arithmetic intensity with narrower KV storage',
  symbols: { wideBytes: { unit: 'B', meaning: 'bytes of an element as it was', tex: 'b' }, narrowBytes: { unit: 'B', meaning: 'bytes of an element as stored', tex: "b'" } },
  expression: 'wideBytes / narrowBytes',
  unit: '1',
  evaluate: ({ wideBytes, narrowBytes }) => wideBytes / narrowBytes,
  source: paper('section 5.2'),
});

/** Query tokens that share one read of the KV cache: how much the intensity of the core grows. */
export const mtpIntensity = formula({
  id: 'step3/mtp-intensity',
  name: 'Growth of the arithmetic intensity with multi-token prediction',
  symbols: { draftTokens: { unit: '1', meaning: 'draft tokens per step', tex: 'd' } },
  expression: '1 + draftTokens',
  unit: '1',
  evaluate: ({ draftTokens }) => 1 + draftTokens,
  source: paper('section 5.2'),
});
