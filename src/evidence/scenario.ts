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
 * The scenario of a name: `paper`, `default`, or `paper+<switch>+...` for the paper's counting with some differences on.
 * @throws RangeError for any other name
 */
export function scenarioOf(name: string): Scenario {
  if (name === defaultScenario.id) return defaultScenario;
  const [base, ...switches] = name.split('+');
  const known = (asked: string): asked is keyof Counting => (COUNTING_SWITCHES as readonly string[]).includes(asked);
  const wrong = switches.find((asked) => !known(asked));
  if (base !== paperScenario.id || wrong !== undefined) throw new RangeError(`evidence: scenario ${name} is not default, paper, or paper+ with ${COUNTING_SWITCHES.join(', ')}`);
  if (switches.length === 0) return paperScenario;
  const counting = { ...step3Counting, ...Object.fromEntries(switches.map((asked) => [asked, true])) };
  return { id: name, counting, describe: `${paperScenario.describe}, with ${switches.join(' and ')} counted exactly` };
}
