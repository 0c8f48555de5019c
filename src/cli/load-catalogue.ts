import { accelerators } from '../accelerators/index.ts';
import type { ImportedModel } from '../models/huggingface/index.ts';
import { modelEntries } from '../models/index.ts';
import type { Catalogue } from './catalogue.ts';

/** What a command was given beside names. */
export interface Given {
  readonly override?: string;
  readonly config?: readonly string[];
  readonly ignore?: readonly string[];
}

/** The catalogue with the models of config files, then changed by an override file where one is given. */
export async function loadCatalogue({ override, config = [], ignore = [] }: Given): Promise<Catalogue> {
  const imported: ImportedModel[] = [];
  const models = modelEntries.map(({ model }) => model);
  if (config.length > 0) {
    const { readConfigModel } = await import('./config/config-file.ts');
    for (const path of config)
      imported.push(
        await readConfigModel(
          path,
          ignore,
          [...models, ...imported.map(({ entry }) => entry.model)].map(({ id }) => id),
        ),
      );
  }
  const catalogue: Catalogue = {
    models: [...models, ...imported.map(({ entry }) => entry.model)],
    accelerators: accelerators.map(({ accelerator }) => accelerator),
    imported,
    scenario: null,
  };
  if (override === undefined) return catalogue;
  const { applyOverrides } = await import('./override/overrides.ts');
  return applyOverrides(catalogue, override);
}
