import type { CompiledModel } from '../cost/compile.ts';
import { costExpression } from '../cost/expression.ts';
import type { UnitCosts } from '../cost/unit-cost.ts';
import type { ContextCurve } from '../units/context-curve.ts';
import { evaluate } from '../units/context-expression.ts';
import { type AttentionLine, attentionLine } from './attention-line.ts';

/** USD per million decoded tokens, one value for each context. */
export interface CostColumns {
  readonly attention: Float64Array;
  readonly ffn: Float64Array;
  readonly head: Float64Array;
  readonly total: Float64Array;
}

/**
 * The cost of a compiled model on a chip at many contexts, decode, ideal batch: `costAt` column by column, equal to it within
 * 1e-12. `out` is overwritten and returned when it is given; nothing is allocated per context.
 * Fast where the attention is one maximum (see `attentionLine`) and the rest is constant, as in every model of the Step-3 paper; other models
 * are evaluated point by point.
 * @throws RangeError when the model was compiled for prefill, a context is not a positive integer, or `out` has another length
 */
export function costColumns(compiled: CompiledModel, costs: UnitCosts, contexts: Float64Array, out: CostColumns = emptyColumns(contexts.length)): CostColumns {
  if (compiled.phase !== 'decode') throw new RangeError(`columns: phase ${compiled.phase} is not decode`);
  for (const { length } of [out.attention, out.ffn, out.head, out.total])
    if (length !== contexts.length) throw new RangeError(`columns: length ${length} is not the ${contexts.length} of the contexts`);
  const line = isConstant(compiled.ffnFlop) && isConstant(compiled.headFlop) ? attentionLine(compiled, costs) : null;
  const refused = line === null ? evaluateEach(compiled, costs, contexts, out) : fill(line, compiled, costs, contexts, out);
  if (refused !== null) throw new RangeError(`columns: context ${refused} is not a positive integer`);
  return out;
}

export function emptyColumns(length: number): CostColumns {
  const column = (): Float64Array => new Float64Array(length);
  return { attention: column(), ffn: column(), head: column(), total: column() };
}

const isConstant = ({ terms }: ContextCurve): boolean => terms.every(({ span }) => span.kind === 'one');

function fill(line: AttentionLine, { ffnFlop, headFlop }: CompiledModel, costs: UnitCosts, contexts: Float64Array, out: CostColumns): number | null {
  const ffn = 1e6 * ffnFlop.evaluate(1) * costs.ffn;
  const head = 1e6 * headFlop.evaluate(1) * costs.head;
  out.ffn.fill(ffn);
  out.head.fill(head);
  const pattern = line.span?.kind ?? (line.compute === line.memory ? 'settled' : 'linear');
  return LOOPS[pattern](line, contexts, out, ffn + head);
}

const LARGEST = Number.MAX_SAFE_INTEGER;

/** Fills attention and total; `rest` is what total has beside attention. Returns the first context that is refused; null when none is. */
type Loop = (line: AttentionLine, contexts: Float64Array, out: CostColumns, rest: number) => number | null;

/** One loop per pattern, kept apart and without calls or throws inside, so that each is compiled to straight arithmetic. */
const LOOPS: Readonly<Record<'settled' | 'linear' | 'min' | 'chunk', Loop>> = {
  settled({ compute }, contexts, { attention, total }, rest) {
    const { one, linear } = compute;
    for (let i = 0; i < contexts.length; i++) {
      const S = contexts[i] as number;
      if (!(S >= 1 && S <= LARGEST && Math.floor(S) === S)) return S;
      const usd = one + linear * S;
      attention[i] = usd;
      total[i] = usd + rest;
    }
    return null;
  },
  linear({ compute, memory }, contexts, { attention, total }, rest) {
    const { one: f0, linear: f1 } = compute;
    const { one: m0, linear: m1 } = memory;
    for (let i = 0; i < contexts.length; i++) {
      const S = contexts[i] as number;
      if (!(S >= 1 && S <= LARGEST && Math.floor(S) === S)) return S;
      const f = f0 + f1 * S;
      const m = m0 + m1 * S;
      const usd = f > m ? f : m;
      attention[i] = usd;
      total[i] = usd + rest;
    }
    return null;
  },
  min({ span, compute, memory }, contexts, { attention, total }, rest) {
    const window = span?.kind === 'min' ? span.window : 0;
    const { one: f0, linear: f1, extra: f2 } = compute;
    const { one: m0, linear: m1, extra: m2 } = memory;
    for (let i = 0; i < contexts.length; i++) {
      const S = contexts[i] as number;
      if (!(S >= 1 && S <= LARGEST && Math.floor(S) === S)) return S;
      const y = S < window ? S : window;
      const f = f0 + f1 * S + f2 * y;
      const m = m0 + m1 * S + m2 * y;
      const usd = f > m ? f : m;
      attention[i] = usd;
      total[i] = usd + rest;
    }
    return null;
  },
  chunk({ span, compute, memory }, contexts, { attention, total }, rest) {
    const chunk = span?.kind === 'chunk' ? span.chunk : 1;
    const { one: f0, linear: f1, extra: f2 } = compute;
    const { one: m0, linear: m1, extra: m2 } = memory;
    for (let i = 0; i < contexts.length; i++) {
      const S = contexts[i] as number;
      if (!(S >= 1 && S <= LARGEST && Math.floor(S) === S)) return S;
      const y = S - chunk * Math.floor((S - 1) / chunk);
      const f = f0 + f1 * S + f2 * y;
      const m = m0 + m1 * S + m2 * y;
      const usd = f > m ? f : m;
      attention[i] = usd;
      total[i] = usd + rest;
    }
    return null;
  },
};

function evaluateEach(compiled: CompiledModel, costs: UnitCosts, contexts: Float64Array, out: CostColumns): number | null {
  for (const part of ['attention', 'ffn', 'head', 'total'] as const) {
    const expression = costExpression(compiled, costs, part);
    for (let i = 0; i < contexts.length; i++) {
      const S = contexts[i] as number;
      if (!(S >= 1 && S <= LARGEST && Math.floor(S) === S)) return S;
      out[part][i] = evaluate(expression, S);
    }
  }
  return null;
}
