import type { NumberSpec } from '../../evidence/number.ts';
import { simulationProcedure } from '../../serving/disaggregation/procedures.ts';
import { figure11, figure11Conditions } from './data/figure11.ts';
import { meanErrorProcedure } from './formulas.ts';
import { found, ID, type Item, item, printedLeaf } from './item.ts';
import { attainmentOfRun, type Run } from './runs.ts';
import { askedInputs, instanceInputs, setting } from './settings.ts';

const PERCENT = 0.01;
/** The curve steps by half a per cent, 25 requests per GPU: 8 GPUs, though the text has vLLM on 4. */
const GPUS = 8;
const MODEL = 'opt-66b';
const SLO = { ttft: figure11Conditions.ttftSeconds, tpot: figure11Conditions.tpotSeconds } as const;
const AXES = ['rate', 'sloScale'] as const;
type Axis = (typeof AXES)[number];
const NAMES = { rate: 'rate', sloScale: 'slo-scale' } as const;

const runAt = (ratePerGpu: number): Run => ({
  engine: 'vllm',
  splits: [GPUS, 1],
  model: MODEL,
  mode: 'released',
  sent: { dataSet: 'sharegpt', requests: GPUS * figure11Conditions.requestsPerGpu, spanIsExact: false },
  rate: ratePerGpu * GPUS,
});
const simulatedAt = (axis: Axis, x: number): number => (axis === 'rate' ? attainmentOfRun(runAt(x), SLO) : attainmentOfRun(runAt(figure11Conditions.sloScaleRate), SLO, x));

/** Points of vLLM in Figure 11 with ours, in the released simulator's mode, beside them; shares of requests. */
export const ablationRows = (axis: Axis): readonly { readonly x: number; readonly plotted: number; readonly simulated: number }[] =>
  figure11[axis].x.map((x, at) => ({ x, plotted: PERCENT * (figure11[axis].attainmentPercent.vllm[at] as number), simulated: simulatedAt(axis, x) }));

const meanError = (axis: Axis): number => ablationRows(axis).reduce((sum, { plotted, simulated }) => sum + Math.abs(simulated - plotted), 0) / figure11[axis].x.length;
const pointId = (what: 'simulated' | 'plotted', axis: Axis, x: number): string => `${ID}/${what}/figure-11/vllm/${NAMES[axis]}/${x}`;

/** Figure 11, vLLM: how far the released simulator, as ours has it, is off with other lengths than the paper's. */
export const ablationItems: readonly Item[] = AXES.map((axis) => {
  const inputs = Object.fromEntries(
    figure11[axis].x.flatMap((x, at) => [
      [`simulated${at + 1}`, pointId('simulated', axis, x)],
      [`plotted${at + 1}`, pointId('plotted', axis, x)],
    ]),
  );
  return item(
    `figure-11/vllm/${NAMES[axis]}-error`,
    '5.0',
    `Figure 11, vLLM over ${NAMES[axis]}: mean absolute error of the released simulator as ours has it, on eight GPUs, points`,
    found(
      `mean absolute error of the curve of vLLM over ${NAMES[axis]}, Figure 11`,
      '1',
      meanErrorProcedure,
      inputs,
      () => meanError(axis),
      'the lengths are another sample of ShareGPT than the one of the figure',
    ),
    { scale: PERCENT, aim: { kind: 'at-most' } },
  );
});

/** `distserve/<simulated|plotted>/figure-11/vllm/<rate|slo-scale>/<x>`: share of requests that keep both objectives at a point of Figure 11. */
export function ablationNumber([kind = '', figure = '', system = '', over = '', place = '', ...more]: readonly string[]): NumberSpec | null {
  const axis = AXES.find((each) => NAMES[each] === over);
  const at = axis === undefined ? -1 : figure11[axis].x.findIndex((x) => String(x) === place);
  if (figure !== 'figure-11' || system !== 'vllm' || axis === undefined || at < 0 || more.length > 0) return null;
  const label = `attainment of vLLM at ${place}, Figure 11`;
  if (kind === 'plotted') return printedLeaf(`${label}, as drawn`, Number((PERCENT * (figure11[axis].attainmentPercent.vllm[at] as number)).toPrecision(12)), '1', 'Figure 11, read from the curve');
  if (kind !== 'simulated') return null;
  const x = Number(place);
  const run = runAt(axis === 'rate' ? x : figure11Conditions.sloScaleRate);
  const inputs = { rate: setting('rate', run.rate), ...(axis === 'rate' ? {} : { scale: setting('scale', x) }), ...askedInputs(SLO, run.sent), ...instanceInputs(MODEL, run.mode, run) };
  return { kind: 'found', label, value: simulatedAt(axis, x), unit: '1', card: simulationProcedure, inputs };
}
