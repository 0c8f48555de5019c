import type { Counting } from './counting.ts';
import type { Operator } from './operator.ts';
import type { PrecisionPolicy } from './precision.ts';

export type Phase = 'decode' | 'prefill';

/** What a layer needs beside its own spec to become operators. */
export interface LoweringContext {
  readonly phase: Phase;
  /** width of the residual stream */
  readonly hidden: number;
  /** how many layers share this spec */
  readonly repeat: number;
  readonly precision: PrecisionPolicy;
  readonly counting: Counting;
}

/** One layer kind: refuses a spec that cannot exist, and turns a good one into operators. */
export interface LayerModel<Spec> {
  /** all fields of a spec; another one is a mistake of whoever wrote it */
  readonly fields: readonly (keyof Spec & string)[];
  readonly validate: (spec: Spec, hidden: number) => void;
  readonly lower: (spec: Spec, context: LoweringContext) => readonly Operator[];
}
