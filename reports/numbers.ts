import type { Evidence } from '../src/evidence/index.ts';
import { collectNumbers, type NumberCollector } from '../src/report/collect.ts';
import type { ReportContext } from '../src/report/definition.ts';

/** The numbers of a report: opened by scenario, collected as they are shown. */
export interface ReportNumbers {
  readonly open: (scenario: string) => Evidence;
  readonly numbers: NumberCollector;
  /** the value of a number that is compared but not cited on the page */
  readonly peek: (id: string) => number;
  /** the value of a number, which is then cited */
  readonly value: (id: string) => number;
  /** a slot of prose: the number, set as `format` says */
  readonly slot: (id: string, format: (value: number) => string) => string;
}

export function reportNumbers(report: ReportContext): ReportNumbers {
  const opened = new Map<string, Evidence>();
  const open = (scenario: string): Evidence => {
    const evidence = opened.get(scenario) ?? report.open(scenario);
    opened.set(scenario, evidence);
    return evidence;
  };
  const numbers = collectNumbers(open, report.mathml);
  return {
    open,
    numbers,
    peek: (reference) => {
      const [id = '', scenario = 'paper'] = reference.split('@');
      return open(scenario).number(id).value;
    },
    value: (id) => numbers.use(id).value,
    slot: (id, format) => `{{${numbers.reference(id, format(numbers.use(id).value))}}}`,
  };
}
