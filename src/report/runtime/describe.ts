/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { DerivationData } from '../page-data.ts';
import type { SourceReference } from '../source-list.ts';
import { substitute } from '../substitute.ts';
import { element } from './element.ts';

export type Derivations = ReadonlyMap<string, DerivationData>;

/** What the panel shows of a number: value and basis, the formula with its inputs or the source, and a note. */
export function describe(number: DerivationData, all: Derivations): readonly HTMLElement[] {
  const { label, text, unit, basis, weakest, via, source, note } = number;
  const weakestInput = weakest === basis ? '' : `weakest input: ${weakest}`;
  return [
    element('h2', 'label', label),
    element('p', 'result', text, ' ', element('span', 'unit', unit), ' ', element('span', `basis ${basis}`, basis), ' ', element('span', 'weakest', weakestInput)),
    ...(via === null ? [] : derived(number, document.getElementById(via), all)),
    ...(source ? [element('p', 'aside', ...reference(source))] : []),
    ...(note ? [element('p', 'aside', note)] : []),
  ];
}

/** The formula (a sum has none), the line with the values put in, and each input with a link to how it is known. */
function derived({ inputs, text, unit }: DerivationData, formula: HTMLElement | null, all: Derivations): readonly HTMLElement[] {
  const known = inputs.flatMap(([symbol, id]) => {
    const input = all.get(id);
    return input ? [{ symbol, input }] : [];
  });
  const expression = formula?.dataset.expression;
  const values = Object.fromEntries(known.map(({ symbol, input }) => [symbol, input.text]));
  const substituted = formula ? expression && substitute(expression, values) : known.map(({ input }) => input.text).join(' + ');
  const equation = formula?.querySelector('.equation, ol');
  const cited = formula?.querySelector('.origin .reference');
  return [
    element('p', 'formula-name', formula?.querySelector('h3')?.textContent ?? 'Sum'),
    ...(equation ? [element('div', 'definition', equation.cloneNode(true))] : []),
    ...(substituted ? [element('p', 'substituted', `= ${substituted} = ${text} ${unit}`)] : []),
    element('dl', 'inputs', ...known.map(({ symbol, input }) => inputRow(symbol, input, formula))),
    ...(cited ? [element('p', 'aside', cited.cloneNode(true))] : []),
  ];
}

function inputRow(symbol: string, { id, label, text, unit }: DerivationData, formula: HTMLElement | null): HTMLElement {
  const entry = [...(formula?.querySelectorAll<HTMLElement>('[data-symbol]') ?? [])].find((each) => each.dataset.symbol === symbol);
  const name = entry?.querySelector('dt')?.firstElementChild?.cloneNode(true) ?? symbol;
  return element('div', '', element('dt', '', name), element('dd', '', label), element('dd', 'value', link(id, text), ' ', element('span', 'unit', unit)));
}

const reference = ({ number, locator }: SourceReference): readonly (Node | string)[] => [locator, ...(number > 0 ? [' ', link(`source-${number}`, `[${number}]`)] : [])];

function link(anchor: string, text: string): HTMLAnchorElement {
  const made = element('a', '', text);
  made.href = `#${anchor}`;
  return made;
}
