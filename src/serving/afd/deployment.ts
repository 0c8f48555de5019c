import type { Accelerator } from '../../accelerators/accelerator.ts';
import { check } from './check.ts';
import type { SplitModel } from './split-model.ts';
import type { Layout } from './stage-times.ts';
import { hourlyPrice } from './throughput.ts';

/** Which chips do what: x attention and y feed-forward instances, each one server. */
export interface AfdDeployment {
  readonly attentionChip: Accelerator;
  readonly ffnChip: Accelerator;
  readonly attentionInstances: number;
  readonly ffnInstances: number;
  /** chips of an attention instance that share one request */
  readonly tensorParallel: number;
  /** how chips of the feed-forward side share a layer */
  readonly layout: Layout;
  /** requests of one attention replica in one micro-batch */
  readonly requests: number;
}

/** USD per hour of all chips of a deployment; null where one has no price. */
export function pricePerHour(deployment: Pick<AfdDeployment, 'attentionChip' | 'ffnChip' | 'attentionInstances' | 'ffnInstances'>): number | null {
  const { attentionChip, ffnChip } = deployment;
  if (attentionChip.usdPerHour === null || ffnChip.usdPerHour === null) return null;
  const chips = chipsOfSides(deployment);
  return hourlyPrice.evaluate({ attentionChips: chips.attention, attentionPrice: attentionChip.usdPerHour, ffnChips: chips.ffn, ffnPrice: ffnChip.usdPerHour });
}

/** Chips of each side. */
export const chipsOfSides = ({ attentionChip, ffnChip, attentionInstances, ffnInstances }: Pick<AfdDeployment, 'attentionChip' | 'ffnChip' | 'attentionInstances' | 'ffnInstances'>) => ({
  attention: attentionInstances * attentionChip.acceleratorsPerServer,
  ffn: ffnInstances * ffnChip.acceleratorsPerServer,
});

/** Rate of the network card of a chip. @throws RangeError where it is not catalogued */
export function nicOf({ attentionChip, ffnChip }: AfdDeployment, side: 'attention' | 'ffn'): number {
  const chip = side === 'attention' ? attentionChip : ffnChip;
  if (chip.nicPerAcceleratorPerDirection === null) throw new RangeError(`afd: nicPerAcceleratorPerDirection of ${chip.id} is not catalogued`);
  return chip.nicPerAcceleratorPerDirection;
}

/** @throws RangeError when a count is no positive integer, or what is split does not divide */
export function validateAfdDeployment({ experts }: SplitModel, deployment: AfdDeployment): void {
  for (const field of ['attentionInstances', 'ffnInstances', 'tensorParallel', 'requests'] as const)
    check(field, deployment[field], Number.isSafeInteger(deployment[field]) && deployment[field] >= 1, 'is not a positive integer');
  const { attentionChip, ffnChip, tensorParallel, ffnInstances } = deployment;
  check('tensorParallel', tensorParallel, attentionChip.acceleratorsPerServer % tensorParallel === 0, `does not divide the ${attentionChip.acceleratorsPerServer} chips of an instance`);
  const places = ffnInstances * (deployment.layout === 'expert' ? ffnChip.acceleratorsPerServer : 1);
  check('ffnInstances', ffnInstances, experts === null || places <= experts, `deal out ${experts} experts to ${places} places`);
}
