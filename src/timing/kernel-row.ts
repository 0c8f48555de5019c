import { expertsHit } from '../layers/moe.ts';
import type { Precision } from '../layers/precision.ts';
import { nearest } from '../units/nearest.ts';
import { COLLECTIVES, type Kernel } from './kernels/kernel.ts';

export const KERNEL_NAMES = ['gemm', 'grouped-gemm', 'decode-attention', 'mla-decode', 'prefill-attention', ...COLLECTIVES] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** Columns of a table of kernels; what a kernel does not have stays empty. */
export const KERNEL_COLUMNS = [
  'accelerator',
  'kernel',
  'dtype',
  'kvDtype',
  'heads',
  'kvHeads',
  'headDim',
  'latentDim',
  'ropeDim',
  'batch',
  'context',
  'm',
  'n',
  'k',
  'experts',
  'topK',
  'tokens',
  'gpus',
  'bytes',
] as const;
type Column = (typeof KERNEL_COLUMNS)[number];
export type KernelRow = Readonly<Partial<Record<Column, string>>>;

const DTYPES: Readonly<Record<string, Precision>> = { bf16: 'bf16', bfloat16: 'bf16', fp16: 'fp16', half: 'fp16', float16: 'fp16', fp8: 'fp8', fp8_e4m3: 'fp8', fp8_block: 'fp8', int8: 'int8' };
const BYTES: Readonly<Partial<Record<Precision, number>>> = { bf16: 2, fp16: 2, fp8: 1, int8: 1 };

/**
 * The kernel of one row of a table.
 *   gemm               m, n, k, dtype: operands in dtype, output in 16 bit; fp8_block has a scale for each block
 *   grouped-gemm       n, k, dtype, experts; topK and tokens (of one chip), or m rows for each expert; gpus deals the experts out (1 unless given)
 *   decode-attention   heads, kvHeads, headDim, batch, context (tokens attended), kvDtype (as dtype unless given)
 *   mla-decode         heads, latentDim (512), ropeDim (64), batch, context, kvDtype
 *   prefill-attention  heads, kvHeads, headDim, context (the prompt), batch (1); ropeDim widens queries and keys only
 *   collectives        gpus, bytes as nccl-tests count a size: the whole buffer of one chip, in an all-gather the gathered one
 * @throws RangeError `<field> <value> <rule>`, without a place
 */
export function kernelOf(row: KernelRow): Kernel {
  const text = (column: Column): string => row[column]?.trim() ?? '';
  const count = (column: Column, otherwise?: number): number => {
    const value = text(column);
    if (value === '' && otherwise !== undefined) return otherwise;
    // a table written by other software has 128.0 for 128
    const parsed = /^\d+(\.0*)?(e\+?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(parsed) || parsed < 1) throw new RangeError(`${column} ${value === '' ? '""' : value} is not a positive whole number`);
    return parsed;
  };
  const dtype = (column: 'dtype' | 'kvDtype', otherwise: Precision): Precision => {
    const value = text(column).toLowerCase();
    if (value === '') return otherwise;
    const found = Object.hasOwn(DTYPES, value) ? DTYPES[value] : undefined;
    if (found === undefined) throw new RangeError(`${column} ${text(column)} is unknown; nearest: ${nearest(value, Object.keys(DTYPES)).join(', ')}`);
    return found;
  };
  const width = (precision: Precision): number => BYTES[precision] as number;
  const name = KERNEL_NAMES.find((candidate) => candidate === text('kernel'));
  if (name === undefined) throw new RangeError(`kernel ${text('kernel') || '""'} is unknown; nearest: ${nearest(text('kernel'), KERNEL_NAMES).join(', ')}`);
  const math = dtype('dtype', 'bf16');
  const cache = dtype('kvDtype', math);
  const operands = { math, weightBytes: width(math), inputBytes: width(math), outputBytes: 2 };
  switch (name) {
    case 'gemm':
      return { kind: 'gemm', m: count('m'), n: count('n'), k: count('k'), ...operands, ...(text('dtype').toLowerCase() === 'fp8_block' ? { blockScaled: true } : {}) };
    case 'grouped-gemm': {
      const [all, gpus] = [count('experts'), count('gpus', 1)];
      if (all % gpus !== 0) throw new RangeError(`experts ${all} is not a multiple of gpus ${gpus}`);
      const experts = all / gpus;
      const size = { kind: 'grouped-gemm', experts, n: count('n'), k: count('k'), ...operands } as const;
      if (text('m') !== '') return { ...size, hit: experts, rows: experts * count('m') };
      const [activeExperts, tokens] = [count('topK'), count('tokens')];
      const hit = activeExperts >= all ? all : expertsHit.evaluate({ experts: all, activeExperts, tokens: tokens * gpus });
      return { ...size, hit: hit / gpus, rows: tokens * activeExperts };
    }
    case 'decode-attention': {
      const [heads, kvHeads, headDim] = [count('heads'), count('kvHeads'), count('headDim')];
      if (heads % kvHeads !== 0) throw new RangeError(`heads ${heads} is not a multiple of kvHeads ${kvHeads}`);
      // a cache in FP8 is multiplied in FP8; one of integers is widened first
      return {
        kind: 'decode-attention',
        variant: 'gqa',
        batch: count('batch'),
        context: count('context'),
        heads,
        kvHeads,
        queryKeyDim: headDim,
        valueDim: headDim,
        kvBytesPerToken: 2 * kvHeads * headDim * width(cache),
        math: cache === 'fp8' ? 'fp8' : math,
      };
    }
    case 'mla-decode': {
      const [latent, rope] = [count('latentDim', 512), count('ropeDim', 64)];
      return {
        kind: 'decode-attention',
        variant: 'mla',
        batch: count('batch'),
        context: count('context'),
        heads: count('heads'),
        kvHeads: 1,
        queryKeyDim: latent + rope,
        valueDim: latent,
        kvBytesPerToken: (latent + rope) * width(cache),
        math: width(math) === 1 ? 'bf16' : math,
      };
    }
    case 'prefill-attention': {
      const [heads, kvHeads, headDim, context] = [count('heads'), count('kvHeads'), count('headDim'), count('context')];
      if (heads % kvHeads !== 0) throw new RangeError(`heads ${heads} is not a multiple of kvHeads ${kvHeads}`);
      const queryKeyDim = headDim + (text('ropeDim') === '' ? 0 : count('ropeDim'));
      return {
        kind: 'prefill-attention',
        batch: count('batch', 1),
        context,
        pairs: (context * (context + 1)) / 2,
        heads,
        kvHeads,
        queryKeyDim,
        valueDim: headDim,
        kvBytesPerToken: kvHeads * (queryKeyDim + headDim) * width(cache),
        math,
      };
    }
    default:
      return { kind: 'collective', operation: name, gpus: count('gpus'), bytes: count('bytes'), floating: math !== 'int8' };
  }
}
