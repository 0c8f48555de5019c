import { type Model, modelEntries } from '../../src/models/index.ts';
import { modelCards } from '../../src/papers/index.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

/** The context at which models are compared, and its name in prose. */
export const CONTEXT = 32768;
export const AT = '32K';

/** Caches are compared in 16 bit, costs in 8: one policy for all models. */
export const CACHE = 'default:bf16';
export const COST = 'default:fp8';

export const CHIPS = ['h800', 'h20', 'a800', 'ascend-910b', 'h100', 'h200'] as const;

export const MODELS: readonly Model[] = modelEntries.map(({ model }) => model);

/** Whether a model is trained for the context of the comparison; one that does not say is taken to be. */
export const isTrained = ({ maxContext }: Model): boolean => maxContext === null || maxContext >= CONTEXT;

/** What a cell beyond the trained context says. */
export const beyond = (model: Model) => (isTrained(model) ? {} : { footnote: 'Beyond the context that the model was trained for.' });

export interface ModelsContext extends ReportNumbers {
  readonly cells: ComparedCells;
}

export function modelsContext(report: ReportContext): ModelsContext {
  const numbers = reportNumbers(report);
  return { ...numbers, cells: compareForReport(modelCards, numbers.open('paper'), numbers.numbers, () => 'parameters') };
}
