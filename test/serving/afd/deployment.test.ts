import { describe, expect, it } from 'vitest';
import { type AfdDeployment, chipsOfSides, nicOf, pricePerHour, validateAfdDeployment } from '../../../src/serving/afd/deployment.ts';
import { chipOf } from '../../timing/support.ts';
import { changed, deploymentOf, plannerOf, splitOf } from './support.ts';

describe('chips and prices', () => {
  it('of two servers of H20 and one of H800 are 16 and 8, for 28.80 USD an hour', () => {
    expect(chipsOfSides(deploymentOf())).toEqual({ attention: 16, ffn: 8 });
    expect(pricePerHour(deploymentOf())).toBeCloseTo(16 * 0.8 + 8 * 2, 12);
  });

  it('of servers with four chips are as many as those have', () => {
    const four = deploymentOf({ ffnChip: changed('h800', { acceleratorsPerServer: 4 }), ffnInstances: 3 });
    expect(chipsOfSides(four)).toEqual({ attention: 16, ffn: 12 });
    expect(pricePerHour(four)).toBeCloseTo(16 * 0.8 + 12 * 2, 12);
  });

  it('are unknown where one chip has no price', () => {
    expect(pricePerHour(deploymentOf({ ffnChip: chipOf('l20') }))).toBeNull();
    expect(pricePerHour(deploymentOf({ attentionChip: chipOf('l20') }))).toBeNull();
  });
});

describe('nicOf', () => {
  it('is the card of the side', () => {
    const deployment = deploymentOf({ attentionChip: chipOf('a800') });
    expect([nicOf(deployment, 'attention'), nicOf(deployment, 'ffn')]).toEqual([2.5e10, 5e10]);
  });

  it('is refused where a chip has none, and so is a plan', () => {
    const ffnChip = changed('h800', { nicPerAcceleratorPerDirection: null });
    const message = 'afd: nicPerAcceleratorPerDirection of h800 is not catalogued';
    expect(() => nicOf(deploymentOf({ ffnChip }), 'ffn')).toThrow(RangeError);
    expect(() => nicOf(deploymentOf({ ffnChip }), 'ffn')).toThrow(new RangeError(message));
    expect(() => plannerOf('llama-3.1-8b', 1000).plan(deploymentOf({ ffnChip }))).toThrow(new RangeError(message));
  });
});

describe('a deployment', () => {
  it.each([
    ['llama-3.1-8b', {}],
    ['llama-3.1-8b', { ffnInstances: 500, tensorParallel: 8, layout: 'expert' }],
    ['step-3', { ffnInstances: 48 }],
    ['step-3', { ffnInstances: 6, layout: 'expert' }],
  ] as const)('of %s is accepted with %j', (id, changes) => expect(() => validateAfdDeployment(splitOf(id), deploymentOf(changes))).not.toThrow());

  const REFUSED: readonly (readonly [Partial<AfdDeployment>, string])[] = [
    ...(['attentionInstances', 'ffnInstances', 'tensorParallel', 'requests'] as const).flatMap((field) =>
      [0, -1, 1.5, Number.NaN, 2 ** 53].map((value) => [{ [field]: value }, `afd: ${field} ${value} is not a positive integer`] as const),
    ),
    [{ tensorParallel: 3 }, 'afd: tensorParallel 3 does not divide the 8 chips of an instance'],
    [{ tensorParallel: 16 }, 'afd: tensorParallel 16 does not divide the 8 chips of an instance'],
    [{ ffnInstances: 49 }, 'afd: ffnInstances 49 deal out 48 experts to 49 places'],
    [{ ffnInstances: 7, layout: 'expert' }, 'afd: ffnInstances 7 deal out 48 experts to 56 places'],
  ];

  it.each(REFUSED)('of Step-3 is refused with %j: %s', (changes, message) => {
    const deployment = deploymentOf(changes);
    expect(() => validateAfdDeployment(splitOf('step-3'), deployment)).toThrow(RangeError);
    for (const check of [() => validateAfdDeployment(splitOf('step-3'), deployment), () => plannerOf('step-3', 1000).plan(deployment), () => plannerOf('step-3', 1000).tpotBound(deployment)])
      expect(check).toThrow(new RangeError(message));
  });

  it('is refused, too, where the heads of the model cannot be split', () =>
    expect(() => plannerOf('minicpm-v-2.6', 1000).plan(deploymentOf({ tensorParallel: 8 }))).toThrow(new RangeError('deployment: tensorParallel 8 does not divide the 28 heads of minicpm-v-2.6')));
});
