import type { PrintedCell } from '../printed.ts';
import { AXIS_LABELS, drawnLine } from './curve-items.ts';
import { AXES, evaluationCases } from './curves.ts';
import { headline } from './data/claims.ts';
import { figure5 } from './data/figure5.ts';
import { figure8 } from './data/figure8.ts';
import { table2, table3 } from './data/tables.ts';
import { isProfiled } from './decode-scaling.ts';
import { ID } from './item.ts';

/** A printed cell that nothing here computes, and what is missing. */
export interface Unanswered {
  readonly cell: PrintedCell;
  readonly because: string;
}

const unanswered = (because: string, path: string, printed: string, where: string, scale = 1): Unanswered => ({
  cell: { id: `${ID}/${path}`, paper: ID, table: path.split('/')[0] as string, printed, scale, where },
  because,
});

const NO_175B = 'needs times of OPT-175B on A100, none of which are released with the code, nor for the tensor degree 3 of its placement';
const NO_SETTING = 'needs the model, the objectives and the number of requests, none of which are stated';
const NO_FIRST_VERSION = 'needs the figures of the first version, whose runs are not public';

const accuracyCells: readonly Unanswered[] = table2.flatMap(({ rate, vllm, distserveLow }) =>
  [['vllm', vllm] as const, ['distserve-low', distserveLow] as const].flatMap(([system, { real, simulated }]) =>
    [['real', real] as const, ['simulated', simulated] as const].map(([kind, printed]) =>
      unanswered(NO_SETTING, `table-2/${system}/${rate}/${kind}`, printed, `Table 2, ${system} at ${rate} requests per second, ${kind}, per cent`, 0.01),
    ),
  ),
);

const large: readonly Unanswered[] = [
  ...table3
    .filter(({ model }) => model === 'opt-175b')
    .map(({ model, dataSet }) => unanswered(NO_175B, `table-3/${model}/${dataSet}`, '1.00', `Table 3, ${model}, ${dataSet}: the placement is the best`)),
  ...(['distserve', 'vllm'] as const).flatMap((system) => [
    unanswered(
      NO_175B,
      `figure-8/opt-175b/${system}/rate-at-90`,
      String(figure8['opt-175b'].rate.lines[0]?.at[system]),
      `Figure 8, opt-175b, ${system}: requests per second and GPU at 90 %, read from the line`,
    ),
    unanswered(
      NO_175B,
      `figure-8/opt-175b/${system}/slo-scale-at-90`,
      String(figure8['opt-175b'].sloScale.lines[0]?.at[system]),
      `Figure 8, opt-175b, ${system}: scale of both objectives at 90 %, read from the line`,
    ),
  ]),
];

const ablations: readonly Unanswered[] = (['distserve-high', 'distserve-low'] as const).map((system) =>
  unanswered(
    `needs the placement, which is not stated; the steps of the curve are those of ${system === 'distserve-high' ? 'nine' : 'ten'} GPUs`,
    `figure-11/${system}/rate-error`,
    '5.0',
    `Figure 11, ${system} over rate: mean absolute error, points`,
    0.01,
  ),
);

const deepSpeed: readonly Unanswered[] = evaluationCases.flatMap((evaluated) =>
  AXES.map((axis) =>
    unanswered(
      'needs a model of DeepSpeed-MII, which splits prompts and mixes them with decoding',
      `${evaluated.figure}/${evaluated.id}/deepspeed-mii/${axis}-at-90`,
      String(drawnLine(evaluated, 'deepspeed-mii', axis)),
      `${evaluated.figure}, ${evaluated.id}, deepspeed-mii: ${AXIS_LABELS[axis]} at 90 %, read from the line`,
    ),
  ),
);

const unprofiled: readonly Unanswered[] = (['intra-op', 'inter-op'] as const).flatMap((way) =>
  figure5[way].gpus.flatMap((gpus, at) =>
    isProfiled(way, gpus)
      ? []
      : [
          unanswered(
            'needs times of OPT-13B on eight GPUs that share every operator, which are not released; see the cell beside it for kernels',
            `figure-5/${way}/${gpus}`,
            String(figure5[way].latencyMs[at]),
            `Figure 5, ms of a decode step of 128 requests on ${gpus} GPUs, ${way}, read from the curve`,
            1e-3,
          ),
        ],
  ),
);

/** Cells that wait for what is not public or not built. */
export const openCells: readonly Unanswered[] = [
  ...accuracyCells,
  ...large,
  ...deepSpeed,
  ...unprofiled,
  ...ablations,
  unanswered(NO_FIRST_VERSION, 'abstract/first-version-rate', headline.firstVersion.rate, 'abstract of arXiv:2401.09670v1, gain in rate'),
  unanswered(NO_FIRST_VERSION, 'abstract/first-version-slo', headline.firstVersion.slo, 'abstract of arXiv:2401.09670v1, gain in objectives'),
];
