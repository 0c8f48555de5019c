import { Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { costOf } from '../../compare/candidate.ts';
import { type CheapestRange, cheapestRanges } from '../../compare/cheapest.ts';
import { type CostCrossovers, type CrossoverQuery, costCrossovers } from '../../compare/crossover.ts';
import type { CostPart } from '../../cost/expression.ts';
import { countingName } from '../../cost/row.ts';
import { InputError } from '../../io/input-error.ts';
import { type Counting, exactCounting } from '../../layers/counting.ts';
import { type Model, PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { evaluate } from '../../units/context-expression.ts';
import { signs } from '../../units/crossings.ts';
import { significant } from '../../units/format.ts';
import { hasPrice, importNotes, pick, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { COUNTING_HELP, countingOf } from '../input/counting.ts';
import { tokens } from '../input/numbers.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import { type Format, type Printout, print } from '../output/print.ts';

const PARTS = ['attention', 'ffn', 'head', 'total'] as const satisfies readonly CostPart[];
const MOST_SHOWN = 12;

interface CrossoverOptions extends Given {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly part: CostPart;
  readonly counting?: Counting;
  readonly precision: PrecisionPolicyId;
  readonly format: Format;
}

/** Two models on one chip: which is cheaper where, and the exact contexts at which that changes. */
interface Comparison {
  readonly accelerator: string;
  readonly models: readonly [string, string];
  readonly part: CostPart;
  readonly from: number;
  readonly to: number;
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly cheaper: string | null; readonly usdPerMtok: readonly [number, number] }[];
  readonly crossovers: CostCrossovers['exact'];
  readonly periodic: CostCrossovers['periodic'];
  readonly notes: readonly string[];
}

export const crossover: CommandOf = (io) =>
  createCommand(io, 'crossover', {
    description: 'The exact context lengths at which the cheaper of two models changes (decode, ideal batch): each pair of models on each chip.',
    examples: ['crossover --models step-3,qwen3-235b-a22b --accelerators h20', 'crossover --models step-3,deepseek-v3,kimi-k2 --accelerators h800 --part attention --to 128K'],
    json: [
      'an array of {accelerator, models: [a, b], part, from, to, ranges: [{from, to, cheaper: id, or null where both always cost the same,',
      'usdPerMtok: [of a, of b]}],',
      'crossovers: [{context, before, after, tieFrom: number | null, usdPerMtok}],',
      'periodic: {mean, upper, lower: crossovers of the trend} | null, notes: string[]}; usdPerMtok at the first context of a range',
    ].join('\n'),
  })
    .addOption(listed('crossover', '--models <ids>', 'two models or more (default: step-3,qwen3-235b-a22b)'))
    .addOption(configOption())
    .addOption(ignoreOption('crossover'))
    .addOption(listed('crossover', '--accelerators <ids>', 'chips, or all that have a price (default: h20)'))
    .addOption(new Option('--from <tokens>', 'first context').argParser(tokens('crossover', 'from')).default(1))
    .addOption(new Option('--to <tokens>', 'last context').argParser(tokens('crossover', 'to')).default(1_048_576, '1M'))
    .addOption(chosen('crossover', '--part <part>', 'part of the cost that is compared', PARTS).default('total'))
    .addOption(new Option('--counting <rules>', `how to count (default: exact): ${COUNTING_HELP}`).argParser(countingOf('crossover')))
    .addOption(chosen('crossover', '--precision <policy>', "formats of all models; paper is each model's own", PRECISION_POLICY_IDS).default('paper'))
    .addOption(overrideOption())
    .addOption(formatOption('crossover'))
    .action(async (options: CrossoverOptions) => {
      const catalogue = await loadCatalogue(options);
      const models = pickModels('crossover', catalogue, options.models, ['step-3', 'qwen3-235b-a22b']);
      const accelerators = pick('crossover', 'accelerators', catalogue.accelerators, options.accelerators ?? ['h20'], hasPrice);
      if (models.length < 2) throw new InputError(`crossover: models ${models.map(({ id }) => id)} is one, two are compared`);
      const pairs = models.flatMap((a, at) => models.slice(at + 1).map((b) => [a, b] as const));
      print(
        io,
        options.format,
        crossoverPrintout(
          accelerators.flatMap((chip) => pairs.map((pair) => comparisonOf(pair, chip, options, [...pair.flatMap(({ id }) => importNotes(catalogue, id)), ...scenarioNotes(catalogue)]))),
        ),
      );
    });

function comparisonOf([a, b]: readonly [Model, Model], accelerator: Accelerator, options: CrossoverOptions, scenario: readonly string[]): Comparison {
  const { from, to, part, counting = exactCounting, precision } = options;
  const query: CrossoverQuery = { from, to, part, counting, ...(precision === 'paper' ? {} : { precision: precisionPolicies[precision] }) };
  const { exact, periodic } = costCrossovers(a, b, accelerator, query);
  const pair = [a, b].map((model) => ({ model, accelerator }));
  const [ofA, ofB] = pair.map((candidate) => costOf(candidate, query));
  const same = ofA !== undefined && ofB !== undefined && signs(ofA, ofB, from, to).every(({ sign }) => sign === 0);
  const rangeOf = ({ from, to, model }: CheapestRange) => ({
    from,
    to,
    cheaper: same ? null : model,
    usdPerMtok: [ofA, ofB].map((cost) => (cost ? evaluate(cost, from) : Number.NaN)) as [number, number],
  });
  const beyond = [a, b].flatMap(({ id, maxContext }) => (maxContext !== null && to > maxContext ? [`context: beyond the trained ${maxContext} of ${id}`] : []));
  return {
    accelerator: accelerator.id,
    models: [a.id, b.id],
    part,
    from,
    to,
    ranges: cheapestRanges(pair, query).map(rangeOf),
    crossovers: exact,
    periodic,
    notes: [`counting: ${countingName(counting)}`, `precision: ${precision}`, ...beyond, ...scenario],
  };
}

export function crossoverPrintout(comparisons: readonly Comparison[]): Printout {
  const usd = (value: number): string => (value === 0 ? '0' : significant(value, 4));
  const shown = comparisons.flatMap(({ ranges, notes, ...comparison }) => {
    const more = ranges.length - MOST_SHOWN;
    const hidden = more > 0 ? [`${more} more ranges, where costs rise in steps; --format json or csv lists them`] : [];
    return ranges.slice(0, MOST_SHOWN).map((range) => ({ ...comparison, ...range, notes: [...notes, ...hidden] }));
  });
  const { marks, lines } = footnotes(shown.map(({ notes }) => notes));
  const contexts = { number: true, group: 'contexts' };
  const usdGroup = { number: true, group: 'USD per million tokens at from' };
  return {
    json: comparisons,
    rows: comparisons.flatMap(({ accelerator, models, part, ranges, notes }) =>
      ranges.map(({ from, to, cheaper, usdPerMtok }) => ({
        accelerator,
        modelA: models[0],
        modelB: models[1],
        part,
        from,
        to,
        cheaper,
        usdPerMtokA: usdPerMtok[0],
        usdPerMtokB: usdPerMtok[1],
        notes,
      })),
    ),
    tables: [
      {
        columns: [
          { header: 'chip' },
          { header: 'a' },
          { header: 'b' },
          { header: 'from', ...contexts },
          { header: 'to', ...contexts },
          { header: 'cheaper' },
          { header: 'a', ...usdGroup },
          { header: 'b', ...usdGroup },
          { header: marks.some((mark) => mark !== '') ? 'see' : '' },
        ],
        rows: shown.map(({ accelerator, models, from, to, cheaper, usdPerMtok }, at) => [
          accelerator,
          ...models,
          String(from),
          String(to),
          cheaper ?? 'equal',
          ...usdPerMtok.map(usd),
          marks[at] ?? '',
        ]),
        notes: [`cost compared: ${comparisons[0]?.part}`, ...lines],
      },
    ],
  };
}
