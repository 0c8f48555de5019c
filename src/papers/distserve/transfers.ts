import type { NumberSpec } from '../../evidence/number.ts';
import { kvTransferTime, promptKvBytes } from '../../serving/disaggregation/kv-transfer.ts';
import type { Aim } from '../printed.ts';
import { figure10Breakdown, figure10Transfer } from './data/figure10.ts';
import { lengthHistograms } from './data/workloads.ts';
import { shareAsDrawn } from './formulas.ts';
import { derived, ID, type Item, item, printedLeaf } from './item.ts';
import { distserveLink } from './link.ts';

type Model = keyof typeof figure10Transfer;
const MODELS = Object.keys(figure10Transfer) as readonly Model[];
const MS = 1e-3;
const PERCENT = 0.01;
const WITHIN: Aim = { kind: 'within', share: 0.15 };

const input = (name: string): string => `${ID}/input/${name}`;

const oneGpu = 'the rate of the way, 182 GB/s, is what the median transfer of OPT-13B reached into the one GPU of its decode instance;';
const MEDIAN_BECAUSE: Readonly<Partial<Record<Model, string>>> = {
  'opt-66b': `${oneGpu} that of OPT-66B, 330 GB/s, is more than NVLink brings into one GPU: its four share the work`,
  'opt-175b': `${oneGpu} that of OPT-175B, 1,110 GB/s, is more than NVLink brings into one GPU: its twelve share the work`,
};

/** Figure 10b: the median transfer, by the rate of the way that the simulations take. */
const medianItems: readonly Item[] = MODELS.map((model) => {
  const because = MEDIAN_BECAUSE[model];
  return item(
    `figure-10/${model}/median-transfer`,
    (figure10Transfer[model].quantileSeconds.p50 / MS).toFixed(1),
    `Figure 10b, ms that half of the transfers of ${model} take at most`,
    derived(`transfer of the mean prompt of ShareGPT, ${model}`, kvTransferTime, { bytes: `${ID}/mean-prompt-bytes/${model}`, bandwidth: input('link') }),
    { scale: MS, aim: WITHIN, ...(because === undefined ? {} : { deviates: because }) },
  );
});

/** What the text says of Figure 10, from the figure. */
const textItems: readonly Item[] = [
  ...MODELS.map((model) =>
    item(
      `figure-10/${model}/below-30-ms`,
      '95',
      `section 6.3, more than so many per cent of the transfers of ${model} take less than 30 ms`,
      derived(`transfers of ${model} that take less than 30 ms`, shareAsDrawn, { share: input(`below-30-ms-${model}`) }),
      {
        scale: PERCENT,
        aim: { kind: 'up-to', value: 1 },
        ...(model === 'opt-175b' ? { deviates: 'the text has one number for all models; in its figure 91 % of the transfers of OPT-175B take less than 30 ms' } : {}),
      },
    ),
  ),
  item(
    'figure-10/transmission-share',
    '0.1',
    'section 6.3, transmission is less than so many per cent of the latency of OPT-175B; the smallest share that is drawn',
    derived('smallest share of transmission that is drawn', shareAsDrawn, { share: input('transmission-share') }),
    { scale: PERCENT, aim: { kind: 'at-most' }, deviates: 'the text disagrees with its figure, which has from 0.16 to 0.75 %' },
  ),
];

export const transferItems: readonly Item[] = [...medianItems, ...textItems];

export const transferInputs: Readonly<Record<string, NumberSpec>> = {
  'input/link': {
    kind: 'leaf',
    label: 'rate of the way of keys and values between two instances',
    value: distserveLink(1).bytesPerSecond,
    unit: 'B/s',
    source: { kind: 'derived', from: 'keys and values of the mean prompt of ShareGPT over the median transfer of OPT-13B (Figures 7 and 10b)' },
  },
  'input/mean-prompt': printedLeaf('mean prompt of ShareGPT', Number(lengthHistograms.sharegpt.input.meanTokens), '1', 'Figure 7'),
  ...Object.fromEntries(
    MODELS.flatMap((model) => [
      [`mean-prompt-bytes/${model}`, derived(`keys and values of the mean prompt, ${model}`, promptKvBytes, { tokens: input('mean-prompt'), bytesPerToken: `cache/${model}/1/paged` })],
      [`input/below-30-ms-${model}`, printedLeaf(`transfers of ${model} that take less than 30 ms`, figure10Transfer[model].shareBelow30Ms, '1', 'Figure 10b, read from the curve')],
    ]),
  ),
  'input/transmission-share': printedLeaf(
    'smallest share of transmission that is drawn',
    Number((PERCENT * Math.min(...figure10Breakdown.percent.transmission)).toPrecision(12)),
    '1',
    'Figure 10a, read from the bars',
  ),
};
