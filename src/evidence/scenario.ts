import { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from '../layers/counting.ts';
import { type ModelEntry, modelEntryOf, precisionPolicies } from '../models/index.ts';

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

/** A scenario in which every model is stored and computed in one precision policy. */
export function withPolicy(scenario: Scenario, id: keyof typeof precisionPolicies): Scenario {
  const note = { source: { kind: 'derived', from: `precision policy ${id}, chosen by name` } } as const;
  const changed = new Map<string, ModelEntry>();
  const modelEntry = (model: string): ModelEntry => {
    const known = changed.get(model);
    if (known) return known;
    const entry = scenario.modelEntry(model);
    const precision = precisionPolicies[id];
    const sources = new Map([...entry.sources].filter(([path]) => !path.startsWith('precision.')));
    for (const path of ['id', 'weights', 'activations', 'kv', 'state', 'math.attention', 'math.linear', 'math.ffn', 'math.head']) sources.set(`precision.${path}`, note);
    const own = { ...entry, model: { ...entry.model, precision }, sources };
    changed.set(model, own);
    return own;
  };
  return { ...scenario, id: `${scenario.id}:${id}`, describe: `${scenario.describe}, ${id} formats`, modelEntry };
}

const isPolicy = (id: string): id is keyof typeof precisionPolicies => Object.hasOwn(precisionPolicies, id);

/**
 * The scenario of a name: `paper`, `default`, or `paper+<switch>+...` for the paper's counting with some differences on, in any
 * order; its id has them in the order of `COUNTING_SWITCHES`. After a colon, a precision policy for all models: `default:bf16`.
 * @throws RangeError for any other name, or a switch that is given twice
 */
export function scenarioOf(name: string): Scenario {
  const [countingName = '', policy, ...more] = name.split(':');
  if (policy !== undefined) {
    if (more.length > 0 || !isPolicy(policy)) throw new RangeError(`evidence: scenario ${name} does not end in one of the policies ${Object.keys(precisionPolicies).join(', ')}`);
    return withPolicy(scenarioOf(countingName), policy);
  }
  if (name === defaultScenario.id) return defaultScenario;
  const [base, ...asked] = name.split('+');
  const switches = COUNTING_SWITCHES.filter((known) => asked.includes(known));
  if (base !== paperScenario.id || switches.length !== asked.length)
    throw new RangeError(`evidence: scenario ${name} is not default, paper, or paper+ with ${COUNTING_SWITCHES.join(', ')}, each once`);
  if (switches.length === 0) return paperScenario;
  const counting: Counting = { ...step3Counting, ...Object.fromEntries(switches.map((known) => [known, true])) };
  return { id: [base, ...switches].join('+'), counting, describe: `${paperScenario.describe}, with ${switches.join(' and ')} counted exactly`, modelEntry: modelEntryOf };
}
