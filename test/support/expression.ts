import type { Call, Expression, Operator } from '../../scripts/generate/expression.ts';

/** `exact`: every operand and every intermediate result is an integer below 2^53, so no rounding happened. */
export interface Evaluated {
  readonly value: number;
  readonly exact: boolean;
}

/** Evaluates an expression of a formula card, independently of the card's own `evaluate`. RangeError for an unknown symbol. */
export function evaluateExpression(expression: Expression, inputs: Readonly<Record<string, number>>): Evaluated {
  const of = (each: Expression) => evaluateExpression(each, inputs);
  switch (expression.kind) {
    case 'constant':
      return rounded(expression.value, []);
    case 'symbol': {
      const value = inputs[expression.name];
      if (value === undefined) throw new RangeError(`expression: symbol ${expression.name} has no value`);
      return rounded(value, []);
    }
    case 'negate': {
      const operand = of(expression.of);
      return rounded(-operand.value, [operand]);
    }
    case 'binary':
      return binary(expression.operator, of(expression.left), of(expression.right));
    case 'call':
      return call(expression.name, expression.of, of);
    case 'sum': {
      const { index, from, to, body } = expression;
      const last = of(to).value;
      let total = rounded(0, []);
      for (let i = of(from).value; i <= last; i += 1) total = binary('+', total, evaluateExpression(body, { ...inputs, [index]: i }));
      return total;
    }
  }
}

const rounded = (value: number, operands: readonly Evaluated[]): Evaluated => ({ value, exact: Number.isSafeInteger(value) && operands.every((each) => each.exact) });

/** The remainder with the sign of the divisor: -1 mod 4 is 3. */
const modulo = (a: number, b: number): number => {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
};

function binary(operator: Operator, a: Evaluated, b: Evaluated): Evaluated {
  switch (operator) {
    case '+':
      return rounded(a.value + b.value, [a, b]);
    case '-':
      return rounded(a.value - b.value, [a, b]);
    case '*':
      return rounded(a.value * b.value, [a, b]);
    case '/':
      return { value: a.value / b.value, exact: a.exact && b.exact && a.value % b.value === 0 };
    case '^':
      return rounded(a.value ** b.value, [a, b]);
    case 'mod':
      return rounded(modulo(a.value, b.value), [a, b]);
  }
}

function call(name: Call, operands: readonly Expression[], of: (each: Expression) => Evaluated): Evaluated {
  const [first] = operands;
  if ((name === 'ceil' || name === 'floor') && first?.kind === 'binary' && first.operator === '/') {
    const [a, b] = [of(first.left), of(first.right)];
    if (a.exact && b.exact && b.value !== 0) return wholeQuotient(name, a.value, b.value);
  }
  const values = operands.map(of);
  return rounded(Math[name](...(values.map((each) => each.value) as [number])), values);
}

/** ceil(a / b) and floor(a / b) of integers, without rounding the quotient first. */
function wholeQuotient(name: 'ceil' | 'floor', a: number, b: number): Evaluated {
  const remainder = modulo(a, b);
  const floor = (a - remainder) / b;
  return { value: name === 'floor' || remainder === 0 ? floor : floor + 1, exact: true };
}
