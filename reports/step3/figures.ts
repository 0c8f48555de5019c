import { accelerator, withOverrides } from '../../src/accelerators/index.ts';
import { type CostBarRow, costBars, type GroupedBarRow, groupedBars, type HybridRow, hybridLines, type IntensityRow, intensityPlane, type ParetoRow, paretoScatter } from '../../src/chart/index.ts';
import { curveRows, paretoFront } from '../../src/compare/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';
import { FIGURE_1_ACTIVATED, FIGURE_3_CONTEXTS, FIGURE_3_MODELS, FIGURE_4_COLUMNS, FIGURE_4_MODELS } from '../../src/papers/step3/figures.ts';
import { claim } from '../../src/report/definition.ts';
import type { FigureBlock, SectionView } from '../../src/report/view.ts';
import { CHIP_IDS, CHIPS, MODEL_IDS, nameOf, type PaperModel, type Step3Context, times } from './context.ts';

const COMPUTED = 'Computed with the formulas of {{#table-6}}.';
const FROM = 'Computed with the formulas of {{#table-6}}; hollow marks are the values that the paper plots.';

/** What kind of attention a model has: the marker of its points. */
export function attentionOf(model: PaperModel): string {
  const kinds = new Set(modelOf(model).layers.map(({ attention }) => attention.kind));
  return kinds.size > 1 ? 'hybrid' : String([...kinds][0]);
}

const section = (anchor: string, label: string, heading: string, takeaway: string, figure: Omit<FigureBlock, 'kind' | 'anchor' | 'label'>): SectionView => ({
  anchor,
  label,
  heading,
  takeaway,
  blocks: [{ kind: 'figure', anchor, label, ...figure }],
});

/** Whether a price of H20 a tenth lower puts Pangu Pro MoE before Step-3 at 8K, each part on its cheapest chip. */
function panguWinsOnCheaperH20(): boolean {
  const chips = CHIP_IDS.map((id) => accelerator(id).accelerator).map((chip) => (chip.id === 'h20' ? withOverrides(chip, { usdPerHour: 0.9 * Number(chip.usdPerHour) }) : chip));
  const [pangu, step3] = curveRows([modelOf('pangu-pro-moe'), modelOf('step-3')], chips, { counting: step3Counting, from: 8192, to: 8192 });
  return Number(pangu?.usdPerMtok) < Number(step3?.usdPerMtok);
}

/** Whether Llama 4 Maverick and MiniMax M1 cost less than Step-3 on H800 at 128K with 8-bit storage and math throughout. */
function hybridsWinAtEightBit(): boolean {
  const cost = (model: PaperModel): number => {
    const compiled = compile(modelOf(model), { counting: step3Counting, precision: precisionPolicies.fp8 });
    return costAt(compiled, unitCosts(accelerator('h800').accelerator, precisionPolicies.fp8.math), 131_072).totalUsdPerMtok;
  };
  return cost('llama-4-maverick') < cost('step-3') && cost('minimax-m1') < cost('step-3');
}

export function figure1({ cells, value, printed, numbers }: Step3Context): SectionView {
  const rows = MODEL_IDS.map(
    (model): ParetoRow => ({
      model,
      name: nameOf(model),
      attention: attentionOf(model),
      activatedParameters: value(`parameters/${model}/active/without-input-embedding`),
      usdPerMtok: value(`step3/figure-1/${model}`),
      number: numbers.reference(`step3/figure-1/${model}`),
      printed: cells.compared(`step3/figure-1/${model}`).cell.printed,
      printedActivated: FIGURE_1_ACTIVATED[model],
    }),
  );
  const front = (of: readonly ParetoRow[]): readonly string[] =>
    [
      ...paretoFront(of, [
        { of: (row) => row.activatedParameters, better: 'higher' },
        { of: (row) => row.usdPerMtok, better: 'lower' },
      ]),
    ]
      .sort((a, b) => a.activatedParameters - b.activatedParameters)
      .map(({ model }) => model);
  const all = front(rows);
  return section(
    'figure-1',
    'Figure 1',
    'Cost against activated parameters',
    claim(
      `With each part on its cheapest chip, Step-3 costs the least of the nine models at 8K, ${printed('step3/figure-1/step-3')} for a million tokens; Pangu Pro MoE follows at ${printed('step3/figure-1/pangu-pro-moe')}.`,
      rows.every(({ usdPerMtok }) => usdPerMtok >= value('step3/figure-1/step-3')),
    ),
    {
      chart: paretoScatter(rows, {
        id: 'figure-1',
        title: claim('Step-3 is cheapest at 8K while activating more parameters than most', all.includes('step-3') && rows.every(({ usdPerMtok }) => usdPerMtok >= value('step3/figure-1/step-3'))),
        description:
          'Scatter of decoding cost with attention and feed-forward on the cheapest of four chips against activated parameters, one point per model, with the Pareto front of all models and that of the GQA models.',
        fronts: [
          { label: 'front of all models', models: all },
          { label: 'front of GQA models', models: front(rows.filter(({ attention }) => attention === 'gqa')), dashed: true },
        ],
      }),
      note: `${claim('The lead is narrow: with H20 a tenth cheaper, Pangu Pro MoE is the cheaper one.', panguWinsOnCheaperH20())} Activated parameters are counted without the input embedding throughout; the paper takes each publisher’s own count ({{#slips}}), which puts MiniMax M1 off the front.`,
      source: FROM,
    },
  );
}

const FIGURE_2_MODELS = ['deepseek-v3', 'qwen3-235b-a22b', 'qwen3-32b', 'step-3'] as const satisfies readonly PaperModel[];

export function figure2({ cells, value, numbers, slot }: Step3Context): SectionView {
  const rows = [8192, 32768].flatMap((context) =>
    FIGURE_2_MODELS.flatMap((model): readonly CostBarRow[] => {
      const attention = (chip: string): string => `cost/${model}/${chip}/${context}/attention`;
      const ffn = (chip: string): string => `cost/${model}/${chip}/${context}/ffn`;
      const cheapest = (id: (chip: string) => string): string => CHIP_IDS.reduce((best, chip) => (value(id(chip)) < value(id(best)) ? chip : best), CHIP_IDS[0] as string);
      const bar = (chip: string, chipName: string, attentionChip: string, ffnChip: string, paper: boolean): CostBarRow => ({
        model,
        name: nameOf(model),
        chip,
        chipName,
        context,
        attentionUsdPerMtok: value(attention(attentionChip)),
        ffnUsdPerMtok: value(ffn(ffnChip)),
        attentionNumber: numbers.reference(attention(attentionChip)),
        ffnNumber: numbers.reference(ffn(ffnChip)),
        ...(paper
          ? {
              attentionPrinted: cells.compared(`step3/table-6/${model}/${chip}/attention-${context / 1024}k`).cell.printed,
              ffnPrinted: cells.compared(`step3/table-6/${model}/${chip}/ffn`).cell.printed,
            }
          : {}),
      });
      return [...CHIP_IDS.map((chip) => bar(chip, CHIPS[chip], chip, chip, true)), bar('afd', 'AFD', cheapest(attention), cheapest(ffn), false)];
    }),
  );
  const total = (row: CostBarRow): number => row.attentionUsdPerMtok + row.ffnUsdPerMtok;
  const afdWins = rows
    .filter(({ chip }) => chip === 'afd')
    .every((row) => rows.filter(({ model, context }) => model === row.model && context === row.context).every((other) => total(row) <= total(other)));
  return section(
    'figure-2',
    'Figure 2',
    'Cost by chip, and with attention and feed-forward apart',
    `On one chip for everything, Step-3 at 32K costs ${slot('cost/step-3/h800/32768/total', (v) => v.toFixed(3))} on H800 and ${slot('cost/step-3/h20/32768/total', (v) => v.toFixed(3))} on H20; with each part on its cheapest chip, ${slot('step3/text/observation-1/step-3/32k', (v) => v.toFixed(3))}.`,
    {
      chart: costBars(rows, {
        id: 'figure-2',
        title: claim('No single chip beats attention and feed-forward each on its cheapest chip', afdWins),
        description: 'Stacked bars of attention and feed-forward cost on four chips and with AFD, a panel for each of four models at 8K and 32K.',
      }),
      note: 'AFD takes the cheapest of the four chips for each part; its communication is hidden behind computation.',
      source: COMPUTED,
    },
  );
}

export function figure3({ cells, value, numbers, slot }: Step3Context): SectionView {
  const rows = FIGURE_3_MODELS.flatMap((model) =>
    Object.entries(FIGURE_3_CONTEXTS).flatMap(([label, context]): readonly HybridRow[] =>
      (['kv', 'cost'] as const).map((quantity) => {
        const id = `step3/figure-3/${model}/${quantity}-${label}`;
        return { model, name: nameOf(model), quantity, context, value: value(id), number: numbers.reference(id), printed: cells.compared(id).cell.printed };
      }),
    ),
  );
  const cost = (model: string, context: number): number => value(`cost/${model}/h800/${context}/total`);
  const cheaper = Object.values(FIGURE_3_CONTEXTS).every((context) => FIGURE_3_MODELS.every((model) => cost('step-3', context) <= cost(model, context)));
  return section(
    'figure-3',
    'Figure 3',
    'Hybrid attention against MFA',
    `Two hybrids with few full-attention layers cost ${slot('saving/llama-4-maverick/h800/step-3/h800/131072', times)} and ${slot('saving/minimax-m1/h800/step-3/h800/131072', times)} what Step-3 costs on H800 at 128K, with a 16-bit cache in the full layers.`,
    {
      chart: hybridLines(rows, {
        id: 'figure-3',
        accelerator: 'H800',
        title: claim('Up to 128K on H800, hybrids that keep a 16-bit cache in their full layers cost more than Step-3', cheaper),
        description: 'Two panels, KV bytes read per token and cost on H800, at 8K, 32K and 128K for Llama 4 Maverick, MiniMax M1 and Step-3.',
      }),
      note: claim('It is the cache, not the hybrid: with 8-bit storage throughout, both would cost less than Step-3 at 128K.', hybridsWinAtEightBit()),
      source: FROM,
    },
  );
}

const GROUPS = { 'decode-8k': 'Decode, 8K', 'decode-32k': 'Decode, 32K', 'train-8k': 'Training, 8K' } as const;

export function figure4({ cells, value, numbers, printed }: Step3Context): SectionView {
  const id = (model: string, column: string): string => `step3/figure-4/${model}/${column}`;
  const rows = FIGURE_4_COLUMNS.flatMap((column) =>
    FIGURE_4_MODELS.map(
      (model): GroupedBarRow => ({
        model,
        name: nameOf(model),
        group: GROUPS[column],
        usdPerMtok: value(id(model, column)),
        number: numbers.reference(id(model, column)),
        printed: cells.compared(id(model, column)).cell.printed,
      }),
    ),
  );
  const smallerTrains = value(id('pangu-pro-moe', 'train-8k')) < value(id('step-3', 'train-8k'));
  const largerDecodes = (['decode-8k', 'decode-32k'] as const).every((column) => value(id('step-3', column)) < value(id('pangu-pro-moe', column)));
  return section(
    'figure-4',
    'Figure 4',
    'Cheap to train is not cheap to decode',
    `On 910B, Pangu Pro MoE trains a million tokens for ${printed(id('pangu-pro-moe', 'train-8k'))} where Step-3 takes ${printed(id('step-3', 'train-8k'))}, yet decodes them at 32K for ${printed(id('pangu-pro-moe', 'decode-32k'))} where Step-3 takes ${printed(id('step-3', 'decode-32k'))}.`,
    {
      chart: groupedBars(rows, {
        id: 'figure-4',
        title: claim('The smaller model trains for less on 910B and decodes for more', smallerTrains && largerDecodes),
        description: 'Grouped bars of the cost of a million tokens on 910B for Pangu Pro MoE and Step-3: decoding at 8K and 32K, training at 8K.',
      }),
      source: FROM,
    },
  );
}

export function figure5({ cells, value, numbers, printed }: Step3Context): SectionView {
  const models = ['deepseek-v3', 'qwen3-235b-a22b', 'step-3'] as const;
  const rows = models.flatMap((model) =>
    [8192, 32768].map(
      (context): IntensityRow => ({
        model,
        name: nameOf(model),
        context,
        coreFlop: value(`decode/${model}/${context}/core-flop`),
        kvBytesRead: value(`decode/${model}/${context}/kv-bytes`),
        number: numbers.reference(`step3/figure-5/${model}`),
        printed: cells.compared(`step3/figure-5/${model}`).cell.printed,
      }),
    ),
  );
  const ridge = (chip: string): number => value(`step3/table-4/${chip}/roofline`);
  const between = value('step3/figure-5/step-3') < ridge('a800') && value('step3/figure-5/step-3') > ridge('h20');
  return section(
    'figure-5',
    'Figure 5',
    'Arithmetic intensity of attention against ridge points',
    `The attention core of Step-3 does ${printed('step3/figure-5/step-3')}, DeepSeek-V3's ${printed('step3/figure-5/deepseek-v3')} and Qwen3-235B-A22B's ${printed('step3/figure-5/qwen3-235b-a22b')}, whatever the context.`,
    {
      chart: intensityPlane(rows, {
        id: 'figure-5',
        title: claim('Step-3 lies among the ridge points, near those of A800 and 910B, where neither compute nor memory idles much', between),
        description: 'Core attention work against KV bytes per token from 8K to 32K for three models, with a ray for the ridge point of each of four chips.',
        ridges: CHIP_IDS.map((chip) => ({ chip, chipName: CHIPS[chip], flopPerByte: ridge(chip), number: numbers.reference(`step3/table-4/${chip}/roofline`) })),
      }),
      source: COMPUTED,
    },
  );
}
