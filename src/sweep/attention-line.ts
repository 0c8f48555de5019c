import type { CompiledModel } from '../cost/compile.ts';
import type { UnitCosts } from '../cost/unit-cost.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { compareSpans, type Span } from '../units/span.ts';

/** USD per million tokens: one + linear S + extra y(S), y a window or a chunk. */
export interface Line {
  readonly one: number;
  readonly linear: number;
  readonly extra: number;
}

type Window = Extract<Span, { kind: 'min' | 'chunk' }>;

/** max(compute, memory) over S and at most one more span; both are one object where the larger never changes. */
export interface AttentionLine {
  readonly span: Window | null;
  readonly compute: Line;
  readonly memory: Line;
}

/**
 * The attention of a model on a chip, projections and cores, as one maximum: a core whose larger side is the same at every
 * S >= 1 is added to both sides of the others. Null where it takes two maxima, or more spans than 1, S and one of min(S, w)
 * and chunk(S, c).
 */
export function attentionLine({ linearFlop, cores }: CompiledModel, costs: UnitCosts): AttentionLine | null {
  let total = maximum(linearFlop, costs.linear, ContextCurve.zero, 0);
  for (const { flop, bytes } of cores) total = sum(total, maximum(flop, costs.attention, bytes, costs.byte));
  return total;
}

/** max(flop x usdPerFlop, bytes x usdPerByte) */
function maximum(flop: ContextCurve, usdPerFlop: number, bytes: ContextCurve, usdPerByte: number): AttentionLine | null {
  let window: Window | null = null;
  for (const { span } of [...flop.terms, ...bytes.terms]) {
    if (span.kind === 'one' || span.kind === 'linear') continue;
    if ((span.kind !== 'min' && span.kind !== 'chunk') || (window !== null && compareSpans(window, span) !== 0)) return null;
    window = span;
  }
  const compute = scaledLine(flop, 1e6 * usdPerFlop);
  const memory = scaledLine(bytes, 1e6 * usdPerByte);
  if (isAbove(compute, memory)) return { span: window, compute, memory: compute };
  return { span: window, compute: isAbove(memory, compute) ? memory : compute, memory };
}

function sum(a: AttentionLine | null, b: AttentionLine | null): AttentionLine | null {
  if (a === null || b === null) return null;
  const settled = { a: a.compute === a.memory, b: b.compute === b.memory };
  if (!settled.a && !settled.b) return null;
  if (a.span !== null && b.span !== null && compareSpans(a.span, b.span) !== 0) return null;
  const compute = plus(a.compute, b.compute);
  return { span: a.span ?? b.span, compute, memory: settled.a && settled.b ? compute : plus(a.memory, b.memory) };
}

/** Enough for a >= b at every S >= 1, where S and y are at least 1. */
const isAbove = (a: Line, b: Line): boolean => a.linear >= b.linear && a.extra >= b.extra && a.one + a.linear + a.extra >= b.one + b.linear + b.extra;

const plus = (a: Line, b: Line): Line => ({ one: a.one + b.one, linear: a.linear + b.linear, extra: a.extra + b.extra });

function scaledLine({ terms }: ContextCurve, scale: number): Line {
  const line = { one: 0, linear: 0, extra: 0 };
  for (const { coefficient, span } of terms) line[span.kind === 'one' || span.kind === 'linear' ? span.kind : 'extra'] = Number(coefficient) * scale;
  return line;
}
