import { type ContextExpression, maxOf, scaled, sumOf } from '../units/context-expression.ts';
import type { CompiledModel } from './compile.ts';
import type { UnitCosts } from './unit-cost.ts';

export type CostPart = 'attention' | 'ffn' | 'head' | 'total';

/**
 * The cost of a compiled model on a chip as an exact function of the context length, at an ideal batch: what crossovers,
 * envelopes and sums over a generation are solved on. Decode: USD per million tokens; prefill: USD per million prompts of
 * that length.
 */
export function costExpression(compiled: CompiledModel, costs: UnitCosts, part: CostPart = 'total'): ContextExpression {
  const perMtok = (usdPerUnit: number): number => 1e6 * usdPerUnit;
  const attention = sumOf(
    ...compiled.cores.map(({ flop, bytes }) => maxOf(scaled(flop, perMtok(costs.attention)), scaled(bytes, perMtok(costs.byte)))),
    scaled(compiled.linearFlop, perMtok(costs.linear)),
  );
  const ffn = scaled(compiled.ffnFlop, perMtok(costs.ffn));
  const head = scaled(compiled.headFlop, perMtok(costs.head));
  switch (part) {
    case 'attention':
      return attention;
    case 'ffn':
      return ffn;
    case 'head':
      return head;
    case 'total':
      return sumOf(attention, ffn, head);
  }
}
