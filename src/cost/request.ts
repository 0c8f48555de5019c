import type { LowerOptions } from '../models/lower.ts';
import type { Model } from '../models/model.ts';
import type { Bound } from '../roofline/roofline.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { sumOver } from '../units/context-expression.ts';
import { type CoreTerm, compile } from './compile.ts';
import { type CostPart, costExpression } from './expression.ts';
import type { UnitCosts } from './unit-cost.ts';

export interface RequestLengths {
  /** N, tokens in */
  readonly prompt: number;
  /** M, tokens out */
  readonly output: number;
}

/** Work and cost of one whole request. */
export interface RequestCost {
  readonly kvBytesRead: number;
  readonly attentionFlop: number;
  readonly linearFlop: number;
  readonly ffnFlop: number;
  readonly headFlop: number;
  readonly prefillUsd: number;
  readonly decodeUsd: number;
  readonly attentionUsd: number;
  readonly ffnUsd: number;
  readonly headUsd: number;
  readonly totalUsd: number;
  /** what the attention cores wait for in all, KV writes included; compute where both cost the same */
  readonly bound: Bound;
}

/**
 * One request: prefill of N tokens, which yields the first output token, then M - 1 decode steps at contexts N + 1 .. N + M - 1.
 * Sums over the steps are closed forms, exact also where the attention core changes its bound on the way.
 * Ignored: weight traffic (ideal batch), queueing, KV transfer between instances.
 * @throws RangeError when a length is not a positive integer
 */
export function requestCost(model: Model, costsOf: (part: 'prefill' | 'decode') => UnitCosts, { prompt, output }: RequestLengths, options: Omit<LowerOptions, 'phase'> = {}): RequestCost {
  for (const [name, value] of Object.entries({ prompt, output })) if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`request: ${name} ${value} is not a positive integer`);
  const prefill = compile(model, { ...options, phase: 'prefill' });
  const decode = compile(model, { ...options, phase: 'decode' });
  const first = prompt + 1;
  const last = prompt + output - 1;
  const usd = (part: CostPart): { prefill: number; decode: number } => ({
    prefill: sumOver(costExpression(prefill, costsOf('prefill'), part), prompt, prompt) / 1e6,
    decode: output === 1 ? 0 : sumOver(costExpression(decode, costsOf('decode'), part), first, last) / 1e6,
  });
  const decoded = (curve: ContextCurve): number => (output === 1 ? 0 : Number(curve.sumOver(first, last)));
  const count = (key: 'kvBytesRead' | 'coreFlop' | 'linearFlop' | 'ffnFlop' | 'headFlop'): number => prefill[key].evaluate(prompt) + decoded(decode[key]);
  const coreUsd = (key: keyof CoreTerm, price: 'attention' | 'byte'): number => {
    const all = (cores: readonly CoreTerm[]): ContextCurve => ContextCurve.sum(cores.map((core) => core[key]));
    return all(prefill.cores).evaluate(prompt) * costsOf('prefill')[price] + decoded(all(decode.cores)) * costsOf('decode')[price];
  };
  const [attention, ffn, head, total] = (['attention', 'ffn', 'head', 'total'] as const).map(usd) as [ReturnType<typeof usd>, ReturnType<typeof usd>, ReturnType<typeof usd>, ReturnType<typeof usd>];
  const both = ({ prefill, decode }: { prefill: number; decode: number }): number => prefill + decode;
  return {
    kvBytesRead: count('kvBytesRead'),
    attentionFlop: count('coreFlop'),
    linearFlop: count('linearFlop'),
    ffnFlop: count('ffnFlop'),
    headFlop: count('headFlop'),
    prefillUsd: total.prefill,
    decodeUsd: total.decode,
    attentionUsd: both(attention),
    ffnUsd: both(ffn),
    headUsd: both(head),
    totalUsd: both(total),
    bound: coreUsd('flop', 'attention') >= coreUsd('bytes', 'byte') ? 'compute' : 'memory',
  };
}
