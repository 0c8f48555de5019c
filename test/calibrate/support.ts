import type { Datasets } from '../../src/calibrate/datasets.ts';
import type { Measurement } from '../../src/calibrate/fit.ts';
import { calibrations } from '../../src/calibrate/plan/index.ts';
import { familyOf } from '../../src/timing/kernels/families.ts';
import type { Kernel } from '../../src/timing/kernels/kernel.ts';
import { attentionOf, chipOf, collectiveOf, elementwiseOf, exchangeOf, gemmOf, groupedOf, mlaOf, prefillOf } from '../timing/support.ts';

type Row = Readonly<Record<string, string | number>>;

/** A table of rows that may lack columns of each other, as text. */
export function csvOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map((cells) => cells.join(',')).join('\n');
}

/** Names of chips in the tables: `H800`, `h100_sxm`. */
export const chipNamed = (name: string) => chipOf(name.toLowerCase().replace(/_sxm$/, ''));

export const readerOf =
  (tables: Readonly<Record<string, string>>) =>
  (file: string): string => {
    const text = tables[file];
    if (text === undefined) throw new RangeError(`test: table ${file} is not there`);
    return text;
  };

/** Constants that the fits do not start from: times and rates a tenth larger or smaller, shares smaller; what a plan takes from another fit it has. */
export const planted: Readonly<Record<string, Readonly<Record<string, number>>>> = (() => {
  const all: Record<string, Readonly<Record<string, number>>> = {};
  for (const { id, family, start, fixed } of calibrations) {
    const specs = familyOf(family).constants;
    const moved = Object.entries(start).map(([name, value], at) => [name, value * (specs[name]?.unit === 'share' ? 0.96 : at % 2 === 0 ? 1.1 : 0.9)] as const);
    all[id] = { ...fixed?.((other) => all[other] ?? {}), ...Object.fromEntries(moved) };
  }
  return all;
})();

interface Synthetic {
  readonly file: string;
  readonly dataset: Exclude<keyof Datasets, 'ceilings'> | null;
  readonly row: Row;
  readonly measurements: readonly Measurement[];
}

const MICRO = 1e-6;

/** What a kernel takes with the constants planted for an entry. */
const secondsOf = (entry: string, kernel: Kernel, chip: string): number => {
  const family = calibrations.find(({ id }) => id === entry)?.family;
  if (family === undefined) throw new RangeError(`test: fit ${entry} is not planned`);
  return familyOf(family).time(kernel, chipNamed(chip), planted[entry] as Readonly<Record<string, number>>);
};

/** A row of one kernel, whose time is told in a column as seconds over a unit. */
function one(dataset: Synthetic['dataset'], file: string, row: Row, time: readonly [column: string, unit: number], entry: string, kernel: Kernel, chip: string, group: string): Synthetic {
  const seconds = secondsOf(entry, kernel, chip);
  return { file, dataset, row: { ...row, [time[0]]: seconds / time[1] }, measurements: [{ kernel, chip: chipNamed(chip), seconds, group, file }] };
}

const each = <A, B>(first: readonly A[], second: readonly B[]): readonly (readonly [A, B])[] => first.flatMap((a) => second.map((b) => [a, b] as const));

const gqaOf = (heads: number, kvHeads: number, dim: number, batch: number, context: number, kv = 2) =>
  attentionOf({ heads, kvHeads, queryKeyDim: dim, valueDim: dim, batch, context, kvBytesPerToken: 2 * kvHeads * dim * kv, math: kv === 2 ? 'bf16' : 'fp8' });

const OWN = 'h100-2026-11.csv';
const MEDIAN = ['median_us', MICRO] as const;
const LATENCY = ['latency_us', MICRO] as const;

const decode: readonly Synthetic[] = [
  ...each(['H800', 'H20'], [
    [32, 8, 128],
    [16, 1, 256],
    [64, 2, 128],
    [32, 32, 64],
    [96, 1, 64],
  ] as const).flatMap(([gpu, [heads, kvHeads, dim]]) =>
    each([1, 32, 256], [1024, 8192, 32_768]).map(([batch, context]) =>
      one(
        'gqaDecode',
        'infersim_gqa_decode.csv',
        { gpu, num_heads: heads, num_kv_heads: kvHeads, head_dim: dim, batch_size: batch, kv_len: context },
        LATENCY,
        'decode-attention-h800-h20',
        gqaOf(heads, kvHeads, dim, batch, context),
        gpu,
        `${heads} / ${kvHeads} heads of ${dim}`,
      ),
    ),
  ),
  ...each([1, 8, 64], [128, 1024, 8192]).map(([batch, context]) =>
    one(
      'a800Decode',
      'frontier_a800_mha_decode.csv',
      { gpu: 'A800', num_heads: 32, num_kv_heads: 32, head_dim: 128, batch_size: batch, kv_len: context },
      ['latency_ms', 1e-3],
      'decode-attention-a800',
      gqaOf(32, 32, 128, batch, context),
      'A800',
      `batch ${batch}`,
    ),
  ),
  ...each(
    [
      ['bf16', 'decode-attention-h100'],
      ['fp8kv', 'decode-attention-h100-fp8'],
    ] as const,
    [
      [32, 8, 128],
      [16, 1, 128],
      [64, 8, 64],
    ] as const,
  ).flatMap(([[dtype, entry], [heads, kvHeads, dim]]) =>
    each([1, 8, 256], [1024, 8192]).map(([batch, context]) =>
      one(
        dtype === 'bf16' ? 'h100Decode' : 'h100Decode8',
        OWN,
        { kind: 'attn', model: 'any', dtype, batch, context, q_heads: heads, kv_heads: kvHeads, d_qk: dim },
        MEDIAN,
        entry,
        gqaOf(heads, kvHeads, dim, batch, context, dtype === 'bf16' ? 2 : 1),
        'H100',
        `${heads} / ${kvHeads} heads of ${dim}`,
      ),
    ),
  ),
  ...each([1, 16, 40, 66, 128], [1024, 8192]).map(([batch, context]) =>
    one('h100Mla', OWN, { kind: 'attn', model: 'mla', dtype: 'bf16', batch, context, q_heads: 128 }, MEDIAN, 'mla-decode-h100', mlaOf({ batch, context }), 'H100', `batch ${batch}`),
  ),
  ...each(
    [
      ['H800', 'mla-decode-h800'],
      ['H20', 'mla-decode-h20'],
    ] as const,
    [1, 64, 128, 256],
  ).flatMap(([[gpu, entry], batch]) =>
    [1024, 4096].map((context) => one('mlaDecode', 'infersim_mla_decode.csv', { gpu, batch_size: batch, kv_len: context }, LATENCY, entry, mlaOf({ batch, context }), gpu, `batch ${batch}`)),
  ),
  ...[1024, 8192].flatMap((context) =>
    [16, 64, 256].map((batch) =>
      one(
        'sparseMla',
        'infersim_dsa.csv',
        { phase: 'decode', table: 'attn-128-576-2048', batch_size: batch + context / 2 ** 20, kv_len: context },
        LATENCY,
        'sparse-mla-h800',
        mlaOf({ variant: 'sparse-mla', batch: batch + context / 2 ** 20, context: 2048, kvBytesPerToken: 656 }),
        'H800',
        `context ${context}`,
      ),
    ),
  ),
  ...each([1024, 8192, 65_536], [1, 2]).map(([context, queries]) =>
    one(
      'indexer',
      'infersim_dsa.csv',
      { phase: 'decode', table: 'logits-64-128', next_n: queries, s_kv: context },
      LATENCY,
      'indexer-h800',
      attentionOf({ variant: 'indexer', batch: 64, context, heads: 64 * queries, kvHeads: 1, queryKeyDim: 128, valueDim: 0, kvBytesPerToken: 132, math: 'fp8' }),
      'H800',
      `context ${context}`,
    ),
  ),
];

const prefill: readonly Synthetic[] = [
  ...each(
    [
      ['gqa', 32, 8, 128, 128],
      ['gqa', 16, 1, 256, 256],
      ['mla', 128, 128, 192, 128],
    ] as const,
    [1024, 4096, 16_384],
  ).map(([[kind, heads, kvHeads, dim, valueDim], context]) =>
    one(
      'prefill',
      'infersim_attention_prefill.csv',
      { kind, gpu: 'H20', num_heads: heads, num_kv_heads: kvHeads, head_dim: dim, seq_len: context },
      LATENCY,
      'prefill-attention-h20',
      prefillOf(context, { heads, kvHeads, queryKeyDim: dim, valueDim, kvBytesPerToken: 2 * kvHeads * (dim + valueDim) }),
      'H20',
      `${heads} / ${kvHeads} heads of ${dim}`,
    ),
  ),
  ...[1024, 4096, 16_384].map((context) =>
    one(
      'prefill',
      'infersim_attention_prefill.csv',
      { kind: 'gqa', gpu: 'H800', num_heads: 32, num_kv_heads: 8, head_dim: 128, seq_len: context },
      LATENCY,
      'prefill-attention-h800',
      prefillOf(context),
      'H800',
      `prompt ${context}`,
    ),
  ),
];

const MATRICES = [
  [4096, 4096],
  [1024, 28_672],
  [7168, 2112],
  [16_384, 1024],
] as const;

/** More of them, so that one that is off is few of all. */
const MORE = [...MATRICES, [2048, 8192], [4096, 24_576], [8192, 4096], [1536, 24_576]] as const;

const gemms: readonly Synthetic[] = [
  ...each(
    [
      ['bf16', 'gemm-h100', 2],
      ['fp8', 'gemm-h100-fp8', 1],
    ] as const,
    MATRICES,
  ).flatMap(([[dtype, entry, width], [k, n]]) =>
    [1, 64, 512, 4096].map((m) =>
      one('h100Gemm', OWN, { kind: 'linear', dtype, batch: m, n, k }, MEDIAN, entry, gemmOf({ m, n, k, math: dtype, weightBytes: width, inputBytes: width }), 'H100', `${k} x ${n}`),
    ),
  ),
  ...each(
    [
      ['H800', 'gemm-h800'],
      ['H20', 'gemm-h20'],
    ] as const,
    MORE,
  ).flatMap(([[gpu, entry], [k, n]]) =>
    [16, 256, 4096].map((m) => one('deepGemm', 'infersim_gemm.csv', { gpu, m, k, n }, LATENCY, entry, gemmOf({ m, n, k, math: 'fp8', weightBytes: 1, inputBytes: 1 }), gpu, `${k} x ${n}`)),
  ),
  ...[128, 2048].map((m) => published('dense', 'deepGemm', m, 1, gemmOf({ m, n: 2112, k: 7168, math: 'fp8', weightBytes: 1, inputBytes: 1 }), 'gemm-h800', '7168 x 2112')),
];

/** A row of DeepGEMM's README: a rate in place of a time. */
function published(kind: string, dataset: 'deepGemm' | 'groupedGemm', m: number, groups: number, kernel: Kernel, entry: string, group: string): Synthetic {
  const { n, k } = kernel as { readonly n: number; readonly k: number } & Kernel;
  const seconds = secondsOf(entry, kernel, 'H800');
  const row = { readme_commit: '989c9e3abc', kind, groups, m_per_group: m, n, k, tflops: (2 * groups * m * n * k) / seconds / 1e12 };
  return { file: 'deepgemm_h800.csv', dataset, row, measurements: [{ kernel, chip: chipOf('h800'), seconds, group, file: 'deepgemm_h800.csv' }] };
}

/** InferSim's benchmark draws the rows of an expert evenly between 0.7 and 1.3 of what is asked, cut to whole ones. */
export function drawnRows(rows: number): { readonly hit: number; readonly rows: number } {
  let [hit, sum] = [0, 0];
  for (let draw = 0; draw < 400; draw++) {
    const count = Math.floor(rows * (0.7 + (0.6 * (draw + 0.5)) / 400));
    if (count > 0) hit++;
    sum += count;
  }
  return { hit: hit / 400, rows: sum / 400 };
}

const grouped: readonly Synthetic[] = [
  ...each(
    [
      ['H800', 'grouped-gemm-h800'],
      ['H20', 'grouped-gemm-h20'],
    ] as const,
    [
      [8, 7168, 2048],
      [32, 4096, 1536],
      [64, 4096, 1536],
    ] as const,
  ).flatMap(([[gpu, entry], [experts, hidden, width]]) =>
    [1, 32, 1024].map((tokens): Synthetic => {
      const drawn = drawnRows(tokens);
      const size = { experts, hit: experts * drawn.hit, rows: experts * drawn.rows };
      const [up, down] = [groupedOf({ ...size, n: 2 * width, k: hidden }), groupedOf({ ...size, n: hidden, k: width })];
      const [upSeconds, downSeconds] = [secondsOf(entry, up, gpu), secondsOf(entry, down, gpu)];
      const of = { chip: chipNamed(gpu), group: `${experts} experts, ${hidden} x ${width}`, file: 'infersim_grouped_gemm.csv' };
      return {
        file: of.file,
        dataset: 'groupedGemm',
        row: {
          gpu,
          phase: 'prefill',
          num_local_experts: experts,
          tokens_per_expert: tokens,
          hidden_size: hidden,
          intermediate_size: width,
          up_proj_us: upSeconds / MICRO,
          down_proj_us: downSeconds / MICRO,
        },
        measurements: [
          { kernel: up, seconds: upSeconds, ...of },
          { kernel: down, seconds: downSeconds, ...of },
        ],
      };
    }),
  ),
  ...[128, 4096].map((m) => published('contiguous', 'groupedGemm', m, 4, groupedOf({ experts: 4, hit: 4, rows: 4 * m, n: 4096, k: 7168 }), 'grouped-gemm-h800', '4 experts, 7168 x 4096')),
  ...each(
    [
      ['up', 4096, 2048],
      ['down', 2048, 4096],
      ['wide', 1024, 7168],
    ] as const,
    [8, 256, 16_384],
  ).map(([[op, n, k], rows]) =>
    one(
      'h100Grouped',
      OWN,
      { kind: 'moe', model: 'any', op, dtype: 'bf16', n, k, active_experts: Math.min(rows, 64), rows, experts: 64 },
      MEDIAN,
      'grouped-gemm-h100',
      groupedOf({ experts: 64, hit: Math.min(rows, 64), rows, n, k, math: 'bf16', weightBytes: 2, inputBytes: 2 }),
      'H100',
      `any ${op}`,
    ),
  ),
];

const rest: readonly Synthetic[] = [
  ...[1e6, 1e8, 1e9].map((bytes) =>
    one('elementwise', OWN, { kind: 'ceiling', op: 'copy_d2d', kernel: 'torch.add 16 bit', bytes, size_bytes: bytes / 2 }, MEDIAN, 'elementwise-h100', elementwiseOf(bytes), 'H100', `${bytes / 2} B`),
  ),
  ...each(['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'] as const, ['half', 'int8'] as const).flatMap(([operation, dtype]) =>
    each([2, 4, 8], [2 ** 8, 2 ** 13, 2 ** 17, 2 ** 21, 2 ** 25, 2 ** 29]).map(([gpus, elements]) =>
      one(
        'collectives',
        'aic_nccl.csv',
        { system: 'h100_sxm', op_name: operation === 'all-to-all' ? 'alltoall' : operation.replace('-', '_'), nccl_dtype: dtype, num_gpus: gpus, message_size: elements },
        ['latency_ms', 1e-3],
        'collective-h100',
        collectiveOf({ operation, gpus, bytes: elements * (dtype === 'half' ? 2 : 1), floating: dtype === 'half' }),
        'H100',
        `${operation} on ${gpus}`,
      ),
    ),
  ),
  ...each(
    [
      [2048, 128],
      [7168, 256],
    ] as const,
    [1, 4],
  ).flatMap(([[hidden, experts], nodes]) =>
    [1, 16, 128].map((tokens): Synthetic => {
      const kernel = exchangeOf({ gpus: 8 * nodes, tokens, topK: 8, experts, hidden });
      const [dispatch, combine] = [kernel, { ...kernel, direction: 'combine', elementBytes: 2 } as const];
      const [sent, back] = [secondsOf('expert-exchange', dispatch, 'H100'), secondsOf('expert-exchange', combine, 'H100')];
      const of = { chip: chipOf('h100'), group: `${hidden} wide, 8 of ${experts}`, file: 'aic_deepep_ll.csv' };
      return {
        file: of.file,
        dataset: 'exchange',
        row: { system: 'h100_sxm', node_num: nodes, hidden_size: hidden, num_token: tokens, num_topk: 8, num_experts: experts, dispatch_avg_t_us: sent / MICRO, combine_avg_t_us: back / MICRO },
        measurements: [
          { kernel: dispatch, seconds: sent, ...of },
          { kernel: combine, seconds: back, ...of },
        ],
      };
    }),
  ),
  ...each([8, 64, 256], ['dispatch', 'combine'] as const).map(([gpus, direction]) =>
    one(
      'exchange',
      'deepep.csv',
      { readme_commit: 'd8ddabc', mode: 'low_latency', ep: gpus, op: direction },
      LATENCY,
      'expert-exchange',
      exchangeOf({ direction, gpus, tokens: 128, topK: 8, experts: gpus === 256 ? 256 : 288, hidden: 7168, elementBytes: direction === 'dispatch' ? 1 : 2 }),
      'H800',
      `H800, EP ${gpus}`,
    ),
  ),
  ...each(MATRICES, [1, 64, 512, 4096]).map(([[k, n], m]) =>
    one(
      'blockScaledGemm',
      'aic_gemm.csv',
      { system: 'h100_sxm', gemm_dtype: 'fp8_block', m, n, k },
      ['latency_ms', 1e-3],
      'gemm-h100-block-scaled',
      gemmOf({ m, n, k, math: 'fp8', weightBytes: 1, inputBytes: 1, blockScaled: true }),
      'h100_sxm',
      `${k} x ${n}`,
    ),
  ),
];

const synthetic: readonly Synthetic[] = [...decode, ...prefill, ...gemms, ...grouped, ...rest];

const SERVED = 'aic_silicon_h100_h200.csv';

/** Rows that no fit takes. */
const ignored: readonly { readonly file: string; readonly row: Row }[] = [
  { file: OWN, row: { kind: 'linear', dtype: 'bf16', batch: 1, n: 8, k: 8, median_us: 1, caveat: 'disturbed' } },
  { file: OWN, row: { kind: 'ceiling', op: 'copy_d2d', kernel: 'cudaMemcpy', bytes: 1e9, size_bytes: 5e8, median_us: 1 } },
  {
    file: OWN,
    row: { kind: 'sustained', op: 'gemm bf16 8192', flops: 2 * 8192 ** 3, first_25ms_us: (2 * 8192 ** 3) / (0.8 * 989.4e12) / MICRO, last_500ms_us: (2 * 8192 ** 3) / (0.7 * 989.4e12) / MICRO },
  },
  {
    file: OWN,
    row: { kind: 'sustained', op: 'gemm fp8 8192', flops: 2 * 8192 ** 3, first_25ms_us: (2 * 8192 ** 3) / (0.75 * 1978.9e12) / MICRO, last_500ms_us: (2 * 8192 ** 3) / (0.65 * 1978.9e12) / MICRO },
  },
  { file: 'deepgemm_h800.csv', row: { readme_commit: 'a6d97a1', kind: 'dense', groups: 1, m_per_group: 64, n: 2112, k: 7168, tflops: 1 } },
  { file: 'deepep.csv', row: { readme_commit: 'ebfe47e', mode: 'low_latency', ep: 8, op: 'dispatch', latency_us: 1 } },
  { file: 'deepep.csv', row: { readme_commit: 'd8ddabc', mode: 'normal', ep: 8, op: 'dispatch', latency_us: 1 } },
  { file: 'infersim_dsa.csv', row: { phase: 'prefill', table: 'attn-128-576-2048', batch_size: 1, kv_len: 1024, latency_us: 1 } },
  { file: 'infersim_grouped_gemm.csv', row: { gpu: 'H20', phase: 'decode', num_local_experts: 8, tokens_per_expert: 1, hidden_size: 3072, intermediate_size: 1536, up_proj_us: 1, down_proj_us: 1 } },
  { file: 'aic_gemm.csv', row: { system: 'h100_sxm', gemm_dtype: 'fp8', m: 1, n: 8, k: 8, latency_ms: 1 } },
  { file: 'aic_gemm.csv', row: { system: 'h100_sxm', gemm_dtype: 'bfloat16', m: 1, n: 8, k: 8, latency_ms: 1 } },
  { file: SERVED, row: { mode: 'disagg', precision: 'fp8' } },
  { file: SERVED, row: { mode: 'agg', precision: '' } },
  { file: SERVED, row: { mode: 'agg', precision: '' } },
];

/** Engines under load: times per output token, of two models. */
const served: readonly { readonly file: string; readonly row: Row }[] = ['meta-llama/Llama-3.1-8B-Instruct', 'Qwen/Qwen3-32B'].flatMap((model) =>
  [16, 64].map((concurrency) => ({
    file: SERVED,
    row: {
      backend: 'sglang',
      backend_version: '0.5',
      model_path: model,
      system: 'h100_sxm',
      precision: 'fp8',
      mode: 'agg',
      isl: 1024,
      osl: 1024,
      tp_size: 2,
      pp_size: 1,
      attention_dp_size: 1,
      silicon_tpot_ms: 20 + concurrency,
      concurrency,
    },
  })),
);

export const tables: Readonly<Record<string, string>> = Object.fromEntries(
  [...new Set([...synthetic, ...ignored, ...served].map(({ file }) => file))].map((file) => [
    file,
    csvOf([...synthetic, ...ignored, ...served].filter((each) => each.file === file).map(({ row }) => row)),
  ]),
);

/** What the tables mean, in their order. */
export const measurementsOf = (dataset: keyof Datasets): readonly Measurement[] => synthetic.filter((each) => each.dataset === dataset).flatMap(({ measurements }) => measurements);
export const DATASETS = [...new Set(synthetic.map(({ dataset }) => dataset))].filter((dataset) => dataset !== null);
