import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { layerCount, modelOf } from '../../../src/models/index.ts';
import { oneContext } from '../../../src/serving/afd/contexts.ts';
import type { AfdDeployment } from '../../../src/serving/afd/deployment.ts';
import { type LayerTimes, timeline } from '../../../src/serving/afd/pipeline.ts';
import { type AfdPlan, STAGES, type Stage } from '../../../src/serving/afd/plan.ts';
import { type AfdScenario, afdDefaults } from '../../../src/serving/afd/scenario.ts';
import { chipOf, expectNear, expectNotLess, sizes } from '../../timing/support.ts';
import { changed, deploymentOf, MIX, plannerOf } from './support.ts';

const planOf = (id: string, deployment: Partial<AfdDeployment> = {}, scenario: Partial<AfdScenario> = {}): AfdPlan => plannerOf(id, 4096, scenario).plan(deploymentOf(deployment));
const busy = ({ layers }: AfdPlan): readonly number[] => STAGES.map((_, at) => layers.reduce((sum, times) => sum + (times[at] as number), 0) / 1e9);

const deployed = fc.record({
  id: fc.constantFrom('llama-3.1-8b', 'mixtral-8x7b', 'step-3', 'gpt-oss-120b'),
  microBatches: fc.integer({ min: 1, max: 6 }),
  context: sizes(32_768),
  draftTokens: fc.constantFrom(0, 0, 1, 3),
  routing: fc.constantFrom('broadcast' as const, 'routed' as const),
  deployment: fc
    .record({
      attentionChip: fc.constantFrom(chipOf('h20'), chipOf('h800')),
      ffnChip: fc.constantFrom(chipOf('h20'), chipOf('h800')),
      attentionInstances: fc.integer({ min: 1, max: 4 }),
      ffnInstances: fc.integer({ min: 1, max: 4 }),
      tensorParallel: fc.constantFrom(1, 2, 4, 8),
      layout: fc.constantFrom('tensor' as const, 'expert' as const),
      requests: sizes(256),
    })
    .map((deployment) => (deployment.layout === 'expert' ? { ...deployment, ffnInstances: 1 } : deployment)),
});
const plannedOf = ({ id, context, microBatches, draftTokens, routing, deployment }: typeof deployed extends fc.Arbitrary<infer T> ? T : never, changes: Partial<AfdScenario> = {}): AfdPlan =>
  plannerOf(id, context, { microBatches, draftTokens, acceptance: 0.7, routing, ...changes }).plan(deployment);

describe('a plan of Step-3 on two servers of H20 and one of H800', () => {
  const plan = planOf('step-3');

  it('has 24 chips and 256 requests in each of three micro-batches', () => expect(plan).toMatchObject({ chips: 24, microBatch: 16 * 16, batch: 768, ...deploymentOf() }));
  it('has twice the requests with one chip each, half with two', () => {
    expect(planOf('step-3', { tensorParallel: 2 }).microBatch).toBe(128);
    expect(planOf('step-3', { attentionInstances: 4 }).microBatch).toBe(512);
  });

  it('has 61 layers and the head, 5 and 56 of them alike', () => {
    expect(plan.layers.length).toBe(62);
    expect(new Set(plan.layers.slice(0, 5).map(String)).size).toBe(1);
    expect(new Set(plan.layers.slice(5, 61).map(String)).size).toBe(1);
    expect(plan.layers[61]).toEqual([expect.any(Number), 0, 0, 0, 0, 0]);
  });

  it('sends 7392 bytes a token there and 14,336 back, over eight cards of H800 at 40 GB/s, the fewer: whole nanoseconds', () => {
    const [there, back] = [7392, 14_336].map((bytes) => Math.round((256 * bytes * 1e9) / (8 * 4e10)));
    for (const layer of plan.layers.slice(0, 61)) expect([layer[STAGES.indexOf('dispatch')], layer[STAGES.indexOf('combine')]]).toEqual([there, back]);
  });

  it('sends each token to both of two servers, which receive it with twice the cards; routed, to 1 + 3/4 in layers of experts, to one in dense ones', () => {
    const sent = (changes: Partial<AfdScenario>, attentionInstances: number): readonly number[] => {
      const { layers } = planOf('step-3', { ffnInstances: 2, attentionInstances }, changes);
      return [layers[0], layers[60]].map((layer) => layer?.[STAGES.indexOf('dispatch')] as number);
    };
    const by = (tokens: number, reached: number, chips: number): number => Math.round((tokens * reached * 7392 * 1e9) / (chips * 4e10));
    expect(sent({}, 2)).toEqual([by(256, 2, 16), by(256, 2, 16)]);
    expect(sent({}, 1)).toEqual([by(128, 2, 8), by(128, 2, 8)]);
    expect(sent({ routing: 'routed' }, 1)).toEqual([by(128, 1, 8), by(128, 1.75, 8)]);
  });

  it('has mean stage times of a layer, the head left out', () => {
    const { stages, layers } = plan;
    const head = (layers.at(-1) as LayerTimes)[0] as number;
    for (const [at, total] of busy(plan).entries()) expectNear(stages[STAGES[at] as Stage], (total - (at === 0 ? head / 1e9 : 0)) / 61);
  });

  it('costs 28.80 USD an hour over its tokens', () => {
    expectNear(plan.tokensPerSecond, 768 / plan.tpot);
    expectNear(plan.tokensPerGpuSecond, 768 / plan.tpot / 24);
    expectNear(plan.usdPerMillionTokens as number, (28.8 / 3600 / (768 / plan.tpot)) * 1e6);
  });

  it('is paced by its busiest stage', () => {
    expect(plan.pace).toBe('ffn');
    expect(plan.tpot).toBeGreaterThanOrEqual(3 * (busy(plan)[STAGES.indexOf('ffn')] as number));
    expect(planOf('step-3', { requests: 64, ffnChip: chipOf('h800'), attentionInstances: 1 }, { contexts: oneContext(65_536) }).pace).toBe('attention');
    expect(planOf('step-3', {}, { nicShare: 0.01 }).pace).toBe('combine');
    expect(planOf('step-3', {}, { microBatches: 1 }).pace).toBe('latency');
  });
});

describe('bytes of a request on its ways', () => {
  it('of Step-3 are 7392 there and 14,336 back for each of 61 layers and each instance', () => {
    for (const ffnInstances of [1, 3]) expect(plannerOf('step-3', 4096).wayBytes(ffnInstances)).toEqual({ dispatch: 61 * ffnInstances * 7392, combine: 61 * ffnInstances * 14_336 });
  });

  it('routed to some of two instances are 1 + 3/4 in 56 layers of experts, and one in 5 dense ones; twice as many with a draft token', () => {
    expect(plannerOf('step-3', 4096, { routing: 'routed', draftTokens: 1 }).wayBytes(2)).toEqual({ dispatch: 2 * (56 * 1.75 + 5) * 7392, combine: 2 * (56 * 1.75 + 5) * 14_336 });
  });

  test.prop([deployed], { numRuns: 40 })('are what the ways of a plan take, over the cards of the side with fewer', (given) => {
    const { id, context, microBatches, draftTokens, routing, deployment } = given;
    const { dispatch, combine } = plannerOf(id, context, { microBatches, draftTokens, acceptance: 0.7, routing }).wayBytes(deployment.ffnInstances);
    const { stages, microBatch, layers } = plannedOf(given);
    const cards = 8 * 4e10 * Math.min(deployment.attentionInstances, deployment.ffnInstances);
    // whole nanoseconds in each layer
    const nearly = (seconds: number, bytes: number): void => expect(Math.abs(seconds * (layers.length - 1) - (bytes * microBatch) / cards)).toBeLessThanOrEqual(layers.length * 0.5e-9);
    nearly(stages.dispatch, dispatch);
    nearly(stages.combine, combine);
  });
});

describe('any plan', () => {
  test.prop([deployed], { numRuns: 60 })('takes at least as long as its busiest stage, as one micro-batch alone, and as its steps take on average', (given) => {
    const plan = plannedOf(given);
    const { microBatches, id } = given;
    expectNotLess(plan.stepSeconds, microBatches * Math.max(...busy(plan)));
    expectNotLess(
      plan.stepSeconds,
      busy(plan).reduce((a, b) => a + b, 0),
    );
    expect(plan.layers.length).toBe(layerCount(modelOf(id)) + 1);
    const slots = timeline(plan.layers, microBatches, 4);
    const end = (slots.at(-1)?.end as number) / 1e9;
    expectNotLess(end, 4 * plan.stepSeconds);
    expect(end).toBeLessThanOrEqual(5 * plan.stepSeconds + busy(plan).reduce((a, b) => a + b, 0) * microBatches);
  });

  test.prop([deployed], { numRuns: 60 })('counts its requests, tokens and dollars', (given) => {
    const { deployment, microBatches } = given;
    const plan = plannedOf(given);
    const replicas = (8 * deployment.attentionInstances) / deployment.tensorParallel;
    expect([plan.chips, plan.microBatch, plan.batch]).toEqual([
      8 * (deployment.attentionInstances + deployment.ffnInstances),
      replicas * deployment.requests,
      microBatches * replicas * deployment.requests,
    ]);
    expectNear(plan.tokensPerSecond, plan.batch / plan.tpot);
    expectNear(plan.tokensPerGpuSecond, plan.tokensPerSecond / plan.chips);
    const usd = 8 * (deployment.attentionInstances * (deployment.attentionChip.usdPerHour as number) + deployment.ffnInstances * (deployment.ffnChip.usdPerHour as number));
    expectNear(plan.usdPerMillionTokens as number, (1e6 * usd) / 3600 / plan.tokensPerSecond);
  });

  test.prop([deployed], { numRuns: 12 })('lies inside of its interval, above its bound, and has no interval where times are bounds', (given) => {
    const plan = plannedOf(given);
    const ideal = plannedOf(given, { times: 'ideal' });
    expectNotLess(plan.tpot, plan.low);
    expectNotLess(plan.high, plan.tpot);
    expect(plan.low).toBeLessThan(plan.high);
    expectNotLess(plan.tpot, ideal.tpot);
    expect([ideal.low, ideal.high]).toEqual([ideal.tpot, ideal.tpot]);
  });

  test.prop([deployed, fc.double({ min: 0.01, max: 1, noNaN: true })], { numRuns: 60 })('is never faster on slower network cards', (given, nicShare) => {
    expectNotLess(plannedOf(given, { nicShare }).tpot, plannedOf(given, { nicShare: 1 }).tpot);
  });

  test.prop([deployed], { numRuns: 60 })('costs twice as much where both prices are doubled, and takes as long', (given) => {
    const { attentionChip, ffnChip } = given.deployment;
    const dear = (chip: typeof attentionChip) => changed(chip.id, { usdPerHour: 2 * (chip.usdPerHour as number) });
    const [plan, double] = [plannedOf(given), plannedOf({ ...given, deployment: { ...given.deployment, attentionChip: dear(attentionChip), ffnChip: dear(ffnChip) } })];
    expectNear(double.usdPerMillionTokens as number, 2 * (plan.usdPerMillionTokens as number));
    expect(double.tpot).toBe(plan.tpot);
  });

  test.prop([deployed], { numRuns: 60 })('is close to its bound, which it is looked for by: within a tenth', ({ id, context, microBatches, deployment }) => {
    const planner = plannerOf(id, context, { microBatches });
    const [bound, { tpot }] = [planner.tpotBound(deployment), planner.plan(deployment)];
    expect(bound / tpot).toBeGreaterThan(0.9);
    expect(bound / tpot).toBeLessThan(1.1);
  });

  it('has no cost where a chip has no price', () => expect(planOf('llama-3.1-8b', { ffnChip: chipOf('l20') }).usdPerMillionTokens).toBeNull());
});

describe('draft tokens', () => {
  it('that are all accepted cut the time per token to a part of the step; none, and it is the step', () => {
    const [none, all] = [0, 1].map((acceptance) => planOf('step-3', {}, { draftTokens: 3, acceptance })) as [AfdPlan, AfdPlan];
    expect(all.stepSeconds).toBe(none.stepSeconds);
    expect(none.tpot).toBe(none.stepSeconds);
    expectNear(all.tpot, none.tpot / 4);
    expectNear(all.usdPerMillionTokens as number, (none.usdPerMillionTokens as number) / 4);
    expectNear(planOf('step-3', {}, { draftTokens: 2, acceptance: 0.5 }).tpot, planOf('step-3', {}, { draftTokens: 2 }).tpot / 1.75);
  });

  it('make a step longer, by less than what they add', () => {
    const [one, four] = [0, 3].map((draftTokens) => planOf('step-3', {}, { draftTokens })) as [AfdPlan, AfdPlan];
    expect(four.stepSeconds).toBeGreaterThan(one.stepSeconds);
    expect(four.stepSeconds).toBeLessThan(4 * one.stepSeconds);
    // four times as many tokens go over the network
    expect(four.stages.dispatch / one.stages.dispatch).toBeCloseTo(4, 3);
  });
});

/** A plan without what takes long to find: its interval. */
const withoutInterval = (plan: AfdPlan): unknown => Object.fromEntries(Object.keys(plan).flatMap((field) => (field === 'low' || field === 'high' ? [] : [[field, plan[field as keyof AfdPlan]]])));

describe('a planner', () => {
  it('for other contexts is as a new one, before and after', () => {
    const planner = plannerOf('step-3', 4096);
    const before = planner.plan(deploymentOf());
    for (const contexts of [oneContext(100), oneContext(30_000), MIX, [...MIX].map(({ context }, at) => ({ context, share: at === 0 ? 0.9 : 0.1 }))]) {
      const [other, fresh] = [planner.at(contexts), plannerOf('step-3', 1, { contexts })];
      expect(other.scenario).toEqual({ ...afdDefaults, contexts });
      expect(withoutInterval(other.plan(deploymentOf()))).toEqual(withoutInterval(fresh.plan(deploymentOf())));
      expect(other.tpotBound(deploymentOf())).toBe(fresh.tpotBound(deploymentOf()));
    }
    expect(planner.plan(deploymentOf())).toEqual(before);
    expect(plannerOf('step-3', 4096).plan(deploymentOf())).toEqual(before);
  });

  it('gives the same plan whatever it was asked before', () => {
    const planner = plannerOf('mixtral-8x7b', 4096);
    const all = [1, 2, 4].flatMap((tensorParallel) =>
      [1, 2].flatMap((ffnInstances) => [
        { tensorParallel, ffnInstances },
        { tensorParallel, ffnInstances, requests: 100 },
      ]),
    );
    for (const changes of [...all, ...all.toReversed()])
      expect(withoutInterval(planner.plan(deploymentOf(changes)))).toEqual(withoutInterval(plannerOf('mixtral-8x7b', 4096).plan(deploymentOf(changes))));
  });

  it('tells chips apart by more than their ids', () => {
    const planner = plannerOf('llama-3.1-8b', 4096);
    const slow = changed('h20', { memoryBandwidth: 2e12 });
    const [fast, halved] = [planner.plan(deploymentOf()), planner.plan(deploymentOf({ attentionChip: slow }))];
    expect(halved.stages.attention).toBeGreaterThan(1.3 * fast.stages.attention);
    expect(planner.plan(deploymentOf({ attentionChip: changed('h20', { memoryCapacity: 1e11 }) })).attentionMemory.usable).toBe(9e10);
  });

  it('knows how well stages are known', () => {
    expect(planOf('deepseek-v3', { attentionChip: chipOf('h800'), layout: 'expert', ffnInstances: 2 }).basis).toBe('assumed');
    expect(plannerOf('llama-3.1-8b', 4096).attention(chipOf('h20'), { requests: 4, tensorParallel: 1, replicas: 8 })[0]?.basis).toBe('assumed');
  });
});
