import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator, accelerators } from '../../src/accelerators/index.ts';
import { encodeCost } from '../../src/cost/encode.ts';
import { type UnitCosts, unitCosts } from '../../src/cost/unit-cost.ts';
import type { EncoderInput } from '../../src/layers/encoder.ts';
import { modelEntries, modelOf, precisionPolicies } from '../../src/models/index.ts';

const miniCpm = modelOf('minicpm-v-2.6');
const costsOf = (chip: string): UnitCosts => unitCosts(accelerator(chip).accelerator, miniCpm.precision.math);
const tile: EncoderInput = { tiles: 1, patches: 1024, tokens: 64 };
const seeing = modelEntries.map(({ model }) => model).filter(({ vision }) => vision !== undefined);
const priced = accelerators.map((entry) => entry.accelerator).filter(({ usdPerHour }) => usdPerHour !== null);
const inputs: fc.Arbitrary<EncoderInput> = fc.record({ tiles: fc.integer({ min: 1, max: 200 }), patches: fc.integer({ min: 1, max: 4096 }), tokens: fc.integer({ min: 1, max: 1024 }) });

/** Work of a tile of MiniCPM-V 2.6 by hand: cores, feed-forward layers, everything else. */
const core = 27 * 4 * 1152 * 1024 ** 2;
const ffn = 27 * 2 * 1024 * 2 * 1152 * 4304;
const linear = 27 * 2 * 1024 * 4 * 1152 ** 2 + 2 * 1024 * (588 * 1152 + 1152 * 3584 + 2 * 3584 ** 2) + 2 * 64 * 3 * 3584 ** 2;

describe('encodeCost', () => {
  it('prices each part of a tile at its own price', () => {
    const prices: UnitCosts = { attention: 2e-18, linear: 3e-18, ffn: 5e-18, head: 7e-18, byte: 0, fallbacks: [] };
    const { flop, usd } = encodeCost(miniCpm, prices, tile);
    expect(flop).toBe(core + ffn + linear);
    expect(usd / (2e-18 * core + 5e-18 * ffn + 3e-18 * linear)).toBeCloseTo(1, 12);
  });

  it('is work times the price of a FLOP on a chip where all parts compute in one format and no core waits for memory', () => {
    const costs = costsOf('a100-80g');
    const { flop, usd } = encodeCost(miniCpm, costs, tile);
    expect(usd / (flop * costs.linear)).toBeCloseTo(1, 12);
  });

  it('charges a core the keys and values that it reads where those are dearer than its work', () => {
    const dear: UnitCosts = { attention: 1e-18, linear: 0, ffn: 0, head: 0, byte: 1e-12, fallbacks: [] };
    expect(encodeCost(miniCpm, dear, tile).usd / (27 * 1024 * 2 * 1152 * 2 * 1e-12)).toBeCloseTo(1, 12);
    const eight = encodeCost(miniCpm, dear, tile, { precision: { ...precisionPolicies.bf16, activations: 'fp8' } });
    expect(eight.usd / encodeCost(miniCpm, dear, tile).usd).toBeCloseTo(0.5, 12);
  });

  it('is proportional to tiles, and grows with patches and tokens', () =>
    fc.assert(
      fc.property(fc.constantFrom(...seeing), fc.constantFrom(...priced), inputs, (model, chip, input) => {
        const costs = unitCosts(chip, model.precision.math);
        const of = (changes: Partial<EncoderInput>) => encodeCost(model, costs, { ...input, ...changes });
        const [one, all] = [of({ tiles: 1 }), of({})];
        expect(all.flop / one.flop).toBeCloseTo(input.tiles, 9);
        expect(all.usd / one.usd).toBeCloseTo(input.tiles, 9);
        expect(of({ patches: input.patches + 1 }).usd).toBeGreaterThan(all.usd);
        expect(of({ tokens: input.tokens + 1 }).usd).toBeGreaterThan(all.usd);
      }),
    ));

  it('refuses a model that sees nothing, and counts that are none', () => {
    expect(() => encodeCost(modelOf('qwen3-8b'), costsOf('h800'), tile)).toThrow(new RangeError('encode: model qwen3-8b has no vision encoder'));
    expect(() => encodeCost(miniCpm, costsOf('h800'), { ...tile, patches: 0 })).toThrow(new RangeError('encode: patches 0 is not a positive integer'));
  });
});
