import { plainDigits, unitBehind, valueText } from './digits.ts';
import type { DerivationData } from './page-data.ts';
import { inputsOf, type PageIndex } from './page-index.ts';
import type { NumberView, Origin } from './view.ts';

export const formulaAnchor = (id: string): string => `formula:${id}`;
export const procedureAnchor = (id: string): string => `procedure:${id}`;

/** A number with what it follows from, for the panel that opens over it. */
export const derivationData = ({ id, label, text, unit, basis, weakest, origin, note = '' }: NumberView, page: PageIndex): DerivationData => ({
  ...{ id, label, text: plainDigits(text), unit: unitBehind(text, unit), basis, weakest, note },
  via: viaAnchor(origin, page),
  inputs: inputsOf(origin),
  source: origin.kind === 'source' ? page.sources.refer(origin.source) : null,
});

/** A number that the page shows as one line of the appendix, for readers without scripts and for print. `all` are the data of all numbers. */
export function derivationContext(
  { id, label, text, unit, basis, weakest, via, inputs, source, note }: DerivationData,
  value: NumberView['value'],
  all: ReadonlyMap<string, DerivationData>,
  page: PageIndex,
): object {
  return {
    ...{ id, label, text, unit, basis, source, note },
    value: valueText(value),
    weakest: weakest === basis ? '' : weakest,
    via: via === null ? null : { anchor: via, name: via === '' ? 'sum of' : via.startsWith(formulaAnchor('')) ? 'by formula' : 'by procedure' },
    inputs: inputs.map(([symbol, input]) => ({ symbol, anchor: page.shown.has(input) ? input : '', text: all.get(input)?.text ?? '' })),
  };
}

function viaAnchor(origin: Origin, page: PageIndex): string | null {
  switch (origin.kind) {
    case 'formula':
      return formulaAnchor(page.formula(origin.formula).id);
    case 'procedure':
      return procedureAnchor(page.procedure(origin.procedure).id);
    case 'sum':
      return '';
    case 'source':
      return null;
  }
}
