import { describe, expect, it } from 'vitest';
import { type Datasets, datasets } from '../../src/calibrate/datasets.ts';
import { chipOf } from '../timing/support.ts';
import { chipNamed, csvOf, DATASETS, drawnRows, measurementsOf, readerOf, tables } from './support.ts';

/** The tables with one of them in place of its own. */
const withTable = (file: string, rows: Parameters<typeof csvOf>[0]): Datasets => datasets(readerOf({ ...tables, [file]: csvOf(rows) }), chipNamed);

describe('datasets', () => {
  const data = datasets(readerOf(tables), chipNamed);

  it('has a table for each of its lists', () => expect([...DATASETS, 'ceilings'].sort()).toEqual(Object.keys(data).sort()));

  it.each(DATASETS)('reads %s as kernels on chips, in SI units, and nothing else', (dataset) => {
    const expected = measurementsOf(dataset);
    expect(expected.length).toBeGreaterThan(0);
    expect(data[dataset].map(({ seconds: _, ...rest }) => rest)).toEqual(expected.map(({ seconds: _, ...rest }) => rest));
    for (const [at, { seconds }] of data[dataset].entries()) expect(seconds / (expected[at]?.seconds as number)).toBeCloseTo(1, 12);
  });

  it('reads ceilings of sustained multiplies as shares of the peak of H100, for chips of its silicon', () => {
    expect(data.ceilings).toEqual([
      { accelerators: ['h100', 'h800', 'h200'], mathBits: 16, burst: 0.8, sustained: 0.7, file: 'h100-2026-11.csv' },
      { accelerators: ['h100', 'h800', 'h200'], mathBits: 8, burst: 0.75, sustained: 0.65, file: 'h100-2026-11.csv' },
    ]);
  });

  it('has no ceiling that was not measured', () => {
    const { ceilings } = withTable('h100-2026-11.csv', [{ kind: 'sustained', op: 'gemm fp8 8192', flops: 1e15, first_25ms_us: 1e6, last_500ms_us: 2e6 }]);
    expect(ceilings.map(({ mathBits, burst, sustained }) => [mathBits, burst, sustained])).toEqual([[8, 0.5053, 0.2527]]);
  });

  it('takes a row that a table repeats once, and measurements of one kernel that differ all', () => {
    const row = { gpu: 'H20', m: 16, k: 4096, n: 4096, latency_us: 10 };
    expect(
      withTable('infersim_gemm.csv', [row, { ...row, latency_us: 11 }, row])
        .deepGemm.filter(({ file }) => file === 'infersim_gemm.csv')
        .map(({ seconds }) => seconds),
    ).toEqual([10 * 1e-6, 11 * 1e-6]);
  });

  it('reads a table of nothing but a header as none', () => {
    expect(datasets(readerOf({ ...tables, 'infersim_gqa_decode.csv': 'gpu,num_heads' }), chipNamed).gqaDecode).toEqual([]);
  });
});

describe('what tables mean', () => {
  it('nccl-tests count elements: two bytes of half, one of int8, which switches do not add up', () => {
    const row = { system: 'h100_sxm', op_name: 'all_reduce', num_gpus: 8, message_size: 1024, latency_ms: 0.02 };
    const { collectives } = withTable('aic_nccl.csv', [
      { ...row, nccl_dtype: 'half' },
      { ...row, nccl_dtype: 'int8' },
    ]);
    expect(collectives).toEqual([
      { kernel: { kind: 'collective', operation: 'all-reduce', gpus: 8, bytes: 2048, floating: true }, chip: chipOf('h100'), seconds: 0.02 * 1e-3, group: 'all-reduce on 8', file: 'aic_nccl.csv' },
      { kernel: { kind: 'collective', operation: 'all-reduce', gpus: 8, bytes: 1024, floating: false }, chip: chipOf('h100'), seconds: 0.02 * 1e-3, group: 'all-reduce on 8', file: 'aic_nccl.csv' },
    ]);
  });

  it.each([
    ['all_gather', 'all-gather'],
    ['all_reduce', 'all-reduce'],
    ['reduce_scatter', 'reduce-scatter'],
    ['alltoall', 'all-to-all'],
  ])('%s is an %s', (op_name, operation) => {
    const { collectives } = withTable('aic_nccl.csv', [{ system: 'h100_sxm', op_name, nccl_dtype: 'half', num_gpus: 2, message_size: 256, latency_ms: 0.01 }]);
    expect(collectives[0]?.kernel).toMatchObject({ operation });
  });

  it('half of the experts get a row where one is asked for each, and all of them about as many as asked', () => {
    // floor(1 x u) is 1 for u from 1 to 1.3, of 0.7 to 1.3
    expect(drawnRows(1)).toEqual({ hit: 0.5, rows: 0.5 });
    const row = { gpu: 'H20', phase: 'decode', num_local_experts: 8, hidden_size: 4096, intermediate_size: 1536, up_proj_us: 10, down_proj_us: 5 };
    const { groupedGemm } = withTable('infersim_grouped_gemm.csv', [
      { ...row, tokens_per_expert: 1 },
      { ...row, tokens_per_expert: 1000 },
    ]);
    const [few, , many] = groupedGemm.map(({ kernel }) => kernel);
    expect(few).toMatchObject({ experts: 8, hit: 4, rows: 4, n: 3072, k: 4096 });
    expect(many).toMatchObject({ experts: 8, hit: 8 });
    expect((many as { rows: number }).rows / 8000).toBeCloseTo(1, 2);
  });

  it('a prompt on H20 is grouped by its heads, on H800 by its length', () => {
    const row = { kind: 'gqa', num_heads: 32, num_kv_heads: 8, head_dim: 128, seq_len: 4096, latency_us: 500 };
    const { prefill } = withTable('infersim_attention_prefill.csv', [
      { ...row, gpu: 'H20' },
      { ...row, gpu: 'H800' },
    ]);
    expect(prefill.map(({ group }) => group)).toEqual(['32 / 8 heads of 128', 'prompt 4096']);
  });

  it('values of latent attention are 128 wide in a prompt, and its heads all have keys', () => {
    const { prefill } = withTable('infersim_attention_prefill.csv', [{ kind: 'mla', gpu: 'H20', num_heads: 128, num_kv_heads: 128, head_dim: 192, seq_len: 1024, latency_us: 500 }]);
    expect(prefill[0]?.kernel).toMatchObject({ queryKeyDim: 192, valueDim: 128, pairs: (1024 * 1025) / 2, kvBytesPerToken: 2 * 128 * (192 + 128) });
  });
});

describe('refuses', () => {
  const row = { gpu: 'H20', m: 16, k: 4096, n: 4096, latency_us: 10 };

  it.each([
    ['an empty cell', { ...row, m: '' }, /^calibrate: m "" is not a number above 0$/],
    ['a word', { ...row, latency_us: 'fast' }, /^calibrate: latency_us "fast" is not a number above 0$/],
    ['infinity', { ...row, k: 'Infinity' }, /^calibrate: k "Infinity" is not a number above 0$/],
    ['nothing', { ...row, latency_us: 0 }, /^calibrate: latency_us "0" is not a number above 0$/],
    ['less than nothing', { ...row, n: -4096 }, /^calibrate: n "-4096" is not a number above 0$/],
    ['a chip that is not catalogued', { ...row, gpu: 'H900' }, /^accelerators: id h900 is unknown/],
  ])('%s', (_, bad, message) => {
    expect(() => withTable('infersim_gemm.csv', [bad])).toThrow(message);
    expect(() => withTable('infersim_gemm.csv', [bad])).toThrow(RangeError);
  });

  it('a column that is missing', () => {
    const { m: _, ...rest } = row;
    expect(() => withTable('infersim_gemm.csv', [rest])).toThrow(/^calibrate: m undefined is not a number above 0$/);
  });

  it.each(['broadcast', '', 'all-reduce-2'])('the operation %j, which no collective is', (op_name) => {
    const bad = () => withTable('aic_nccl.csv', [{ system: 'h100_sxm', op_name, nccl_dtype: 'half', num_gpus: 2, message_size: 256, latency_ms: 0.01 }]);
    expect(bad).toThrow(RangeError);
    expect(bad).toThrow(new RangeError(`calibrate: op_name ${op_name} is not one of all-reduce, all-gather, reduce-scatter, all-to-all`));
  });
});
