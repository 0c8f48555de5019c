import type { Expression } from './expression.ts';

/** How symbols are set: their TeX by name. A name that is absent is set from its letters. */
export type SymbolTex = Readonly<Record<string, string | undefined>>;

/** TeX of one symbol: its own, or its name with `_` as subscript; single letters are italic, words upright in either. */
export const symbolTex = (name: string, symbols: SymbolTex = {}): string => upright(symbols[name] ?? name.replace(/_(.+)/, '_{$1}'));

/** TeX of an expression: products as thin space or dot, quotients as fractions, brackets only where needed. */
export function expressionTex(expression: Expression, symbols: SymbolTex): string {
  const tex = (each: Expression, least = LOOSEST): string => (bindingOf(each) < least ? `\\left(${plain(each)}\\right)` : plain(each));
  const plain = (each: Expression): string => {
    switch (each.kind) {
      case 'constant':
        return each.unit === null ? numberTex(each.value) : `${numberTex(each.value)}\\:${unitTex(each.unit)}`;
      case 'symbol':
        return symbolTex(each.name, symbols);
      case 'negate':
        return `-${tex(each.of, PRODUCT)}`;
      case 'call': {
        const [open, close] = BRACKETS[each.name];
        return `${open}${each.of.map((item) => tex(item)).join(', ')}${close}`;
      }
      case 'sum':
        return `\\sum_{${symbolTex(each.index, symbols)}=${tex(each.from)}}^{${tex(each.to)}}${tex(each.body, PRODUCT)}`;
      case 'binary':
        return binary(each);
    }
  };
  const binary = (each: Binary): string => {
    switch (each.operator) {
      case '+':
        return `${tex(each.left, SUM)}+${tex(each.right, SUM)}`;
      case '-':
        return `${tex(each.left, SUM)}-${tex(each.right, PRODUCT)}`;
      case 'mod':
        return `${tex(each.left, POWER)}\\bmod ${tex(each.right, POWER)}`;
      case '^':
        return `${tex(each.left, ATOM)}^{${tex(each.right)}}`;
      default: {
        const { over, under } = fraction(each);
        return under.length === 0 ? product(over) : `\\frac{${product(over)}}{${product(under)}}`;
      }
    }
  };
  const product = (factors: readonly Expression[]): string => {
    const least = factors.length === 1 ? LOOSEST : PRODUCT;
    return factors.map((each) => tex(each, least)).reduce((left, right) => `${left}${DOTTED.test(left) || DOTTED_RIGHT.test(right) ? '\\cdot ' : '\\,'}${right}`);
  };
  return tex(expression);
}

type Binary = Extract<Expression, { readonly kind: 'binary' }>;

const [LOOSEST, SUM, PRODUCT, POWER, ATOM] = [0, 1, 2, 3, 4];
/** words and units need a dot beside them, single letters do not; a number on the right always does */
const DOTTED = /\\(mathrm|text)\{[^{}]*\}$/;
const DOTTED_RIGHT = /^(\d|\\(mathrm|text))/;
const BRACKETS = {
  min: ['\\min\\left(', '\\right)'],
  max: ['\\max\\left(', '\\right)'],
  ceil: ['\\left\\lceil ', '\\right\\rceil '],
  floor: ['\\left\\lfloor ', '\\right\\rfloor '],
} as const;

/** How tightly an expression holds together: what binds less than its place asks for gets brackets. */
function bindingOf(expression: Expression): number {
  switch (expression.kind) {
    case 'negate':
    case 'sum':
      return SUM;
    case 'constant':
      return expression.unit === null ? ATOM : PRODUCT;
    case 'binary':
      return { '+': SUM, '-': SUM, mod: LOOSEST, '*': PRODUCT, '/': PRODUCT, '^': POWER }[expression.operator];
    default:
      return ATOM;
  }
}

/** The factors of `a * b / c / d`: a and b over c and d. */
function fraction(expression: Expression): { readonly over: readonly Expression[]; readonly under: readonly Expression[] } {
  if (expression.kind !== 'binary' || (expression.operator !== '*' && expression.operator !== '/')) return { over: [expression], under: [] };
  const { over, under } = fraction(expression.left);
  return expression.operator === '*' ? { over: [...over, expression.right], under } : { over, under: [...under, expression.right] };
}

const upright = (tex: string): string => tex.replace(/\\[A-Za-z]+(?:\{[^{}]*\})?|[A-Za-z]{2,}/g, (part) => (part.startsWith('\\') ? part : `\\mathrm{${part}}`));
const unitTex = (unit: string): string => `\\text{${unit.replaceAll('*', '·')}}`;

/** 3600, 0.5, 1048576, and powers of ten where zeros are many: 10^{6}, 2.5 x 10^{9}. */
function numberTex(value: number): string {
  const [mantissa = '', digits] = value.toExponential().split('e');
  const exponent = Number(digits);
  if (Math.abs(exponent) < 5 || mantissa.length > 4) return String(value);
  return mantissa === '1' ? `10^{${exponent}}` : `${mantissa}\\times 10^{${exponent}}`;
}
