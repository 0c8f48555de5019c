import raw from './engine-constants.generated.json' with { type: 'json' };
import type { EngineConstants } from './engine-times.ts';
import type { ReleasedEngine } from './released-profiles.ts';

/** One run that was measured, and whether it told the constants. */
export interface EngineRun {
  readonly name: string;
  readonly engine: ReleasedEngine;
  /** whether the constants were fitted to its times */
  readonly fitted: boolean;
}

/** Constants of the engines, fitted by `npm run calibrate` to times of measured runs on A100 that no queue builds up in; never to attainments. */
export const engineConstants: Readonly<Record<ReleasedEngine, EngineConstants>> = raw.constants;

export const engineRuns: readonly EngineRun[] = raw.runs as readonly EngineRun[];
