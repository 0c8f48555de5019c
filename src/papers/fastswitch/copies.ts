import type { NumberSpec } from '../../evidence/number.ts';
import { kvTransferTime } from '../../serving/disaggregation/kv-transfer.ts';
import { blockBytes, crossoverGroup, pieceBandwidth, sliceBytes } from '../../serving/preemption/transfer.ts';
import type { Aim } from '../printed.ts';
import { MODELS, type Model } from './data/figure8.ts';
import { copies } from './data/text.ts';
import { bothWays, bytesOfDispatch, bytesOfToken, dispatchShare, perOne, slicesOfBytes, slicesOfLayers } from './formulas.ts';
import { derived, ID, type Item, item, MODEL_NAMES, PERCENT } from './item.ts';
import { CATALOGUE, input } from './settings.ts';

const KIB = 2 ** 10;
const KB = 1e3;
const US = 1e-6;
const GB = 1e9;
const WITHIN: Aim = { kind: 'within', share: 0.15 };

const field = (model: Model, name: string): string => `model/${CATALOGUE[model]}/layers.0.attention.${name}`;
const slice = (model: Model): string => `${ID}/slice/${model}`;

const rateOf = (way: 'out' | 'in' | 'printed'): string => (way === 'in' ? 'link-in' : 'link-out');

const sliceOf = (model: Model, heads: 'kvHeads' | 'queryHeads'): NumberSpec =>
  derived(`slice of ${MODEL_NAMES[model]}${heads === 'kvHeads' ? '' : ', were every query head to have its own keys and values'}`, sliceBytes, {
    blockTokens: input('block-tokens'),
    kvHeads: field(model, heads),
    headDim: field(model, 'headDim'),
    elementBytes: input('element-bytes'),
  });

/** Slices, blocks and calls of both models, by `fastswitch/<path>`, and what a call of one slice takes. */
export const copyNumbers: Readonly<Record<string, NumberSpec>> = {
  ...Object.fromEntries(
    MODELS.flatMap((model) => [
      [`slice/${model}`, sliceOf(model, 'kvHeads')],
      [`slice/${model}/multi-head`, sliceOf(model, 'queryHeads')],
      [`slices-per-block/${model}`, derived(`copy calls of a block of ${MODEL_NAMES[model]}`, slicesOfLayers, { layers: `model/${CATALOGUE[model]}/layer-count` })],
      [`block/${model}`, derived(`block of ${MODEL_NAMES[model]}`, blockBytes, { slicesPerBlock: `${ID}/slices-per-block/${model}`, sliceBytes: slice(model) })],
      [`block/${model}/multi-head`, derived(`block of ${MODEL_NAMES[model]}, multi-head`, blockBytes, { slicesPerBlock: `${ID}/slices-per-block/${model}`, sliceBytes: `${slice(model)}/multi-head` })],
      [`token/${model}`, derived(`keys and values of a token of ${MODEL_NAMES[model]}`, bytesOfToken, { bytes: `${ID}/block/${model}`, blockTokens: input('block-tokens') })],
    ]),
  ),
  'slices-of-best': derived('slices of LLaMA-8B that use PCIe 4.0 best', slicesOfBytes, { bytes: input('best-printed'), sliceBytes: slice('llama-8b') }),
  'slice-copy': derived('copy of a slice of LLaMA-8B', kvTransferTime, { bytes: slice('llama-8b'), bandwidth: input('link-out') }),
  'slice-copy-printed': derived('copy of a slice of LLaMA-8B at the printed rate', kvTransferTime, { bytes: slice('llama-8b'), bandwidth: input('link-printed') }),
  ...Object.fromEntries(
    (['out', 'in', 'printed'] as const).flatMap((way) => [
      [
        `crossover/${way}`,
        derived(`group of LLaMA-8B at which dispatch and copy take the same time, ${way}`, crossoverGroup, {
          dispatch: input(`dispatch-${way}`),
          bandwidth: input(rateOf(way)),
          sliceBytes: slice('llama-8b'),
        }),
      ],
      [
        `slice-rate/${way}`,
        derived(`rate of calls of one slice of LLaMA-8B, ${way}`, pieceBandwidth, { pieceBytes: slice('llama-8b'), dispatch: input(`dispatch-${way}`), bandwidth: input(rateOf(way)) }),
      ],
    ]),
  ),
};

const [dispatchFrom, dispatchTo] = copies.dispatchPercent;
const DISPATCH_AIM: Aim = { kind: 'up-to', value: Number(dispatchTo) * PERCENT };
const FIRST_GROUP = 'the text says about, and has two numbers for the same group; so many blocks are the tokens that it states';

/** What the text says of copies and the link. */
export const copyItems: readonly Item[] = [
  item('text/piece', copies.pieceKilobytes, 'section 2.2, KB of a copy call of LLaMA-8B', sliceOf('llama-8b', 'kvHeads'), {
    scale: KIB,
    deviates: 'the printed size is that of a slice with 32 heads of keys and values, see the cell beside it; LLaMA 3 has 8, and with the printed size Table 1 would need more than the link carries',
  }),
  item('text/piece:multi-head', copies.pieceKilobytes, 'section 2.2, KB of a copy call of LLaMA-8B, were every query head to have its own keys and values', sliceOf('llama-8b', 'queryHeads'), {
    scale: KIB,
  }),
  item(
    'text/piece-time',
    copies.microseconds,
    'section 2.2, about so many us does a copy of 128 KB execute',
    derived('copy of the printed bytes of a call', kvTransferTime, { bytes: input('piece-printed'), bandwidth: input('link-out') }),
    { scale: US, aim: WITHIN, deviates: 'large copies are faster than 128 KB in so many us; the paper says about, and not on which server' },
  ),
  item(
    'text/best-piece',
    copies.bestKilobytes,
    'section 2.2, KB of a copy that use PCIe 4.0 best: what the printed rate carries during the printed dispatch',
    derived('bytes that the link carries during a dispatch, both as printed', bytesOfDispatch, { dispatch: input('dispatch-printed'), bandwidth: input('link-printed') }),
    { scale: KB },
  ),
  item(
    'text/dispatch-share',
    dispatchFrom,
    `section 2.2, from so many to ${dispatchTo} per cent of a transmission are dispatch: a slice of LLaMA-8B, dispatch as measured on an H100`,
    derived('share of a call of one slice that is dispatch', dispatchShare, { dispatch: input('dispatch-out'), copy: `${ID}/slice-copy` }),
    { scale: PERCENT, aim: DISPATCH_AIM, deviates: 'a loop in C++ on an H100 dispatches a call in a fraction of the printed time, see the cell beside it; the host of the paper is not described' },
  ),
  item(
    'text/dispatch-share:printed',
    dispatchFrom,
    `section 2.2, from so many to ${dispatchTo} per cent of a transmission are dispatch: a slice of LLaMA-8B, dispatch and rate as printed`,
    derived('share of a call of one slice that is dispatch, as printed', dispatchShare, { dispatch: input('dispatch-printed'), copy: `${ID}/slice-copy-printed` }),
    { scale: PERCENT, aim: DISPATCH_AIM },
  ),
  item(
    'text/link',
    copies.linkGigabytesPerSecond.oneWay,
    'section 4, GB/s of PCIe 4.0 x16, one way',
    { kind: 'sum', label: 'line rate of PCIe 4.0 x16, one way', unit: 'B/s', terms: [input('link-raw')] },
    { scale: GB },
  ),
  item('text/link-both', copies.linkGigabytesPerSecond.both, 'section 4, GB/s of PCIe 4.0 x16, both ways', derived('line rate of PCIe 4.0 x16, both ways', bothWays, { oneWay: input('link-raw') }), {
    scale: GB,
    deviates: 'twice the rounded rate of one way; the encoding of the line takes the rest',
  }),
  ...(['blocks', 'blocksLater'] as const).map((which) =>
    item(
      `text/first-group${which === 'blocks' ? '' : ':later'}`,
      copies.firstGroup[which],
      `section ${which === 'blocks' ? '3.1' : '5.3.1'}, about so many blocks of a first group of about ${copies.firstGroup.tokens} tokens`,
      derived('blocks of a first group', perOne, { amount: input('first-group-tokens'), count: input('block-tokens') }),
      { deviates: FIRST_GROUP },
    ),
  ),
];
