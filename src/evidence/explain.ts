import { describeSource } from '../provenance/source.ts';
import type { Evidence } from './evidence.ts';
import { type ReportedNumber, SUM } from './number.ts';

/** A number with its inputs in place of their ids. A number that appeared before in the same tree is only named. */
export interface ExplainNode extends Omit<ReportedNumber, 'inputs'> {
  readonly expression: string | null;
  readonly inputs: Readonly<Record<string, ExplainNode | { readonly seeAbove: string }>>;
}

/** The derivation of a number down to its leaves, as plain JSON. */
export function explainTree(evidence: Evidence, id: string): ExplainNode {
  const seen = new Set<string>();
  const build = (number: ReportedNumber): ExplainNode => {
    seen.add(number.id);
    const inputs = Object.entries(number.inputs).map(([symbol, input]) => [symbol, seen.has(input) ? { seeAbove: input } : build(evidence.number(input))] as const);
    return { ...number, expression: expressionOf(evidence, number), inputs: Object.fromEntries(inputs) };
  };
  return build(evidence.number(id));
}

/** The derivation of a number as indented text: value, formula, then every input the same way, with the source of each leaf. */
export function explainText(evidence: Evidence, id: string): string {
  const lines: string[] = [];
  const write = (node: ExplainNode | { readonly seeAbove: string }, symbol: string | null, depth: number): void => {
    const indent = '  '.repeat(depth);
    const name = symbol === null ? '' : `${symbol} = `;
    if ('seeAbove' in node) {
      lines.push(`${indent}${name}${valueText(evidence.number(node.seeAbove))}  ${node.seeAbove}  (see above)`);
      return;
    }
    lines.push(`${indent}${name}${valueText(node)}  ${node.id}  [${node.basis}${node.weakest === node.basis ? '' : `, weakest ${node.weakest}`}]`);
    lines.push(`${indent}  ${node.label}`);
    if (node.expression) lines.push(`${indent}  = ${node.expression}`);
    if (node.source) lines.push(`${indent}  source: ${describeSource(node.source)}`);
    if (node.note) lines.push(`${indent}  note: ${node.note}`);
    for (const [input, child] of Object.entries(node.inputs)) write(child, input, depth + 1);
  };
  write(explainTree(evidence, id), null, 0);
  return lines.join('\n');
}

/** The expression of a number's formula; for a sum its terms, for a procedure its name. */
export function expressionOf(evidence: Evidence, number: ReportedNumber): string | null {
  if (number.formula === null) return null;
  if (number.formula === SUM) return Object.keys(number.inputs).join(' + ') || '0';
  const card = evidence.card(number.formula);
  return card?.kind === 'formula' ? card.expression : (card?.name ?? null);
}

/** A value at the 12 significant digits that reported numbers carry, with its unit. */
export const valueText = ({ value, unit }: Pick<ReportedNumber, 'value' | 'unit'>): string => `${Number(value.toPrecision(12))}${unit === '1' ? '' : ` ${unit}`}`;
