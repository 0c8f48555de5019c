import type { ContextCurve } from '../units/context-curve.ts';
import type { CompiledModel } from './compile.ts';
import { gemmUsd, trainingUsdPerMtok } from './formulas.ts';
import type { UnitCosts } from './unit-cost.ts';

/**
 * Training cost of a million tokens at a context length, as Figure 4 of arXiv:2507.19427v1 estimates it, USD: forward and backward
 * are three forward passes at full utilisation; every token attends the whole context (not halved for causality).
 * Ignored: optimiser, recomputation, communication, the LM head unless the counting includes it.
 * @throws RangeError when the model was not compiled for decode, or the context is not a positive integer
 */
export function trainingCost(compiled: CompiledModel, costs: UnitCosts, contextLength: number): number {
  if (compiled.phase !== 'decode') throw new RangeError(`training: phase ${compiled.phase} is not decode`);
  if (!Number.isSafeInteger(contextLength) || contextLength < 1) throw new RangeError(`training: contextLength ${contextLength} is not a positive integer`);
  const usd = (flop: ContextCurve, usdPerFlop: number): number => gemmUsd.evaluate({ flop: flop.evaluate(contextLength), usdPerFlop });
  return trainingUsdPerMtok.evaluate({
    coreUsd: usd(compiled.coreFlop, costs.attention),
    linearUsd: usd(compiled.linearFlop, costs.linear),
    ffnUsd: usd(compiled.ffnFlop, costs.ffn),
    headUsd: usd(compiled.headFlop, costs.head),
  });
}
