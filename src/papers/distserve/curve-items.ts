import type { NumberSpec } from '../../evidence/number.ts';
import { goodputProcedure, simulationProcedure } from '../../serving/disaggregation/procedures.ts';
import type { Aim } from '../printed.ts';
import { becauseOf } from './curve-deviations.ts';
import { AXES, type Axis, curveError, curveRows, type EvaluationCase, evaluationCases, lastAt, panelOf, runOfPoint, SIMULATED, type SimulatedSystem, simulatedAt } from './curves.ts';
import { gainOfRates, meanErrorProcedure } from './formulas.ts';
import { derived, found, ID, type Item, item, printedLeaf } from './item.ts';
import { askedInputs, instanceInputs, setting } from './settings.ts';

const PERCENT = 0.01;
const SHARE = 0.9;
const POINTS = '5.0';
const WITHIN: Aim = { kind: 'within', share: 0.15 };
export const AXIS_LABELS = { rate: 'requests per second and GPU', 'slo-scale': 'scale of both objectives' } as const;

const pathOf = ({ figure, id }: EvaluationCase, system: string): string => `${figure}/${id}/${system}`;
const pointId = (what: 'simulated' | 'plotted', evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis, x: number): string => `${ID}/${what}/${pathOf(evaluated, system)}/${axis}/${x}`;

const deviation = (path: string): { readonly deviates?: string } => {
  const because = becauseOf(path);
  return because === undefined ? {} : { deviates: because };
};

function errorItem(evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis): Item {
  const path = `${pathOf(evaluated, system)}/${axis}-error`;
  const inputs = Object.fromEntries(
    panelOf(evaluated, axis).x.flatMap((x, at) => [
      [`simulated${at + 1}`, pointId('simulated', evaluated, system, axis, x)],
      [`measured${at + 1}`, pointId('plotted', evaluated, system, axis, x)],
    ]),
  );
  return item(
    path,
    POINTS,
    `${evaluated.figure}, ${evaluated.id}, ${system} over ${AXIS_LABELS[axis]}: mean absolute error, points`,
    found(`mean absolute error of the curve of ${system}, ${evaluated.id}, over ${AXIS_LABELS[axis]}`, '1', meanErrorProcedure, inputs, () => curveError(curveRows(evaluated, system, axis))),
    { scale: PERCENT, aim: { kind: 'at-most' }, ...deviation(path) },
  );
}

/** The line at 90 % of a system, as drawn. */
export const drawnLine = (evaluated: EvaluationCase, system: 'distserve' | 'vllm' | 'deepspeed-mii', axis: Axis): number => panelOf(evaluated, axis).lines[0]?.at[system] ?? Number.NaN;

/** Where ours has 90 %. */
export const simulatedLine = (evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis): number =>
  lastAt(
    curveRows(evaluated, system, axis).map(({ x, simulated }) => ({ x, y: simulated })),
    SHARE,
  );

function lineItem(evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis): Item {
  const path = `${pathOf(evaluated, system)}/${axis}-at-90`;
  const inputs = Object.fromEntries(panelOf(evaluated, axis).x.map((x, at) => [`simulated${at + 1}`, pointId('simulated', evaluated, system, axis, x)]));
  return item(
    path,
    String(drawnLine(evaluated, system, axis)),
    `${evaluated.figure}, ${evaluated.id}, ${system}: ${AXIS_LABELS[axis]} at 90 %, read from the line`,
    found(`${AXIS_LABELS[axis]} at which ${system} has 90 %, ${evaluated.id}`, axis === 'rate' ? '1/s' : '1', goodputProcedure, inputs, () => simulatedLine(evaluated, system, axis)),
    { aim: WITHIN, ...deviation(path) },
  );
}

/** Figures 8 and 9 predicted: how far each curve is off, and where it has 90 %. */
export const curveItems: readonly Item[] = evaluationCases.flatMap((evaluated) =>
  SIMULATED.flatMap((system) => AXES.flatMap((axis) => [errorItem(evaluated, system, axis), lineItem(evaluated, system, axis)])),
);

const evaluationOf = (figure: string, id: string): EvaluationCase | undefined => evaluationCases.find((each) => each.figure === figure && each.id === id);

/**
 * `distserve/<simulated|plotted>/<figure-8|figure-9>/<case>/<distserve|vllm>/<rate|slo-scale>/<x>`: share of requests that keep both objectives at a drawn point;
 * `distserve/predicted-gain/<figure>/<case>`: how many times the rate of vLLM at 90 % ours has for DistServe.
 */
export function curveNumber([kind = '', figure = '', id = '', name = '', over = '', place = '', ...more]: readonly string[]): NumberSpec | null {
  const evaluated = evaluationOf(figure, id);
  if (evaluated === undefined || more.length > 0) return null;
  if (kind === 'predicted-gain') {
    if (name !== '') return null;
    const line = (system: SimulatedSystem): string => `${ID}/${pathOf(evaluated, system)}/rate-at-90`;
    const below = lastShare(evaluated) < SHARE;
    return {
      ...derived(`rate of DistServe at 90 % over that of vLLM, ${id}, as simulated`, gainOfRates, { rate: line('distserve'), other: line('vllm') }),
      ...(below ? { note: 'vLLM is below 90 % at the lowest rate that is drawn, where its line then stands: the gain is at least this' } : {}),
    } as NumberSpec;
  }
  const [system, axis, x] = [SIMULATED.find((each) => each === name), AXES.find((each) => each === over), Number(place)];
  if ((kind !== 'simulated' && kind !== 'plotted') || system === undefined || axis === undefined) return null;
  const panel = panelOf(evaluated, axis);
  const at = panel.x.findIndex((value) => String(value) === place);
  if (at < 0) return null;
  const label = `attainment of ${system}, ${id}, at ${place} ${AXIS_LABELS[axis]}`;
  if (kind === 'plotted')
    return printedLeaf(
      `${label}, as drawn`,
      Number((PERCENT * (panel.attainmentPercent[system]?.[at] as number)).toPrecision(12)),
      '1',
      `${figure.replace('figure-', 'Figure ')}, read from the curve`,
    );
  const run = runOfPoint(evaluated, system, axis === 'rate' ? x : evaluated.drawn.sloScaleRate);
  const inputs = { rate: setting('rate', run.rate), ...(axis === 'rate' ? {} : { scale: setting('scale', x) }), ...askedInputs(evaluated.slo, run.sent), ...instanceInputs(run.model, run.mode, run) };
  return { kind: 'found', label, value: simulatedAt(evaluated, system, axis, x), unit: '1', card: simulationProcedure, inputs };
}

/** Attainment of vLLM, as simulated, at the lowest drawn rate. */
const lastShare = (evaluated: EvaluationCase): number => Math.max(...curveRows(evaluated, 'vllm', 'rate').map(({ simulated }) => simulated));
