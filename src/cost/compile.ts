import { type Counting, exactCounting } from '../layers/counting.ts';
import type { Phase } from '../layers/lowering.ts';
import type { Operator, Part, Scales } from '../layers/operator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import { type LowerOptions, lowerParts } from '../models/lower.ts';
import type { Model } from '../models/model.ts';
import { ContextCurve } from '../units/context-curve.ts';

/** Attention cores that take the larger of compute and memory together: one kind of core, or all of them (step3 counting). */
export interface CoreTerm {
  readonly flop: ContextCurve;
  /** KV and state bytes moved */
  readonly bytes: ContextCurve;
}

/** Matrix multiplies that take the larger of compute and weight traffic together when a batch is given. */
export interface GemmTerm {
  readonly part: Exclude<Part, 'core' | 'embedding' | 'vision'>;
  readonly flop: ContextCurve;
  readonly weightBytes: number;
  readonly scales: Scales;
}

/** A model reduced to what cost depends on, for one phase, counting and precision policy. Chips, prices and contexts come later. */
export interface CompiledModel {
  readonly model: Model;
  readonly phase: Phase;
  readonly counting: Counting;
  readonly precision: PrecisionPolicy;
  readonly cores: readonly CoreTerm[];
  readonly gemms: readonly GemmTerm[];
  readonly coreFlop: ContextCurve;
  readonly linearFlop: ContextCurve;
  readonly ffnFlop: ContextCurve;
  readonly headFlop: ContextCurve;
  /** KV read and recurrent state moved: the column "KV/State Memory Access" of the Step-3 paper */
  readonly kvBytesRead: ContextCurve;
}

/**
 * Lowers a model and adds its operators up: core attention by kind, projections, feed-forward, head.
 * Equal cores of different groups (DeepSeek-V3's dense and MoE layers) become one term, since max(a, b) scales.
 * `gemms` holds every projection, also one whose work is counted in the core (expanded MLA decode), because its weights are
 * read; router and head are absent, weights and all, where the counting leaves them out.
 */
export function compile(model: Model, options: LowerOptions = {}): CompiledModel {
  const { phase = 'decode', counting = exactCounting, precision = model.precision } = options;
  const cores: { flop: ContextCurve; bytes: ContextCurve; repeat: number }[] = [];
  const gemms: GemmTerm[] = [];
  let linearFlop = ContextCurve.zero;
  let ffnFlop = ContextCurve.zero;
  let headFlop = ContextCurve.zero;
  let kvBytesRead = ContextCurve.zero;
  const add = ({ part, flop, bytes, repeat, scales }: Operator): void => {
    if (part === 'embedding' || part === 'vision') return;
    if (part === 'core') {
      const read = bytes.kvRead.plus(bytes.state);
      kvBytesRead = kvBytesRead.plus(read.times(repeat));
      addCore(cores, flop, read.plus(bytes.kvWrite), repeat);
      return;
    }
    const total = flop.times(repeat);
    if (part === 'linear') linearFlop = linearFlop.plus(total);
    else if (part === 'ffn') ffnFlop = ffnFlop.plus(total);
    else headFlop = headFlop.plus(total);
    if (part === 'linear' || !total.isZero) gemms.push({ part, flop: total, weightBytes: bytes.weights.evaluate(1) * repeat, scales });
  };
  for (const { operators } of lowerParts(model, { phase, counting, precision })) operators.forEach(add);
  const terms = cores.map(({ flop, bytes, repeat }) => ({ flop: flop.times(repeat), bytes: bytes.times(repeat) }));
  const coreFlop = ContextCurve.sum(terms.map((term) => term.flop));
  return {
    model,
    phase,
    counting,
    precision,
    cores: counting.perOperatorRoofline ? terms : [{ flop: coreFlop, bytes: ContextCurve.sum(terms.map((term) => term.bytes)) }],
    gemms,
    coreFlop,
    linearFlop,
    ffnFlop,
    headFlop,
    kvBytesRead,
  };
}

function addCore(cores: { flop: ContextCurve; bytes: ContextCurve; repeat: number }[], flop: ContextCurve, bytes: ContextCurve, repeat: number): void {
  const same = cores.find((core) => core.flop.equals(flop) && core.bytes.equals(bytes));
  if (same) same.repeat += repeat;
  else cores.push({ flop, bytes, repeat });
}
