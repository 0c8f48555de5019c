import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, parseExpression, symbolsOf } from '../scripts/generate/expression.ts';
import { formulas, procedures } from '../src/formulas.ts';
import { type FormulaCard, formula } from '../src/provenance/card.ts';
import { describeDimension, dimensionOf, parseUnit, sameDimension } from './support/dimension.ts';
import { evaluateExpression } from './support/expression.ts';

const SEED = 20250727;
const RUNS = 200;
const COUNTS = 2 ** 20;
/** how far a symbol may go that says how often something is added or multiplied */
const FEW = 40;

/** The symbols that bound a sum or stand in an exponent. */
function repeatsOf(expression: Expression): ReadonlySet<string> {
  switch (expression.kind) {
    case 'constant':
    case 'symbol':
      return new Set();
    case 'negate':
      return repeatsOf(expression.of);
    case 'call':
      return new Set(expression.of.flatMap((each) => [...repeatsOf(each)]));
    case 'binary':
      return new Set([...repeatsOf(expression.left), ...repeatsOf(expression.right), ...(expression.operator === '^' ? symbolsOf(expression.right) : [])]);
    case 'sum':
      return new Set([...symbolsOf(expression.from), ...symbolsOf(expression.to), ...repeatsOf(expression.body)]);
  }
}

/** Counts are integers (a pure number is sometimes a share); what has time or money in it is any positive double. */
function inputsOf(card: FormulaCard, expression: Expression): fc.Arbitrary<Record<string, number>> {
  const repeats = repeatsOf(expression);
  const count = fc.integer({ min: 0, max: COUNTS });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const amount = fc.double({ min: -9, max: 15, noNaN: true }).map((exponent) => 10 ** exponent);
  const arbitrary = (name: string, unit: string): fc.Arbitrary<number> => {
    if (repeats.has(name)) return fc.integer({ min: 0, max: FEW });
    if (/\b(s|h|USD)\b|\//.test(unit)) return amount;
    return unit === '1' ? fc.oneof({ arbitrary: count, weight: 7 }, { arbitrary: share, weight: 1 }) : count;
  };
  return fc.record(Object.fromEntries(Object.entries(card.symbols).map(([name, { unit }]) => [name, arbitrary(name, unit)])));
}

/** Everything that is wrong with a card, apart from its values: grammar, symbols, units. */
function flawsOf(card: FormulaCard): readonly string[] {
  try {
    const expression = parseExpression(card.expression);
    const used = symbolsOf(expression);
    const declared = new Map(Object.entries(card.symbols).map(([name, { unit }]) => [name, parseUnit(unit)]));
    const flaws = [
      ...[...used].filter((name) => !declared.has(name)).map((name) => `uses ${name}, not declared`),
      ...[...declared.keys()].filter((name) => !used.has(name)).map((name) => `declares ${name}, not used`),
    ];
    if (flaws.length > 0) return flaws;
    const [expected, actual] = [parseUnit(card.unit), dimensionOf(expression, declared)];
    return sameDimension(expected, actual) ? [] : [`unit ${card.unit} differs from the expression's ${describeDimension(actual)}`];
  } catch (error) {
    if (error instanceof RangeError) return [error.message];
    throw error;
  }
}

/** `evaluate` of the card equals its expression: exactly where every step is an integer, else within 1e-12. Inputs that the card refuses are not compared. */
function compareValues(card: FormulaCard): void {
  const expression = parseExpression(card.expression);
  const property = fc.property(inputsOf(card, expression), (inputs) => {
    const expected = evaluateExpression(expression, inputs);
    fc.pre(Number.isFinite(expected.value));
    const actual = attempt(() => card.evaluate(inputs));
    fc.pre(actual !== undefined);
    const error = Math.abs((actual as number) - expected.value);
    return error <= (expected.exact ? 0 : 1e-12 * Math.abs(expected.value));
  });
  fc.assert(property, { seed: SEED, numRuns: RUNS });
}

function attempt(compute: () => number): number | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

describe('formulas', () => {
  it('has cards', () => expect(formulas.length).toBeGreaterThan(30));

  it('gives every card a readable id of its own', () => {
    const ids = [...formulas, ...procedures].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*(\/[a-z0-9-]+)+$/);
  });

  it.each(formulas)('$id: grammar, symbols and units fit', (card) => expect(flawsOf(card)).toEqual([]));

  it.each(formulas)('$id: evaluates to its expression', (card) => compareValues(card));

  it.each(formulas)('$id: a wrong ninth digit would be noticed', (card) => {
    const wrong = { ...card, evaluate: (inputs: Readonly<Record<string, number>>) => card.evaluate(inputs) * (1 + 1e-9) };
    expect(() => compareValues(wrong)).toThrow(/Property failed/);
  });

  it.each(formulas)('$id: says what it and its symbols mean', (card) => {
    for (const text of [card.name, ...Object.values(card.symbols).map(({ meaning }) => meaning)]) expect(text.trim()).not.toBe('');
  });

  it.each(procedures)('$id: has steps', (card) => {
    expect(card.steps.length).toBeGreaterThan(0);
    for (const step of card.steps) expect(step.trim()).not.toBe('');
  });
});

describe('the checks of formula cards', () => {
  const gemm = formula({
    id: 'test/gemm-usd',
    name: 'cost of a matrix multiply',
    symbols: {
      m: { unit: '1', meaning: 'rows' },
      k: { unit: '1', meaning: 'inner width' },
      usdPerHour: { unit: 'USD/h', meaning: 'price' },
      peak: { unit: 'FLOP/s', meaning: 'peak' },
    },
    expression: '2 [FLOP] * m * k * usdPerHour / 3600 [s/h] / peak',
    unit: 'USD',
    evaluate: ({ m, k, usdPerHour, peak }) => (2 * m * k * usdPerHour) / 3600 / peak,
    source: { kind: 'assumed', because: 'test' },
  });
  const blocks = formula({
    id: 'test/blocks',
    name: 'blocks of a context',
    symbols: { context: { unit: 'token', meaning: 'context' }, block: { unit: 'token', meaning: 'block' } },
    expression: 'ceil(context / block)',
    unit: '1',
    evaluate: ({ context, block }) => Math.ceil(context / block),
    source: { kind: 'assumed', because: 'test' },
  });

  it('passes cards that are right', () => {
    for (const card of [gemm, blocks]) {
      expect(flawsOf(card)).toEqual([]);
      compareValues(card);
    }
  });

  it.each([
    ['a wrong coefficient', { ...gemm, expression: gemm.expression.replace('2 [', '3 [') }],
    ['a coefficient wrong in its eleventh digit', { ...gemm, expression: gemm.expression.replace('2 [', '2.0000000001 [') }],
    ['floor for ceil', { ...blocks, expression: 'floor(context / block)' }],
    ['one too many where all is integer', { ...blocks, evaluate: (inputs) => blocks.evaluate({ context: inputs.context ?? 0, block: inputs.block ?? 0 }) + 1 }],
    [
      'an evaluate that refuses everything',
      {
        ...gemm,
        evaluate: () => {
          throw new RangeError('no');
        },
      },
    ],
  ] satisfies [string, FormulaCard][])('fails values: %s', (_, card) => expect(() => compareValues(card)).toThrow(/Property failed|pre-condition/));

  it.each([
    ['wrong unit', { ...gemm, unit: 'USD/FLOP' }, /unit USD\/FLOP differs from the expression's USD/],
    ['hours taken for seconds', { ...gemm, expression: '2 [FLOP] * m * k * usdPerHour / 3600 / peak' }, /USD/],
    ['unknown unit', { ...gemm, unit: 'EUR' }, /unit: "EUR" is not a product/],
    ['missing symbol', { ...gemm, expression: `${gemm.expression} * n` }, /uses n, not declared/],
    ['unused symbol', { ...gemm, expression: '2 [FLOP] * m * usdPerHour / 3600 [s/h] / peak' }, /declares k, not used/],
    ['no grammar', { ...gemm, expression: 'sqrt(m) * k' }, /sqrt\(m\) is not in the grammar/],
    ['no formula', { ...gemm, expression: '2 * (m' }, /does not parse/],
  ] satisfies [string, FormulaCard, RegExp][])('fails form: %s', (_, card, message) => expect(flawsOf(card).join()).toMatch(message));
});
