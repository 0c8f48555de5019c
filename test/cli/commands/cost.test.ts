import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cli, json } from '../support.ts';

const count = z.number().nonnegative();
const costRows = z.array(
  z.strictObject({
    model: z.string(),
    accelerator: z.string(),
    context: z.int().positive(),
    kvBytesRead: count,
    attentionFlop: count,
    linearFlop: count,
    ffnFlop: count,
    headFlop: count,
    attentionUsdPerMtok: count,
    ffnUsdPerMtok: count,
    headUsdPerMtok: count,
    totalUsdPerMtok: count,
    bound: z.enum(['compute', 'memory']),
    maxContext: z.int().positive().nullable(),
    notes: z.array(z.string()),
  }),
);
const cost = async (...argv: readonly string[]) => costRows.parse(await json('cost', ...argv));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('cost', () => {
  it('answers without any option: three models on the four chips of the paper at 8K and 32K', async () => {
    const rows = await cost();
    expect(rows).toHaveLength(24);
    expect(new Set(rows.map(({ accelerator }) => accelerator))).toEqual(new Set(['h800', 'h20', 'a800', 'ascend-910b']));
  });

  it('prints Table 6 of arXiv:2507.19427v1 for Step-3 and its AFD pair', async () => {
    const rows = await cost('--models', 'step-3', '--accelerators', 'h800,h20', '--contexts', '8K', '--counting', 'step3', '--afd');
    expect(rows.map((row) => [row.accelerator, row.attentionUsdPerMtok.toFixed(3), row.ffnUsdPerMtok.toFixed(3), row.headUsdPerMtok, row.totalUsdPerMtok.toFixed(3)])).toEqual([
      ['h800', '0.048', '0.015', 0, '0.063'],
      ['h20', '0.040', '0.040', 0, '0.080'],
      ['afd:h20+h800', '0.040', '0.015', 0, '0.055'],
    ]);
  });

  it('orders models, chips, contexts as asked', async () => {
    const rows = await cost('--models', 'kimi-k2,step-3', '--accelerators', 'h20', '--contexts', '32K,8192');
    expect(rows.map(({ model, context }) => [model, context])).toEqual([
      ['kimi-k2', 32768],
      ['kimi-k2', 8192],
      ['step-3', 32768],
      ['step-3', 8192],
    ]);
  });

  it('charges weights at a batch, takes a policy, and says so', async () => {
    const [ideal, batched, bf16] = await Promise.all([[], ['--batch', '1'], ['--precision', 'bf16']].map((more) => cost('--models', 'step-3', '--accelerators', 'h800', '--contexts', '8K', ...more)));
    expect(batched?.[0]?.totalUsdPerMtok).toBeGreaterThan((ideal?.[0]?.totalUsdPerMtok ?? 0) * 10);
    expect(batched?.[0]?.notes).toContain('weights: charged at batch 1');
    expect(bf16?.[0]?.kvBytesRead).toBe((ideal?.[0]?.kvBytesRead ?? 0) * 2);
    expect(bf16?.[0]?.notes).toContain('precision: bf16');
  });

  it('costs a request', async () => {
    const rows = await cost('--models', 'step-3', '--accelerators', 'h800', '--phase', 'request', '--prompt', '4K', '--output', '1K');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.context).toBe(5120);
  });

  it('takes every chip that has a price for all', async () => {
    const rows = await cost('--models', 'step-3', '--accelerators', 'all', '--contexts', '1');
    expect(rows.map(({ accelerator }) => accelerator)).not.toContain('l20');
    expect(rows.length).toBeGreaterThan(8);
  });

  it('uses overrides and marks every row with the scenario', async () => {
    const file = join(folder, 'o.json');
    await writeFile(file, '{"accelerators": {"h20": {"set": {"usdPerHour": 1.6}}, "new": {"base": "h20", "set": {"usdPerHour": 0.8}}}}');
    const [plain] = await cost('--models', 'step-3', '--accelerators', 'h20', '--contexts', '8K');
    const [dear, same] = await cost('--models', 'step-3', '--accelerators', 'h20,new', '--contexts', '8K', '--override', file);
    expect(dear?.totalUsdPerMtok).toBeCloseTo((plain?.totalUsdPerMtok ?? 0) * 2, 12);
    expect(same?.totalUsdPerMtok).toBe(plain?.totalUsdPerMtok);
    for (const row of [dear, same]) expect(row?.notes.at(-1)).toMatch(/^scenario: [0-9a-f]{8}$/);
  });

  it('writes CSV with the keys of the JSON rows', async () => {
    const { out } = await cli('cost', '--models', 'step-3', '--accelerators', 'h20', '--contexts', '8K', '--format', 'csv');
    const [head, row, end] = out.split('\n');
    expect(head?.split(',')).toEqual(Object.keys(costRows.element.shape));
    expect(row).toMatch(/^step-3,h20,8192,255852544,\d+,/);
    expect(row).toMatch(/,65536,"counting: exact \(mlaValueWidth, .*\); precision: paper; weights: not charged \(ideal batch\)"$/);
    expect(end).toBe('');
  });

  it('says common notes once under the table and numbers the others', async () => {
    const { out } = await cli('cost', '--models', 'step-3', '--accelerators', 'h20,a800', '--contexts', '8K,128K');
    expect(out.match(/precision: paper/g)).toHaveLength(1);
    expect(out).toMatch(/^step-3 +a800 +128K .* 1 2$/m);
    expect(out).toMatch(/^1 +context: 131072 is beyond the trained 65536$/m);
  });

  it('prints tens of thousands of rows', async () => {
    const contexts = Array.from({ length: 4000 }, (_, index) => index + 1).join();
    const { out } = await cli(
      'cost',
      '--models',
      'step-3,deepseek-v3,kimi-k2,qwen3-32b,minimax-m1,llama-4-maverick,gpt-oss-120b,deepseek-v3.2,deepseek-v4-pro',
      '--accelerators',
      'h20',
      '--contexts',
      contexts,
      '--format',
      'csv',
    );
    expect(out.trimEnd().split('\n')).toHaveLength(1 + 9 * 4000);
  });
});
