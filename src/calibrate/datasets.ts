import { csvParse } from 'd3-dsv';
import type { Accelerator } from '../accelerators/accelerator.ts';
import type { Precision } from '../layers/precision.ts';
import type { PowerCeiling } from '../timing/calibration-data.ts';
import { COLLECTIVES, type DecodeAttentionKernel, type GemmKernel, type GroupedGemmKernel, type Kernel } from '../timing/kernels/kernel.ts';
import type { Measurement } from './fit.ts';

/** Reads a measured table by its file name. */
export type ReadTable = (file: string) => string;
/** The chip of the catalogue that a table's name for it means. */
export type ChipOf = (name: string) => Accelerator;

export type Row = Readonly<Record<string, string | undefined>>;

export const rowsOf = (read: ReadTable, file: string): readonly Row[] => csvParse(read(file));

export function number(row: Row, column: string): number {
  const value = row[column];
  if (value === undefined || value === '' || !(Number(value) > 0 && Number.isFinite(Number(value)))) throw new RangeError(`calibrate: ${column} ${JSON.stringify(value)} is not a number above 0`);
  return Number(value);
}

const MICRO = 1e-6;
const MILLI = 1e-3;

const gemm = (m: number, n: number, k: number, math: Precision): GemmKernel => {
  const width = math === 'bf16' ? 2 : 1;
  return { kind: 'gemm', m, n, k, math, weightBytes: width, inputBytes: width, outputBytes: 2 };
};

const gqa = (size: { batch: number; context: number; heads: number; kvHeads: number; headDim: number }, kv: 1 | 2 = 2): DecodeAttentionKernel => {
  const { headDim, ...rest } = size;
  return { kind: 'decode-attention', variant: 'gqa', ...rest, queryKeyDim: headDim, valueDim: headDim, kvBytesPerToken: 2 * rest.kvHeads * headDim * kv, math: kv === 1 ? 'fp8' : 'bf16' };
};

const LATENT = { queryKeyDim: 576, valueDim: 512 } as const;
const mla = (batch: number, context: number, heads: number): DecodeAttentionKernel => ({
  kind: 'decode-attention',
  variant: 'mla',
  batch,
  context,
  heads,
  kvHeads: 1,
  ...LATENT,
  kvBytesPerToken: 2 * LATENT.queryKeyDim,
  math: 'bf16',
});

/** Every measured table that a calibration reads, as kernels of the project. */
export interface Datasets {
  readonly gqaDecode: readonly Measurement[];
  readonly a800Decode: readonly Measurement[];
  readonly h100Decode: readonly Measurement[];
  readonly h100Decode8: readonly Measurement[];
  readonly h100Mla: readonly Measurement[];
  readonly mlaDecode: readonly Measurement[];
  readonly sparseMla: readonly Measurement[];
  readonly indexer: readonly Measurement[];
  readonly prefill: readonly Measurement[];
  readonly deepGemm: readonly Measurement[];
  readonly h100Gemm: readonly Measurement[];
  readonly blockScaledGemm: readonly Measurement[];
  readonly groupedGemm: readonly Measurement[];
  readonly h100Grouped: readonly Measurement[];
  readonly elementwise: readonly Measurement[];
  readonly collectives: readonly Measurement[];
  readonly exchange: readonly Measurement[];
  readonly ceilings: readonly PowerCeiling[];
}

export function datasets(read: ReadTable, chipOf: ChipOf): Datasets {
  const table = (file: string, of: (row: Row) => Omit<Measurement, 'file'> | readonly Omit<Measurement, 'file'>[] | undefined): readonly Measurement[] =>
    unique(rowsOf(read, file).flatMap((row) => [of(row) ?? []].flat().map((measurement) => ({ ...measurement, file }))));
  const own = (kind: string, of: (row: Row) => Omit<Measurement, 'file'> | undefined): readonly Measurement[] =>
    table('h100-2026-11.csv', (row) => (row.kind === kind && !row.caveat ? of(row) : undefined));
  const h100 = chipOf('H100');
  const ownDecode = (dtype: string, latent: boolean): readonly Measurement[] =>
    own('attn', (row) => {
      if (row.dtype !== dtype || (row.model === 'mla') !== latent) return undefined;
      const [batch, context, heads] = [number(row, 'batch'), number(row, 'context'), number(row, 'q_heads')];
      const kernel = latent ? mla(batch, context, heads) : gqa({ batch, context, heads, kvHeads: number(row, 'kv_heads'), headDim: number(row, 'd_qk') }, dtype === 'bf16' ? 2 : 1);
      return { kernel, chip: h100, seconds: number(row, 'median_us') * MICRO, group: latent ? `batch ${batch}` : shape(kernel) };
    });
  return {
    gqaDecode: table('infersim_gqa_decode.csv', (row) => {
      const kernel = gqa({ batch: number(row, 'batch_size'), context: number(row, 'kv_len'), heads: number(row, 'num_heads'), kvHeads: number(row, 'num_kv_heads'), headDim: number(row, 'head_dim') });
      return { kernel, chip: chipOf(row.gpu ?? ''), seconds: number(row, 'latency_us') * MICRO, group: shape(kernel) };
    }),
    a800Decode: table('frontier_a800_mha_decode.csv', (row) => {
      const kernel = gqa({ batch: number(row, 'batch_size'), context: number(row, 'kv_len'), heads: number(row, 'num_heads'), kvHeads: number(row, 'num_kv_heads'), headDim: number(row, 'head_dim') });
      return { kernel, chip: chipOf('A800'), seconds: number(row, 'latency_ms') * MILLI, group: `batch ${kernel.batch}` };
    }),
    h100Decode: ownDecode('bf16', false),
    h100Decode8: ownDecode('fp8kv', false),
    h100Mla: ownDecode('bf16', true),
    mlaDecode: table('infersim_mla_decode.csv', (row) => {
      const kernel = mla(number(row, 'batch_size'), number(row, 'kv_len'), 128);
      return { kernel, chip: chipOf(row.gpu ?? ''), seconds: number(row, 'latency_us') * MICRO, group: `batch ${kernel.batch}` };
    }),
    sparseMla: table('infersim_dsa.csv', (row) => {
      if (row.phase !== 'decode' || !row.table?.startsWith('attn')) return undefined;
      const kernel: Kernel = { ...mla(number(row, 'batch_size'), 2048, 128), variant: 'sparse-mla', kvBytesPerToken: 656 };
      return { kernel, chip: chipOf('H800'), seconds: number(row, 'latency_us') * MICRO, group: `context ${row.kv_len}` };
    }),
    indexer: table('infersim_dsa.csv', (row) => {
      if (row.phase !== 'decode' || !row.table?.startsWith('logits')) return undefined;
      const queries = number(row, 'next_n');
      const context = number(row, 's_kv');
      // several query tokens of a request share its keys: as many times the heads
      const kernel: Kernel = { kind: 'decode-attention', variant: 'indexer', batch: 64, context, heads: 64 * queries, kvHeads: 1, queryKeyDim: 128, valueDim: 0, kvBytesPerToken: 132, math: 'fp8' };
      return { kernel, chip: chipOf('H800'), seconds: number(row, 'latency_us') * MICRO, group: `context ${context}` };
    }),
    prefill: table('infersim_attention_prefill.csv', (row) => {
      const [context, heads, kvHeads, queryKeyDim] = [number(row, 'seq_len'), number(row, 'num_heads'), number(row, 'num_kv_heads'), number(row, 'head_dim')];
      const valueDim = row.kind?.startsWith('mla') ? 128 : queryKeyDim;
      const kernel: Kernel = {
        kind: 'prefill-attention',
        batch: 1,
        context,
        pairs: (context * (context + 1)) / 2,
        heads,
        kvHeads,
        queryKeyDim,
        valueDim,
        kvBytesPerToken: 2 * kvHeads * (queryKeyDim + valueDim),
        math: 'bf16',
      };
      return { kernel, chip: chipOf(row.gpu ?? ''), seconds: number(row, 'latency_us') * MICRO, group: row.gpu === 'H20' ? shape(kernel) : `prompt ${context}` };
    }),
    deepGemm: [
      ...table('infersim_gemm.csv', (row) => {
        const kernel = gemm(number(row, 'm'), number(row, 'n'), number(row, 'k'), 'fp8');
        return { kernel, chip: chipOf(row.gpu ?? ''), seconds: number(row, 'latency_us') * MICRO, group: shape(kernel) };
      }),
      ...table('deepgemm_h800.csv', (row) => {
        if (row.kind !== 'dense' || !row.readme_commit?.startsWith(LATEST_DEEPGEMM)) return undefined;
        const kernel = gemm(number(row, 'm_per_group'), number(row, 'n'), number(row, 'k'), 'fp8');
        return { kernel, chip: chipOf('H800'), seconds: (2 * kernel.m * kernel.n * kernel.k) / (number(row, 'tflops') * 1e12), group: shape(kernel) };
      }),
    ],
    h100Gemm: own('linear', (row) => {
      const kernel = gemm(number(row, 'batch'), number(row, 'n'), number(row, 'k'), row.dtype === 'bf16' ? 'bf16' : 'fp8');
      return { kernel, chip: h100, seconds: number(row, 'median_us') * MICRO, group: shape(kernel) };
    }),
    blockScaledGemm: table('aic_gemm.csv', (row) => {
      // per-tensor rows quantise their inputs as well, and 16-bit ones are measured above
      if (row.gemm_dtype !== 'fp8_block') return undefined;
      const kernel: GemmKernel = { ...gemm(number(row, 'm'), number(row, 'n'), number(row, 'k'), 'fp8'), blockScaled: true };
      return { kernel, chip: chipOf(row.system ?? ''), seconds: number(row, 'latency_ms') * MILLI, group: shape(kernel) };
    }),
    groupedGemm: [
      ...table('infersim_grouped_gemm.csv', (row) => {
        // SGLang's fused kernel, with tiles of 16 rows: 3072 wide, decode
        if (row.hidden_size === '3072' && row.phase === 'decode') return undefined;
        const [experts, rows, hidden, width] = [number(row, 'num_local_experts'), number(row, 'tokens_per_expert'), number(row, 'hidden_size'), number(row, 'intermediate_size')];
        const group = `${experts} experts, ${hidden} x ${width}`;
        const chip = chipOf(row.gpu ?? '');
        return [
          { kernel: grouped(experts, drawn(rows), 2 * width, hidden, 'fp8'), chip, seconds: number(row, 'up_proj_us') * MICRO, group },
          { kernel: grouped(experts, drawn(rows), hidden, width, 'fp8'), chip, seconds: number(row, 'down_proj_us') * MICRO, group },
        ];
      }),
      ...table('deepgemm_h800.csv', (row) => {
        if (row.kind === 'dense') return undefined;
        const [experts, rows, n, k] = [number(row, 'groups'), number(row, 'm_per_group'), number(row, 'n'), number(row, 'k')];
        const kernel = grouped(experts, { hit: 1, rows }, n, k, 'fp8');
        return { kernel, chip: chipOf('H800'), seconds: (2 * experts * rows * n * k) / (number(row, 'tflops') * 1e12), group: `${experts} experts, ${Math.max(n, k)} x ${Math.min(n, k)}` };
      }),
    ],
    h100Grouped: own('moe', (row) => {
      const [n, k, active, rows, experts] = [number(row, 'n'), number(row, 'k'), number(row, 'active_experts'), number(row, 'rows'), number(row, 'experts')];
      const math = row.dtype === 'bf16' ? 'bf16' : 'fp8';
      const kernel: GroupedGemmKernel = { ...grouped(experts, { hit: 1, rows: 1 }, n, k, math), hit: active, rows };
      return { kernel, chip: h100, seconds: number(row, 'median_us') * MICRO, group: `${row.model} ${row.op}` };
    }),
    elementwise: own('ceiling', (row) => {
      if (row.op !== 'copy_d2d' || !row.kernel?.startsWith('torch.add')) return undefined;
      return { kernel: { kind: 'elementwise', bytes: number(row, 'bytes'), flop: 0 }, chip: h100, seconds: number(row, 'median_us') * MICRO, group: `${row.size_bytes} B` };
    }),
    collectives: table('aic_nccl.csv', (row) => {
      const operation = COLLECTIVES.find((name) => name.replaceAll('-', '') === (row.op_name ?? '').replaceAll('_', ''));
      if (operation === undefined) throw new RangeError(`calibrate: op_name ${row.op_name} is not one of ${COLLECTIVES.join(', ')}`);
      const gpus = number(row, 'num_gpus');
      const bytes = number(row, 'message_size') * (row.nccl_dtype === 'half' ? 2 : 1);
      return {
        kernel: { kind: 'collective', operation, gpus, bytes, floating: row.nccl_dtype === 'half' },
        chip: chipOf(row.system ?? ''),
        seconds: number(row, 'latency_ms') * MILLI,
        group: `${operation} on ${gpus}`,
      };
    }),
    exchange: [
      ...table('aic_deepep_ll.csv', (row) =>
        (['dispatch', 'combine'] as const).map((direction) => ({
          kernel: exchange(direction, 8 * number(row, 'node_num'), number(row, 'num_token'), number(row, 'num_topk'), number(row, 'num_experts'), number(row, 'hidden_size')),
          chip: chipOf(row.system ?? ''),
          seconds: number(row, `${direction}_avg_t_us`) * MICRO,
          group: `${row.hidden_size} wide, ${row.num_topk} of ${row.num_experts}`,
        })),
      ),
      ...table('deepep.csv', (row) => {
        if (row.mode !== 'low_latency' || !row.readme_commit?.startsWith(NVLINK_DEEPEP)) return undefined;
        const gpus = number(row, 'ep');
        return {
          kernel: exchange(row.op as 'dispatch' | 'combine', gpus, 128, 8, gpus === 256 ? 256 : 288, 7168),
          chip: chipOf('H800'),
          seconds: number(row, 'latency_us') * MICRO,
          group: `H800, EP ${gpus}`,
        };
      }),
    ],
    ceilings: ceilingsOf(rowsOf(read, 'h100-2026-11.csv'), h100),
  };
}

/** H800 and H200 have the silicon and the power of H100; the H20 draws too little power to slow down. */
const SAME_POWER = ['h100', 'h800', 'h200'];

function ceilingsOf(rows: readonly Row[], { peak }: Accelerator): readonly PowerCeiling[] {
  return ([16, 8] as const).flatMap((mathBits) => {
    const row = rows.find(({ kind, op }) => kind === 'sustained' && op === `gemm ${mathBits === 16 ? 'bf16' : 'fp8'} 8192`);
    if (row === undefined) return [];
    const share = (column: string): number => Number((number(row, 'flops') / (number(row, column) * MICRO) / (mathBits === 16 ? peak.bf16 : (peak.fp8 as number))).toPrecision(4));
    return [{ accelerators: SAME_POWER, mathBits, burst: share('first_25ms_us'), sustained: share('last_500ms_us'), file: 'h100-2026-11.csv' }];
  });
}

/** The last of the README versions that a table holds. */
const LATEST_DEEPGEMM = '989c9e3';
/** The README of June 2025: kernels that use the links inside a node and the network. */
const NVLINK_DEEPEP = 'd8dd';

const exchange = (direction: 'dispatch' | 'combine', gpus: number, tokens: number, topK: number, experts: number, hidden: number): Kernel => ({
  kind: 'expert-exchange',
  direction,
  mode: 'low-latency',
  gpus,
  tokens,
  topK,
  experts,
  hidden,
  elementBytes: direction === 'dispatch' ? 1 : 2,
});

interface RowsOfExpert {
  /** share of the experts that have rows */
  readonly hit: number;
  readonly rows: number;
}

function grouped(experts: number, { hit, rows }: RowsOfExpert, n: number, k: number, math: Precision): GroupedGemmKernel {
  const width = math === 'bf16' ? 2 : 1;
  return { kind: 'grouped-gemm', experts, hit: experts * hit, rows: experts * rows, n, k, math, weightBytes: width, inputBytes: width, outputBytes: 2 };
}

const DRAWS = 400;

/** InferSim's benchmark gives each expert floor(rows x a number between 0.7 and 1.3) rows. */
function drawn(rows: number): RowsOfExpert {
  const each = Array.from({ length: DRAWS }, (_, i) => Math.floor(rows * (0.7 + (0.6 * (i + 0.5)) / DRAWS)));
  return { hit: each.filter((count) => count > 0).length / DRAWS, rows: each.reduce((sum, count) => sum + count, 0) / DRAWS };
}

/** What a model fixes of a kernel. */
function shape(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'gemm':
      return `${kernel.k} x ${kernel.n}`;
    case 'decode-attention':
    case 'prefill-attention':
      return `${kernel.heads} / ${kernel.kvHeads} heads of ${kernel.queryKeyDim}`;
    default:
      return kernel.kind;
  }
}

/** Tables repeat rows. */
function unique(measurements: readonly Measurement[]): readonly Measurement[] {
  const seen = new Set<string>();
  return measurements.filter(({ kernel, chip, seconds }) => {
    const key = JSON.stringify([kernel, chip.id, seconds]);
    return !seen.has(key) && seen.add(key);
  });
}
