type OptModel = 'opt-13b' | 'opt-66b' | 'opt-175b';
type DataSet = 'sharegpt' | 'humaneval' | 'longbench';

/** A row of Table 1: what an application asks for. */
export interface Application {
  readonly application: 'chatbot' | 'code-completion' | 'summarization';
  readonly model: OptModel;
  /** GB, as printed */
  readonly modelSize: string;
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  readonly dataSet: DataSet;
}

/** Table 1 of arXiv:2401.09670v3: applications and their objectives. */
export const table1: readonly Application[] = [
  { application: 'chatbot', model: 'opt-13b', modelSize: '26', ttftSeconds: 0.25, tpotSeconds: 0.1, dataSet: 'sharegpt' },
  { application: 'chatbot', model: 'opt-66b', modelSize: '132', ttftSeconds: 2.5, tpotSeconds: 0.15, dataSet: 'sharegpt' },
  { application: 'chatbot', model: 'opt-175b', modelSize: '350', ttftSeconds: 4, tpotSeconds: 0.2, dataSet: 'sharegpt' },
  { application: 'code-completion', model: 'opt-66b', modelSize: '132', ttftSeconds: 0.125, tpotSeconds: 0.2, dataSet: 'humaneval' },
  { application: 'summarization', model: 'opt-66b', modelSize: '132', ttftSeconds: 15, tpotSeconds: 0.15, dataSet: 'longbench' },
];

/** Objectives of the chatbot in the first version, arXiv:2401.09670v1, where they differ; Figure 11 still has those of OPT-66B. */
export const table1FirstVersion: Readonly<Partial<Record<OptModel, Pick<Application, 'ttftSeconds' | 'tpotSeconds'>>>> = {
  'opt-13b': { ttftSeconds: 0.2, tpotSeconds: 0.1 },
  'opt-66b': { ttftSeconds: 0.4, tpotSeconds: 0.1 },
};

/** A row of Table 2: attainment in per cent, measured and simulated. */
export interface SimulatorAccuracy {
  /** requests per second */
  readonly rate: string;
  readonly vllm: { readonly real: string; readonly simulated: string };
  readonly distserveLow: { readonly real: string; readonly simulated: string };
}

const accuracy = (rate: string, vllm: readonly [string, string], distserveLow: readonly [string, string]): SimulatorAccuracy => ({
  rate,
  vllm: { real: vllm[0], simulated: vllm[1] },
  distserveLow: { real: distserveLow[0], simulated: distserveLow[1] },
});

/** Table 2 of arXiv:2401.09670v3: attainment measured and simulated. Model, objectives and placement are not stated. */
export const table2: readonly SimulatorAccuracy[] = [
  accuracy('1.0', ['97.0', '96.8'], ['100.0', '100.0']),
  accuracy('1.5', ['65.5', '65.1'], ['100.0', '100.0']),
  accuracy('2.0', ['52.8', '51.0'], ['99.3', '99.3']),
  accuracy('2.5', ['44.9', '46.1'], ['87.3', '88.3']),
  accuracy('3.0', ['36.7', '38.3'], ['83.0', '84.1']),
  accuracy('3.5', ['27.8', '28.0'], ['77.3', '77.0']),
  accuracy('4.0', ['23.6', '24.1'], ['70.0', '68.9']),
];

/** How one phase is split over GPUs. */
export interface PhaseSplit {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
}

/** A row of Table 3: the placement that was chosen. */
export interface Placement {
  readonly model: OptModel;
  readonly dataSet: DataSet;
  readonly prefill: PhaseSplit;
  readonly decode: PhaseSplit;
}

const placement = (model: OptModel, dataSet: DataSet, prefill: readonly [number, number], decode: readonly [number, number]): Placement => ({
  model,
  dataSet,
  prefill: { tensorParallel: prefill[0], pipelineParallel: prefill[1] },
  decode: { tensorParallel: decode[0], pipelineParallel: decode[1] },
});

/** Table 3 of arXiv:2401.09670v3: placements of the evaluation, (tensor, pipeline) of prefill and of decode. */
export const table3: readonly Placement[] = [
  placement('opt-13b', 'sharegpt', [2, 1], [1, 1]),
  placement('opt-66b', 'sharegpt', [4, 1], [2, 2]),
  placement('opt-66b', 'longbench', [4, 1], [2, 2]),
  placement('opt-66b', 'humaneval', [4, 1], [2, 2]),
  placement('opt-175b', 'sharegpt', [3, 3], [4, 3]),
];

/** Tensor parallelism of the systems that are compared with; null where one could not run the model. */
export const baselineTensorParallel: Readonly<Record<'vllm' | 'deepspeed-mii', Readonly<Record<OptModel, number | null>>>> = {
  vllm: { 'opt-13b': 1, 'opt-66b': 4, 'opt-175b': 8 },
  'deepspeed-mii': { 'opt-13b': 1, 'opt-66b': 4, 'opt-175b': null },
};

/** The testbed of section 6.1: servers of A100-SXM-80GB with NVLink, bits per second between servers. */
export const testbed = { servers: 4, gpusPerServer: 8, bitsPerSecondBetweenServers: 25e9 } as const;
