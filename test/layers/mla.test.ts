import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { type MlaSpec, mla } from '../../src/layers/mla.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const deepseekV3: MlaSpec = { kind: 'mla', queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128, decodeForm: 'absorbed' };
const expanded: MlaSpec = { ...deepseekV3, decodeForm: 'expanded' };
const at7168 = contextOf({ hidden: 7168 });
const prefillAt7168 = contextOf({ hidden: 7168, phase: 'prefill' });

const GOLDEN = [
  ['DSv3', deepseekV3],
  ['Kimi K2', { ...deepseekV3, queryHeads: 64 }],
] as const;

const size = fc.integer({ min: 1, max: 64 });
const specs: fc.Arbitrary<MlaSpec> = fc.record({
  kind: fc.constant('mla'),
  queryHeads: size,
  queryRank: fc.option(size),
  kvRank: size,
  nopeDim: size,
  ropeDim: size,
  valueDim: size,
  decodeForm: fc.constantFrom('absorbed', 'expanded'),
});

describe('mla', () => {
  for (const [paperName, spec] of GOLDEN) {
    const operators = mla.lower(spec, contextOf({ hidden: 7168, counting: step3Counting }));
    it.each(countsOf(paperName))('reproduces $at', ({ at, contextLength, printed }) => {
      assertPrinted(61 * bytesOf(operators, 'kvRead').evaluate(contextLength), printed.kvBytesRead, `${at}, KV bytes`);
      assertPrinted(61 * flopOf(operators, 'core').evaluate(contextLength), printed.attentionFlop, `${at}, core FLOP`);
      assertPrinted(61 * flopOf(operators, 'linear').evaluate(contextLength), printed.linearFlop, `${at}, linear FLOP`);
    });
  }

  it('counts the core as 2 (576 + 512) per head and token, or as the paper 4 x 576', () => {
    expect(flopOf(mla.lower(deepseekV3, at7168), 'core').toString()).toBe(`${128 * 2 * (576 + 512)}*S`);
    expect(flopOf(mla.lower(deepseekV3, { ...at7168, counting: { ...exactCounting, mlaValueWidth: false } }), 'core').toString()).toBe(`${128 * 4 * 576}*S`);
  });

  it('has an intensity of 512 as the paper counts DeepSeek-V3, about 484 exactly', () => {
    const intensity = (counting: typeof exactCounting) => {
      const operators = mla.lower(deepseekV3, { ...at7168, counting });
      return flopOf(operators, 'core').evaluate(8192) / bytesOf(operators, 'kvRead').evaluate(8192);
    };
    expect(intensity(step3Counting)).toBe(512);
    expect(intensity(exactCounting)).toBe((128 * 2 * 1088) / 576);
  });

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, size, fc.integer({ min: 1, max: 100_000 }), (spec, hidden, S) => {
        const { queryHeads: n, queryRank: rq, kvRank: r, nopeDim: dn, ropeDim: dr, valueDim: dv } = spec;
        const operators = mla.lower(spec, contextOf({ hidden }));
        const query = rq === null ? hidden * n * (dn + dr) : hidden * rq + rq * n * (dn + dr);
        const rest = hidden * (r + dr) + n * dv * hidden;
        const up = n * dn * r + n * dv * r;
        const absorbed = spec.decodeForm === 'absorbed';
        expect(weightsOf(operators)).toBe(query + rest + up);
        expect(bytesOf(operators, 'kvRead').evaluate(S)).toBe((r + dr) * S);
        expect(flopOf(operators, 'linear').evaluate(S)).toBe(2 * (query + rest + (absorbed ? up : 0)));
        expect(flopOf(operators, 'core').evaluate(S)).toBe(absorbed ? 2 * n * (2 * r + dr) * S : (2 * n * (dn + dr + dv) + 2 * up) * S);
      }),
    ));

  it('has the same weights absorbed and expanded, in decode and in prefill', () => {
    const [one, ...others] = [deepseekV3, expanded].flatMap((spec) => [mla.lower(spec, at7168), mla.lower(spec, prefillAt7168)].map((operators) => weightsOf(operators)));
    for (const other of others) expect(other).toBe(one);
  });

  it('expanded decode pays the up-projections for every attended token instead of once', () => {
    const [short, long] = [mla.lower(deepseekV3, at7168), mla.lower(expanded, at7168)];
    const up = operatorOf(short, 'key-up').flop.plus(operatorOf(short, 'value-up').flop);
    expect(flopOf(short, 'linear').equals(flopOf(long, 'linear').plus(up))).toBe(true);
    const attention = 2 * 128 * (128 + 64 + 128);
    expect(flopOf(long, 'core').evaluate(1)).toBe(up.evaluate(1) + attention);
    expect(flopOf(long, 'core').evaluate(10)).toBe(10 * flopOf(long, 'core').evaluate(1));
  });

  it('caches the same latent in both forms', () => expect(bytesOf(mla.lower(expanded, at7168), 'kvRead').equals(bytesOf(mla.lower(deepseekV3, at7168), 'kvRead'))).toBe(true));

  it('prefills in expanded form whatever decode does, with each projection paid once per token', () => {
    const [absorbedPrefill, expandedPrefill] = [mla.lower(deepseekV3, prefillAt7168), mla.lower(expanded, prefillAt7168)];
    expect(flopOf(absorbedPrefill).equals(flopOf(expandedPrefill))).toBe(true);
    expect(flopOf(absorbedPrefill, 'core').toString()).toBe(`${2 * 128 * 320}*sum(t, t = 1..S)`);
    expect(flopOf(absorbedPrefill, 'linear').evaluate(1000)).toBe(1000 * flopOf(mla.lower(deepseekV3, at7168), 'linear').evaluate(1));
  });

  it('absorbed, attends as one wide key-value head', () =>
    expect(operatorOf(mla.lower(deepseekV3, at7168), 'core').shape).toEqual({ kind: 'attention', queryHeads: 128, kvHeads: 1, queryKeyDim: 576, valueDim: 512 }));

  it('expanded, attends with keys and values of every head: in decode, and in every prefill', () => {
    const cores = [mla.lower(expanded, at7168), mla.lower(expanded, prefillAt7168), mla.lower(deepseekV3, prefillAt7168)].map((operators) => operatorOf(operators, 'core'));
    for (const { shape } of cores) expect(shape).toEqual({ kind: 'attention', queryHeads: 128, kvHeads: 128, queryKeyDim: 192, valueDim: 128 });
  });

  it('splits the work by heads in every form, since the one cached latent does not split', () => {
    for (const spec of [deepseekV3, expanded]) for (const context of [at7168, prefillAt7168]) expect(operatorOf(mla.lower(spec, context), 'core').shardBy).toBe('heads');
  });

  it('projects the query directly where it has no rank', () => {
    const operators = mla.lower({ ...deepseekV3, queryRank: null }, at7168);
    expect(operators.map(({ id }) => id)).toEqual(['query', 'kv-down', 'key-up', 'core', 'value-up', 'output']);
    expect(operatorOf(operators, 'query').weights).toBe(7168 * 128 * 192);
  });

  refusesNonPositiveIntegers('mla', mla, deepseekV3, ['queryHeads', 'queryRank', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim'], [null]);
  it.each(['queryHeads', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim'] as const)('refuses %s null', (field) =>
    expect(() => mla.validate({ ...deepseekV3, [field]: null }, 7168)).toThrow(`mla: ${field} null is not a positive integer`),
  );
  it('refuses another decode form', () => expect(() => mla.validate({ ...deepseekV3, decodeForm: 'naive' as 'absorbed' }, 7168)).toThrow(/^mla: decodeForm naive is not absorbed or expanded$/));
});
