import { expect, it } from 'vitest';
import { exactCounting } from '../../src/layers/counting.ts';
import type { LayerModel, LoweringContext } from '../../src/layers/lowering.ts';
import type { Operator, OperatorBytes, Part } from '../../src/layers/operator.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { ContextCurve } from '../../src/units/context-curve.ts';

/** Decode, one layer, exact counting, 8 bit everywhere, hidden 4096, unless said otherwise. */
export const contextOf = (changes: Partial<LoweringContext> = {}): LoweringContext => ({
  phase: 'decode',
  hidden: 4096,
  repeat: 1,
  precision: precisionPolicies.fp8,
  counting: exactCounting,
  ...changes,
});

/** Work of one part of a layer, or of all of it. */
export const flopOf = (operators: readonly Operator[], part?: Part): ContextCurve =>
  ContextCurve.sum(operators.filter((operator) => part === undefined || operator.part === part).map(({ flop }) => flop));

export const bytesOf = (operators: readonly Operator[], key: keyof OperatorBytes): ContextCurve => ContextCurve.sum(operators.map(({ bytes }) => bytes[key]));

export const weightsOf = (operators: readonly Operator[], key: 'weights' | 'activeWeights' = 'weights'): number => operators.reduce((sum, operator) => sum + operator[key], 0);

export function operatorOf(operators: readonly Operator[], id: string): Operator {
  const found = operators.filter((operator) => operator.id === id);
  if (found.length !== 1) throw new RangeError(`test: ${found.length} operators have the id ${id}`);
  return found[0] as Operator;
}

const NOT_POSITIVE_INTEGERS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '8', null, undefined];

/** One test per field: a layer kind refuses what is no positive integer, by name and value. */
export function refusesNonPositiveIntegers<Spec extends object>(kind: string, layer: LayerModel<Spec>, spec: Spec, fields: readonly (keyof Spec & string)[], allowed: readonly unknown[] = []): void {
  it('accepts its example', () => expect(() => layer.validate(spec, 4096)).not.toThrow());
  it.each(fields)('refuses %s that is not a positive integer', (field) => {
    for (const value of NOT_POSITIVE_INTEGERS.filter((each) => !allowed.includes(each))) {
      const check = (): void => layer.validate({ ...spec, [field]: value }, 4096);
      expect(check).toThrow(RangeError);
      expect(check).toThrow(`${kind}: ${field} ${String(value)} is not a positive integer`);
    }
  });
}
