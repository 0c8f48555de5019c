import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { checkCluster } from '../../../src/serving/disaggregation/check.ts';
import type { Cluster, OrderKey, Switching } from '../../../src/serving/disaggregation/cluster.ts';
import type { Placement, Split } from '../../../src/serving/disaggregation/estimator.ts';
import {
  ALLOCATION_KINDS,
  type Allocation,
  type AllocationSpace,
  allocationsOf,
  allocationText,
  chipsOfAllocation,
  clusterOfAllocation,
  kindOf,
  priceOfAllocation,
} from '../../../src/serving/multimodal/allocation.ts';
import { withEncoding } from '../../../src/serving/multimodal/estimator.ts';
import { MEMORY, whole } from '../disaggregation/support.ts';
import { allocationOf, estimatorOf, multimodalOf, placed, requestsFrom, SINGLE, split, together } from './support.ts';

const spaceOf = (changes: Partial<AllocationSpace> = {}): AllocationSpace => ({
  chips: 8,
  fewer: false,
  prefill: [SINGLE],
  decode: [SINGLE],
  colocated: [SINGLE],
  kinds: ALLOCATION_KINDS,
  ...changes,
});
const textOf = (counts: { readonly encode: number; readonly placement: Placement }): string => allocationText(allocationOf(counts));

/** Every number of instances of everything, of which those that fit are kept. */
function bruteForce({ chips, fewer, prefill, decode, colocated, kinds }: AllocationSpace): readonly string[] {
  const found: string[] = [];
  const fits = (used: number): boolean => (fewer ? used <= chips : used === chips);
  const sizeOf = ({ tensorParallel, pipelineParallel, dataParallel = 1 }: Split): number => tensorParallel * pipelineParallel * dataParallel;
  for (let e = 0; e <= chips; e++)
    for (const p of prefill)
      for (const d of decode)
        for (let i = 1; i <= chips; i++)
          for (let j = 1; j <= chips; j++) if (kinds.includes(e > 0 ? 'epd' : 'pd') && fits(e + i * sizeOf(p) + j * sizeOf(d))) found.push(JSON.stringify([e, p, i, d, j]));
  if (kinds.includes('aggregated')) for (const c of colocated) for (let i = 1; i <= chips; i++) if (fits(i * sizeOf(c))) found.push(JSON.stringify([c, i]));
  return found.sort();
}
const asText = ({ encode, placement }: Pick<Allocation, 'encode' | 'placement'>): string =>
  JSON.stringify(placement.kind === 'colocated' ? [placement.split, placement.instances] : [encode, placement.prefill, placement.prefillInstances, placement.decode, placement.decodeInstances]);

describe('allocationsOf', () => {
  it.each([
    ['epd', 21],
    ['pd', 7],
    ['aggregated', 1],
  ] as const)('of 8 chips, one an instance: %s %d', (kind, count) => expect(allocationsOf(spaceOf({ kinds: [kind] }))).toHaveLength(count));

  it('names them', () => {
    expect(allocationsOf(spaceOf({ chips: 4 })).map(textOf)).toEqual(['2E1P1D', '1E1P2D', '1E2P1D', '1P3D', '2P2D', '3P1D', '4']);
    expect(allocationsOf(spaceOf({ chips: 3, fewer: true })).map(textOf)).toEqual(['1E1P1D', '1P1D', '1P2D', '2P1D', '1', '2', '3']);
  });

  const splits = fc.uniqueArray(fc.constantFrom(split(1), split(2), split(4), split(1, 2), split(1, 1, 3)), { maxLength: 3, comparator: Object.is });
  test.prop([whole(0, 9), fc.boolean(), splits, splits, splits, fc.uniqueArray(fc.constantFrom(...ALLOCATION_KINDS))], { numRuns: 100 })(
    'are all that there are, once each',
    (chips, fewer, prefill, decode, colocated, kinds) => {
      const space = { chips, fewer, prefill, decode, colocated, kinds };
      const all = allocationsOf(space);
      expect(all.map(asText).sort()).toEqual(bruteForce(space));
      for (const counts of all) {
        expect(kinds).toContain(kindOf(allocationOf(counts)));
        expect(chipsOfAllocation(allocationOf(counts))).toBeLessThanOrEqual(chips);
      }
    },
  );

  it('are none where there are too few chips', () => {
    expect(allocationsOf(spaceOf({ chips: 2, kinds: ['epd'] }))).toEqual([]);
    expect(allocationsOf(spaceOf({ chips: 0 }))).toEqual([]);
  });
});

describe('an allocation', () => {
  it.each<[string, number, Pick<Allocation, 'encode' | 'placement'>]>([
    ['6E1P1D', 8, placed(6, 1, 1)],
    ['7P1D', 8, placed(0, 7, 1)],
    ['8', 8, together(8)],
    ['2E1P1D (prefill TP 2, decode TP 4)', 8, placed(2, 1, 1, split(2), split(4))],
    ['2P1D (prefill TP 1, decode TP 1 PP 2)', 4, placed(0, 2, 1, SINGLE, split(1, 2))],
    ['2 x TP 4', 8, together(2, split(4))],
    ['1 x TP 1 DP 8', 8, together(1, split(1, 1, 8))],
  ])('%s', (text, chips, counts) => {
    expect(textOf(counts)).toBe(text);
    expect(chipsOfAllocation(allocationOf(counts))).toBe(chips);
  });

  it.each([
    ['epd', placed(1, 1, 1)],
    ['pd', placed(0, 1, 1)],
    ['aggregated', together(1)],
  ] as const)('is %s', (kind, counts) => expect(kindOf(allocationOf(counts))).toBe(kind));

  it('costs what its chips do, each at the price of its role', () => {
    const price = (counts: Pick<Allocation, 'encode' | 'placement'>, encode: number | null = 1) => priceOfAllocation(multimodalOf({ encodePrice: encode }), allocationOf(counts));
    // prefill 10, decode 100, colocated 1000 USD/h a chip; a tenth more where they encode
    expect(price(placed(3, 2, 1, split(2), split(4)))).toBe(3 + 40 + 400);
    expect(price(placed(0, 2, 1))).toBeCloseTo(1.1 * 120, 9);
    expect(price(together(2, split(4)))).toBeCloseTo(1.1 * 8000, 9);
    expect(price(placed(3, 2, 1), null)).toBeNull();
    expect(price(placed(0, 2, 1), null)).not.toBeNull();
    const unknown = { ...multimodalOf(), apart: { ...estimatorOf(), usdPerHour: () => null } };
    expect(priceOfAllocation(unknown, allocationOf(placed(3, 2, 1)))).toBeNull();
  });
});

describe('clusterOfAllocation', () => {
  const clusterOf = (counts: Pick<Allocation, 'encode' | 'placement'>, changes: Partial<Allocation> = {}, order?: OrderKey, switching?: Switching): Cluster =>
    clusterOfAllocation(multimodalOf(), { ...allocationOf(counts), ...changes }, order, switching);

  it('has encode instances of their own, in front of prefill instances that do not encode', () => {
    const batches = { encode: 2, prefill: 3, decode: 5 };
    const cluster = clusterOf(placed(3, 2, 1, SINGLE, split(1, 2)), { batches, share: 'request', dispatch: 'round-robin' });
    expect(cluster).toMatchObject({
      kind: 'disaggregated',
      encode: { instances: 3, maxJobs: 2, share: 'request', transferSeconds: 0.25 },
      prefill: { instances: 2, stages: 1 },
      decode: { instances: 1, stages: 2 },
      rules: { batching: { maxPrompts: 3 }, memory: { maxRequests: 5 }, dispatch: 'round-robin' },
    });
    expect('order' in cluster.rules || 'switching' in cluster).toBe(false);
    if (cluster.kind === 'disaggregated') expect([cluster.encode?.seconds(4), cluster.prefill.times.prefill(1, 10, 100, true, 4)]).toEqual([4, 1]);
  });

  it('has instances that encode themselves where none does alone: on the first stage, and never to decode', () => {
    const cluster = clusterOf(placed(0, 1, 1));
    expect(cluster).not.toHaveProperty('encode');
    for (const pool of cluster.kind === 'disaggregated' ? [cluster.prefill] : []) {
      expect([pool.times.prefill(1, 10, 100, true, 4), pool.times.prefill(1, 10, 100, false, 4), pool.times.prefill(1, 10, 100, true, 0), pool.times.decode(1, 10, true)]).toEqual([5, 1, 1, 0.5]);
    }
    const colocated = clusterOf(together(2));
    if (colocated.kind === 'colocated') expect([colocated.pool.instances, colocated.pool.times.prefill(1, 10, 100, true, 4)]).toEqual([2, 5]);
    expect(colocated.kind).toBe('colocated');
    expect(
      withEncoding(estimatorOf(), () => 9)
        .instance('decode', SINGLE)
        .times.prefill(1, 1, 1, true, 3),
    ).toBe(1);
  });

  it('takes batches that the rules allow at most', () => {
    const { rules } = clusterOf(placed(1, 1, 1), { batches: { encode: 1, prefill: 1e6, decode: 1e6 } });
    expect([rules.batching.maxPrompts, rules.memory?.maxRequests]).toEqual([50, MEMORY.maxRequests]);
  });

  it('takes an order, and a rule for changes of roles where there are encode instances', () => {
    const order = () => 0;
    const switching = { everySeconds: 5, seconds: () => 1 };
    for (const counts of [placed(1, 1, 1), placed(0, 1, 1), together(1)]) {
      const cluster = clusterOf(counts, {}, order, switching);
      expect(cluster.rules.order).toBe(order);
      expect('switching' in cluster).toBe(counts.encode > 0);
      expect(() => checkCluster(cluster, requestsFrom([[0, 10, 1, 2]]))).not.toThrow();
    }
  });

  it('refuses encode instances beside colocated ones', () => {
    expect(() => clusterOf({ ...together(2), encode: 3 })).toThrow(new RangeError('allocation: encode 3 instances stand beside colocated ones, which encode themselves'));
  });

  it('refuses a split that the estimator does', () => expect(() => clusterOf(placed(1, 1, 1, split(16)))).toThrow(new RangeError('estimator: tensorParallel 16 is not known')));

  it.each([-1, 1.5, Number.NaN])('gives no cluster of %d encode instances', (encode) => {
    expect(() => checkCluster(clusterOf(placed(encode, 1, 1)), requestsFrom([[0, 10, 1, 2]]))).toThrow(RangeError);
  });
});
