import type { Expression } from '../../scripts/generate/expression.ts';

/** The units that formula cards are written in. `h` and `s` are different: an expression converts with `3600 [s/h]`. */
export const BASE_UNITS = ['FLOP', 'B', 's', 'h', 'USD', 'token'] as const;
export type BaseUnit = (typeof BASE_UNITS)[number];

/** Exponent of each base unit; what is absent has exponent 0. */
export type Dimension = ReadonlyMap<BaseUnit, number>;

/** Reads `FLOP/s`, `USD/h`, `B*token`, `FLOP/(B*s)`, `1/s^2`, `1`. RangeError for an unknown unit or a malformed text. */
export function parseUnit(text: string): Dimension {
  const tokens = text.match(/[A-Za-z]+|-?\d+|[*/^()]|\S/g) ?? [];
  let position = 0;
  const bad = () => new RangeError(`unit: ${JSON.stringify(text)} is not a product of ${BASE_UNITS.join(', ')} and 1`);
  const product = (): Dimension => {
    let total = factor();
    while (tokens[position] === '*' || tokens[position] === '/') total = tokens[position++] === '*' ? combine(total, factor(), 1) : combine(total, factor(), -1);
    return total;
  };
  const factor = (): Dimension => {
    const base = atom();
    if (tokens[position] !== '^') return base;
    position += 1;
    const exponent = tokens[position++] ?? '';
    if (!/^-?\d+$/.test(exponent)) throw bad();
    return combine(NONE, base, Number(exponent));
  };
  const atom = (): Dimension => {
    const token = tokens[position++];
    if (token === '1') return NONE;
    if (token === '(') {
      const inner = product();
      if (tokens[position++] !== ')') throw bad();
      return inner;
    }
    const unit = BASE_UNITS.find((each) => each === token);
    if (unit === undefined) throw bad();
    return new Map([[unit, 1]]);
  };
  const dimension = product();
  if (position !== tokens.length) throw bad();
  return dimension;
}

/** A dimension as text, in the order of `BASE_UNITS`: `FLOP s^-1`, `1`. */
export const describeDimension = (dimension: Dimension): string => {
  const factors = BASE_UNITS.flatMap((unit) => {
    const exponent = dimension.get(unit) ?? 0;
    return exponent === 0 ? [] : [exponent === 1 ? unit : `${unit}^${exponent}`];
  });
  return factors.length === 0 ? '1' : factors.join(' ');
};

export const sameDimension = (a: Dimension, b: Dimension): boolean => describeDimension(a) === describeDimension(b);

/**
 * The dimension of an expression. RangeError where it has none: terms of + - min max mod that differ, ceil and floor of
 * time or money (they would depend on the unit), exponents that are not a number under a base that has a unit.
 */
export function dimensionOf(expression: Expression, symbols: ReadonlyMap<string, Dimension>): Dimension {
  const of = (each: Expression) => dimensionOf(each, symbols);
  switch (expression.kind) {
    case 'constant':
      return expression.unit === null ? NONE : parseUnit(expression.unit);
    case 'symbol': {
      const dimension = symbols.get(expression.name);
      if (dimension === undefined) throw new RangeError(`dimension: symbol ${expression.name} is not declared`);
      return dimension;
    }
    case 'negate':
      return of(expression.of);
    case 'binary':
      switch (expression.operator) {
        case '*':
          return combine(of(expression.left), of(expression.right), 1);
        case '/':
          return combine(of(expression.left), of(expression.right), -1);
        case '^':
          return power(of(expression.left), expression.right, of(expression.right));
        default:
          return common(expression.operator, [of(expression.left), of(expression.right)]);
      }
    case 'call':
      return expression.name === 'min' || expression.name === 'max' ? common(expression.name, expression.of.map(of)) : counted(expression.name, of(expression.of[0] as Expression));
    case 'sum': {
      const index = common('sum', [of(expression.from), of(expression.to)]);
      return dimensionOf(expression.body, new Map([...symbols, [expression.index, index]]));
    }
  }
}

const NONE: Dimension = new Map();
const CONTINUOUS: readonly BaseUnit[] = ['s', 'h', 'USD'];

function combine(a: Dimension, b: Dimension, sign: number): Dimension {
  const total = new Map(a);
  for (const [unit, exponent] of b) total.set(unit, (total.get(unit) ?? 0) + sign * exponent);
  return total;
}

function common(operator: string, dimensions: readonly Dimension[]): Dimension {
  const names = [...new Set(dimensions.map(describeDimension))];
  if (names.length > 1) throw new RangeError(`dimension: ${operator} of ${names.join(' and ')} needs equal dimensions`);
  return dimensions[0] ?? NONE;
}

function counted(operator: string, dimension: Dimension): Dimension {
  if (CONTINUOUS.some((unit) => (dimension.get(unit) ?? 0) !== 0)) throw new RangeError(`dimension: ${operator} of ${describeDimension(dimension)} depends on the unit`);
  return dimension;
}

function power(base: Dimension, exponent: Expression, exponentDimension: Dimension): Dimension {
  if (!sameDimension(exponentDimension, NONE)) throw new RangeError(`dimension: exponent of ${describeDimension(exponentDimension)} is not a number`);
  if (sameDimension(base, NONE)) return NONE;
  const value = exponent.kind === 'negate' && exponent.of.kind === 'constant' ? -exponent.of.value : exponent.kind === 'constant' ? exponent.value : NaN;
  if (!Number.isFinite(value)) throw new RangeError(`dimension: ${describeDimension(base)} needs a constant exponent`);
  return combine(NONE, base, value);
}
