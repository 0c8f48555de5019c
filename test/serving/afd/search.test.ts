import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../../../src/accelerators/index.ts';
import { fits } from '../../../src/serving/afd/memory-need.ts';
import type { AfdPlan, AfdPlanner } from '../../../src/serving/afd/plan.ts';
import type { AfdScenario } from '../../../src/serving/afd/scenario.ts';
import { AFD_OBJECTIVES, type AfdAnswer, type AfdObjective, type AfdQuery, searchAfd } from '../../../src/serving/afd/search.ts';
import { LAYOUTS } from '../../../src/serving/afd/stage-times.ts';
import { chipOf, expectNotLess } from '../../timing/support.ts';
import { changed, deploymentOf, MIX, plannerOf } from './support.ts';

const queryOf = (changes: Partial<AfdQuery> = {}): AfdQuery => ({ attentionChips: [chipOf('h20')], ffnChips: [chipOf('h800')], tpot: 0.05, maxInstances: 2, objective: 'cost', ...changes });
const answerOf = (planner: AfdPlanner, changes: Partial<AfdQuery> = {}): AfdAnswer => searchAfd(planner, queryOf(changes))[0] as AfdAnswer;
const because = (answer: AfdAnswer): string => (answer.plan === null ? answer.because : `found: ${answer.plan.tpot}`);
const rankOf = (plan: AfdPlan | null, objective: AfdObjective = 'cost'): number =>
  plan === null ? Number.POSITIVE_INFINITY : objective === 'cost' && plan.usdPerMillionTokens !== null ? plan.usdPerMillionTokens : 1 / plan.tokensPerGpuSecond;

/** Every deployment that is not refused, with every number of requests until memory is full or a token takes twice the time. */
function* plansOf(planner: AfdPlanner, { attentionChips: [attentionChip], ffnChips: [ffnChip], tpot, maxInstances }: AfdQuery): Generator<AfdPlan> {
  const instances = Array.from({ length: maxInstances }, (_, at) => at + 1);
  for (const attentionInstances of instances)
    for (const ffnInstances of instances)
      for (const tensorParallel of [1, 2, 4, 8])
        for (const layout of LAYOUTS) {
          if (layout === 'expert' && (planner.split.experts === null || 8 * ffnInstances > planner.split.experts)) continue;
          for (let requests = 1; ; requests++) {
            const plan = planner.plan(
              deploymentOf({ attentionChip: attentionChip as Accelerator, ffnChip: ffnChip as Accelerator, attentionInstances, ffnInstances, tensorParallel, layout, requests }),
            );
            if (plan.tpot > 2 * tpot || !fits(plan.attentionMemory) || !fits(plan.ffnMemory)) break;
            yield plan;
          }
        }
}

function bruteForce(planner: AfdPlanner, query: AfdQuery): AfdPlan | null {
  let best: AfdPlan | null = null;
  for (const plan of plansOf(planner, query)) if (plan.tpot <= query.tpot && rankOf(plan, query.objective) < rankOf(best, query.objective)) best = plan;
  return best;
}

describe('the best of all plans', () => {
  // the last column is how many times the cost of the best the search may find: 1.02, and more where it is known to stop short
  it.each([
    ['step-3', 2048, 'h20', 'h800', 0.02, {}, 1.02],
    ['step-3', 16_384, 'h800', 'h20', 0.05, {}, 1.02],
    ['mixtral-8x7b', 16_384, 'h20', 'h800', 0.05, {}, 1.02],
    ['llama-3.1-8b', 16_384, 'h800', 'h800', 0.02, {}, 1.02],
    ['qwen3-30b-a3b', 16_384, 'h800', 'h800', 0.025, { draftTokens: 1, acceptance: 0.8 }, 1.02],
    ['step-3', 2048, 'h800', 'h20', 0.02, {}, 1.09],
    ['mixtral-8x7b', 2048, 'h800', 'h20', 0.02, {}, 1.04],
    ['step-3', 16_384, 'h800', 'h800', 0.03, {}, 1.06],
    ['llama-3.1-8b', 2048, 'h20', 'h800', 0.03, {}, 1.02],
    ['deepseek-v3', 2048, 'h800', 'h20', 0.03, {}, 1.15],
    ['deepseek-v3', 16_384, 'h800', 'h800', 0.02, {}, 1.2],
    ['step-3', 16_384, 'h800', 'h800', 0.02, { times: 'ideal' }, 1.04],
  ] as const)('of %s at context %i, attention on %s, the rest on %s, within %d s, %j: at most %d times its cost', (id, context, attention, ffn, tpot, scenario, within) => {
    const planner = plannerOf(id, context, scenario);
    const query = queryOf({ attentionChips: [chipOf(attention)], ffnChips: [chipOf(ffn)], tpot });
    const [best, { plan }] = [bruteForce(planner, query), answerOf(planner, query)];
    expect(best).not.toBeNull();
    expect(rankOf(plan) / rankOf(best)).toBeLessThanOrEqual(within);
    expectNotLess(rankOf(plan), rankOf(best));
  });

  it('by throughput of chips, and by cost: each is better at its own where one side has a hundred times the price of the other', () => {
    const planner = plannerOf('mixtral-8x7b', 2048);
    const query = queryOf({ attentionChips: [changed('h20', { usdPerHour: 0.1 })], ffnChips: [changed('h800', { usdPerHour: 10 })], tpot: 0.02, maxInstances: 3 });
    const [cheap, fast] = AFD_OBJECTIVES.map((objective) => answerOf(planner, { ...query, objective }).plan) as [AfdPlan, AfdPlan];
    expect(fast.tokensPerGpuSecond).toBeGreaterThan(1.05 * cheap.tokensPerGpuSecond);
    expect(fast.usdPerMillionTokens as number).toBeGreaterThan(1.05 * (cheap.usdPerMillionTokens as number));
  });

  it('by throughput where a chip has no price', () => {
    const unpriced = { ffnChips: [chipOf('l20')], tpot: 0.1 };
    const [cheap, fast] = AFD_OBJECTIVES.map((objective) => answerOf(plannerOf('llama-3.1-8b', 2048), { ...unpriced, objective }).plan) as [AfdPlan, AfdPlan];
    expect(cheap.usdPerMillionTokens).toBeNull();
    expect(cheap.tokensPerGpuSecond).toBe(fast.tokensPerGpuSecond);
  });

  // how many times the least time of one request a replica it takes until the search finds a plan at all
  it.each([
    ['llama-3.1-8b', 2048, 'h20', 'h800', 1.01],
    ['step-3', 2048, 'h20', 'h800', 1.06],
    ['mixtral-8x7b', 2048, 'h800', 'h20', 1.9],
  ] as const)('of %s at context %i on %s and %s is found from %d times the least time on', (id, context, attention, ffn, times) => {
    const planner = plannerOf(id, context);
    const query = queryOf({ attentionChips: [chipOf(attention)], ffnChips: [chipOf(ffn)], tpot: 1e-9 });
    let least = Number.POSITIVE_INFINITY;
    for (const attentionInstances of [1, 2])
      for (const ffnInstances of [1, 2])
        for (const tensorParallel of [1, 2, 4, 8]) {
          const { attentionChips, ffnChips } = query;
          const plan = planner.plan(
            deploymentOf({ attentionChip: attentionChips[0] as Accelerator, ffnChip: ffnChips[0] as Accelerator, attentionInstances, ffnInstances, tensorParallel, requests: 1 }),
          );
          if (fits(plan.attentionMemory) && fits(plan.ffnMemory)) least = Math.min(least, plan.tpot);
        }
    expect(answerOf(planner, { ...query, tpot: times * least }).plan).not.toBeNull();
    expect(answerOf(planner, { ...query, tpot: 0.9 * least }).plan).toBeNull();
  });
});

const ids = fc.constantFrom('llama-3.1-8b', 'mixtral-8x7b', 'step-3', 'gpt-oss-120b');
const searched = fc.record({
  id: ids,
  context: fc.constantFrom(500, 4096, 20_000),
  scenario: fc.constantFrom<Partial<AfdScenario>>({}, { times: 'ideal' }, { microBatches: 4, routing: 'routed' }, { draftTokens: 2, acceptance: 0.6 }, { contexts: MIX }),
  tpot: fc.constantFrom(0.012, 0.02, 0.03, 0.05, 0.1),
  maxInstances: fc.integer({ min: 1, max: 8 }),
  objective: fc.constantFrom(...AFD_OBJECTIVES),
});
const pairs = { attentionChips: [chipOf('h20'), chipOf('h800')], ffnChips: [chipOf('h800'), chipOf('h20'), chipOf('l20')] };

describe('an answer', () => {
  test.prop([searched], { numRuns: 15 })(
    'is there for each pair, keeps time, memory and instances, and says what stops one request more',
    ({ id, context, scenario, tpot, maxInstances, objective }) => {
      const planner = plannerOf(id, context, scenario);
      const answers = searchAfd(planner, { ...pairs, tpot, maxInstances, objective });
      expect(answers.map(({ attentionChip, ffnChip }) => `${attentionChip.id} ${ffnChip.id}`)).toEqual(['h20 h800', 'h20 h20', 'h20 l20', 'h800 h800', 'h800 h20', 'h800 l20']);
      for (const answer of answers) {
        const { attentionChip, ffnChip, plan } = answer;
        if (plan === null) {
          expect(answer.because).toMatch(/^(attention memory|ffn memory|attention|ffn|latency|dispatch|gather|scatter|combine|instances|network): .*\d+ % too much$|^instances: /);
          continue;
        }
        expect(plan.tpot).toBeLessThanOrEqual(tpot);
        expect(fits(plan.attentionMemory) && fits(plan.ffnMemory)).toBe(true);
        expect(Math.max(plan.attentionInstances, plan.ffnInstances)).toBeLessThanOrEqual(maxInstances);
        const { attentionInstances, ffnInstances, tensorParallel, layout, requests } = plan;
        const deployment = { attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests };
        expect([planner.plan(deployment).tpot, planner.plan(deployment).usdPerMillionTokens]).toEqual([plan.tpot, plan.usdPerMillionTokens]);
        const next = planner.plan({ ...deployment, requests: requests + 1 });
        const stops = !fits(next.attentionMemory) ? 'attention memory' : !fits(next.ffnMemory) ? 'ffn memory' : next.tpot > tpot ? next.pace : 'efficiency';
        expect(answer.binding).toBe(stops);
      }
    },
  );

  it('is the same on every run, and for one pair as among many', () => {
    const shown = (answer: AfdAnswer | undefined): unknown => {
      if (answer === undefined || answer.plan === null) return answer;
      const { tpot, attentionInstances, ffnInstances, tensorParallel, layout, requests } = answer.plan;
      return [answer.binding, tpot, attentionInstances, ffnInstances, tensorParallel, layout, requests];
    };
    const all = searchAfd(plannerOf('step-3', 4096), queryOf(pairs));
    const planner = plannerOf('step-3', 4096);
    for (const again of [searchAfd(planner, queryOf(pairs)), searchAfd(planner, queryOf(pairs))]) expect(again.map(shown)).toEqual(all.map(shown));
    for (const answer of all) expect(shown(answerOf(planner, { attentionChips: [answer.attentionChip], ffnChips: [answer.ffnChip] }))).toEqual(shown(answer));
  });

  // the last column is how many times the cost of a shorter time a longer one may have: 1, and more where it is known to fill chips beyond what serves most
  it.each([
    ['step-3', 16_384, 'h20', 'h800', 1.001],
    ['mixtral-8x7b', 2048, 'h20', 'h800', 1.002],
    ['gpt-oss-120b', 16_384, 'h800', 'h800', 1.02],
    ['step-3', 2048, 'h20', 'h800', 1.01],
    ['llama-3.1-8b', 2048, 'h20', 'h800', 1.01],
  ] as const)('of %s at context %i on %s and %s is not lost by more time, and costs at most %d times as much', (id, context, attention, ffn, within) => {
    const planner = plannerOf(id, context);
    let least = Number.POSITIVE_INFINITY;
    for (let tpot = 0.008; tpot < 0.08; tpot *= 1.15) {
      const rank = rankOf(answerOf(planner, { attentionChips: [chipOf(attention)], ffnChips: [chipOf(ffn)], tpot, maxInstances: 3 }).plan);
      if (least < Number.POSITIVE_INFINITY) expect(rank / least, `tpot ${tpot}: `).toBeLessThanOrEqual(within);
      least = Math.min(least, rank);
    }
    expect(least).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe('no plan', () => {
  const llama = plannerOf('llama-3.1-8b', 4096);
  const step3 = plannerOf('step-3', 4096);
  const tiny = (gib: number, id = 'h800'): Accelerator => changed(id, { memoryCapacity: gib * 2 ** 30 });

  it.each(['attention', 'ffn'] as const)('without a network card on the %s side', (side) => {
    const chips = [changed('h800', { nicPerAcceleratorPerDirection: null })];
    expect(because(answerOf(llama, side === 'attention' ? { attentionChips: chips } : { ffnChips: chips }))).toBe('network: nicPerAcceleratorPerDirection of h800 is not catalogued');
  });

  it('where one request does not fit beside attention: 1.5 GiB and an eighth of all on each of 8 chips', () => {
    const weights = 2 * (2 * 128_256 * 4096 + 32 * (4096 * 4096 * 2 + 4096 * 2048));
    const needed = weights / 8 + (3 * 4096 * 131_072) / 8 + 2 * (3 * 4096 + 2 * 512) + (4 * 128_256) / 8 + 2 * 2 ** 30;
    const usable = 0.9 * 2 ** 31;
    expect(because(answerOf(llama, { attentionChips: [tiny(2)] }))).toBe(
      `attention memory: one request in each micro-batch takes ${(needed / 1e9).toFixed(1)} GB of h800 with 8 chips each, ${(usable / 1e9).toFixed(1)} GB can be used: ${(100 * (needed / usable - 1)).toFixed(0)} % too much`,
    );
  });

  it('where the experts do not fit on as many servers as there may be', () => {
    expect(because(answerOf(step3, { ffnChips: [tiny(16)], maxInstances: 2 }))).toMatch(/^ffn memory: 2 instances \(at most 2\) need 2\d\.\d GB of h800, 15\.5 GB can be used: \d+ % too much$/);
    expect(answerOf(step3, { ffnChips: [tiny(16)], maxInstances: 4 }).plan).not.toBeNull();
  });

  it('where not even one request keeps the time: by how much', () => {
    const seconds = Math.min(...[1, 2, 4, 8].map((tensorParallel) => 3 * 32 * (llama.attention(chipOf('h20'), { requests: 1, tensorParallel, replicas: 8 / tensorParallel })[0]?.seconds as number)));
    expect(because(answerOf(llama, { tpot: 0.001 }))).toBe(
      `attention: one request of a replica in each micro-batch takes ${(seconds * 1e3).toFixed(1)} ms of 1.0 ms on h20: ${(100 * (seconds / 0.001 - 1)).toFixed(0)} % too much`,
    );
    expect(because(answerOf(plannerOf('step-3', 4096, { draftTokens: 1, acceptance: 1 }), { tpot: 0.001 }))).toMatch(
      /^attention: one request of a replica in each micro-batch takes \d+\.\d ms of 2\.0 ms on h20: \d+ % too much$/,
    );
  });

  it('where the feed-forward side alone takes too long', () => {
    const slow = changed('h800', { memoryBandwidth: 1e10 });
    expect(because(answerOf(llama, { ffnChips: [slow] }))).toMatch(/^ffn: the fewest requests of a micro-batch take \d+\.\d ms of 50\.0 ms on h800: \d+ % too much$/);
  });

  it('where stages keep the time alone and the pipeline does not', () => {
    const far = changed('h800', { nicPerAcceleratorPerDirection: 1e6 });
    expect(because(answerOf(llama, { ffnChips: [far], tpot: 0.012 }))).toMatch(/^combine: even one request a replica takes \d+\.\d ms of 12\.0 ms \(longest stage: combine\): \d+ % too much$/);
    const single = plannerOf('llama-3.1-8b', 4096, { microBatches: 1 });
    const alone = Math.min(...[1, 2, 4, 8].map((tensorParallel) => single.plan(deploymentOf({ attentionInstances: 1, tensorParallel, requests: 1 })).tpot));
    expect(because(answerOf(single, { tpot: 0.8 * alone, maxInstances: 1 }))).toMatch(
      /^latency: even one request a replica takes \d+\.\d ms of \d+\.\d ms \(longest stage: attention\): \d+ % too much$/,
    );
  });

  it('where the feed-forward side takes fewer requests than one server of attention has replicas', () => {
    // GPT-2 has 12 heads: 8 chips are two replicas at least. A chip of 10 GFLOP/s does one request in 34 ms: 3 x 12 x 4 x 768 x 3072 x 2 FLOP
    const slow = changed('h800', { acceleratorsPerServer: 1, peak: { bf16: 1e10 } });
    const gpt2 = plannerOf('gpt2', 500, { times: 'ideal' });
    expect(because(answerOf(gpt2, { ffnChips: [slow], maxInstances: 1 }))).toBe('instances: no number of attention instances matches the feed-forward side');
    expect(answerOf(gpt2, { ffnChips: [slow], maxInstances: 2 }).plan).toMatchObject({ microBatch: 2, ffnInstances: 2 });
  });
});

describe('a query is refused', () => {
  it.each([
    [{ attentionChips: [] }, 'afd: chips [] is empty'],
    [{ ffnChips: [] }, 'afd: chips [] is empty'],
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((tpot) => [{ tpot }, `afd: tpot ${tpot} is not a positive number of seconds`] as const),
    ...[0, 1.5, 257, Number.NaN].map((maxInstances) => [{ maxInstances }, `afd: maxInstances ${maxInstances} is not an integer from 1 to 256`] as const),
  ] as const)('with %j: %s', (changes: Partial<AfdQuery>, message) => {
    expect(() => searchAfd(plannerOf('llama-3.1-8b', 4096), queryOf(changes))).toThrow(RangeError);
    expect(() => searchAfd(plannerOf('llama-3.1-8b', 4096), queryOf(changes))).toThrow(new RangeError(message));
  });
});
