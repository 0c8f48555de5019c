import type { Slo } from '../../serving/disaggregation/attainment.ts';
import type { Attainment, AttainmentPanel } from './data/curve.ts';
import { figure8 } from './data/figure8.ts';
import { figure9 } from './data/figure9.ts';
import { baselineTensorParallel, table1, table3 } from './data/tables.ts';
import { attainmentOfRun, type DataSet, type Run } from './runs.ts';

const PERCENT = 0.01;

/** A measured evaluation whose times were released: what is drawn of it, and by which objectives. */
export interface EvaluationCase {
  readonly id: 'opt-13b' | 'opt-66b' | 'humaneval' | 'longbench';
  readonly figure: 'figure-8' | 'figure-9';
  readonly model: 'opt-13b' | 'opt-66b';
  readonly dataSet: DataSet;
  readonly slo: Slo;
  readonly drawn: Attainment;
}

const evaluation = (id: EvaluationCase['id'], figure: EvaluationCase['figure'], model: EvaluationCase['model'], dataSet: DataSet, drawn: Attainment): EvaluationCase => {
  const row = table1.find((each) => each.model === model && each.dataSet === dataSet);
  if (row === undefined) throw new RangeError(`distserve: Table 1 has no row of ${model} and ${dataSet}`);
  return { id, figure, model, dataSet, slo: { ttft: row.ttftSeconds, tpot: row.tpotSeconds }, drawn };
};

/** Figures 8 and 9 but for OPT-175B, of which no times were released. */
export const evaluationCases: readonly EvaluationCase[] = [
  evaluation('opt-13b', 'figure-8', 'opt-13b', 'sharegpt', figure8['opt-13b']),
  evaluation('opt-66b', 'figure-8', 'opt-66b', 'sharegpt', figure8['opt-66b']),
  evaluation('humaneval', 'figure-9', 'opt-66b', 'humaneval', figure9.humaneval),
  evaluation('longbench', 'figure-9', 'opt-66b', 'longbench', figure9.longbench),
];

/** Systems that are simulated; of DeepSpeed-MII there is no model. */
export const SIMULATED = ['distserve', 'vllm'] as const;
export type SimulatedSystem = (typeof SIMULATED)[number];

export const AXES = ['rate', 'slo-scale'] as const;
/** What a curve is drawn over: requests per second and GPU, or the factor of both objectives. */
export type Axis = (typeof AXES)[number];

export const panelOf = ({ drawn }: EvaluationCase, axis: Axis): AttainmentPanel => (axis === 'rate' ? drawn.rate : drawn.sloScale);

/** Degrees of the placement that was measured: tensor and pipeline of prefill and of decode (Table 3), or of vLLM. */
export function splitsOfSystem({ model, dataSet }: EvaluationCase, system: SimulatedSystem): readonly number[] {
  if (system === 'vllm') return [baselineTensorParallel.vllm[model] as number, 1];
  const row = table3.find((each) => each.model === model && each.dataSet === dataSet);
  if (row === undefined) throw new RangeError(`distserve: Table 3 has no row of ${model} and ${dataSet}`);
  return [row.prefill, row.decode].flatMap(({ tensorParallel, pipelineParallel }) => [tensorParallel, pipelineParallel]);
}

/** The run of one point: as long as the paper's, arrivals as its measured runs had them, times of the engines. */
export function runOfPoint(evaluated: EvaluationCase, system: SimulatedSystem, ratePerGpu: number): Run {
  const { model, dataSet, drawn } = evaluated;
  const gpus = drawn.gpus[system] as number;
  return {
    engine: system,
    splits: splitsOfSystem(evaluated, system),
    model,
    mode: 'engine',
    sent: { dataSet, requests: gpus * drawn.requestsPerGpu, spanIsExact: true },
    rate: ratePerGpu * gpus,
  };
}

/** Share of requests that keep both objectives at a point of an axis, as simulated. */
export const simulatedAt = (evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis, x: number): number =>
  axis === 'rate' ? attainmentOfRun(runOfPoint(evaluated, system, x), evaluated.slo) : attainmentOfRun(runOfPoint(evaluated, system, evaluated.drawn.sloScaleRate), evaluated.slo, x);

/** A point of Figure 8 or 9 with ours beside it; shares of requests. */
export interface CurveRow {
  readonly case: EvaluationCase['id'];
  readonly system: SimulatedSystem;
  readonly axis: Axis;
  readonly x: number;
  readonly measured: number;
  readonly simulated: number;
}

/** Every drawn point of a system over an axis, with ours beside it. */
export function curveRows(evaluated: EvaluationCase, system: SimulatedSystem, axis: Axis): readonly CurveRow[] {
  const { x, attainmentPercent } = panelOf(evaluated, axis);
  const drawn = attainmentPercent[system] as readonly number[];
  return x.map((value, at) => ({ case: evaluated.id, system, axis, x: value, measured: PERCENT * (drawn[at] as number), simulated: simulatedAt(evaluated, system, axis, value) }));
}

/** Mean absolute difference of a simulated curve from the drawn one. */
export const curveError = (rows: readonly CurveRow[]): number => rows.reduce((sum, { measured, simulated }) => sum + Math.abs(simulated - measured), 0) / rows.length;

/** Where a curve last has a share, straight between its points, as the vertical lines of the figures are drawn; the beginning of the axis where it never has it. */
export function lastAt(points: readonly { readonly x: number; readonly y: number }[], share: number): number {
  const last = points.findLastIndex(({ y }) => y >= share);
  const from = points[Math.max(0, last)];
  if (from === undefined) throw new RangeError('distserve: points 0 of a curve are not at least 1');
  const to = points[last + 1];
  return last < 0 || to === undefined ? from.x : from.x + ((to.x - from.x) * (from.y - share)) / (from.y - to.y);
}
