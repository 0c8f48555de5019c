import type { FormulaCard, ProcedureCard } from '../provenance/card.ts';
import { basisOf, weakestOf } from '../provenance/source.ts';
import { nearest } from '../units/nearest.ts';
import { type NumberSpec, type ReportedNumber, SUM } from './number.ts';
import type { Scenario } from './scenario.ts';

/** Finds the definition of an id below one prefix: `path` is the id split at `/`, without the prefix. Null when there is none. */
export type Resolver = (path: readonly string[], scenario: Scenario) => NumberSpec | null;

/** All numbers that can be cited in one scenario, built on demand and kept. */
export interface Evidence {
  readonly scenario: Scenario;
  /**
   * The number of an id (`id` or `id@scenario`).
   * @throws RangeError when the id names nothing, another scenario, or depends on itself
   */
  readonly number: (id: string) => ReportedNumber;
  /** The same, null when there is none. */
  readonly find: (id: string) => ReportedNumber | null;
  /** Every number in the tree below an id, itself first, each once. */
  readonly tree: (id: string) => readonly ReportedNumber[];
  /** The card behind a formula id of a number built so far; null for a sum. */
  readonly card: (formula: string) => FormulaCard | ProcedureCard | null;
}

export function createEvidence(resolvers: Readonly<Record<string, Resolver>>, scenario: Scenario): Evidence {
  const known = new Map<string, ReportedNumber>();
  const cards = new Map<string, FormulaCard | ProcedureCard>();
  const open = new Set<string>();

  const number = (reference: string): ReportedNumber => {
    const [id = '', asked = scenario.id, ...more] = reference.split('@');
    if (more.length > 0) throw new RangeError(`evidence: id ${reference} names more than one scenario`);
    if (asked !== scenario.id) throw new RangeError(`evidence: scenario ${asked} is not the open one, ${scenario.id}`);
    const found = known.get(id);
    if (found) return found;
    if (open.has(id)) throw new RangeError(`evidence: id ${id} depends on itself`);
    open.add(id);
    try {
      const built = build(id);
      known.set(id, built);
      return built;
    } finally {
      open.delete(id);
    }
  };

  const build = (id: string): ReportedNumber => {
    const [prefix = '', ...path] = id.split('/');
    if (!Object.hasOwn(resolvers, prefix)) throw new RangeError(`evidence: id ${id} names no number; nearest prefixes: ${nearest(prefix, Object.keys(resolvers)).join(', ')}`);
    const spec = resolvers[prefix]?.(path, scenario);
    if (!spec) throw new RangeError(`evidence: id ${id} names no number`);
    if (spec.kind === 'derived' || spec.kind === 'found') cards.set(spec.card.id, spec.card);
    return numberOf(id, spec, number, scenario.id);
  };

  return {
    scenario,
    number,
    find: (id) => {
      try {
        return number(id);
      } catch (error) {
        if (error instanceof RangeError) return null;
        throw error;
      }
    },
    tree: (id) => {
      const seen = new Map<string, ReportedNumber>();
      const walk = (node: ReportedNumber): void => {
        if (seen.has(node.id)) return;
        seen.set(node.id, node);
        for (const input of Object.values(node.inputs)) walk(number(input));
      };
      walk(number(id));
      return [...seen.values()];
    },
    card: (formula) => cards.get(formula) ?? null,
  };
}

function numberOf(id: string, spec: NumberSpec, number: (id: string) => ReportedNumber, scenario: string): ReportedNumber {
  const common = { id, label: spec.label, scenario, note: spec.note ?? null };
  if (spec.kind === 'leaf') {
    const basis = basisOf(spec.source);
    return { ...common, value: spec.value, unit: spec.unit, formula: null, inputs: {}, basis, weakest: basis, source: spec.source };
  }
  const inputs = spec.kind === 'sum' ? Object.fromEntries(spec.terms.map((term, index) => [`term${index + 1}`, term])) : spec.inputs;
  const numbers = Object.entries(inputs).map(([symbol, input]) => [symbol, number(input)] as const);
  const weakest = weakestOf(['derived', ...numbers.map(([, input]) => input.weakest)]);
  const derived = { ...common, inputs, basis: 'derived', weakest, source: null } as const;
  switch (spec.kind) {
    case 'sum':
      return { ...derived, value: numbers.reduce((sum, [, input]) => sum + input.value, 0), unit: spec.unit, formula: SUM };
    case 'found':
      return { ...derived, value: spec.value, unit: spec.unit, formula: spec.card.id };
    case 'derived':
      return { ...derived, value: spec.card.evaluate(Object.fromEntries(numbers.map(([symbol, input]) => [symbol, input.value]))), unit: spec.card.unit, formula: spec.card.id };
  }
}
