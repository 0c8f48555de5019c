import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { COMPONENTS } from '../../../src/layers/precision.ts';
import { importConfig } from '../../../src/models/huggingface/index.ts';
import { modelEntries } from '../../../src/models/index.ts';
import { cli, json } from '../support.ts';

const sources = z.array(
  z.strictObject({
    field: z.string(),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
    basis: z.enum(['stated', 'derived', 'measured', 'assumed']),
    source: z.string().min(5),
    note: z.string().nullable(),
  }),
);

describe('models', () => {
  it('lists the catalogue', async () => {
    const shape = z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        layers: z.int(),
        attention: z.record(z.string(), z.int()),
        totalParameters: z.int(),
        activeParameters: z.int(),
        maxContext: z.int().nullable(),
      }),
    );
    const rows = shape.parse(await json('models'));
    expect(rows).toHaveLength(modelEntries.length);
    expect(rows.find(({ id }) => id === 'minimax-m1')).toMatchObject({ layers: 80, attention: { lightning: 70, gqa: 10 } });
    for (const { layers, attention } of rows) expect(Object.values(attention).reduce((sum, count) => sum + count, 0)).toBe(layers);
  });
  it('lists the architectures of configs, each of which a config can name', async () => {
    const types = z.array(z.strictObject({ modelType: z.string() })).parse(await json('models', '--types'));
    for (const { modelType } of types) expect(() => importConfig({ model_type: modelType }), modelType).toThrow(/^config [^:]+: (?!model_type)/);
    expect(types.length).toBeGreaterThan(50);
  });
  it('shows every field of one with its source', async () => {
    const model = z.object({ id: z.literal('step-3'), hidden: z.int(), sources }).parse(await json('models', 'step-3'));
    expect(model.sources.find(({ field }) => field === 'hidden')).toMatchObject({ value: model.hidden, basis: 'stated', source: 'stepfun-ai/step3 config.json, key hidden_size' });
    expect(model.sources.length).toBeGreaterThan(30);
  });
});

describe('accelerators', () => {
  const ridge = z.number().nullable();
  const price = z.strictObject({
    usdPerHour: z.number(),
    kind: z.enum(['list', 'ownership', 'assumption']),
    provider: z.string(),
    date: z.iso.date(),
    source: z.string(),
    note: z.string().nullable(),
  });

  it('lists the catalogue with ridge points and the dated price of each chip', async () => {
    const shape = z.array(
      z.looseObject({ id: z.string(), usdPerHour: z.number().nullable(), ridgePoint: z.strictObject({ bf16: z.number(), fp8: ridge, int8: ridge, fp4: ridge }), price: price.nullable() }),
    );
    const rows = shape.parse(await json('accelerators'));
    expect(rows.find(({ id }) => id === 'h20')?.ridgePoint).toMatchObject({ bf16: 37, fp8: 74 });
    for (const row of rows) expect(row.price?.usdPerHour ?? null, row.id).toBe(row.usdPerHour);
  });
  it('shows one, and all dated prices', async () => {
    expect(
      z
        .object({ id: z.literal('h20'), sources })
        .parse(await json('accelerators', 'h20'))
        .sources.find(({ field }) => field === 'peak.fp8')?.value,
    ).toBe(2.96e14);
    const prices = z.array(price.extend({ accelerator: z.string() })).parse(await json('accelerators', '--prices'));
    expect(prices.length).toBeGreaterThan(20);
    expect(z.array(z.object({ accelerator: z.literal('h100') })).parse(await json('accelerators', 'h100', '--prices')).length).toBeGreaterThan(1);
  });
  it('writes nested fields as columns of CSV', async () => {
    const [head = ''] = (await cli('accelerators', '--format', 'csv')).out.split('\n');
    expect(head.split(',')).toEqual(expect.arrayContaining(['id', 'peak.fp8', 'ridgePoint.bf16', 'usdPerHour', 'priceDate', 'priceSource']));
  });
});

describe('params', () => {
  const counts = z.strictObject({ all: z.int(), withoutInputEmbedding: z.int(), withoutEmbeddings: z.int() });
  const parts = z.strictObject(Object.fromEntries(COMPONENTS.map((component) => [component, z.int()])) as Record<(typeof COMPONENTS)[number], z.ZodInt>);
  const row = z.strictObject({
    model: z.string(),
    totalParameters: z.int(),
    activeParameters: counts,
    total: counts,
    parts,
    activeParts: parts,
    mtpParameters: z.int(),
    weightBytes: z.int(),
    weightFormats: z.record(z.string(), z.string()),
    bytes: z.record(z.string(), z.int()),
    notes: z.array(z.string()),
  });
  const sum = (of: object): number => Object.values(of as Record<string, number>).reduce((total, part) => total + part, 0);

  it('adds up, in three conventions and by policy', async () => {
    for (const { totalParameters, total, activeParameters: active, parts, activeParts, bytes, weightBytes } of z.array(row).parse(await json('params', 'all'))) {
      expect(totalParameters).toBe(total.all);
      expect([total.all, active.all]).toEqual([sum(parts), sum(activeParts)]);
      expect(total.all).toBeGreaterThanOrEqual(total.withoutInputEmbedding);
      expect(total.withoutInputEmbedding).toBeGreaterThan(total.withoutEmbeddings);
      expect(active.all).toBeLessThanOrEqual(total.all);
      expect(bytes.bf16).toBe(2 * (bytes.fp8 ?? 0));
      expect(bytes.own).toBe(weightBytes);
    }
  });
  it('is an object for one model', async () => expect(row.parse(await json('params', 'step-3')).model).toBe('step-3'));
  it('takes models apart or with commas', async () => expect(await json('params', 'step-3', 'kimi-k2')).toEqual(await json('params', 'step-3,kimi-k2')));
});
