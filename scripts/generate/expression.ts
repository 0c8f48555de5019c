import { isConstantNode, isFunctionNode, isOperatorNode, isParenthesisNode, isSymbolNode, type MathNode, parse } from 'mathjs';

export type Operator = '+' | '-' | '*' | '/' | '^' | 'mod';
export type Call = 'min' | 'max' | 'ceil' | 'floor';

/** What the expression of a formula card may be: + - * / ^, `a mod b` or `mod(a, b)`, min max ceil floor, sum(i, from, to, body), and constants with a unit, `2 [FLOP]`. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: number; readonly unit: string | null }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'negate'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: Call; readonly of: readonly Expression[] }
  | { readonly kind: 'sum'; readonly index: string; readonly from: Expression; readonly to: Expression; readonly body: Expression };

/** Reads the expression of a card. RangeError for what the grammar does not know, implicit multiplication included. */
export function parseExpression(text: string): Expression {
  let node: MathNode;
  try {
    node = parse(text.replace(CONSTANT_WITH_UNIT, 'unit($1, "$2")'));
  } catch (error) {
    throw new RangeError(`expression: ${text} does not parse: ${(error as Error).message}`);
  }
  return convert(node);
}

/** The symbols that a card must declare: those of the expression, without the indices that a sum binds. */
export function symbolsOf(expression: Expression): ReadonlySet<string> {
  switch (expression.kind) {
    case 'constant':
      return new Set();
    case 'symbol':
      return new Set([expression.name]);
    case 'negate':
      return symbolsOf(expression.of);
    case 'binary':
      return union([expression.left, expression.right]);
    case 'call':
      return union(expression.of);
    case 'sum': {
      const { index, from, to, body } = expression;
      return new Set([...union([from, to]), ...[...symbolsOf(body)].filter((name) => name !== index)]);
    }
  }
}

const CONSTANT_WITH_UNIT = /(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)\s*\[([^\]"]*)\]/gi;
const OPERATORS: readonly string[] = ['+', '-', '*', '/', '^', 'mod'] satisfies readonly Operator[];
const ARITY: Readonly<Record<Call, readonly [number, number]>> = { min: [2, Infinity], max: [2, Infinity], ceil: [1, 1], floor: [1, 1] };

const union = (expressions: readonly Expression[]): ReadonlySet<string> => new Set(expressions.flatMap((each) => [...symbolsOf(each)]));
const isOperator = (text: string): text is Operator => OPERATORS.includes(text);
const isCall = (text: string): text is Call => Object.hasOwn(ARITY, text);

function convert(node: MathNode): Expression {
  if (isParenthesisNode(node)) return convert(node.content);
  if (isSymbolNode(node)) return { kind: 'symbol', name: node.name };
  if (isConstantNode(node) && typeof node.value === 'number') return { kind: 'constant', value: node.value, unit: null };
  if (isOperatorNode(node) && !node.implicit) {
    const [left, right] = node.args.map(convert);
    if (left && node.fn === 'unaryMinus') return { kind: 'negate', of: left };
    if (left && right && isOperator(node.op)) return { kind: 'binary', operator: node.op, left, right };
  }
  const converted = isFunctionNode(node) && convertCall(node.fn.toString(), node.args);
  if (converted) return converted;
  throw new RangeError(`expression: ${node.toString().replace(/unit\((\S+), "([^"]*)"\)/g, '$1 [$2]')} is not in the grammar of formula cards`);
}

function convertCall(name: string, operands: readonly MathNode[]): Expression | undefined {
  const [first, second, third, fourth, ...rest] = operands;
  if (isCall(name)) {
    const [least, most] = ARITY[name];
    return operands.length < least || operands.length > most ? undefined : { kind: 'call', name, of: operands.map(convert) };
  }
  if (name === 'mod' && first && second && !third) return { kind: 'binary', operator: 'mod', left: convert(first), right: convert(second) };
  if (name === 'unit' && isConstantNode(first) && isConstantNode(second)) return { kind: 'constant', value: Number(first.value), unit: String(second.value) };
  if (name === 'sum' && isSymbolNode(first) && second && third && fourth && rest.length === 0) {
    return { kind: 'sum', index: first.name, from: convert(second), to: convert(third), body: convert(fourth) };
  }
  return undefined;
}
