import { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from '../layers/counting.ts';
import { type ModelEntry, modelEntryOf } from '../models/index.ts';

/** The choices that a set of numbers was computed under: part of every citation. */
export interface Scenario {
  readonly id: string;
  readonly counting: Counting;
  readonly describe: string;
  /**
   * the model of an id: of the catalogue, or one that was added
   * @throws RangeError for an id without a model
   */
  readonly modelEntry: (id: string) => ModelEntry;
}

/** As the Step-3 paper counts. */
export const paperScenario: Scenario = { id: 'paper', counting: step3Counting, describe: 'counting rules of arXiv:2507.19427v1', modelEntry: modelEntryOf };
/** Exact counting, catalogue prices. */
export const defaultScenario: Scenario = { id: 'default', counting: exactCounting, describe: 'exact counting, catalogue prices', modelEntry: modelEntryOf };

/** A scenario with models of its own beside the catalogue; `name` tells it from others in citations. */
export function withModels(scenario: Scenario, entries: readonly ModelEntry[], name: string): Scenario {
  const own = new Map(entries.map((entry) => [entry.model.id, entry]));
  return { ...scenario, id: `${scenario.id}:${name}`, describe: `${scenario.describe}, with ${[...own.keys()].join(', ')}`, modelEntry: (id) => own.get(id) ?? scenario.modelEntry(id) };
}

/**
 * The scenario of a name: `paper`, `default`, or `paper+<switch>+...` for the paper's counting with some differences on, in any
 * order; its id has them in the order of `COUNTING_SWITCHES`.
 * @throws RangeError for any other name, or a switch that is given twice
 */
export function scenarioOf(name: string): Scenario {
  if (name === defaultScenario.id) return defaultScenario;
  const [base, ...asked] = name.split('+');
  const switches = COUNTING_SWITCHES.filter((known) => asked.includes(known));
  if (base !== paperScenario.id || switches.length !== asked.length)
    throw new RangeError(`evidence: scenario ${name} is not default, paper, or paper+ with ${COUNTING_SWITCHES.join(', ')}, each once`);
  if (switches.length === 0) return paperScenario;
  const counting: Counting = { ...step3Counting, ...Object.fromEntries(switches.map((known) => [known, true])) };
  return { id: [base, ...switches].join('+'), counting, describe: `${paperScenario.describe}, with ${switches.join(' and ')} counted exactly`, modelEntry: modelEntryOf };
}
