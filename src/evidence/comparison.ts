import { accelerator } from '../accelerators/index.ts';
import { compile } from '../cost/compile.ts';
import { costExpression } from '../cost/expression.ts';
import { unitCosts } from '../cost/unit-cost.ts';
import { formula, procedure } from '../provenance/card.ts';
import { crossings } from '../units/crossings.ts';
import type { Resolver } from './evidence.ts';
import { operatorName, operatorsOf } from './operators.ts';
import type { Scenario } from './scenario.ts';

/** Longest context of the comparisons: one million tokens. */
export const LONGEST_CONTEXT = 1_048_576;

/** How many times as dear one cost is as another. */
export const costRatio = formula({
  id: 'evidence/cost-ratio',
  name: 'Cost of one model over that of another',
  symbols: { cost: { unit: 'USD', meaning: 'cost of a million tokens', tex: 'C' }, reference: { unit: 'USD', meaning: 'cost it is compared with', tex: 'C_0' } },
  expression: 'cost / reference',
  unit: '1',
  evaluate: ({ cost, reference }) => cost / reference,
  source: { kind: 'derived', from: 'definition' },
});

/** The contexts at which the cheaper of two models changes. */
export const crossoverProcedure = procedure({
  id: 'evidence/crossover',
  name: 'Exact crossover of two cost curves',
  steps: [
    'write both costs as sums of integer coefficients times spans of the context, scaled by prices, under the larger of work and traffic',
    'split the range of contexts where a span or a maximum changes, so that the difference is a polynomial of degree two at most',
    'solve each piece in closed form for the integer context at which the sign of the difference changes',
    'confirm the sign at both neighbours',
  ],
  source: { kind: 'derived', from: 'the two cost formulas' },
});

/** `saving/<dear>/<chip>/<cheap>/<chip>/<context>`: total cost of the first model over that of the second. */
export const savingResolver: Resolver = ([dear = '', dearChip = '', cheap = '', cheapChip = '', context = ''], { modelEntry }) => ({
  kind: 'derived',
  label: `cost of ${modelEntry(dear).model.name} on ${dearChip} over that of ${modelEntry(cheap).model.name} on ${cheapChip}, context ${context}`,
  card: costRatio,
  inputs: { cost: `cost/${dear}/${dearChip}/${context}/total`, reference: `cost/${cheap}/${cheapChip}/${context}/total` },
});

/** `crossover/<model>/<model>/<chip>/<n>`: the n-th context, from 1, at which the cheaper of the two changes, up to one million tokens. */
export const crossoverResolver: Resolver = ([first = '', second = '', chip = '', order = '1'], scenario) => {
  if (!/^[1-9]\d*$/.test(order)) return null;
  const found = crossings(expressionOf(first, chip, scenario), expressionOf(second, chip, scenario), 1, LONGEST_CONTEXT)[Number(order) - 1];
  if (!found) return null;
  const [a, b] = [first, second].map((id) => scenario.modelEntry(id).model.name);
  return {
    kind: 'found',
    label: `context at which ${found.after < 0 ? a : b} becomes cheaper than ${found.after < 0 ? b : a} on ${accelerator(chip).accelerator.name}`,
    value: found.at,
    unit: '1',
    card: crossoverProcedure,
    inputs: { ...curveInputs('first', first, chip, scenario), ...curveInputs('second', second, chip, scenario) },
  };
};

/** What a cost curve is made of: prices, work that does not depend on the context, and the coefficients of its attention cores. */
function curveInputs(name: string, model: string, chip: string, scenario: Scenario): Readonly<Record<string, string>> {
  const { math } = scenario.modelEntry(model).model.precision;
  const cores = operatorsOf(model, 'decode', scenario).filter(({ part }) => part === 'core');
  return {
    [`${name}UsdPerFlop`]: `unit-cost/${chip}/usd-per-flop/${math.attention}`,
    [`${name}UsdPerByte`]: `unit-cost/${chip}/usd-per-byte`,
    ...Object.fromEntries(['linear', 'ffn', 'head'].map((part) => [`${name}${part === 'linear' ? 'Linear' : part === 'ffn' ? 'Ffn' : 'Head'}Flop`, `token/${model}/${part}-flop`])),
    ...Object.fromEntries(
      cores.flatMap((operator) => {
        const id = operatorName(operator);
        const core = `${name}Core${operator.group}${operator.id === 'core' ? '' : operator.id.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`;
        return [
          [`${core}Flop`, `operator/${model}/decode/${id}/flop`],
          [`${core}Bytes`, `operator/${model}/decode/${id}/${operator.kind === 'state-update' ? 'state-bytes' : 'kv-bytes'}`],
        ];
      }),
    ),
  };
}

function expressionOf(model: string, chip: string, { counting, modelEntry }: Scenario) {
  const architecture = modelEntry(model).model;
  return costExpression(compile(architecture, { counting }), unitCosts(accelerator(chip).accelerator, architecture.precision.math));
}
