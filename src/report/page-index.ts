import { splitDigits, unitBehind, valueText } from './digits.ts';
import { parseProse } from './prose.ts';
import { listSources } from './source-list.ts';
import type { Block, FormulaView, NumberView, Origin, ProcedureView, Prose, ReportView } from './view.ts';

/** What one part of a page needs to know of the others; every lookup of something that is not there is a RangeError. */
export interface PageIndex {
  readonly number: (id: string) => NumberView;
  readonly formula: (id: string) => FormulaView;
  readonly procedure: (id: string) => ProcedureView;
  readonly label: (anchor: string) => string;
  readonly sources: ReturnType<typeof listSources>;
  /** the ids that `number` was asked for so far: what the page shows */
  readonly shown: ReadonlySet<string>;
}

export const APPENDICES = { deviations: 'Deviations from print', assumptions: 'Assumptions', sources: 'Sources', formulas: 'Formulas', derivations: 'Derivations' } as const;
const ID = /^[\w./:+@-]+$/;

/** @throws RangeError for ids and anchors that are unfit for a URL or not unique, and for inputs that are not among the numbers */
export function indexPage(view: ReportView): PageIndex {
  const numbers = byId('number', view.numbers);
  const formulas = byId('formula', view.formulas);
  const procedures = byId('procedure', view.procedures);
  const labels = new Map<string, string>();
  const addLabel = (anchor: string, label: string): void => {
    if (!ID.test(anchor)) throw new RangeError(`report: anchor ${JSON.stringify(anchor)} is not fit for a URL`);
    if (labels.has(anchor) || numbers.has(anchor)) throw new RangeError(`report: anchor ${anchor} is not unique on the page`);
    labels.set(anchor, label);
  };
  for (const [anchor, heading] of Object.entries(APPENDICES)) addLabel(anchor, heading);
  addLabel(view.lead.anchor, view.lead.label);
  for (const section of view.sections) {
    addLabel(section.anchor, section.label ?? section.heading);
    for (const block of flatten(section.blocks)) if ('anchor' in block && block.anchor !== section.anchor) addLabel(block.anchor, block.label);
  }
  const shown = new Set<string>();
  const number = find('number', numbers);
  for (const { origin } of view.numbers) for (const [, id] of inputsOf(origin)) number(id);
  const sources = [
    ...view.numbers.flatMap(({ origin }) => (origin.kind === 'source' ? [origin.source] : [])),
    ...[...view.formulas, ...view.procedures].map(({ source }) => source),
    ...(view.furtherSources ?? []),
  ];
  return {
    number: (id) => {
      shown.add(id);
      return number(id);
    },
    formula: find('formula', formulas),
    procedure: find('procedure', procedures),
    label: find('anchor', labels),
    sources: listSources(sources, new Map(view.papers.map(({ id, title }) => [id, title]))),
    shown,
  };
}

function byId<T extends { readonly id: string }>(kind: string, items: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    if (!ID.test(item.id)) throw new RangeError(`report: ${kind} ${JSON.stringify(item.id)} is not fit for a URL`);
    if (map.has(item.id)) throw new RangeError(`report: ${kind} ${item.id} is not unique`);
    map.set(item.id, item);
  }
  return map;
}

const find =
  <T>(kind: string, map: ReadonlyMap<string, T>) =>
  (key: string): T => {
    const found = map.get(key);
    if (found === undefined) throw new RangeError(`report: ${kind} ${key} is not on the page`);
    return found;
  };

/** What a number follows from, as pairs of symbol and id; the terms of a sum have no symbol. */
export function inputsOf(origin: Origin): readonly (readonly [string, string])[] {
  if (origin.kind === 'source') return [];
  return origin.kind === 'sum' ? origin.terms.map((id) => ['', id]) : Object.entries(origin.inputs);
}

/** All blocks, those inside folds too. */
export const flatten = (blocks: readonly Block[]): readonly Block[] => blocks.flatMap((block) => (block.kind === 'details' ? [block, ...flatten(block.blocks)] : [block]));

/** A number as the partial `number` shows it. */
export function numberContext(id: string, page: PageIndex): object {
  const { value, text, unit } = page.number(id);
  return { id, value: valueText(value), digits: splitDigits(text), unit: unitBehind(text, unit) };
}

/** A model's or chip's name with a hyphen, which a line must not break: Step-3, Qwen3-235B-A22B. */
const NAME = /(\b[A-Z][A-Za-z]*\d*(?:-[A-Z]?\d\w*)+)/;

/** Prose as the partial `prose` shows it. */
export const proseContext = (prose: Prose, page: PageIndex): object => ({
  parts: parseProse(prose).flatMap((part): readonly object[] => {
    const empty = { text: '', name: '', number: null, link: null };
    if (part.kind === 'number') return [{ ...empty, number: numberContext(part.id, page) }];
    if (part.kind === 'link') return [{ ...empty, link: { anchor: part.anchor, label: page.label(part.anchor) } }];
    return part.text.split(NAME).map((text, index) => (index % 2 === 1 ? { ...empty, name: text } : { ...empty, text }));
  }),
});
