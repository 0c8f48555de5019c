import type { Evidence, ReportedNumber } from '../evidence/index.ts';
import { SUM, valueText } from '../evidence/index.ts';
import type { FormulaCard, ProcedureCard } from '../provenance/card.ts';
import { significant } from '../units/format.ts';
import type { FormulaView, NumberView, Origin, ProcedureView } from './view.ts';

/** MathML of the formula cards as `npm run generate` writes it. */
export type GeneratedMathml = Readonly<Record<string, { readonly inline: string; readonly block: string; readonly symbols: Readonly<Record<string, string>> }>>;

/**
 * Gathers the numbers that a report shows. Every method takes ids without a scenario (then `paper`) or references `id@scenario`
 * and gives the reference under which the page knows the number; what a number follows from comes along by itself.
 * `evidence` opens a scenario and gives the same one each time.
 */
export interface NumberCollector {
  /** The value of a number, which is then part of the report. `text` is how it is printed where it is shown. */
  readonly use: (id: string, text?: string) => ReportedNumber;
  readonly reference: (id: string, text?: string) => string;
  readonly views: () => { readonly numbers: readonly NumberView[]; readonly formulas: readonly FormulaView[]; readonly procedures: readonly ProcedureView[]; readonly cited: readonly string[] };
}

export function collectNumbers(evidence: (scenario: string) => Evidence, mathml: GeneratedMathml): NumberCollector {
  const shown = new Map<string, string | undefined>();

  const split = (id: string): { readonly id: string; readonly scenario: string } => {
    const [plain = '', scenario = 'paper'] = id.split('@');
    return { id: plain, scenario };
  };
  const use = (reference: string, text?: string): ReportedNumber => {
    const { id, scenario } = split(reference);
    const number = evidence(scenario).number(id);
    const key = canonical(number);
    shown.set(key, text ?? shown.get(key));
    return number;
  };

  /** A number that has the same formula, inputs and value as the paper's is the paper's, so that a page lists it once. */
  const sameAsPaper = new Map<string, boolean>();
  const canonical = (number: ReportedNumber): string => {
    const key = `${number.id}@${number.scenario}`;
    return number.scenario !== 'paper' && isSame(number) ? `${number.id}@paper` : key;
  };
  const isSame = (number: ReportedNumber): boolean => {
    const key = `${number.id}@${number.scenario}`;
    const known = sameAsPaper.get(key);
    if (known !== undefined) return known;
    const paper = evidence('paper').find(number.id);
    const own = evidence(number.scenario);
    const same =
      paper !== null &&
      paper.formula === number.formula &&
      paper.value === number.value &&
      Object.entries(number.inputs).every(([symbol, input]) => paper.inputs[symbol] === input && isSame(own.number(input))) &&
      Object.keys(paper.inputs).length === Object.keys(number.inputs).length;
    sameAsPaper.set(key, same);
    return same;
  };

  return {
    use,
    reference: (reference, text) => canonical(use(reference, text)),
    views: () => {
      const numbers = new Map<string, NumberView>();
      const cards = new Map<string, FormulaCard | ProcedureCard>();
      for (const [reference, text] of shown) {
        const { id, scenario } = split(reference);
        const source = evidence(scenario);
        for (const number of source.tree(id)) {
          const key = canonical(number);
          if (numbers.has(key) && number.id !== id) continue;
          const card = number.formula === null || number.formula === SUM ? null : source.card(number.formula);
          if (card) cards.set(card.id, card);
          numbers.set(
            key,
            numberView(number, key, (input) => canonical(source.number(input)), number.id === id ? text : undefined, card),
          );
        }
      }
      const all = [...cards.values()];
      return {
        numbers: [...numbers.values()],
        formulas: all.flatMap((card) => (card.kind === 'formula' ? [formulaView(card, mathml)] : [])),
        procedures: all.flatMap((card) => (card.kind === 'procedure' ? [card] : [])),
        cited: [...shown.keys()],
      };
    },
  };
}

/** A number in the digits of a derivation: whole numbers in full while they are short, others with four significant digits. */
export function shortText(value: number): string {
  if (Number.isSafeInteger(value) && Math.abs(value) < 1e7) return String(value);
  return Math.abs(value) >= 1e7 || Math.abs(value) < 1e-3 ? value.toExponential(3).replace('e+', 'e') : significant(value, 4);
}

/** A text such as `316 billion`, `1.6 times` or `10.7 GB` says what it counts. */
const NAMES_ITS_UNIT = /[a-z]{2,}|\d [kMGT]?B$/;

function numberView(number: ReportedNumber, id: string, reference: (input: string) => string, text: string | undefined, card: FormulaCard | ProcedureCard | null): NumberView {
  const { label, unit, basis, weakest, note } = number;
  const references = Object.fromEntries(Object.entries(number.inputs).map(([symbol, input]) => [symbol, reference(input)]));
  return {
    id,
    label,
    value: Number.parseFloat(valueText(number)),
    text: text ?? shortText(number.value),
    unit: unit === '1' || (text !== undefined && NAMES_ITS_UNIT.test(text)) ? '' : unit,
    basis,
    weakest,
    origin: originOf(number, card, references),
    ...(note === null ? {} : { note }),
  };
}

function originOf({ id, formula, source }: ReportedNumber, card: FormulaCard | ProcedureCard | null, inputs: Readonly<Record<string, string>>): Origin {
  if (formula === SUM) return { kind: 'sum', terms: Object.values(inputs) };
  if (formula !== null) return card?.kind === 'procedure' ? { kind: 'procedure', procedure: formula, inputs } : { kind: 'formula', formula, inputs };
  if (source === null) throw new RangeError(`report: number ${id} has neither a formula nor a source`);
  return { kind: 'source', source };
}

function formulaView({ id, name, expression, unit, symbols, source }: FormulaCard, mathml: GeneratedMathml): FormulaView {
  const generated = mathml[id];
  if (!generated) throw new RangeError(`report: formula ${id} has no generated MathML; run npm run generate`);
  return {
    id,
    name,
    expression,
    mathml: generated.block,
    symbols: Object.entries(symbols).map(([symbol, { unit, meaning }]) => ({ name: symbol, mathml: inner(generated.symbols[symbol] ?? ''), unit: unit === '1' ? '' : unit, meaning })),
    unit: unit === '1' ? '' : unit,
    source,
  };
}

const inner = (math: string): string => math.replace(/^<math[^>]*>/, '').replace(/<\/math>$/, '');
