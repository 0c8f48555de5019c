import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EngineConstants, EngineTimes } from '../../../src/serving/disaggregation/engine-times.ts';
import { REALIGNED, RELEASED_ENGINES, RELEASED_PROFILES, SMALL_BATCH } from '../../../src/serving/disaggregation/released-profiles.ts';
import { ReleasedTimes, releasedCoefficients, releasedDegrees } from '../../../src/serving/disaggregation/released-times.ts';

/** Round numbers, ms. */
const COEFFICIENTS = { prefill: [10, 0.1, 1e-5], small: [20, 0.01, 0.5], large: [5, 0.02, 0.25] } as const;

describe('ReleasedTimes', () => {
  // two prompts of 100 and 300 tokens: 10 + 0.1 x 400 + 1e-5 x 100,000 = 51 ms
  it.each([
    [1, true, 51 + 1 + 2 + 0.04],
    [1, false, 51 + 1],
    [2, true, 25.5 + 2 + 2 + 0.04],
    [3, false, 17 + 3],
  ])('reads two prompts in %d stages, first %s: %d ms', (stages, isFirst, ms) => {
    expect(new ReleasedTimes(COEFFICIENTS, stages).prefill(2, 400, 100_000, isFirst)).toBeCloseTo(1e-3 * ms, 12);
  });

  // 94 requests of 1000 tokens together: 20 + 0.01 x 1094 + 0.5 x 94 = 77.94 ms; one more: 5 + 0.02 x 1095 + 0.25 x 95 = 50.65 ms
  it.each([
    [1, 94, true, 77.94 + 2 + 0.1],
    [1, 94, false, 77.94],
    [2, 94, false, 38.97],
    [1, 95, true, 50.65 + 2 + 0.1],
    [2, 95, false, 25.325],
  ])('steps in %d stages with %d requests, first %s: %d ms', (stages, requests, isFirst, ms) => {
    expect(new ReleasedTimes(COEFFICIENTS, stages).decode(requests, 1000, isFirst)).toBeCloseTo(1e-3 * ms, 12);
  });
});

describe('EngineTimes', () => {
  const constants: EngineConstants = { prefillFactor: 2, prefillSeconds: 0.003, stepSeconds: 0.004, requestSeconds: 0.0001, stageSeconds: 0.005, keptBytes: 0 };
  it.each([
    ['distserve', 1.1, 1],
    ['vllm', 1.4, 1.2],
  ] as const)('takes what %s was fitted to, less %d of a prompt and %d of a step, and adds the host', (engine, prompt, step) => {
    const [one, two] = [1, 2].map((stages) => new EngineTimes(engine, COEFFICIENTS, stages, constants)) as [EngineTimes, EngineTimes];
    expect(one.prefill(2, 400, 100_000, true)).toBeCloseTo((2 * 0.051) / prompt + 0.003, 12);
    expect(two.prefill(2, 400, 100_000, false)).toBeCloseTo(0.051 / prompt, 12);
    expect(one.decode(94, 1000, true)).toBeCloseTo(0.07794 / step + 0.004 + 0.0094, 12);
    expect(one.decode(95, 1000, false)).toBeCloseTo(0.05065 / step, 12);
    expect(two.decode(95, 1000, false)).toBeCloseTo(0.05065 / step / 2 + 0.005, 12);
    expect(two.decode(95, 1000, true)).toBeCloseTo(0.05065 / step / 2 + 0.005 + 0.004 + 0.0095, 12);
  });
});

const FILE = resolve(import.meta.dirname, '../../../../shared/papers/distserve/profile_coefficients.json');
interface Row {
  readonly decoding_large_small_bs_threshold: number;
  readonly prefill: readonly number[];
  readonly decoding_smallbs: readonly number[];
  readonly decoding_largebs: readonly number[];
}
type Version = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Row>>>>>>;

describe.skipIf(!existsSync(FILE))('coefficients in the released files (skipped where ../shared/papers/distserve is not beside the project: the files are not part of it)', () => {
  const [final, fit] = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as { readonly versions: readonly { readonly data: Version }[] }).versions.map(({ data }) => data) : [];
  const rows = RELEASED_ENGINES.flatMap((engine) =>
    Object.entries(RELEASED_PROFILES[engine]).flatMap(([model, degrees]) => Object.entries(degrees).map(([degree, coefficients]) => ({ engine, model, degree, coefficients }))),
  );
  const rowOf = (version: Version | undefined, { engine, model, degree }: (typeof rows)[number]): Row => version?.[engine]?.[`facebook/${model}`]?.[degree] as Row;

  it('are these, every digit', () => {
    expect(rows.length).toBe(14);
    for (const row of rows) {
      const { prefill, decoding_smallbs, decoding_largebs, decoding_large_small_bs_threshold } = rowOf(final, row);
      expect(row.coefficients).toEqual({ prefill, small: decoding_smallbs, large: decoding_largebs });
      expect(decoding_large_small_bs_threshold).toBe(SMALL_BATCH);
    }
    expect(Object.values(final ?? {}).map((models) => Object.values(models).map((degrees) => Object.keys(degrees).length))).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });

  it('are the fit of the commit before times the factors of the engine', () => {
    for (const row of rows) {
      const { prefill, decode } = REALIGNED[row.engine];
      const before = rowOf(fit, row);
      for (const [at, value] of row.coefficients.prefill.entries()) expect(value / (before.prefill[at] as number) / prefill).toBeCloseTo(1, 9);
      for (const [at, value] of row.coefficients.small.entries()) expect(value / (before.decoding_smallbs[at] as number) / decode).toBeCloseTo(1, 9);
      for (const [at, value] of row.coefficients.large.entries()) expect(value / (before.decoding_largebs[at] as number) / decode).toBeCloseTo(1, 9);
    }
  });
});

describe('released coefficients', () => {
  it('are there for these degrees', () => {
    expect(RELEASED_ENGINES.map((engine) => ['opt-13b', 'opt-66b'].map((model) => releasedDegrees(engine, model)))).toEqual([
      [
        [1, 2, 4],
        [2, 3, 4, 8],
      ],
      [
        [1, 2, 4],
        [2, 3, 4, 8],
      ],
    ]);
    expect(releasedDegrees('vllm', 'opt-175b')).toEqual([]);
  });

  it('are refused for others', () => {
    expect(() => releasedCoefficients('vllm', 'opt-13b', 3)).toThrow(new RangeError('simdistserve: tensor parallel 3 of opt-13b was not profiled; known: 1, 2, 4'));
    expect(() => releasedCoefficients('distserve', 'opt-175b', 8)).toThrow(/^simdistserve: id opt-175b is unknown; nearest: opt-/);
  });
});
