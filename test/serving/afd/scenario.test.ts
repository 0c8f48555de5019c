import { describe, expect, it } from 'vitest';
import { afdPlanner } from '../../../src/serving/afd/plan.ts';
import { type AfdScenario, afdDefaults, validateScenario } from '../../../src/serving/afd/scenario.ts';
import { scenarioOf, splitOf } from './support.ts';

describe('a scenario', () => {
  it('has frozen defaults: three micro-batches, 40 of 50 GB/s, every token to every instance', () => {
    expect(Object.isFrozen(afdDefaults)).toBe(true);
    expect(afdDefaults).toEqual({
      microBatches: 3,
      times: 'calibrated',
      nicShare: 0.8,
      routing: 'broadcast',
      expertLoad: { kind: 'balanced' },
      draftTokens: 0,
      acceptance: 0,
      memoryShare: 0.9,
    });
  });

  it.each([{}, { microBatches: 1 }, { microBatches: 64 }, { nicShare: 1 }, { draftTokens: 16 }, { acceptance: 1, draftTokens: 1 }, { memoryShare: 1 }] as const)('is accepted with %j', (changes) =>
    expect(() => afdPlanner(splitOf('llama-3.1-8b'), scenarioOf(1000, changes))).not.toThrow(),
  );

  const REFUSED: readonly (readonly [Partial<AfdScenario>, string])[] = [
    [{ contexts: [] }, 'afd: contexts [] is empty'],
    [{ microBatches: 0 }, 'afd: microBatches 0 is not an integer from 1 to 64'],
    [{ microBatches: 65 }, 'afd: microBatches 65 is not an integer from 1 to 64'],
    [{ microBatches: 2.5 }, 'afd: microBatches 2.5 is not an integer from 1 to 64'],
    [{ microBatches: Number.NaN }, 'afd: microBatches NaN is not an integer from 1 to 64'],
    [{ nicShare: 0 }, 'afd: nicShare 0 is not above 0 and at most 1'],
    [{ nicShare: 1.01 }, 'afd: nicShare 1.01 is not above 0 and at most 1'],
    [{ nicShare: Number.NaN }, 'afd: nicShare NaN is not above 0 and at most 1'],
    [{ draftTokens: 17 }, 'afd: draftTokens 17 is not an integer from 0 to 16'],
    [{ draftTokens: -1 }, 'afd: draftTokens -1 is not an integer from 0 to 16'],
    [{ draftTokens: 0.5 }, 'afd: draftTokens 0.5 is not an integer from 0 to 16'],
    [{ draftTokens: Number.NaN }, 'afd: draftTokens NaN is not an integer from 0 to 16'],
    [{ contexts: [{ context: 0, share: 1 }] }, 'afd: contexts.context 0 is not a positive integer'],
    [
      {
        contexts: [
          { context: 100, share: -1 },
          { context: 200, share: 2 },
        ],
      },
      'afd: contexts.share -1 is not above 0 and at most 1',
    ],
    [{ contexts: [{ context: 100, share: 0.25 }] }, 'afd: contexts.share 0.25 in all is not 1'],
    [{ expertLoad: { kind: 'power-law', exponent: -5 } }, 'afd: expertLoad.exponent -5 is not between 0 and 10'],
    [{ expertLoad: { kind: 'power-law', exponent: Number.NaN } }, 'afd: expertLoad.exponent NaN is not between 0 and 10'],
    [{ memoryShare: 0 }, 'afd: memoryShare 0 is not above 0 and at most 1'],
    [{ memoryShare: 1.1 }, 'afd: memoryShare 1.1 is not above 0 and at most 1'],
    [{ memoryShare: Number.NaN }, 'afd: memoryShare NaN is not above 0 and at most 1'],
  ];

  it.each(REFUSED)('is refused with %j: %s', (changes, message) => {
    expect(() => validateScenario(scenarioOf(1000, changes))).toThrow(RangeError);
    expect(() => validateScenario(scenarioOf(1000, changes))).toThrow(new RangeError(message));
    expect(() => afdPlanner(splitOf('llama-3.1-8b'), scenarioOf(1000, changes))).toThrow(new RangeError(message));
  });

  it.each([[{ acceptance: 1.5 }, 'mtp: acceptance 1.5 is not between 0 and 1']])('has no planner with %j: %s', (changes, message) => {
    expect(() => afdPlanner(splitOf('llama-3.1-8b'), scenarioOf(1000, changes))).toThrow(new RangeError(message));
  });
});
