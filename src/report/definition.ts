import type { Evidence } from '../evidence/index.ts';
import type { GeneratedMathml } from './collect.ts';
import type { ReportView } from './view.ts';

/** What a report is built from: the numbers of any scenario, the formulas as MathML, the program that cites itself. */
export interface ReportContext {
  readonly open: (scenario: string) => Evidence;
  readonly mathml: GeneratedMathml;
  /** program and version, as citations name them */
  readonly generator: string;
}

/** A report: its id and how its page is made. A view is built anew each time and reads nothing from disk. */
export interface ReportDefinition {
  readonly id: string;
  readonly title: string;
  readonly build: (context: ReportContext) => ReportView;
}

/**
 * A sentence that is only true while the numbers say so.
 * @throws RangeError when they no longer do, so that a report with a false caption cannot be built
 */
export function claim(sentence: string, holds: boolean): string {
  if (!holds) throw new RangeError(`report: claim ${JSON.stringify(sentence)} is false for the numbers of this build`);
  return sentence;
}
