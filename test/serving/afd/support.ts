import { type Accelerator, type AcceleratorOverrides, withOverrides } from '../../../src/accelerators/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { type ContextMix, oneContext } from '../../../src/serving/afd/contexts.ts';
import type { AfdDeployment } from '../../../src/serving/afd/deployment.ts';
import { type AfdPlanner, afdPlanner } from '../../../src/serving/afd/plan.ts';
import { type AfdScenario, afdDefaults } from '../../../src/serving/afd/scenario.ts';
import { type SplitModel, splitModel } from '../../../src/serving/afd/split-model.ts';
import { chipOf } from '../../timing/support.ts';

export const MIX: ContextMix = [
  { context: 2000, share: 0.5 },
  { context: 6000, share: 0.5 },
];

const splits = new Map<string, SplitModel>();
export function splitOf(id: string): SplitModel {
  const known = splits.get(id) ?? splitModel(modelOf(id));
  splits.set(id, known);
  return known;
}

export const scenarioOf = (context: number, changes: Partial<AfdScenario> = {}): AfdScenario => ({ ...afdDefaults, contexts: oneContext(context), ...changes });
export const plannerOf = (id: string, context: number, changes: Partial<AfdScenario> = {}): AfdPlanner => afdPlanner(splitOf(id), scenarioOf(context, changes));
export const changed = (id: string, overrides: AcceleratorOverrides): Accelerator => withOverrides(chipOf(id), overrides);

/** Two servers of H20 for attention and one of H800 for the rest, unless said otherwise. */
export const deploymentOf = (changes: Partial<AfdDeployment> = {}): AfdDeployment => ({
  attentionChip: chipOf('h20'),
  ffnChip: chipOf('h800'),
  attentionInstances: 2,
  ffnInstances: 1,
  tensorParallel: 1,
  layout: 'tensor',
  requests: 16,
  ...changes,
});
