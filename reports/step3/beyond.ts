import { accelerator } from '../../src/accelerators/index.ts';
import { type BandRow, type CurveCrossing, cheapestBands, costCurves, type DeviationRow, deviationDots, type ElasticityRow, elasticityBars } from '../../src/chart/index.ts';
import { cheapestRanges, costCrossovers, curveRows, elasticities } from '../../src/compare/index.ts';
import { COUNTING_SWITCHES, type Counting, exactCounting } from '../../src/layers/counting.ts';
import { modelOf } from '../../src/models/index.ts';
import { FIGURE_1_ACTIVATED } from '../../src/papers/step3/figures.ts';
import { claim } from '../../src/report/definition.ts';
import type { AssumptionView, Block, CellView, RowView, SectionView } from '../../src/report/view.ts';
import { CHIP_IDS, CHIPS, MODEL_IDS, nameOf, type PaperChip, type PaperModel, type Step3Context, tokens } from './context.ts';
import { curves, LONGEST, SHORTEST } from './curves.ts';

const SCENARIO = 'default';

/** Everything about where the cheaper of Step-3 and another model changes on a chip, from one token to a million. */
const crossoversOf = (model: PaperModel, chip: PaperChip) => costCrossovers(modelOf('step-3'), modelOf(model), accelerator(chip).accelerator, { counting: exactCounting, to: LONGEST });

/** The last crossing of Step-3 with each other model within the drawn range; on the drawn mean where a model is chunked. */
function crossingsOn(chip: PaperChip): readonly CurveCrossing[] {
  return MODEL_IDS.filter((model) => model !== 'step-3').flatMap((model) => {
    const { exact, periodic } = crossoversOf(model, chip);
    const last = (periodic?.mean ?? exact).at(-1);
    if (!last || last.context < SHORTEST) return [];
    const [below, above] = last.after === 'step-3' ? ['Step-3', nameOf(model)] : [nameOf(model), 'Step-3'];
    return [
      { context: last.context, usdPerMtok: last.usdPerMtok[0], label: `${below} below ${above}`, number: periodic ? undefined : `crossover/step-3/${model}/${chip}/${exact.length}@${SCENARIO}` },
    ];
  });
}

export function costAgainstContext({ numbers, slot }: Step3Context): SectionView {
  const lanes = CHIP_IDS.flatMap((chip): readonly BandRow[] =>
    cheapestRanges(
      MODEL_IDS.map((model) => ({ model: modelOf(model), accelerator: accelerator(chip).accelerator })),
      { counting: exactCounting, from: SHORTEST, to: LONGEST },
    ).map(({ from, to, model }) => ({ lane: CHIPS[chip], name: modelOf(model).name, model, from, to })),
  );
  const figure = (chip: PaperChip): Block => {
    const crossings = crossingsOn(chip);
    for (const { number } of crossings) if (number) numbers.use(number);
    return {
      kind: 'figure',
      anchor: `cost-on-${chip}`,
      label: `Figure ${String.fromCharCode(67 + CHIP_IDS.indexOf(chip))}`,
      chart: costCurves(curves([chip]), {
        id: `cost-on-${chip}`,
        title: claim(lastOwner(lanes, chip), changesOrder(chip)),
        description: `Decoding cost of nine models on ${CHIPS[chip]} against context length from 1K to 1M tokens, both axes logarithmic; the contexts at which Step-3 and another model cost the same are marked.`,
        crossings,
      }),
      note: 'Exact counting, LM head included; Llama 4 Maverick as the mean over a chunk. Dashed beyond the trained context.',
      source: 'Computed with the formulas of {{#table-6}} and catalogue prices.',
    };
  };
  return {
    anchor: 'cost-against-context',
    heading: 'What the paper does not show: cost from 1K to 1M tokens',
    takeaway: `Counted exactly, Step-3 becomes cheaper than DeepSeek-V3 from ${slot(`crossover/step-3/deepseek-v3/h800/1@${SCENARIO}`, tokens)} tokens on H800, and than Qwen3-235B-A22B from ${slot(`crossover/step-3/qwen3-235b-a22b/h20/1@${SCENARIO}`, tokens)} on H20.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'cheapest',
        label: 'Figure B',
        chart: cheapestBands(lanes, {
          id: 'cheapest',
          title: claim(
            'Step-3 is the cheapest on H800, A800 and 910B at long contexts, and on H20 at none',
            CHIP_IDS.every((chip) => lanes.some(({ lane, model, to }) => lane === CHIPS[chip] && model === 'step-3' && to === LONGEST) === (chip !== 'h20')) &&
              !lanes.some(({ lane, model }) => lane === CHIPS.h20 && model === 'step-3'),
          ),
          description: 'A lane for each of four chips; in it the model that decodes cheapest at each context from 1K to 1M tokens.',
        }),
        note: 'Exact counting; Step-3 is trained to 64K. Slivers come from chunked attention: just after a chunk begins, Llama 4 Maverick reads little.',
        source: 'Lower envelope of the cost curves, solved exactly.',
      },
      ...CHIP_IDS.map(figure),
      crossoverTable(numbers),
    ],
  };
}

/** Who is cheapest at the longest context, and since when: true by construction of the envelope. */
function lastOwner(lanes: readonly BandRow[], chip: PaperChip): string {
  const last = lanes.filter(({ lane }) => lane === CHIPS[chip]).at(-1);
  return `On ${CHIPS[chip]}, ${last?.name} is cheapest from ${tokens(last?.from ?? 0)} tokens to a million`;
}

const changesOrder = (chip: PaperChip): boolean => {
  const order = (context: number): string =>
    curves([chip])
      .filter((row) => row.context === context)
      .sort((a, b) => a.usdPerMtok - b.usdPerMtok)
      .map(({ model }) => model)
      .join();
  return order(SHORTEST) !== order(LONGEST);
};

const cheaperAtLongest = (model: PaperModel, chip: PaperChip): boolean => {
  const [ours, theirs] = curveRows([modelOf('step-3'), modelOf(model)], [accelerator(chip).accelerator], { from: LONGEST, to: LONGEST });
  return Number(ours?.usdPerMtok) < Number(theirs?.usdPerMtok);
};

/** From which context on Step-3 stays cheaper, with what must be known beside it. */
function staysCheaper(model: PaperModel, chip: PaperChip, numbers: Step3Context['numbers']): CellView {
  const { exact } = crossoversOf(model, chip);
  const last = exact.at(-1);
  if (!last) return { text: cheaperAtLongest(model, chip) ? 'always' : 'never' };
  const back = exact.length > 1 ? `The order changes ${exact.length} times, with the position in a chunk; this is the last change.` : '';
  const footnote = last.after === 'step-3' ? back : `From there on ${nameOf(model)} stays the cheaper one.`;
  return { text: tokens(last.context), number: numbers.reference(`crossover/step-3/${model}/${chip}/${exact.length}@${SCENARIO}`), ...(footnote === '' ? {} : { footnote }) };
}

function crossoverTable(numbers: Step3Context['numbers']): Block {
  const others = MODEL_IDS.filter((model) => model !== 'step-3');
  return {
    kind: 'table',
    anchor: 'crossovers',
    label: 'Table B',
    caption: 'From which context on Step-3 stays cheaper than another model on the same chip',
    rowHeader: 'Against',
    columns: CHIP_IDS.map((chip) => ({ id: chip, header: CHIPS[chip], unit: 'tokens' })),
    rows: others.map((model): RowView => ({ header: nameOf(model), model, cells: Object.fromEntries(CHIP_IDS.map((chip) => [chip, staysCheaper(model, chip, numbers)])) })),
    note: 'Last crossover between one token and a million, exact counting. Always and never: the order does not change in that range.',
  };
}

const SWITCH_NAMES: Readonly<Record<keyof Counting, string>> = {
  mlaValueWidth: 'MLA value width',
  chunkPosition: 'Chunk position',
  perOperatorRoofline: 'Roofline per kind',
  router: 'Router',
  head: 'LM head',
  kvWrite: 'KV write',
};

/** The middle of a chunk of 8192 tokens, 36K. */
const MID_CHUNK = 36_864;

export function counting({ numbers, slot, peek }: Step3Context): SectionView {
  const total = (model: PaperModel, scenario: string): string => `cost/${model}/h20/${MID_CHUNK}/total@${scenario}`;
  const scenarios = [...COUNTING_SWITCHES.map((name) => ({ name, scenario: `paper+${name}` }))];
  const rows = scenarios.flatMap(({ name, scenario }) =>
    MODEL_IDS.map((model): DeviationRow => ({ model, name: nameOf(model), difference: SWITCH_NAMES[name], percent: change(peek(total(model, scenario)), peek(total(model, 'paper'))) })),
  );
  const most = (names: readonly (keyof Counting)[]): number =>
    Math.max(...rows.filter(({ difference }) => names.some((name) => SWITCH_NAMES[name] === difference)).map(({ percent }) => Math.abs(percent)));
  const columns = [{ id: 'paper', header: 'As the paper' }, ...scenarios.map(({ name, scenario }) => ({ id: scenario, header: SWITCH_NAMES[name] })), { id: 'default', header: 'Exact' }];
  return {
    anchor: 'counting',
    heading: 'What exact counting changes',
    takeaway: `On H20 at 36K, exact counting moves Llama 4 Maverick from ${slot(total('llama-4-maverick', 'paper'), (v) => v.toFixed(3))} to ${slot(total('llama-4-maverick', 'default'), (v) => v.toFixed(3))}, DeepSeek-V3 from ${slot(total('deepseek-v3', 'paper'), (v) => v.toFixed(3))} to ${slot(total('deepseek-v3', 'default'), (v) => v.toFixed(3))} and Step-3 from ${slot(total('step-3', 'paper'), (v) => v.toFixed(3))} to ${slot(total('step-3', 'default'), (v) => v.toFixed(3))} for a million tokens.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'counting-effects',
        label: 'Figure G',
        chart: deviationDots(rows, {
          id: 'counting-effects',
          title: claim(
            'On H20 at 36K, the position in a chunk and the width of MLA values matter; the other four differences change no cost by two per cent',
            most(['chunkPosition']) > 2 && most(['mlaValueWidth']) > 2 && most(['perOperatorRoofline', 'router', 'head', 'kvWrite']) < 2,
          ),
          description: 'For each of six differences between the counting of the paper and exact counting, the change of the cost of nine models on H20 at 36K in per cent.',
          quantity: 'Change in cost at 36K on H20',
        }),
        source: 'Each difference switched on alone, starting from the counting of the paper.',
      },
      {
        kind: 'table',
        anchor: 'counting-table',
        label: 'Table C',
        caption: 'Decoding cost on H20 at 36K under each counting difference',
        rowHeader: 'Model',
        columns: columns.map((column) => ({ ...column, unit: 'USD/Mtok' })),
        rows: MODEL_IDS.map((model) => ({
          header: nameOf(model),
          model,
          cells: Object.fromEntries(columns.map(({ id }) => [id, { text: peek(total(model, id)).toFixed(4), ...(id.includes('+') ? {} : { number: numbers.reference(total(model, id)) }) }])),
        })),
        note: `36K is the middle of a chunk of Llama 4 Maverick; at its end both counts of a chunked layer agree, and just after it they differ most. ${claim('The roofline per kind changes nothing here, since all attention kinds of each model wait for the same thing.', most(['perOperatorRoofline']) === 0)} Single differences are numbers of scenarios of their own, paper+head and so on, which the command explain opens.`,
      },
    ],
  };
}

/** Per cent; differences below the precision of a double are none. */
const change = (value: number, from: number): number => (Math.abs(value / from - 1) < 1e-12 ? 0 : 100 * (value / from - 1));

const INPUT_NAMES: Readonly<Record<string, string>> = {
  price: 'Price of the chip',
  peak: 'Peak of the chip',
  memoryBandwidth: 'Memory bandwidth',
  hidden: 'Hidden width',
  vocabulary: 'Vocabulary',
};

export function sensitivity({ slot }: Step3Context): SectionView {
  const context = 32768;
  const chart = (model: PaperModel, label: string): Block => {
    const found = elasticities({ model: modelOf(model), accelerator: accelerator('h20').accelerator }, { counting: exactCounting, context });
    const inputs = [...new Set(found.map(({ input, value }) => `${input}=${value}`))];
    const rows = inputs.map((key): ElasticityRow => {
      const sides = found.filter(({ input, value }) => `${input}=${value}` === key);
      const side = (wanted: 'up' | 'down'): number => sides.find((row) => row.side === wanted)?.elasticity ?? sides[0]?.elasticity ?? 0;
      const input = sides[0]?.input ?? key;
      return {
        input: key,
        label: INPUT_NAMES[input] ?? wordsOf(input, inputs.filter((other) => other.startsWith(`${input}=`)).length > 1 ? sides[0]?.value : undefined),
        rising: side('up'),
        falling: side('down'),
      };
    });
    const shown = rows.filter(({ rising, falling }) => Math.max(Math.abs(rising), Math.abs(falling)) >= 0.01);
    return {
      kind: 'figure',
      anchor: `elasticity-${model}`,
      label,
      chart: elasticityBars(shown, {
        id: `elasticity-${model}`,
        title: claim(`What moves the cost of ${nameOf(model)} on H20 at 32K`, shown.length > 0),
        description: `One-sided elasticities of the decoding cost of ${nameOf(model)} on H20 at 32K to prices, rates and dimensions of the model.`,
      }),
      note: 'Per cent of cost per per cent of the input; inputs that move less than a hundredth are left out. Where rising and falling differ, the cost has a kink: the attention core changes between work and traffic.',
      source: 'Derivatives for price and rates; one step to each side for whole-number dimensions.',
    };
  };
  return {
    anchor: 'sensitivity',
    heading: 'What the cost depends on',
    takeaway: claim(
      `A million tokens of Step-3 cost ${slot('cost/step-3/h20/32768/total@default', (v) => v.toFixed(3))} on H20 at 32K, counted exactly; bandwidth does not move that, since the attention core waits for compute there.`,
      elasticities({ model: modelOf('step-3'), accelerator: accelerator('h20').accelerator }, { counting: exactCounting, context }).every(
        ({ input, elasticity }) => input !== 'memoryBandwidth' || elasticity === 0,
      ),
    ),
    blocks: [chart('step-3', 'Figure H'), chart('deepseek-v3', 'Figure I')],
  };
}

const wordsOf = (input: string, value?: number): string => {
  const [kind = '', field = ''] = input.split('.');
  const words = field.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  const name = field === 'layers' ? 'layers' : words;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} (${kind.replace('+', ', ')}${value === undefined ? '' : `, ${value}`})`;
};

/** Where the order of the nine models by cost changes when MLA is counted exactly, and whether that moves Step-3. */
function mlaOrder(peek: Step3Context['peek']): { readonly changed: readonly string[]; readonly step3Moves: boolean } {
  const order = (chip: PaperChip, context: number, scenario: string): readonly PaperModel[] => {
    const cost = (model: PaperModel): number => peek(`cost/${model}/${chip}/${context}/total@${scenario}`);
    return [...MODEL_IDS].sort((a, b) => cost(a) - cost(b));
  };
  const cases = CHIP_IDS.flatMap((chip) =>
    [8192, 32768].map((context) => ({ name: `${CHIPS[chip]} at ${context / 1024}K`, paper: order(chip, context, 'paper'), exact: order(chip, context, 'paper+mlaValueWidth') })),
  );
  return {
    changed: cases.filter(({ paper, exact }) => paper.join() !== exact.join()).map(({ name }) => name),
    step3Moves: cases.some(({ paper, exact }) => paper.indexOf('step-3') !== exact.indexOf('step-3')),
  };
}

export function slips({ numbers, peek }: Step3Context): SectionView {
  const { changed, step3Moves } = mlaOrder(peek);
  const axis = MODEL_IDS.map((model): RowView => {
    const count = (convention: string) => {
      const id = `parameters/${model}/active/${convention}`;
      const digits = FIGURE_1_ACTIVATED[model].includes('.') ? 1 : 0;
      const text = (numbers.use(id).value / 1e9).toFixed(digits);
      const match = text === FIGURE_1_ACTIVATED[model];
      return { text, number: numbers.reference(id), ...(match ? { printed: FIGURE_1_ACTIVATED[model], match: 'match' as const } : {}) };
    };
    return { header: nameOf(model), model, cells: { printed: { text: FIGURE_1_ACTIVATED[model] }, all: count('all'), head: count('without-input-embedding'), none: count('without-embeddings') } };
  });
  const conventions = new Set(
    axis.flatMap(({ cells: row }) =>
      Object.entries(row)
        .filter(([, cell]) => cell.match === 'match')
        .map(([name]) => name),
    ),
  );
  return {
    anchor: 'slips',
    heading: 'Slips of the paper, and what they change',
    takeaway: claim(
      `The largest slip, how the attention core of MLA is counted, changes the order of the nine models by cost only on ${changed.join(' and ')}, and the rank of Step-3 nowhere.`,
      changed.length > 0 && !step3Moves,
    ),
    blocks: [
      {
        kind: 'list',
        items: [
          '{{#table-5}}: the price of a FLOP on H800 is printed one unit of its last digit low; the costs of {{#table-6}} follow from the unrounded value.',
          'MLA: the paper counts both products of the attention core over the whole cached width, latent and rotary part; values need the latent only. {{#table-6}} follows this count, and {{#counting}} shows what it changes.',
          '{{#figure-3}}: Llama 4 Maverick at 128K is plotted below what the formula gives for the KV bytes that the same figure plots.',
          '{{#figure-4}}: the decoding costs at 8K are sums of two rounded cells of {{#table-6}}.',
          'Section 5.2 speaks of eight full-attention layers in MiniMax M1; the tables use ten, as its config says.',
          'A third of the time per token is truncated to its first decimal, not rounded ({{#claims}}).',
          'MiniMax M1: traffic matches only when a state in 32 bit is read and written once for each token, and work only with ten FLOP per element of the state; both factors are inferred, not stated.',
        ],
      },
      {
        kind: 'table',
        anchor: 'activated-parameters',
        label: 'Table D',
        caption: claim('The horizontal axis of Figure 1 mixes conventions of counting', conventions.size > 1),
        rowHeader: 'Model',
        columns: [
          { id: 'printed', header: 'Printed', unit: 'billions' },
          { id: 'all', header: 'All', unit: 'billions' },
          { id: 'head', header: 'Without input embedding', unit: 'billions' },
          { id: 'none', header: 'Without either embedding', unit: 'billions' },
        ],
        rows: axis,
        note: 'Activated parameters of one token in three conventions; a tick marks those that round to the printed value.',
      },
    ],
  };
}

export const assumptions: readonly AssumptionView[] = [
  {
    statement: 'A chip is always busy, and computes while it reads.',
    because: 'The roofline is a bound: a kernel cannot beat it and may be slower. Expected times wait for the calibrated model.',
  },
  { statement: 'The batch is ideal: weights are read for so many tokens that their traffic costs nothing.', because: 'The paper assumes so. The command line charges weights when a batch is given.' },
  {
    statement: 'With attention and feed-forward apart, communication is hidden behind computation.',
    because: 'The pipeline of three stages is built for it; {{#table-7}} bounds the sparsity for which it holds.',
  },
  { statement: 'Prices per hour are those of the paper, from public clouds in July 2025.', because: 'Costs are proportional to them; another price can be given.' },
  {
    statement: 'Weights, KV cache and arithmetic are 8-bit, except where the paper says otherwise.',
    because: 'Llama 4 Maverick and MiniMax M1 keep a 16-bit cache in full-attention layers, MiniMax M1 a 32-bit state. Chips without FP8 compute in 16 bit and store 8 bit all the same.',
  },
  {
    statement: 'Embedding, softmax, norms, rotary embedding and sampling cost nothing.',
    because: 'They are small beside the matrix products at the contexts shown. The LM head is left out as the paper does, and counted under exact counting.',
  },
  { statement: 'Experts are chosen evenly.', because: 'It matters for weight traffic and time, not for the work of a token.' },
];
