import { accelerator } from '../../src/accelerators/index.ts';
import { bestPlans, colocatedPlan } from '../../src/papers/afd/planned.ts';
import { afdPaper, step3Paper } from '../../src/papers/index.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { AfdPlan } from '../../src/serving/afd/plan.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

/** Chips that have a price and a network card. */
export const PRICED = ['h800', 'h20', 'a800', 'ascend-910b'] as const;

export interface AfdContext extends ReportNumbers {
  /** rows of Table 8 */
  readonly measured: ComparedCells;
  /** sections 6 and 7.3 of the paper */
  readonly printed: ComparedCells;
}

export function afdContext(report: ReportContext): AfdContext {
  const numbers = reportNumbers(report);
  return {
    ...numbers,
    measured: compareForReport(afdPaper, numbers.open('paper'), numbers.numbers, () => 'table-8'),
    printed: compareForReport(step3Paper, numbers.open('paper'), numbers.numbers, (table) => table),
  };
}

const NAMES: Readonly<Record<string, string>> = { 'ascend-910b': '910B' };
export const chipName = (id: string): string => NAMES[id] ?? id.toUpperCase();

export const usd = (value: number): string => value.toFixed(3);
export const whole = (value: number): string => value.toFixed(0);
export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
export const ms = (seconds: number): string => `${(1e3 * seconds).toFixed(1)}`;
export const us = (seconds: number): string => (1e6 * seconds).toFixed(0);

/** The cheapest plan of a model over all pairs of priced chips. */
export function cheapestPlan(model: string, text: string): { readonly plan: AfdPlan; readonly binding: string } {
  const plans = bestPlans(model, PRICED, PRICED, text).flatMap((answer) => (answer.plan === null ? [] : [{ plan: answer.plan, binding: answer.binding }]));
  return plans.reduce((a, b) => ((b.plan.usdPerMillionTokens as number) < (a.plan.usdPerMillionTokens as number) ? b : a));
}

/** The cheapest colocated deployment of a model over all priced chips. */
export function cheapestColocated(model: string, text: string) {
  const plans = PRICED.flatMap((chip) => {
    const answer = colocatedPlan(model, chip, text);
    return answer.plan === null ? [] : [{ plan: answer.plan, binding: answer.binding }];
  });
  return plans.reduce((a, b) => ((b.plan.usdPerMillionTokens as number) < (a.plan.usdPerMillionTokens as number) ? b : a));
}

export const planId = (model: string, { attentionChip, ffnChip }: Pick<AfdPlan, 'attentionChip' | 'ffnChip'>, text: string, what: string): string =>
  `afd/plan/${model}/${attentionChip.id}+${ffnChip.id}/${text}/${what}`;
export const colocatedId = (model: string, chip: string, text: string, what: string): string => `afd/colocated/${model}/${chip}/${text}/${what}`;

export const pricedChips = PRICED.map((id) => accelerator(id).accelerator);
