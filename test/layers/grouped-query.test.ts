import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gqaCoreFlop,
  gqaEffectiveRank,
  gqaKeyValueWeights,
  gqaKeyWeights,
  gqaKvBytes,
  gqaQueryWeights,
  groupedQuery,
  headGateWeights,
  type QueryHeads,
  unequalCoreFlop,
  unequalKeyValueWeights,
  unequalKvBytes,
  unequalOutputWeights,
  validateQueryHeads,
} from '../../src/layers/grouped-query.ts';
import { validateLayer } from '../../src/layers/index.ts';
import type { Operator } from '../../src/layers/operator.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { spans } from '../../src/units/context-curve.ts';
import { bytesOf, contextOf, flopOf, operatorOf, weightsOf } from '../support/operators.ts';

const qwen3Moe = { kind: 'gqa', queryHeads: 64, kvHeads: 4, headDim: 128 } as const;
const all = { span: spans.linear, limit: null };
const lower = (changes: Partial<QueryHeads> = {}, context = contextOf()): readonly Operator[] => groupedQuery({ ...qwen3Moe, ...changes }, all, context);
const shapesOf = (operators: readonly Operator[]) => operators.flatMap(({ id, shape }) => (shape.kind === 'gemm' ? [`${id} ${shape.k} ${shape.n}`] : []));

const size = fc.integer({ min: 1, max: 64 });
const heads = fc.record({ kvHeads: size, group: size, headDim: size }).map(({ kvHeads, group, headDim }) => ({ queryHeads: kvHeads * group, kvHeads, headDim }));

describe('grouped-query formulas', () => {
  it.each([
    ['query weights', gqaQueryWeights.evaluate({ hidden: 4096, queryHeads: 64, headDim: 128 }), 4096 * 8192],
    ['key-value weights', gqaKeyValueWeights.evaluate({ hidden: 4096, kvHeads: 4, headDim: 128 }), 2 * 4096 * 512],
    ['KV bytes in 8 bit', gqaKvBytes.evaluate({ kvHeads: 4, headDim: 128, bytesPerElement: 1 }), 1024],
    ['KV bytes in 4 bit', gqaKvBytes.evaluate({ kvHeads: 4, headDim: 128, bytesPerElement: 0.5 }), 512],
    ['core work', gqaCoreFlop.evaluate({ queryHeads: 64, headDim: 128 }), 32768],
    ['key weights, values being keys', gqaKeyWeights.evaluate({ hidden: 4096, kvHeads: 4, headDim: 128 }), 4096 * 512],
    ['weights of a gate for each head', headGateWeights.evaluate({ hidden: 4096, queryHeads: 64 }), 4096 * 64],
    ['key-value weights of 192 and 128', unequalKeyValueWeights.evaluate({ hidden: 4096, kvHeads: 4, headDim: 192, valueDim: 128 }), 4096 * 4 * 320],
    ['output weights of 128', unequalOutputWeights.evaluate({ hidden: 4096, queryHeads: 64, valueDim: 128 }), 4096 * 8192],
    ['KV bytes of 192 and 128 in 16 bit', unequalKvBytes.evaluate({ kvHeads: 4, headDim: 192, valueDim: 128, bytesPerElement: 2 }), 2560],
    ['core work of 192 and 128', unequalCoreFlop.evaluate({ queryHeads: 64, headDim: 192, valueDim: 128 }), 40_960],
    ['effective rank of Qwen3 MoE (section 5.1)', gqaEffectiveRank.evaluate({ queryHeads: 64, headDim: 128 }), 8192],
    ['effective rank of Step-3 (section 5.1)', gqaEffectiveRank.evaluate({ queryHeads: 64, headDim: 256 }), 16384],
  ])('%s', (_, actual, expected) => expect(actual).toBe(expected));
});

describe('groupedQuery', () => {
  const operators = groupedQuery(qwen3Moe, { span: spans.min(512), limit: 'window' }, contextOf({ repeat: 7 }));

  it('is query, key-value, core, output, each in every layer', () => {
    expect(operators.map(({ id, part, repeat }) => `${id} ${part} ${repeat}`)).toEqual(['query linear 7', 'key-value linear 7', 'core core 7', 'output linear 7']);
  });

  it('multiplies matrices of the right shape', () => {
    expect(operatorOf(operators, 'query').shape).toEqual({ kind: 'gemm', k: 4096, n: 8192, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'key-value').shape).toEqual({ kind: 'gemm', k: 4096, n: 1024, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'output').shape).toEqual({ kind: 'gemm', k: 8192, n: 4096, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'attention', queryHeads: 64, kvHeads: 4, queryKeyDim: 128, valueDim: 128 });
  });

  it('attends what the span says', () => {
    expect(operatorOf(operators, 'core').flop.toString()).toBe('32768*min(S, 512)');
    expect(operatorOf(operators, 'core').bytes.kvRead.toString()).toBe('1024*min(S, 512)');
  });

  it('splits by heads, the cache by key-value heads', () => expect(operators.map(({ shardBy }) => shardBy)).toEqual(['heads', 'kvHeads', 'kvHeads', 'rows']));
  it('has at most as many key-value projections as key-value heads', () => expect(operatorOf(operators, 'key-value').shardUnits).toBe(4));

  it('splits the work by heads where one key-value head is cached', () => {
    const shardBy = (kvHeads: number) => operatorOf(groupedQuery({ ...qwen3Moe, kvHeads }, { span: spans.linear, limit: null }, contextOf()), 'core').shardBy;
    expect([1, 4, 64].map(shardBy)).toEqual(['heads', 'kvHeads', 'kvHeads']);
  });
});

describe('value heads of their own width', () => {
  it('have d_h + d_v in place of 2 d_h, and an output of n_q d_v', () =>
    fc.assert(
      fc.property(heads, size, size, fc.integer({ min: 1, max: 100_000 }), (spec, dv, hidden, S) => {
        const { queryHeads: nq, kvHeads: nkv, headDim: d } = spec;
        const operators = lower({ ...spec, valueDim: dv }, contextOf({ hidden }));
        expect(bytesOf(operators, 'kvRead').evaluate(S)).toBe(nkv * (d + dv) * S);
        expect(bytesOf(operators, 'kvWrite').evaluate(S)).toBe(nkv * (d + dv));
        expect(flopOf(operators, 'core').evaluate(S)).toBe(2 * nq * (d + dv) * S);
        const linear = hidden * (nq * d + nkv * (d + dv) + nq * dv);
        expect(flopOf(operators, 'linear').evaluate(S)).toBe(2 * linear);
        expect(weightsOf(operators)).toBe(linear);
      }),
    ));

  it('multiply matrices of the right shape', () => {
    const operators = lower({ headDim: 192, valueDim: 128 });
    expect(shapesOf(operators)).toEqual(['query 4096 12288', 'key-value 4096 1280', 'output 8192 4096']);
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'attention', queryHeads: 64, kvHeads: 4, queryKeyDim: 192, valueDim: 128 });
  });

  it('of the width of the others change no number', () => {
    const [same, given] = [lower(), lower({ valueDim: 128 })].map((operators) => operators.map(({ because: _, ...operator }) => operator));
    expect(given).toEqual(same);
  });

  it('are stored in the KV format of their kind', () => {
    const read = (kind: string) => lower({ valueDim: 64 }, contextOf({ precision: { ...precisionPolicies.fp8, kvByKind: { [kind]: 'bf16' } } }));
    expect([read('gqa'), read('chunked')].map((operators) => bytesOf(operators, 'kvRead').toString())).toEqual(['1536*S', '768*S']);
  });
});

describe('an output gate', () => {
  it.each([
    ['element', 4096 * 8192, 8192],
    ['head', 4096 * 64, 64],
  ] as const)('for each %s adds %i weights, and their work', (outputGate, weights, n) => {
    const [plain, gated] = [lower(), lower({ outputGate })];
    expect(gated.map(({ id }) => id)).toEqual(['query', 'key-value', 'core', 'gate', 'output']);
    expect(gated.filter(({ id }) => id !== 'gate')).toEqual(plain);
    const gate = operatorOf(gated, 'gate');
    expect([gate.weights, gate.flop.toString()]).toEqual([weights, String(2 * weights)]);
    expect(gate).toMatchObject({ part: 'linear', component: 'attention', shardBy: 'heads', shape: { k: 4096, n } });
    expect(gate.because.weights?.card.evaluate(gate.because.weights.inputs)).toBe(weights);
  });

  it('is as wide as the value heads, for each element', () => {
    expect(shapesOf(lower({ headDim: 192, valueDim: 128, outputGate: 'element' }))).toContain('gate 4096 8192');
    expect(shapesOf(lower({ headDim: 192, valueDim: 128, outputGate: 'head' }))).toContain('gate 4096 64');
    expect(operatorOf(lower({ headDim: 192, valueDim: 128, outputGate: 'element' }), 'gate').weights).toBe(4096 * 8192);
  });
});

describe('values that are keys', () => {
  it('take one projection, and are cached beside the keys', () => {
    const [apart, one] = [lower(), lower({ keysAreValues: true })];
    expect(shapesOf(one)).toEqual(['query 4096 8192', 'key-value 4096 512', 'output 8192 4096']);
    expect(operatorOf(one, 'key-value').weights).toBe(4096 * 512);
    expect(weightsOf(apart) - weightsOf(one)).toBe(4096 * 512);
    const rest = (operators: readonly Operator[]) => operators.filter(({ id }) => id !== 'key-value');
    expect(rest(one)).toEqual(rest(apart));
    expect(operatorOf(one, 'core').cache?.paged.toString()).toBe('1024*S');
  });

  it('are not, where it says so', () => expect(lower({ keysAreValues: false })).toEqual(lower()));
});

describe('a shared cache', () => {
  const [own, shared] = [lower(), lower({ sharesCache: true })];

  it('is projected, written and kept by the layer that owns it', () => {
    expect(shared.map(({ id }) => id)).toEqual(['query', 'core', 'output']);
    expect(weightsOf(own) - weightsOf(shared)).toBe(4096 * 1024);
    expect(bytesOf(shared, 'kvWrite').isZero).toBe(true);
    expect(shared.filter(({ cache }) => cache !== undefined)).toEqual([]);
    expect(own.filter(({ cache }) => cache !== undefined).map(({ id }) => id)).toEqual(['core']);
  });

  it('is read and attended as an own one, in decode and in prefill', () => {
    for (const phase of ['decode', 'prefill'] as const) {
      const [one, other] = [lower({}, contextOf({ phase })), lower({ sharesCache: true }, contextOf({ phase }))];
      expect(bytesOf(other, 'kvRead').equals(bytesOf(one, 'kvRead'))).toBe(true);
      expect(bytesOf(other, 'kvRead').isZero).toBe(false);
      expect(flopOf(other, 'core').equals(flopOf(one, 'core'))).toBe(true);
      for (const id of ['query', 'output']) expect(operatorOf(other, id)).toEqual(operatorOf(one, id));
    }
  });

  it('is not shared, where it says so', () => expect(lower({ sharesCache: false })).toEqual(own));
});

describe('the optional fields', () => {
  const attends = { queryHeads: 64, kvHeads: 4, headDim: 128 };
  const optional = [{ valueDim: 64 }, { outputGate: 'head' }, { keysAreValues: true }, { sharesCache: true }] as const;
  it.each(optional)('%j is one of every kind that groups queries', (field) => {
    for (const kind of [{ kind: 'gqa' }, { kind: 'chunked', chunk: 16 }, { kind: 'sliding-window', window: 16 }] as const)
      expect(() => validateLayer({ ...kind, ...attends, ...field }, 4096)).not.toThrow();
  });
});

describe('validateQueryHeads', () => {
  it('accepts MHA, GQA and MQA', () => {
    for (const kvHeads of [1, 4, 64]) expect(() => validateQueryHeads('gqa', { ...qwen3Moe, kvHeads })).not.toThrow();
  });
  it('names its place', () => {
    expect(() => validateQueryHeads('chunked', { ...qwen3Moe, headDim: 0 })).toThrow(/^chunked: headDim 0 is not a positive integer$/);
    expect(() => validateQueryHeads('chunked', { ...qwen3Moe, kvHeads: 128 })).toThrow(/^chunked: queryHeads 64 is not a multiple of kvHeads 128$/);
  });

  it.each([
    [{ valueDim: 0 }, /^gqa: valueDim 0 is not a positive integer$/],
    [{ valueDim: 1.5 }, /^gqa: valueDim 1\.5 is not a positive integer$/],
    [{ valueDim: null }, /^gqa: valueDim null is not a positive integer$/],
    [{ outputGate: 'none' }, /^gqa: outputGate none is not element or head$/],
    [{ outputGate: true }, /^gqa: outputGate true is not element or head$/],
    [{ keysAreValues: 1 }, /^gqa: keysAreValues 1 is not true or false$/],
    [{ sharesCache: 'no' }, /^gqa: sharesCache no is not true or false$/],
    [{ keysAreValues: true, valueDim: 64 }, /^gqa: valueDim 64 is given beside keysAreValues$/],
  ])('refuses %j', (changes, message) => {
    const check = (): void => validateQueryHeads('gqa', { ...qwen3Moe, ...changes } as QueryHeads);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });

  it('accepts a value width beside values that are not the keys', () => {
    for (const outputGate of ['element', 'head'] as const) expect(() => validateQueryHeads('gqa', { ...qwen3Moe, valueDim: 64, keysAreValues: false, outputGate })).not.toThrow();
  });
});
