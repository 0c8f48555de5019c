import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { CURVE_COLUMNS, costTable, curveTable } from '../../src/compare/table.ts';
import { costRows } from '../../src/cost/row.ts';
import { exactCounting as counting } from '../../src/layers/counting.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';

const models = ['step-3', 'llama-4-maverick', 'minimax-m1'].map(modelOf);
const accelerators = ['h800', 'h20'].map((id) => accelerator(id).accelerator);
const contexts = [8192, 1, 8193, 100_000];

describe('costTable', () => {
  it('holds the rows of costRows, notes joined', () => {
    const rows = costRows(models, accelerators, { counting, phase: 'decode', contexts });
    const table = costTable(models, accelerators, { counting, phase: 'decode', contexts });
    expect(table.objects()).toEqual(rows.map((row) => ({ ...row, notes: row.notes.join('; ') })));
    expect(table.get('notes', 0)).toContain('; ');
  });
});

describe('curveTable', () => {
  it('equals cost rows at every point', () => {
    const rows = costRows(models, accelerators, { counting, phase: 'decode', contexts });
    const found = curveTable({ models, accelerators, contexts, counting }).objects() as readonly Record<string, string | number>[];
    expect(found).toHaveLength(rows.length);
    rows.forEach((row, i) => {
      const { model, accelerator, context, precision, maxContext } = found[i] as (typeof found)[0];
      expect({ model, accelerator, context, precision, maxContext }).toEqual({ model: row.model, accelerator: row.accelerator, context: row.context, precision: 'paper', maxContext: row.maxContext });
      for (const name of CURVE_COLUMNS) expect(Math.abs((found[i]?.[name] as number) - row[name]), name).toBeLessThanOrEqual(1e-12 * row[name]);
    });
  });

  it('takes one precision policy or several, and some of the columns', () => {
    const columns = ['kvBytesRead', 'totalUsdPerMtok'] as const;
    const one = curveTable({ models, accelerators, contexts, counting, precision: precisionPolicies.fp8, columns });
    expect(one.columnNames()).toEqual(['model', 'accelerator', 'precision', 'context', 'maxContext', 'kvBytesRead', 'totalUsdPerMtok']);
    const both = curveTable({ models, accelerators, contexts, counting, precision: [precisionPolicies.fp8, precisionPolicies.bf16], columns });
    expect(both.numRows()).toBe(2 * one.numRows());
    const kv = (policy: string): readonly unknown[] =>
      (both.objects() as readonly Record<string, unknown>[]).filter((row) => row.precision === policy && row.model === 'step-3').map((row) => row.kvBytesRead);
    expect(kv('bf16')).toEqual(kv('fp8').map((bytes) => 2 * (bytes as number)));
  });

  it('refuses empty lists and what is no context', () => {
    expect(() => curveTable({ models: [], accelerators, contexts, counting })).toThrow('curve-table: models [] is empty');
    expect(() => curveTable({ models, accelerators, contexts: [], counting })).toThrow('curve-table: contexts [] is empty');
    expect(() => curveTable({ models, accelerators, contexts, counting, precision: [] })).toThrow('curve-table: precision [] is empty');
    expect(() => curveTable({ models, accelerators, contexts: [8192, 0.5], counting })).toThrow('columns: context 0.5 is not a positive integer');
  });
});
