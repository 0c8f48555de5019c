import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pick } from '../../../src/cli/catalogue.ts';
import { loadCatalogue } from '../../../src/cli/load-catalogue.ts';
import { scenarioOf } from '../../../src/cli/override/overrides.ts';
import type { AttentionSpec } from '../../../src/layers/index.ts';
import { modelEntries, modelOf } from '../../../src/models/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(overrides: unknown) {
  const file = join(folder, 'o.json');
  await writeFile(file, JSON.stringify(overrides));
  return loadCatalogue({ override: file });
}

describe('loadCatalogue', () => {
  it('is the catalogue itself without overrides', async () => {
    const { models, accelerators, scenario } = await loadCatalogue({});
    expect([models.length, accelerators.length, scenario]).toEqual([modelEntries.length, 13, null]);
  });

  it('changes chips of the catalogue and adds new ones from its own entries', async () => {
    const { accelerators } = await load({ accelerators: { h20: { set: { usdPerHour: 0.5, peak: { fp8: null } } }, 'my-chip': { base: 'h20', set: { memoryBandwidth: 4.8e12 } } } });
    const [h20, mine] = pick('cost', 'accelerators', accelerators, ['h20', 'my-chip']);
    expect(h20).toMatchObject({ id: 'h20', usdPerHour: 0.5, variantOf: null, peak: { bf16: 1.48e14, fp8: null } });
    expect(mine).toMatchObject({ id: 'my-chip', usdPerHour: 0.8, variantOf: 'h20', memoryBandwidth: 4.8e12 });
    expect(accelerators).toHaveLength(14);
  });

  it('changes and adds models, and leaves the catalogue as it is', async () => {
    const { models } = await load({ models: { 'my-step': { base: 'step-3', set: { 'layers.*.attention.queryHeads': 128, 'layers.1.ffn.activeExperts': 4 } } } });
    const [mine] = pick('cost', 'models', models, ['my-step']);
    const heads = (attention: AttentionSpec | undefined) => attention?.kind === 'mfa' && attention.queryHeads;
    expect(mine?.layers.map(({ attention }) => heads(attention))).toEqual([128, 128]);
    expect(modelOf('step-3').layers.map(({ attention }) => heads(attention))).toEqual([64, 64]);
  });

  it.each<[unknown, string]>([
    [[], 'is not an object'],
    [{}, 'o.json {} is empty'],
    [{ chips: {} }, 'o.json chips is unknown; known: models, accelerators'],
    [{ accelerators: {} }, 'override: accelerators {} is empty'],
    [{ accelerators: { h20: 5 } }, 'override: accelerators.h20 5 is not an object'],
    [{ accelerators: { h20: {} } }, 'override: accelerators.h20 {} is empty'],
    [{ accelerators: { h20: { price: 1 } } }, 'override: accelerators.h20 price is unknown; known: base, set'],
    [{ accelerators: { h20: { set: { usdPerhour: 1 } } } }, 'accelerators: h20.usdPerhour is unknown; nearest: usdPerHour'],
    [{ accelerators: { h20: { set: { usdPerHour: '1' } } } }, 'accelerators: h20.usdPerHour "1" is not a finite number of at least 0'],
    [{ accelerators: { h20: { set: { usdPerHour: -1 } } } }, 'accelerators: h20.usdPerHour -1 is not a finite number of at least 0'],
    [{ accelerators: { h20: { set: { memoryBandwidth: 4000 } } } }, 'accelerators: h20.memoryBandwidth 4000 is not a number from 1000000'],
    [{ accelerators: { h20: { base: 'h800', set: { usdPerHour: 1 } } } }, 'override: accelerators.h20.base "h800" is not allowed for an id of the catalogue'],
    [{ accelerators: { mine: { set: { usdPerHour: 1 } } } }, 'override: accelerators.mine.base undefined is not an id of the catalogue'],
    [{ accelerators: { mine: { base: 'h21', set: { usdPerHour: 1 } } } }, 'override: accelerators.mine.base "h21" is not an id of the catalogue; nearest: h20'],
    [{ accelerators: { '<b>x': { base: 'h20', set: { usdPerHour: 1 } } } }, 'override: accelerators <b>x is not an id of letters, digits, dots, colons, - and _'],
    [{ accelerators: JSON.parse('{"__proto__": {"base": "h20", "set": {"usdPerHour": 1}}}') }, 'override: accelerators __proto__ is not an id'],
    [{ models: { all: { base: 'step-3', set: {} } } }, 'override: models all stands for every id and cannot be one'],
    [{ models: { 'step-3': { set: { 'layers.*.attention.heads': 1 } } } }, 'model step-3: path layers.*.attention.heads names no field'],
    [{ models: { 'step-3': { set: { hidden: null } } } }, 'model step-3: hidden null is not a number'],
    [{ models: { 'step-3': { set: { hidden: { a: 1 } } } } }, 'override: models.step-3.set.hidden {"a":1} is not a number, text, true, false or null'],
    [{ models: { 'step-3': { set: { id: 'x' } } } }, 'override: models.step-3.set.id "x" is not to be set, the key is the id'],
    [{ models: { 'qwen3-32b': { set: { 'layers.*.attention.kvHeads': 6 } } } }, 'queryHeads 64 is not a multiple of kvHeads 6'],
  ])('refuses %j', async (overrides, message) => expect(load(overrides)).rejects.toThrow(message));
});

it('scenarioOf is eight hex digits, the same for the same overrides in any order', () => {
  expect(scenarioOf({ a: 1, b: { c: [1, 2], d: null } })).toMatch(/^[0-9a-f]{8}$/);
  expect(scenarioOf({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(scenarioOf({ a: 1, b: { c: [1, 2], d: null } }));
  expect(scenarioOf({ a: 1 })).not.toBe(scenarioOf({ a: 2 }));
});
