import type { NumberSpec } from '../../evidence/number.ts';
import { ttftInterOp, ttftIntraOp } from '../../serving/disaggregation/queueing.ts';
import type { Aim } from '../printed.ts';
import { figure4 } from './data/figure4.ts';
import { totalRate } from './formulas.ts';
import { derived, ID, type Item, item, printedLeaf } from './item.ts';

/** Seconds to which a point of Figure 4 can be read. */
const READ: Aim = { kind: 'near', by: 0.0005 };
const DIGITS = 4;

const time = `${ID}/input/prefill-time`;
const rateId = (plotted: number): string => `${ID}/rate/${plotted}`;
const speedupId = (speedup: string): string => `${ID}/input/speedup-${speedup}`;
const INTRA_OP = /^intra-op-(.*)$/;

function averageTtft(curve: string, plotted: number): NumberSpec {
  const speedup = INTRA_OP.exec(curve)?.[1];
  return speedup === undefined
    ? derived(`average TTFT of two stages, ${plotted} requests per second and GPU`, ttftInterOp, { rate: rateId(plotted), time })
    : derived(`average TTFT of shared operators ${speedup} times as fast, ${plotted} requests per second and GPU`, ttftIntraOp, { rate: rateId(plotted), time, speedup: speedupId(speedup) });
}

const points = (['a', 'b'] as const).flatMap((panel) => Object.entries(figure4[panel]).flatMap(([curve, { x, y }]) => x.map((plotted, at) => ({ panel, curve, plotted, seconds: y[at] as number }))));

/**
 * Every point of Figure 4, from equations 2 and 3: its horizontal axis is the rate of one of two GPUs. Panel (a), which is said to be measured, follows the
 * equations as closely as panel (b), which is computed.
 */
export const figure4Items: readonly Item[] = points.map(({ panel, curve, plotted, seconds }) =>
  item(`figure-4/${panel}/${curve}/${plotted}`, seconds.toFixed(DIGITS), `Figure 4${panel}, ${curve} at ${plotted}, read from the curve`, averageTtft(curve, plotted), { aim: READ }),
);

const plottedRates = new Set(points.map(({ plotted }) => plotted));
const speedups = new Set(points.flatMap(({ curve }) => INTRA_OP.exec(curve)?.[1] ?? []));

/** What Figure 4 is computed from. */
export const figure4Inputs: Readonly<Record<string, NumberSpec>> = {
  'input/prefill-time': {
    kind: 'leaf',
    label: 'time that one GPU takes for a prompt of 512 tokens of OPT-66B',
    value: 0.2,
    unit: 's',
    source: { kind: 'derived', from: 'the curve of two stages in Figure 4 tends to it where the rate tends to 0' },
  },
  'input/two-gpus': printedLeaf('GPUs that share the load', 2, '1', 'Figure 4'),
  ...Object.fromEntries([...speedups].map((speedup) => [`input/speedup-${speedup}`, printedLeaf('speed-up of two GPUs that share every operator', Number(speedup), '1', 'Figure 4b')])),
  ...Object.fromEntries(
    [...plottedRates].flatMap((plotted) => [
      [`plotted-rate/${plotted}`, printedLeaf('rate on the horizontal axis', plotted, '1/s', 'Figure 4')],
      [
        `rate/${plotted}`,
        {
          ...derived(`requests per second of two GPUs, each ${plotted}`, totalRate, { ratePerGpu: `${ID}/plotted-rate/${plotted}`, gpus: `${ID}/input/two-gpus` }),
          note: 'the axis is labelled as the rate; every curve follows the equations at twice of it, so that it is the rate of one GPU',
        },
      ],
    ]),
  ),
};
