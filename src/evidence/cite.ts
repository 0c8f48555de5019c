import { describeSource } from '../provenance/source.ts';
import type { Evidence } from './evidence.ts';
import { expressionOf, valueText } from './explain.ts';
import type { ReportedNumber } from './number.ts';

export const CITATION_STYLES = ['markdown', 'bibtex', 'csl-json'] as const;
export type CitationStyle = (typeof CITATION_STYLES)[number];

/** What a citation names beside the number: the version of this software, and what a paper prints for it. */
export interface CitationContext {
  readonly version: string;
  readonly printed?: { readonly value: string; readonly where: string } | null;
}

/** Text that cites one number: value, unit, scenario, version, the printed value where there is one, formula or source. */
export function citation(evidence: Evidence, id: string, style: CitationStyle, context: CitationContext): string {
  const number = evidence.number(id);
  const reference = `${number.id}@${number.scenario}`;
  const note = [`${number.label}: ${valueText(number)}`, `scenario ${number.scenario} (${evidence.scenario.describe})`, ...printedText(context), derivationText(evidence, number)].join('; ');
  switch (style) {
    case 'markdown':
      return `**${valueText(number)}**, ${number.label} (\`${reference}\`; Tokenroof ${context.version}; ${[...printedText(context), derivationText(evidence, number)].join('; ')})`;
    case 'bibtex':
      return [
        `@misc{tokenroof:${reference.replace(/[^A-Za-z0-9:-]+/g, '-')},`,
        `  title = {{${escapeTex(number.label)}}},`,
        '  author = {{Tokenroof contributors}},',
        `  howpublished = {Tokenroof ${context.version}, number \\texttt{${escapeTex(reference)}}},`,
        `  note = {${escapeTex(note)}},`,
        '}',
      ].join('\n');
    case 'csl-json':
      return JSON.stringify([{ id: reference, type: 'software', title: number.label, author: [{ literal: 'Tokenroof contributors' }], version: context.version, number: reference, note }], null, 2);
  }
}

const printedText = ({ printed }: CitationContext): readonly string[] => (printed ? [`printed ${printed.value} in ${printed.where}`] : []);

function derivationText(evidence: Evidence, number: ReportedNumber): string {
  const expression = expressionOf(evidence, number);
  const basis = `basis ${number.basis}, weakest input ${number.weakest}`;
  return expression === null ? `${number.source ? describeSource(number.source) : 'no source'}; ${basis}` : `= ${expression}; ${basis}`;
}

const escapeTex = (text: string): string =>
  text
    .replace(/[\\{}_&%$#]/g, (character) => (character === '\\' ? '\\textbackslash{}' : `\\${character}`))
    .replaceAll('^', '\\^{}')
    .replaceAll('~', '\\~{}');
