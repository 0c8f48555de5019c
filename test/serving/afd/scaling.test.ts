import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { splitCases } from '../../../src/papers/afd/cases.ts';
import { fits } from '../../../src/serving/afd/memory-need.ts';
import type { AfdPlan, AfdPlanner } from '../../../src/serving/afd/plan.ts';
import { attentionInstancesFor, type ScaledAnswer, type ScaledDeployment } from '../../../src/serving/afd/scaling.ts';
import { chipOf } from '../../timing/support.ts';
import { changed, plannerOf } from './support.ts';

/** What Step-3 runs on in Table 8: instances of eight H800, micro-batches of 2048, 50 ms. */
const scaledOf = (changes: Partial<ScaledDeployment> = {}): ScaledDeployment => ({
  attentionChip: chipOf('h800'),
  ffnChip: chipOf('h800'),
  ffnInstances: 2,
  tensorParallel: 1,
  layout: 'expert',
  microBatch: 2048,
  tpot: 0.05,
  maxInstances: 16,
  ...changes,
});
const base = plannerOf('step-3', 4096);
const at = (context: number): AfdPlanner => base.at([{ context, share: 1 }]);

function planWith(planner: AfdPlanner, { microBatch, tpot, maxInstances, ...rest }: ScaledDeployment, attentionInstances: number): AfdPlan {
  const replicas = (attentionInstances * rest.attentionChip.acceleratorsPerServer) / rest.tensorParallel;
  return planner.plan({ ...rest, attentionInstances, requests: Math.ceil(microBatch / replicas) });
}
const keeps = (plan: AfdPlan, tpot: number): boolean => plan.tpot <= tpot && fits(plan.attentionMemory) && fits(plan.ffnMemory);
const because = (answer: ScaledAnswer): string => (answer.plan === null ? answer.because : `found: ${answer.plan.attentionInstances}`);
function found(planner: AfdPlanner, scaled: ScaledDeployment): AfdPlan {
  const { plan } = attentionInstancesFor(planner, scaled);
  if (plan === null) throw new RangeError('test: no plan');
  return plan;
}

describe('attentionInstancesFor', () => {
  it('is two instances at 4K and four at 8K, as in Table 8 of the paper', () =>
    expect([4096, 8192].map((context) => found(at(context), scaledOf()).attentionInstances)).toEqual([splitCases[1], splitCases[2]].map((row) => row?.attentionInstances)));

  it('is the plan of that deployment, with the share of the micro-batch that each replica has, rounded up', () => {
    const plan = found(at(8192), scaledOf({ microBatch: 2049 }));
    expect(plan.requests).toBe(Math.ceil(2049 / (8 * plan.attentionInstances)));
    expect(plan.microBatch).toBe(plan.requests * 8 * plan.attentionInstances);
    expect({ ...plan }).toEqual({ ...planWith(at(8192), scaledOf({ microBatch: 2049 }), plan.attentionInstances) });
  });

  test.prop(
    [
      fc.record({
        context: fc.integer({ min: 512, max: 65_536 }),
        microBatch: fc.integer({ min: 1, max: 4096 }),
        tpot: fc.double({ min: 0.03, max: 0.1, noNaN: true }),
        ffnInstances: fc.integer({ min: 1, max: 6 }),
        tensorParallel: fc.constantFrom(1, 2, 8),
      }),
    ],
    { numRuns: 40 },
  )('keeps time and memory where it finds a plan, which no fewer instances do; and where it finds none, no number does', ({ context, ...changes }) => {
    const scaled = scaledOf(changes);
    const { plan } = attentionInstancesFor(at(context), scaled);
    const fewest = Array.from({ length: scaled.maxInstances }, (_, index) => index + 1).find((instances) => keeps(planWith(at(context), scaled, instances), scaled.tpot));
    expect(plan?.attentionInstances).toBe(fewest);
    if (plan !== null) expect(keeps(plan, scaled.tpot)).toBe(true);
  });

  it('is found between numbers that do not do, as requests are rounded up: 3A2F for 40 requests of 128K', () => {
    const [planner, scaled] = [plannerOf('deepseek-v3', 131_072), scaledOf({ microBatch: 40, tpot: 0.0447, maxInstances: 8 })];
    const all = Array.from({ length: 4 }, (_, index) => planWith(planner, scaled, index + 1));
    expect(all.map(({ requests, microBatch }) => [requests, microBatch])).toEqual([
      [5, 40],
      [3, 48],
      [2, 48],
      [2, 64],
    ]);
    expect(all.map((plan) => keeps(plan, 0.0447))).toEqual([false, false, true, false]);
    expect(found(planner, scaled).attentionInstances).toBe(3);
  });

  it('says what the nearest plan lacks, which need not have the most instances', () => {
    const [planner, scaled] = [plannerOf('deepseek-v3', 131_072), scaledOf({ microBatch: 40, tpot: 0.02, maxInstances: 8 })];
    const all = Array.from({ length: 8 }, (_, index) => planWith(planner, scaled, index + 1)).filter((plan) => keeps(plan, Number.POSITIVE_INFINITY));
    const nearest = all.reduce((a, b) => (b.tpot < a.tpot ? b : a));
    expect(nearest.attentionInstances).toBe(5);
    expect(because(attentionInstancesFor(planner, scaled))).toBe(
      `${nearest.pace}: ${(1e3 * nearest.tpot).toFixed(1)} ms of 20.0 ms: ${(100 * (nearest.tpot / 0.02 - 1)).toFixed(0)} % too much, with 5 of at most 8 attention instances`,
    );
  });

  it('is the fewest of all where a micro-batch divides evenly: one by one', () => {
    const outcomes = new Set<number>();
    for (const context of [512, 1024, 4096])
      for (const tpot of [0.25, 0.15, 0.09, 0.07, 0.0685, 0.05]) {
        const scaled = scaledOf({ microBatch: 8 * 840, ffnInstances: 4, tpot, maxInstances: 8 });
        const fewest = Array.from({ length: 8 }, (_, index) => index + 1).find((instances) => keeps(planWith(at(context), scaled, instances), tpot));
        expect(attentionInstancesFor(at(context), scaled).plan?.attentionInstances, `${context} within ${tpot}`).toBe(fewest);
        outcomes.add(fewest ?? 0);
      }
    expect(outcomes).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });

  it('has no fewer instances the longer the context', () => {
    const instances = [1024, 2048, 4096, 8192, 12_000, 16_384, 20_000].map((context) => found(at(context), scaledOf()).attentionInstances);
    expect(instances).toEqual([...instances].sort((a, b) => a - b));
    expect([instances[0], (instances.at(-1) as number) > (instances[2] as number)]).toEqual([1, true]);
  });

  it('has no fewer instances the less time there is, and no more with more memory', () => {
    const of = (changes: Partial<ScaledDeployment>): number => found(at(8192), scaledOf(changes)).attentionInstances;
    const byTime = [0.2, 0.1, 0.06, 0.05, 0.045, 0.042].map((tpot) => of({ tpot }));
    expect(byTime).toEqual([...byTime].sort((a, b) => a - b));
    // with all the time there is, memory asks for as many as hold the cache
    expect(byTime[0]).toBeGreaterThan(1);
    expect(of({ tpot: 10, attentionChip: changed('h800', { memoryCapacity: 2 ** 40 }) })).toBe(1);
  });

  it('takes the very time that a plan has, and not a nanosecond less', () => {
    const plan = found(at(4096), scaledOf());
    expect(found(at(4096), scaledOf({ tpot: plan.tpot })).attentionInstances).toBe(plan.attentionInstances);
    expect(found(at(4096), scaledOf({ tpot: plan.tpot - 1e-9 })).attentionInstances).toBeGreaterThan(plan.attentionInstances);
  });

  it('takes the very number of instances that may be, and says what is lacking with one less', () => {
    expect(found(at(8192), scaledOf({ maxInstances: 4 })).attentionInstances).toBe(4);
    const plan = planWith(at(8192), scaledOf(), 3);
    const memory = `attention memory: ${(plan.attentionMemory.bytes / 1e9).toFixed(1)} GB of a chip, 77.3 GB can be used`;
    expect(because(attentionInstancesFor(at(8192), scaledOf({ maxInstances: 3 })))).toBe(
      `${memory}: ${(100 * (plan.attentionMemory.bytes / plan.attentionMemory.usable - 1)).toFixed(0)} % too much, with 3 of at most 3 attention instances`,
    );
  });

  it('says which stage takes how much too long where memory is enough', () => {
    const plan = planWith(at(4096), scaledOf(), 16);
    const asked = scaledOf({ tpot: 0.02 });
    expect(because(attentionInstancesFor(at(4096), asked))).toBe(
      `${plan.pace}: ${(1e3 * plan.tpot).toFixed(1)} ms of 20.0 ms: ${(100 * (plan.tpot / 0.02 - 1)).toFixed(0)} % too much, with 16 of at most 16 attention instances`,
    );
  });

  it('says that the other side lacks memory, which no attention instance mends', () =>
    expect(because(attentionInstancesFor(at(4096), scaledOf({ ffnChip: chipOf('l4'), ffnInstances: 1 })))).toMatch(
      /^ffn memory: \d+\.\d GB of a chip, 23\.2 GB can be used: \d+ % too much, with 16 of at most 16 attention instances$/,
    ));

  it.each([
    [{ microBatch: 0 }, 'afd: microBatch 0 is not a positive integer'],
    [{ microBatch: -8 }, 'afd: microBatch -8 is not a positive integer'],
    [{ microBatch: 1.5 }, 'afd: microBatch 1.5 is not a positive integer'],
    [{ microBatch: Number.NaN }, 'afd: microBatch NaN is not a positive integer'],
    [{ microBatch: 2 ** 53 }, 'afd: microBatch 9007199254740992 is not a positive integer'],
    [{ maxInstances: 0 }, 'afd: maxInstances 0 is not an integer from 1 to 1024'],
    [{ maxInstances: 2.5 }, 'afd: maxInstances 2.5 is not an integer from 1 to 1024'],
    [{ maxInstances: 1025 }, 'afd: maxInstances 1025 is not an integer from 1 to 1024'],
    [{ tpot: 0 }, 'afd: tpot 0 is not a positive number of seconds'],
    [{ tpot: -0.05 }, 'afd: tpot -0.05 is not a positive number of seconds'],
    [{ tpot: Number.NaN }, 'afd: tpot NaN is not a positive number of seconds'],
    [{ tpot: Number.POSITIVE_INFINITY }, 'afd: tpot Infinity is not a positive number of seconds'],
    [{ tensorParallel: 3 }, 'afd: tensorParallel 3 does not divide the 8 chips of an instance'],
    [{ ffnInstances: 7 }, 'afd: ffnInstances 7 deal out 48 experts to 56 places'],
    [{ ffnInstances: 0 }, 'afd: ffnInstances 0 is not a positive integer'],
  ] as const)('refuses %j: %s', (changes, message) => {
    expect(() => attentionInstancesFor(base, scaledOf(changes))).toThrow(RangeError);
    expect(() => attentionInstancesFor(base, scaledOf(changes))).toThrow(new RangeError(message));
  });

  it('refuses a chip whose network card is not catalogued', () =>
    expect(() => attentionInstancesFor(base, scaledOf({ attentionChip: changed('h800', { nicPerAcceleratorPerDirection: null }) }))).toThrow(
      new RangeError('afd: nicPerAcceleratorPerDirection of h800 is not catalogued'),
    ));
});
