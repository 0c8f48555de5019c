import { COUNTING_SWITCHES, type Counting, exactCounting, step3Counting } from '../layers/counting.ts';

/** The choices that a set of numbers was computed under: part of every citation. */
export interface Scenario {
  readonly id: string;
  readonly counting: Counting;
  readonly describe: string;
}

/** As the Step-3 paper counts. */
export const paperScenario: Scenario = { id: 'paper', counting: step3Counting, describe: 'counting rules of arXiv:2507.19427v1' };
/** Exact counting, catalogue prices. */
export const defaultScenario: Scenario = { id: 'default', counting: exactCounting, describe: 'exact counting, catalogue prices' };

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
  return { id: [base, ...switches].join('+'), counting, describe: `${paperScenario.describe}, with ${switches.join(' and ')} counted exactly` };
}
