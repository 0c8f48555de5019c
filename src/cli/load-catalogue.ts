import { accelerators } from '../accelerators/index.ts';
import { modelEntries } from '../models/index.ts';
import type { Catalogue } from './catalogue.ts';

/** The catalogue, changed by an override file where one is given. */
export async function loadCatalogue(overrideFile?: string): Promise<Catalogue> {
  const catalogue: Catalogue = { models: modelEntries.map(({ model }) => model), accelerators: accelerators.map(({ accelerator }) => accelerator), scenario: null };
  if (overrideFile === undefined) return catalogue;
  const { applyOverrides } = await import('./override/overrides.ts');
  return applyOverrides(catalogue, overrideFile);
}
