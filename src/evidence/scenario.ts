import { type Counting, exactCounting, step3Counting } from '../layers/counting.ts';

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
