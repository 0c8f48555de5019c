import type { CalibrationData } from '../../timing/calibration-data.ts';
import type { ExpertLoad } from '../../timing/deployment.ts';
import { check } from './check.ts';
import type { ContextMix } from './contexts.ts';
import type { FfnSide, TimeModel } from './stage-times.ts';

/** What is given to all plans of a search. */
export interface AfdScenario {
  readonly contexts: ContextMix;
  /** micro-batches in the pipeline: 3 hide both transfers together in one stage, 4 each in a stage of its own */
  readonly microBatches: number;
  readonly times: TimeModel;
  /** share of the rate of a network card that is reached: 40 of 50 GB/s were measured (arXiv:2507.19427v1, section 5.4) */
  readonly nicShare: number;
  readonly routing: FfnSide['routing'];
  readonly expertLoad: ExpertLoad;
  readonly draftTokens: number;
  readonly acceptance: number;
  readonly memoryShare: number;
  readonly data?: CalibrationData;
}

export const afdDefaults: Omit<AfdScenario, 'contexts'> = Object.freeze({
  microBatches: 3,
  times: 'calibrated',
  nicShare: 0.8,
  routing: 'broadcast',
  expertLoad: { kind: 'balanced' },
  draftTokens: 0,
  acceptance: 0,
  memoryShare: 0.9,
} as const);

/** @throws RangeError when a number is out of range */
export function validateScenario({ contexts, microBatches, nicShare, draftTokens, memoryShare, expertLoad }: AfdScenario): void {
  if (contexts.length === 0) throw new RangeError('afd: contexts [] is empty');
  for (const { context, share } of contexts) {
    check('contexts.context', context, Number.isSafeInteger(context) && context >= 1, 'is not a positive integer');
    check('contexts.share', share, share > 0 && share <= 1, 'is not above 0 and at most 1');
  }
  const shares = contexts.reduce((sum, { share }) => sum + share, 0);
  check('contexts.share', shares, Math.abs(shares - 1) < 1e-9, 'in all is not 1');
  if (expertLoad.kind === 'power-law') check('expertLoad.exponent', expertLoad.exponent, expertLoad.exponent > 0 && expertLoad.exponent < 10, 'is not between 0 and 10');
  check('microBatches', microBatches, Number.isSafeInteger(microBatches) && microBatches >= 1 && microBatches <= 64, 'is not an integer from 1 to 64');
  check('nicShare', nicShare, nicShare > 0 && nicShare <= 1, 'is not above 0 and at most 1');
  check('draftTokens', draftTokens, Number.isSafeInteger(draftTokens) && draftTokens >= 0 && draftTokens <= 16, 'is not an integer from 0 to 16');
  check('memoryShare', memoryShare, memoryShare > 0 && memoryShare <= 1, 'is not above 0 and at most 1');
}
