import katex from 'katex';
import type { FormulaCard } from '../../src/provenance/card.ts';
import { parseExpression } from './expression.ts';
import { expressionTex, symbolTex } from './tex.ts';

/** A formula as MathML: in a line of text, as a block of its own, and each of its symbols. */
export interface CardMathml {
  readonly inline: string;
  readonly block: string;
  readonly symbols: Readonly<Record<string, string>>;
}

/** Sets a card's expression and symbols. RangeError naming the card where the expression is not in the grammar. */
export function mathmlOf(card: FormulaCard): CardMathml {
  const symbols = Object.fromEntries(Object.entries(card.symbols).map(([name, symbol]) => [name, symbol.tex]));
  try {
    const tex = expressionTex(parseExpression(card.expression), symbols);
    return {
      inline: mathml(tex, false),
      block: mathml(tex, true),
      symbols: Object.fromEntries(Object.keys(symbols).map((name) => [name, mathml(symbolTex(name, symbols), false)])),
    };
  } catch (error) {
    throw new RangeError(`generate: card ${card.id} ${(error as Error).message}`);
  }
}

/** The bare <math> element of some TeX, without the TeX itself; a thin space between factors also says "times". */
const mathml = (tex: string, displayMode: boolean): string =>
  katex
    .renderToString(tex, { output: 'mathml', displayMode, throwOnError: true, strict: 'error' })
    .replace(/^.*?(<math[^>]*>)<semantics>(.*)<annotation .*$/s, '$1$2</math>')
    .replaceAll(THIN_SPACE, `<mo>\u2062</mo>${THIN_SPACE}`);

const THIN_SPACE = '<mtext>\u2009</mtext>';
