import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Accelerator, type AcceleratorEntry, accelerator, accelerators, peakFor } from '../../src/accelerators/index.ts';

const each = accelerators.map((entry) => [entry.accelerator.id, entry] as const);
const leaves = (node: unknown, path: string): readonly string[] =>
  typeof node === 'object' && node !== null ? Object.entries(node).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`)) : [path];

test('ids in the order of the command contract, a variant after its chip', () => {
  const ids = accelerators.map((entry) => entry.accelerator.id);
  expect(ids.filter((id) => !id.includes(':'))).toEqual(['h800', 'h20', 'a800', 'ascend-910b', 'l20', 'l4', 'a10', 'a100-80g', 'h100', 'h200']);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [index, { accelerator: chip }] of accelerators.entries()) {
    expect(chip.variantOf).toBe(chip.id.includes(':') ? (chip.id.split(':')[0] ?? '') : null);
    if (chip.variantOf !== null) expect(ids[index - 1]?.split(':')[0]).toBe(chip.variantOf);
  }
});

test('one file per chip, named as the chip', () => {
  const files = readdirSync(new URL('../../src/accelerators/catalogue', import.meta.url));
  const chips = accelerators.filter((entry) => entry.accelerator.variantOf === null).map((entry) => `${entry.accelerator.id}.ts`);
  expect(files.sort()).toEqual(chips.sort());
});

describe.each(each)('%s', (_, { accelerator: chip, sources, prices }) => {
  test('has a source for every field and no source without one', () => {
    expect([...sources.keys()].sort()).toEqual([...leaves(chip, '')].sort());
  });

  test('is frozen', () => {
    expect([chip, chip.peak, prices, ...prices].every(Object.isFrozen)).toBe(true);
  });

  test('balances compute and memory as real chips do', () => {
    const ridge = chip.peak.bf16 / chip.memoryBandwidth;
    expect(ridge).toBeGreaterThan(20);
    expect(ridge).toBeLessThan(2000);
    if (chip.peak.fp8 !== null) expect(Math.abs(chip.peak.fp8 / chip.peak.bf16 / 2 - 1)).toBeLessThan(0.05);
    expect(chip.memoryCapacity % 2 ** 30).toBe(0);
  });

  test('has dated prices, and its default among them', () => {
    for (const price of prices) {
      expect(price.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(Number.isNaN(Date.parse(price.date))).toBe(false);
      expect(price.usdPerHour).toBeGreaterThan(0);
    }
    expect(new Set(prices.map((price) => `${price.provider} ${price.date}`)).size).toBe(prices.length);
    const byDefault = prices.find((price) => price.usdPerHour === chip.usdPerHour);
    expect(byDefault?.provider ?? null).toBe(chip.usdPerHour === null ? null : prices[0]?.provider);
    if (byDefault !== undefined) expect(sources.get('usdPerHour')).toMatchObject({ source: byDefault.source, note: expect.stringContaining(`${byDefault.provider}, ${byDefault.date}`) });
  });
});

test.each([
  ['h800', 2, 9.89e14, 1.98e15, 3.35e12, 5e10, 591],
  ['h20', 0.8, 1.48e14, 2.96e14, 4e12, 5e10, 74],
  ['a800', 0.75, 3.12e14, null, 2e12, 2.5e10, 156],
  ['ascend-910b', 0.67, 2.8e14, null, 1.6e12, 2.5e10, 175],
])('%s is as printed in Table 4 of arXiv:2507.19427v1', (id, usd, bf16, fp8, memory, nic, ridge) => {
  const { accelerator: chip, sources } = accelerator(id);
  expect([chip.usdPerHour, chip.peak.bf16, chip.peak.fp8, chip.memoryBandwidth, chip.nicPerAcceleratorPerDirection]).toEqual([usd, bf16, fp8, memory, nic]);
  expect(Math.round(peakFor(chip, 'fp8').flopPerSecond / chip.memoryBandwidth)).toBe(ridge);
  for (const path of ['usdPerHour', 'peak.bf16', 'peak.fp8', 'memoryBandwidth'])
    expect(sources.get(path)?.source).toMatchObject({ kind: 'paper', id: 'arXiv:2507.19427v1', at: expect.stringContaining('Table 4') });
});

test('the price of the 910B says that it was derived', () => {
  expect(accelerator('ascend-910b').sources.get('usdPerHour')?.note).toContain("in proportion to A800's FLOP/s");
});

test.each([
  ['h800', 1.979e15],
  ['a800', 6.24e14],
  ['a100-80g', 6.24e14],
  ['l4', 2.42e14],
  ['h100', 1.979e15],
  ['h200', 1.979e15],
])('%s is half of the sparse BF16 peak that the vendor prints', (id, sparse) => {
  expect(accelerator(id).accelerator.peak.bf16).toBeLessThanOrEqual(sparse / 2);
});

test('the A10 says that its server is assumed and that it has no network card', () => {
  const { accelerator: chip, sources } = accelerator('a10');
  expect([chip.scaleUpDomain, chip.acceleratorsPerServer, chip.nicPerAcceleratorPerDirection, chip.usdPerHour]).toEqual([8, 8, null, 1.29]);
  for (const path of ['scaleUpDomain', 'acceleratorsPerServer', 'nicPerAcceleratorPerDirection'])
    expect(sources.get(path)?.source).toMatchObject({ kind: 'assumed', because: expect.stringContaining('no usual server was found') });
});

test('variants differ from their chip where their name says', () => {
  const differing = (id: string): readonly string[] => {
    const [variant, chip] = [accelerator(id), accelerator(id.split(':')[0] ?? '')].map((entry) => new Map(leaves(entry.accelerator, '').map((path) => [path, at(entry.accelerator, path)])));
    return [...(variant?.keys() ?? [])].filter((path) => variant?.get(path) !== chip?.get(path) && !['id', 'name', 'variantOf'].includes(path));
  };
  expect(differing('h800:datasheet')).toEqual(['peak.fp8']);
  expect(differing('a800:datasheet')).toEqual(['memoryBandwidth']);
  expect(differing('ascend-910b:b4-bf16')).toEqual(['peak.bf16', 'peak.int8']);
});

test.each([
  ['h80', 'h800, h800:datasheet, h20'],
  ['A100', 'a10, a100-80g, a800'],
  ['ascend-910c', 'ascend-910b, a10, a100-80g'],
])('unknown id %s lists the nearest', (id, names) => {
  expect(() => accelerator(id)).toThrow(new RangeError(`accelerators: id ${id} is unknown; nearest: ${names}`));
});

const collected = new URL('../../../shared/accelerators/accelerators.json', import.meta.url);

/** The collected facts, which are not part of this project: a second transcription to compare with, where it is at hand. */
describe.skipIf(!existsSync(collected))('the collected facts (skipped where the folder beside the project is absent)', () => {
  interface Fact {
    readonly value: number | null;
    readonly alternatives?: readonly { readonly value: number }[];
  }
  interface Part {
    readonly id: string;
    readonly fields: Readonly<Record<string, Fact>>;
    readonly prices: readonly { readonly usdPerHour: number; readonly provider: string; readonly date: string }[];
  }
  const parts = existsSync(collected) ? (JSON.parse(readFileSync(collected, 'utf8')) as readonly Part[]) : [];
  const figures: readonly (readonly [string, (chip: Accelerator) => number | null])[] = [
    ['bf16DenseFlops', (chip) => chip.peak.bf16],
    ['fp8DenseFlops', (chip) => chip.peak.fp8],
    ['int8DenseOps', (chip) => chip.peak.int8],
    ['fp4DenseFlops', (chip) => chip.peak.fp4],
    ['memoryBandwidth', (chip) => chip.memoryBandwidth],
    ['memoryCapacity', (chip) => chip.memoryCapacity],
    ['scaleUpBandwidthPerDirection', (chip) => chip.scaleUpPerDirection],
    ['scaleUpDomain', (chip) => chip.scaleUpDomain],
    ['nicBandwidthPerGpuPerDirection', (chip) => chip.nicPerAcceleratorPerDirection],
  ];
  const named = (entry: AcceleratorEntry, part: string): Part => {
    const found = parts.find((candidate) => candidate.id === part);
    if (found === undefined) throw new Error(`no part ${part} for ${entry.accelerator.id}`);
    return found;
  };

  test.each([
    ['h800:datasheet', 'h800-sxm', []],
    ['h20', 'h20-sxm-96g', []],
    ['a800:datasheet', 'a800-80g-sxm', []],
    ['ascend-910b', 'ascend-910b4-64g', ['bf16DenseFlops']],
    ['ascend-910b:b4-bf16', 'ascend-910b4-64g', ['int8DenseOps']],
    ['l20', 'l20', []],
    ['l4', 'l4', []],
    ['a10', 'a10', ['scaleUpDomain']],
    ['a100-80g', 'a100-80g-sxm', []],
    ['h100', 'h100-sxm', []],
    ['h200', 'h200-sxm', []],
  ] as const)('%s has the figures and prices of %s', (id, part, except: readonly string[]) => {
    const entry = accelerator(id);
    const { fields, prices } = named(entry, part);
    for (const [name, of] of figures) {
      if (except.includes(name)) continue;
      const fact = fields[name]?.value ?? null;
      expect(of(entry.accelerator), name).toBe(fact === null ? null : Number(fact.toPrecision(12)));
    }
    for (const { usdPerHour, provider, date } of entry.prices) {
      const same = prices.some((price) => price.usdPerHour === usdPerHour && price.date === date && (price.provider === provider || price.provider.includes('Step-3')));
      expect(same, `${provider} ${date}`).toBe(true);
    }
  });
});

function at(node: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>>)[key], node);
}
