import type { NumberSpec } from '../../evidence/number.ts';
import { operatorName, operatorsOf } from '../../evidence/operators.ts';
import type { Scenario } from '../../evidence/scenario.ts';
import { type FormulaCard, formula } from '../../provenance/card.ts';
import type { PrintedCell } from '../printed.ts';
import { printedCell } from './tables.ts';

const paper = (at: string) => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at }) as const;
const section6 = paper('section 6');
const stageTime = { unit: 's', meaning: 'time of a stage for one layer', tex: 't' } as const;
const memoryBandwidth = { unit: 'B/s', meaning: 'memory bandwidth of the card', tex: '\\beta' } as const;

/** Bytes that a card reads while a stage works on one layer. */
export const bytesInStage = formula({
  id: 'step3/bytes-in-stage',
  name: 'Bytes that a card reads in a stage of one layer',
  symbols: { memoryBandwidth, share: { unit: '1', meaning: 'share of the bandwidth that is reached', tex: '\\eta' }, stageTime },
  expression: 'memoryBandwidth * share * stageTime',
  unit: 'B',
  evaluate: ({ memoryBandwidth, share, stageTime }) => memoryBandwidth * share * stageTime,
  source: section6,
});

/** Linear weights of multi-matrix factorisation attention on one card, in 8 bit: the output projection is split over cards, the others lie on each. */
export const mfaLinearBytes = formula({
  id: 'step3/mfa-linear-bytes',
  name: 'Linear weights of an MFA layer on one of several cards',
  symbols: {
    hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
    queryRank: { unit: '1', meaning: 'rank of the query', tex: 'r' },
    queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
    kvHeads: { unit: '1', meaning: 'heads of keys and values', tex: 'n_{kv}' },
    headDim: { unit: '1', meaning: 'width of a head', tex: 'd_h' },
    ways: { unit: '1', meaning: 'cards that split the output projection', tex: 'w' },
  },
  expression: '1 [B] * (hidden * queryRank + queryRank * queryHeads * headDim + 2 * hidden * kvHeads * headDim + queryHeads * headDim * hidden / ways)',
  unit: 'B',
  evaluate: ({ hidden, queryRank, queryHeads, kvHeads, headDim, ways }) =>
    hidden * queryRank + queryRank * queryHeads * headDim + 2 * hidden * kvHeads * headDim + (queryHeads * headDim * hidden) / ways,
  source: section6,
});

/** Bytes that a stage leaves for the cache when it has read the weights. */
export const bytesForCache = formula({
  id: 'step3/bytes-for-cache',
  name: 'Bytes that a stage leaves for the cache',
  symbols: { bytes: { unit: 'B', meaning: 'bytes read in the stage', tex: 'M' }, weights: { unit: 'B', meaning: 'weights among them', tex: 'W' } },
  expression: 'bytes - weights',
  unit: 'B',
  evaluate: ({ bytes, weights }) => bytes - weights,
  source: section6,
});

/** Tokens whose cached keys and values of one layer are so many bytes. */
export const tokensInCache = formula({
  id: 'step3/tokens-in-cache',
  name: 'Cached tokens that a stage reads',
  symbols: {
    bytes: { unit: 'B', meaning: 'bytes for the cache', tex: 'M' },
    kvHeads: { unit: '1', meaning: 'heads of keys and values', tex: 'n_{kv}' },
    headDim: { unit: '1', meaning: 'width of a head', tex: 'd_h' },
  },
  expression: 'bytes / (2 [B] * kvHeads * headDim)',
  unit: '1',
  evaluate: ({ bytes, kvHeads, headDim }) => bytes / (2 * kvHeads * headDim),
  source: section6,
});

/** The first batch at a context that a card does not read in a stage. */
export const firstTooLarge = formula({
  id: 'step3/first-batch-too-large',
  name: 'First batch that takes longer than the stage',
  symbols: { tokens: { unit: '1', meaning: 'cached tokens read in a stage', tex: 'N' }, context: { unit: '1', meaning: 'context length', tex: 'S' } },
  expression: 'floor(tokens / context) + 1',
  unit: '1',
  evaluate: ({ tokens, context }) => Math.floor(tokens / context) + 1,
  source: section6,
});

/** Weights of all layers of a card, or of all cards of a server. */
export const weightsOfMany = formula({
  id: 'step3/weights-of-many',
  name: 'Feed-forward weights of several layers or cards',
  symbols: { bytes: { unit: 'B', meaning: 'weights of one', tex: 'W_1' }, count: { unit: '1', meaning: 'layers of a card, or cards of a server', tex: 'n' } },
  expression: 'bytes * count',
  unit: 'B',
  evaluate: ({ bytes, count }) => bytes * count,
  source: section6,
});

/** Bytes of parameters in 8 bit. */
export const bytesInEightBit = formula({
  id: 'step3/bytes-in-8-bit',
  name: 'Bytes of parameters in 8 bit',
  symbols: { parameters: { unit: '1', meaning: 'parameters', tex: 'N' } },
  expression: '1 [B] * parameters',
  unit: 'B',
  evaluate: ({ parameters }) => parameters,
  source: section6,
});

/** Whole servers for so many bytes. */
export const serversFor = formula({
  id: 'step3/servers-for',
  name: 'Servers that hold the feed-forward weights',
  symbols: { total: { unit: 'B', meaning: 'all feed-forward weights', tex: 'W' }, bytes: { unit: 'B', meaning: 'weights of a server', tex: 'W_s' } },
  expression: 'ceil(total / bytes)',
  unit: '1',
  evaluate: ({ total, bytes }) => Math.ceil(total / bytes),
  source: section6,
});

/** Cards of whole servers. */
export const cardsOfServers = formula({
  id: 'step3/cards-of-servers',
  name: 'Cards of whole servers',
  symbols: { servers: { unit: '1', meaning: 'servers', tex: 's' }, cards: { unit: '1', meaning: 'cards of a server', tex: 'n' } },
  expression: 'servers * cards',
  unit: '1',
  evaluate: ({ servers, cards }) => servers * cards,
  source: section6,
});

/** Cards of a slower kind for the same work, in whole servers. */
export const cardsOfSlowerKind = formula({
  id: 'step3/cards-of-slower-kind',
  name: 'Cards of another bandwidth for the same weights',
  symbols: {
    cards: { unit: '1', meaning: 'cards of the known kind', tex: 'n' },
    knownBandwidth: { unit: 'B/s', meaning: 'memory bandwidth of that kind', tex: '\\beta_1' },
    memoryBandwidth: { unit: 'B/s', meaning: 'memory bandwidth of the other', tex: '\\beta_2' },
    server: { unit: '1', meaning: 'cards of a server', tex: 'n_s' },
  },
  expression: 'ceil(cards * knownBandwidth / memoryBandwidth / server) * server',
  unit: '1',
  evaluate: ({ cards, knownBandwidth, memoryBandwidth, server }) => Math.ceil((cards * knownBandwidth) / memoryBandwidth / server) * server,
  source: { kind: 'derived', from: 'scaling the number of cards by bandwidth' },
});

const cell = (path: string, printed: string, where: string, scale = 1): PrintedCell => printedCell('section-6', path, printed, `section 6, ${where}`, scale);

/** Section 6: how many weak cards serve the model. */
export const weakHardwareCells: readonly PrintedCell[] = [
  cell('l20/bytes-in-stage', '235', 'MB that an L20 reads in a stage of one layer', 1e6),
  cell('l20/linear-bytes', '67', 'MB of linear weights of a layer on a card', 1e6),
  cell('l20/cache-bytes', '168', 'MB left for the cache', 1e6),
  cell('l20/cached-tokens', '328', 'thousands of cached tokens that are read', 1e3),
  cell('l20/first-batch-too-large', '41', 'the batch at 8K stays below'),
  cell('l20/ffn-bytes-in-stage', '117', 'MB of feed-forward weights of a layer and card, at half the bandwidth', 1e6),
  cell('l20/ffn-bytes', '7.1', 'GB of feed-forward weights of a card', 1e9),
  cell('l20/ffn-bytes-of-server', '56.8', 'GB of feed-forward weights of a server', 1e9),
  cell('l20/servers', '6', 'servers for all feed-forward weights'),
  cell('l20/cards', '48', 'cards for all feed-forward weights'),
  cell('l4/cards', '144', 'L4 cards for all feed-forward weights'),
  cell('l4/cards:scaled', '144', 'L4 cards for all feed-forward weights, the cards of L20 scaled by bandwidth'),
];

export const weakHardwareDeviations = [
  { cell: 'step3/section-6/l20/ffn-bytes-in-stage', because: 'half of 235 MB is truncated, not rounded; the text goes on with the truncated value' },
  {
    cell: 'step3/section-6/l4/cards',
    because: 'counted directly, fewer cards in whole servers read the feed-forward weights; the printed number follows from the rounded cards of L20 scaled by bandwidth, see the cell beside it',
  },
];

type Leaf = (label: string, value: number, unit: string, at: string, note?: string) => NumberSpec;

const printed = 'printed, rounded; the text goes on with it';

/** `step3/input/<name>` of this section. */
export const weakHardwareInputs = (leaf: Leaf): Readonly<Record<string, NumberSpec>> => ({
  'layer-time': leaf('time of a stage for one layer, as printed', 272e-6, 's', 'stage budget of the AFD pipeline', 'printed, truncated'),
  'whole-bandwidth': leaf('share of the bandwidth on the attention side', 1, '1', 'section 6'),
  'half-bandwidth': leaf('share of the bandwidth on the feed-forward side', 0.5, '1', 'section 6'),
  'output-ways': leaf('cards that split the output projection', 8, '1', 'section 6'),
  'l20-cache-bytes': leaf('bytes left for the cache, as printed', 168e6, 'B', 'section 6', printed),
  'l20-ffn-layer': leaf('feed-forward weights of a layer and card, as printed', 117e6, 'B', 'section 6', printed),
  'l20-ffn-card': leaf('feed-forward weights of a card, as printed', 7.1e9, 'B', 'section 6', printed),
  'l20-ffn-server': leaf('feed-forward weights of a server, as printed', 56.8e9, 'B', 'section 6', printed),
  'ffn-about': leaf('all feed-forward weights, as printed', 300e9, 'B', 'section 6', 'printed as about 300 GB'),
  '8k': leaf('context length', 8192, '1', 'section 6'),
});

const derived = (label: string, card: FormulaCard, inputs: Readonly<Record<string, string>>): NumberSpec => ({ kind: 'derived', label, card, inputs });
const input = (name: string): string => `step3/input/${name}`;
const here = (path: string): string => `step3/section-6/${path}`;
const mfa = (field: string): string => `model/step-3/layers.0.attention.${field}`;
const bandwidthOf = (chip: string): string => `accelerator/${chip}/memoryBandwidth`;
const cardsOf = (chip: string): string => `accelerator/${chip}/acceleratorsPerServer`;

const ANSWERS: Readonly<Record<string, NumberSpec>> = {
  'l20/bytes-in-stage': derived('bytes that an L20 reads in a stage of one layer', bytesInStage, {
    memoryBandwidth: bandwidthOf('l20'),
    share: input('whole-bandwidth'),
    stageTime: input('layer-time'),
  }),
  'l20/linear-bytes': derived('linear weights of a layer on a card', mfaLinearBytes, {
    hidden: 'model/step-3/hidden',
    queryRank: mfa('queryRank'),
    queryHeads: mfa('queryHeads'),
    kvHeads: mfa('kvHeads'),
    headDim: mfa('headDim'),
    ways: input('output-ways'),
  }),
  'l20/cache-bytes': derived('bytes left for the cache', bytesForCache, { bytes: here('l20/bytes-in-stage'), weights: here('l20/linear-bytes') }),
  'l20/cached-tokens': derived('cached tokens that are read', tokensInCache, { bytes: input('l20-cache-bytes'), kvHeads: mfa('kvHeads'), headDim: mfa('headDim') }),
  'l20/first-batch-too-large': derived('first batch at 8K that takes longer', firstTooLarge, { tokens: here('l20/cached-tokens'), context: input('8k') }),
  'l20/ffn-bytes-in-stage': derived('feed-forward weights of a layer and card', bytesInStage, { memoryBandwidth: bandwidthOf('l20'), share: input('half-bandwidth'), stageTime: input('layer-time') }),
  'l20/ffn-bytes': derived('feed-forward weights of a card', weightsOfMany, { bytes: input('l20-ffn-layer'), count: 'model/step-3/layer-count' }),
  'l20/ffn-bytes-of-server': derived('feed-forward weights of a server', weightsOfMany, { bytes: input('l20-ffn-card'), count: cardsOf('l20') }),
  'l20/servers': derived('servers for all feed-forward weights', serversFor, { total: input('ffn-about'), bytes: input('l20-ffn-server') }),
  'l20/cards': derived('cards for all feed-forward weights', cardsOfServers, { servers: here('l20/servers'), cards: cardsOf('l20') }),
  'l4/cards': derived('cards for all feed-forward weights', cardsOfServers, { servers: here('l4/servers'), cards: cardsOf('l4') }),
  'l4/servers': derived('servers for all feed-forward weights', serversFor, { total: here('ffn-bytes'), bytes: here('l4/ffn-bytes-of-server') }),
  'l4/ffn-bytes-of-server': derived('feed-forward weights of a server', weightsOfMany, { bytes: here('l4/ffn-bytes'), count: cardsOf('l4') }),
  'l4/ffn-bytes': derived('feed-forward weights of a card', weightsOfMany, { bytes: here('l4/ffn-bytes-in-stage'), count: 'model/step-3/layer-count' }),
  'l4/ffn-bytes-in-stage': derived('feed-forward weights of a layer and card', bytesInStage, { memoryBandwidth: bandwidthOf('l4'), share: input('half-bandwidth'), stageTime: input('layer-time') }),
  'l4/cards:scaled': derived('cards of L20 scaled by bandwidth', cardsOfSlowerKind, {
    cards: here('l20/cards'),
    knownBandwidth: bandwidthOf('l20'),
    memoryBandwidth: bandwidthOf('l4'),
    server: cardsOf('l4'),
  }),
  'ffn-bytes': derived('all feed-forward weights in 8 bit', bytesInEightBit, { parameters: here('ffn-parameters') }),
};

/** Numbers of this section that it does not print. */
export const weakHardwareHelpers: readonly string[] = ['l4/servers', 'l4/ffn-bytes-of-server', 'l4/ffn-bytes', 'l4/ffn-bytes-in-stage', 'ffn-bytes', 'ffn-parameters'].map(
  (path) => `section-6/${path}`,
);

export function weakHardwareNumber(path: readonly string[], scenario: Scenario): NumberSpec | null {
  if (path.join('/') !== 'ffn-parameters') return ANSWERS[path.join('/')] ?? null;
  const terms = operatorsOf('step-3', 'decode', scenario).filter(({ part }) => part === 'ffn');
  return { kind: 'sum', label: 'feed-forward parameters of Step-3', unit: '1', terms: terms.map((operator) => `parameters/step-3/total/all/${operatorName(operator)}`) };
}
