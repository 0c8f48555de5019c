import { csvParse } from 'd3-dsv';
import type { Model } from '../models/model.ts';
import { precisionPolicies } from '../models/policies.ts';
import type { CalibrationData, EngineEntry, ServingCalibration, ServingFold } from '../timing/calibration-data.ts';
import { type Deployment, singleChip } from '../timing/deployment.ts';
import { noEngine, servingTime } from '../timing/serving.ts';
import type { ChipOf, ReadTable } from './datasets.ts';
import { minimise } from './nelder-mead.ts';
import { digits, logRatios, median, thinned } from './residuals.ts';

const FILE = 'aic_silicon_h100_h200.csv';

/** Models of the table in the catalogue. */
const MODELS: Readonly<Record<string, string>> = {
  'Qwen/Qwen3-32B': 'qwen3-32b',
  'meta-llama/Llama-3.1-8B-Instruct': 'llama-3.1-8b',
  'nvidia/Llama-3.1-8B-Instruct-FP8': 'llama-3.1-8b',
  'deepseek-ai/DeepSeek-R1': 'deepseek-v3',
  'openai/gpt-oss-120b': 'gpt-oss-120b',
};

interface Served {
  readonly engine: string;
  readonly version: string;
  readonly model: string;
  readonly chip: string;
  /** measured time per output token */
  readonly seconds: number;
  readonly batch: number;
  /** predicted without a host */
  readonly kernels: number;
  readonly decode: number;
}

/** Why a row is not used; null where it is. */
function reason(row: Readonly<Record<string, string | undefined>>): string | null {
  if (row.mode !== 'agg') return 'prefill and decode on separate chips';
  if (row.precision === '') return 'no precision stated';
  if (row.precision !== 'fp8' && row.precision !== 'bf16') return `precision ${row.precision}: no kernels of that format were measured`;
  // tensor parallelism over 64 chips with the latencies of the rows over 8: a product of two degrees in the wrong column
  if (row.tp_size === '64' || row.attention_dp_size === '64') return '64 chips stated for what was measured on 8';
  return MODELS[row.model_path ?? ''] === undefined ? `model ${row.model_path} is not in the catalogue` : null;
}

/** Fits the host time of serving engines to measured times per output token, and predicts each half of the models from the other. */
export function calibrateServing(read: ReadTable, chipOf: ChipOf, modelOf: (id: string) => Model, data: Omit<CalibrationData, 'serving'>): ServingCalibration {
  const rows = csvParse(read(FILE));
  const leftOut = new Map<string, number>();
  const served: Served[] = [];
  for (const row of rows) {
    const because = reason(row);
    if (because !== null) leftOut.set(because, (leftOut.get(because) ?? 0) + 1);
    else served.push(servedOf(row, chipOf, modelOf, data));
  }
  const engines = [...new Set(served.map(({ engine }) => engine))].sort();
  return {
    file: FILE,
    engines: engines.flatMap((engine) => {
      const of = served.filter((point) => point.engine === engine);
      const versions = [...new Set(of.map(({ version }) => version))].filter((version) => version !== '').sort();
      return [
        engineEntry(engine, null, of),
        ...versions.map((version) =>
          engineEntry(
            engine,
            version,
            of.filter((point) => point.version === version),
          ),
        ),
      ];
    }),
    folds: folds(served),
    leftOut: [...leftOut].map(([because, count]) => ({ because, rows: count })),
  };
}

function servedOf(row: Readonly<Record<string, string | undefined>>, chipOf: ChipOf, modelOf: (id: string) => Model, data: Omit<CalibrationData, 'serving'>): Served {
  const whole = (column: string): number => Number(row[column]) || 1;
  const model = modelOf(MODELS[row.model_path ?? ''] as string);
  const chip = chipOf(row.system ?? '');
  const [tensorParallel, dataParallel] = [whole('tp_size'), whole('attention_dp_size')];
  const moe = model.layers.some(({ ffn }) => ffn.kind === 'moe');
  const deployment: Deployment = { ...singleChip, tensorParallel, dataParallel, expertParallel: moe ? whole('moe_ep_size') : 1, pipelineParallel: whole('pp_size') };
  const batch = Math.max(1, Math.round(Number(row.concurrency || row.batch_size) / dataParallel));
  const precision = row.precision === 'fp8' ? precisionPolicies.w8a8kv16 : precisionPolicies.bf16;
  const load = { prompt: Number(row.isl), output: Number(row.osl), batch };
  const { tpot, decode } = servingTime(model, chip, load, { deployment, precision, data: data as CalibrationData }, noEngine);
  return { engine: row.backend ?? '', version: row.backend_version ?? '', model: model.id, chip: chip.id, seconds: Number(row.silicon_tpot_ms) / 1000, batch, kernels: tpot, decode: decode.seconds };
}

/** The host time that makes the mean of |log(predicted / measured)| least, and no less than 0. */
function hostOf(points: readonly Served[]): number {
  if (points.length === 0) return 0;
  const loss = (host: number): number => points.reduce((sum, { kernels, batch, seconds }) => sum + Math.abs(Math.log((kernels + host * batch) / seconds)), 0) / points.length;
  const [found = 0] = minimise(([log = 0]) => loss(Math.exp(log)), [Math.log(10e-6)], { step: 1 });
  return loss(Math.exp(found)) < loss(0) - 1e-6 ? Math.exp(found) : 0;
}

const errorOf = ({ kernels, batch, seconds }: Served, host: number): number => Math.abs((kernels + host * batch) / seconds - 1);

function engineEntry(engine: string, version: string | null, points: readonly Served[]): EngineEntry {
  const host = hostOf(points);
  return {
    engine,
    version,
    hostSecondsPerSequence: Number(host.toPrecision(4)),
    models: [...new Set(points.map(({ model }) => model))],
    points: points.length,
    medianError: digits(median(points.map((point) => errorOf(point, host)))),
    residuals: logRatios(points.map(({ model, chip, seconds, kernels, batch }) => ({ group: `${model} ${chip}`, measured: seconds, predicted: kernels + host * batch }))).map(thinned),
  };
}

/** Models in alphabetical order; the first half predicts the second, and the second the first. An engine that the fitted half lacks has no host time. */
function folds(served: readonly Served[]): readonly ServingFold[] {
  const models = [...new Set(served.map(({ model }) => model))].sort();
  const middle = Math.ceil(models.length / 2);
  const halves = [models.slice(0, middle), models.slice(middle)] as const;
  return ([halves, [...halves].reverse()] as (readonly string[])[][]).map(([fitted = [], predicted = []]) => {
    const hosts = new Map([...new Set(served.map(({ engine }) => engine))].map((engine) => [engine, hostOf(served.filter((point) => point.engine === engine && fitted.includes(point.model)))]));
    const tested = served.filter(({ model }) => predicted.includes(model));
    return {
      fitted,
      predicted,
      points: tested.length,
      medianError: digits(median(tested.map((point) => errorOf(point, hosts.get(point.engine) ?? 0)))),
      decodeOnly: digits(median(tested.map(({ decode, seconds }) => Math.abs(decode / seconds - 1)))),
    };
  });
}
