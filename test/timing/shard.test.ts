import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operator } from '../../src/layers/operator.ts';
import { lowerModel, modelEntries, modelOf } from '../../src/models/index.ts';
import { type Shard, shardOf } from '../../src/timing/shard.ts';
import { operatorOf } from '../support/operators.ts';
import { expectNear } from './support.ts';

const operators: readonly Operator[] = modelEntries.flatMap(({ model }) => [...lowerModel(model), ...lowerModel(model, { phase: 'prefill' })]);
const degrees = fc.integer({ min: 1, max: 256 });
const anyOperator = fc.constantFrom(...operators);

const groupOf = (id: string, group: number): readonly Operator[] => lowerModel(modelOf(id)).filter((operator) => operator.group === group || operator.group === null);
const sharesOf = (id: string, group: number, t: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    groupOf(id, group).map((operator) => {
      const { weights, cache, work, partial } = shardOf(operator, t);
      return [operator.id, `${weights} ${operator.cache === undefined ? '-' : cache} ${work}${partial ? ' partial' : ''}`];
    }),
  );
const coreOf = (id: string, group: number, t: number): Shard => shardOf(operatorOf(groupOf(id, group), 'core'), t);

/** Shares of weights, cache and work of each operator of one layer and of both ends, on one of t chips. */
const SHARES = [
  {
    id: 'llama-3.1-8b',
    group: 0,
    t: 4,
    shares: {
      query: '0.25 - 0.25',
      'key-value': '0.25 - 0.25',
      core: '0.25 0.25 0.25',
      output: '0.25 - 0.25 partial',
      'gate-up': '0.25 - 0.25',
      down: '0.25 - 0.25 partial',
      embedding: '0.25 - 0.25 partial',
      head: '0.25 - 0.25',
    },
  },
  {
    id: 'llama-3.1-8b',
    group: 0,
    t: 16,
    shares: {
      query: '0.0625 - 0.0625',
      'key-value': '0.125 - 0.125',
      core: '0.0625 0.125 0.0625',
      output: '0.0625 - 0.0625 partial',
      'gate-up': '0.0625 - 0.0625',
      down: '0.0625 - 0.0625 partial',
      embedding: '0.0625 - 0.0625 partial',
      head: '0.0625 - 0.0625',
    },
  },
  {
    id: 'deepseek-v3',
    group: 1,
    t: 8,
    shares: {
      'query-down': '1 - 1',
      'query-up': '0.125 - 0.125',
      'kv-down': '1 - 1',
      'key-up': '0.125 - 0.125',
      core: '0.125 1 0.125',
      'value-up': '0.125 - 0.125',
      output: '0.125 - 0.125 partial',
      router: '1 - 1',
      'routed-gate-up': '1 - 1',
      'routed-down': '1 - 1',
      'shared-gate-up': '0.125 - 0.125',
      'shared-down': '0.125 - 0.125 partial',
      embedding: '0.125 - 0.125 partial',
      head: '0.125 - 0.125',
    },
  },
  {
    id: 'step-3',
    group: 0,
    t: 8,
    shares: {
      'query-down': '1 - 1',
      'query-up': '0.125 - 0.125',
      'key-value': '1 - 1',
      core: '0.125 1 0.125',
      output: '0.125 - 0.125 partial',
      'gate-up': '0.125 - 0.125',
      down: '0.125 - 0.125 partial',
      embedding: '0.125 - 0.125 partial',
      head: '0.125 - 0.125',
    },
  },
  {
    id: 'qwen3-next-80b-a3b',
    group: 0,
    t: 4,
    shares: {
      input: '0.25 - 0.25',
      conv: '0.25 0.25 0.25',
      core: '0.25 0.25 0.25',
      output: '0.25 - 0.25 partial',
      router: '1 - 1',
      'routed-gate-up': '1 - 1',
      'routed-down': '1 - 1',
      'shared-gate-up': '0.25 - 0.25',
      'shared-down': '0.25 - 0.25 partial',
      embedding: '0.25 - 0.25 partial',
      head: '0.25 - 0.25',
    },
  },
] as const;

describe('shardOf', () => {
  it('leaves everything where t is 1', () => {
    for (const operator of operators) expect(shardOf(operator, 1), operator.id).toEqual({ weights: 1, cache: 1, work: 1, partial: false });
  });

  it.each(SHARES)('$id, group $group, t = $t: shares of weights, cache and work', ({ id, group, t, shares }) => expect(sharesOf(id, group, t)).toEqual(shares));

  it.each([
    [8, 'llama-3.1-8b', 4, 1 / 4],
    [8, 'llama-3.1-8b', 8, 1 / 8],
    [8, 'llama-3.1-8b', 16, 1 / 8],
    [4, 'qwen3-235b-a22b', 64, 1 / 4],
    [32, 'llama-2-7b', 32, 1 / 32],
  ] as const)('%i key-value heads (%s) on %i chips: each holds %d of the cache and 1 / t of the work', (_, id, t, cache) => {
    expect(coreOf(id, 0, t)).toEqual({ weights: 1 / t, cache, work: 1 / t, partial: false });
  });

  it.each(['deepseek-v3', 'kimi-k2', 'step-3', 'deepseek-v3.2', 'deepseek-v4-flash'])('%s: MLA, MFA and shared keys have their whole cache on each chip', (id) => {
    const cores = lowerModel(modelOf(id)).filter(({ part }) => part === 'core');
    expect(cores.length).toBeGreaterThan(0);
    for (const t of [2, 8, 64]) for (const core of cores) expect(shardOf(core, t), core.id).toEqual({ weights: 1 / t, cache: 1, work: 1 / t, partial: false });
  });
});

describe('the shards of every operator of the catalogue', () => {
  /** how many chips hold the same part of the weights */
  const copies = ({ shardBy, shardUnits }: Operator, t: number): number => {
    if (shardBy === 'replicated' || shardBy === 'experts') return t;
    return shardBy === 'kvHeads' && shardUnits !== undefined && t > shardUnits ? t / shardUnits : 1;
  };

  it('have all weights together, and as often as there are copies', () =>
    fc.assert(
      fc.property(anyOperator, degrees, (operator, t) => {
        if (operator.shape.kind !== 'attention') expectNear(t * shardOf(operator, t).weights, copies(operator, t), `${operator.id} ${t}: `);
      }),
    ));

  it('do all work together, and as often as there are copies; an attention core never twice', () =>
    fc.assert(
      fc.property(anyOperator, degrees, (operator, t) => {
        expectNear(t * shardOf(operator, t).work, operator.shape.kind === 'attention' ? 1 : copies(operator, t), `${operator.id} ${t}: `);
      }),
    ));

  it('hold all of a cache together: 1 / t each up to the key-value heads, a whole one each where one head or latent is cached', () =>
    fc.assert(
      fc.property(fc.constantFrom(...operators.filter(({ cache }) => cache !== undefined)), degrees, (operator, t) => {
        const { shape } = operator;
        const held = t * shardOf(operator, t).cache;
        if (shape.kind !== 'attention') expectNear(held, 1, operator.id);
        else if (operator.shardBy === 'heads') expect(held).toBe(t);
        else expectNear(held, Math.max(1, t / shape.kvHeads), operator.id);
      }),
    ));

  it('leave partial sums exactly where a matrix is split by rows', () =>
    fc.assert(
      fc.property(anyOperator, degrees, (operator, t) => {
        expect(shardOf(operator, t).partial).toBe(operator.shardBy === 'rows' && t > 1);
      }),
    ));

  it('are no larger on more chips', () =>
    fc.assert(
      fc.property(anyOperator, degrees, degrees, (operator, t, more) => {
        const [few, many] = [shardOf(operator, t), shardOf(operator, t + more)];
        for (const share of ['weights', 'cache', 'work'] as const) {
          expect(many[share]).toBeLessThanOrEqual(few[share]);
          expect(many[share]).toBeGreaterThan(0);
        }
      }),
    ));
});
