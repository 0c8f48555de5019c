import { describe, expect, it } from 'vitest';
import { exactCounting } from '../../src/layers/counting.ts';
import { lowerVocabulary, positionWeights, vocabularyWeights } from '../../src/layers/vocabulary.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { contextOf, operatorOf, weightsOf } from '../support/operators.ts';

const qwen3 = { vocabulary: 151936, tied: false };
const table = 151936 * 4096;
const operators = lowerVocabulary(qwen3, contextOf());
const [embedding, head] = [operatorOf(operators, 'embedding'), operatorOf(operators, 'head')];

describe('lowerVocabulary', () => {
  it('stores two tables of vocabulary x hidden', () => {
    expect(vocabularyWeights.evaluate({ vocabulary: 151936, hidden: 4096 })).toBe(table);
    expect([embedding.weights, head.weights]).toEqual([table, table]);
  });

  it('stores one table, as the head, where they are tied', () => {
    const tied = lowerVocabulary({ ...qwen3, tied: true }, contextOf());
    expect(weightsOf(tied)).toBe(table);
    expect([operatorOf(tied, 'embedding').weights, operatorOf(tied, 'embedding').activeWeights]).toEqual([0, 0]);
    expect([embedding.activeWeights, head.activeWeights]).toEqual([table, table]);
    expect(operatorOf(tied, 'head')).toEqual(head);
  });

  it('looks up without work', () => {
    expect(embedding).toMatchObject({ part: 'embedding', kind: 'lookup', shape: { kind: 'table', rows: 151936, columns: 4096 } });
    expect(embedding.flop.isZero).toBe(true);
  });

  it('reads one row for each token, tied or not', () => {
    for (const tied of [false, true]) {
      const read = (changes: Parameters<typeof contextOf>[0]) => String(operatorOf(lowerVocabulary({ ...qwen3, tied }, contextOf(changes)), 'embedding').bytes.weights);
      expect([read({}), read({ precision: precisionPolicies.bf16 }), read({ phase: 'prefill' })]).toEqual(['4096', '8192', '4096*S']);
    }
  });

  it('multiplies by the head once per decoded token, 2 V H', () => {
    expect(head.flop.toString()).toBe(String(2 * table));
    expect(head.shape).toEqual({ kind: 'gemm', k: 4096, n: 151936, groups: 1, activeGroups: 1 });
  });

  it('multiplies by the head once per prompt, for its last position', () => expect(operatorOf(lowerVocabulary(qwen3, contextOf({ phase: 'prefill' })), 'head').flop.equals(head.flop)).toBe(true));

  it('does not count the head where it is not counted; its weights stay', () => {
    const uncounted = operatorOf(lowerVocabulary(qwen3, contextOf({ counting: { ...exactCounting, head: false } })), 'head');
    expect(uncounted.flop.isZero).toBe(true);
    expect(uncounted.weights).toBe(table);
    expect(uncounted.bytes.weights.equals(head.bytes.weights)).toBe(true);
  });

  it('is a lookup for each token, split by rows, and a multiply for each step, split by columns', () =>
    expect(operators.map(({ id, part, kind, shardBy, scales }) => `${id} ${part} ${kind} ${shardBy} ${scales.kind}`)).toEqual([
      'embedding embedding lookup rows perToken',
      'head head gemm columns perStep',
    ]));

  it('has no cache and no state, and is there once however many layers a model has', () => {
    for (const { bytes, repeat } of operators) expect([bytes.kvRead.isZero, bytes.kvWrite.isZero, bytes.state.isZero, repeat]).toEqual([true, true, true, 1]);
  });
});

describe('a learned table of positions', () => {
  const gpt2 = { vocabulary: 50257, tied: true, positions: 1024 };
  const at768 = contextOf({ hidden: 768 });
  const withPositions = lowerVocabulary(gpt2, at768);
  const positions = operatorOf(withPositions, 'positions');

  it('stands between embedding and head, and changes neither', () => {
    expect(withPositions.map(({ id }) => id)).toEqual(['embedding', 'positions', 'head']);
    expect(withPositions.filter(({ id }) => id !== 'positions')).toEqual(lowerVocabulary({ vocabulary: 50257, tied: true }, at768));
  });

  it('stores positions x hidden, for itself, tied or not', () => {
    expect(positionWeights.evaluate({ positions: 1024, hidden: 768 })).toBe(786_432);
    for (const tied of [false, true]) {
      const { weights, activeWeights, because } = operatorOf(lowerVocabulary({ ...gpt2, tied }, at768), 'positions');
      expect([weights, activeWeights, because.weights?.card.evaluate(because.weights.inputs)]).toEqual([786_432, 786_432, 786_432]);
    }
    expect(weightsOf(withPositions)).toBe((50257 + 1024) * 768);
  });

  it('is looked up without work, as part of the embedding', () => {
    expect(positions).toMatchObject({ part: 'embedding', component: 'embedding', kind: 'lookup', shape: { kind: 'table', rows: 1024, columns: 768 }, scales: { kind: 'perToken' }, repeat: 1 });
    expect([positions.flop.isZero, positions.bytes.kvRead.isZero, positions.bytes.state.isZero]).toEqual([true, true, true]);
  });

  it('reads one row for each token', () => {
    const read = (changes: Parameters<typeof contextOf>[0]) => String(operatorOf(lowerVocabulary(gpt2, contextOf({ hidden: 768, ...changes })), 'positions').bytes.weights);
    expect([read({}), read({ precision: precisionPolicies.bf16 }), read({ phase: 'prefill' })]).toEqual(['768', '1536', '768*S']);
  });

  it.each([false, true])('is stored in the format of the embedding, tied: %s', (tied) => {
    const precision = { ...precisionPolicies.fp8, weightsByComponent: { embedding: 'bf16', head: 'fp32' } } as const;
    const lowered = lowerVocabulary({ ...gpt2, tied }, contextOf({ hidden: 768, precision }));
    expect(operatorOf(lowered, 'positions').bytes.weights.toString()).toBe('1536');
  });
});

describe('the formats of embedding and head', () => {
  const precision = { ...precisionPolicies.fp8, weightsByComponent: { embedding: 'bf16', head: 'fp32' } } as const;
  const read = (tied: boolean) => lowerVocabulary({ ...qwen3, tied }, contextOf({ precision })).map(({ bytes }) => bytes.weights.toString());

  it('are their own where there are two tables', () => expect(read(false)).toEqual([String(2 * 4096), String(4 * table)]));
  it('are that of the head where there is one', () => expect(read(true)).toEqual([String(4 * 4096), String(4 * table)]));
  it('belong to the two ends', () => expect([embedding.component, head.component]).toEqual(['embedding', 'head']));
});
