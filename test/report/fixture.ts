import { contextAxis, usdLogAxis } from '../../src/chart/axis.ts';
import { directLabels } from '../../src/chart/direct-labels.ts';
import { hoverPoints } from '../../src/chart/hover.ts';
import type { Chart, JsonObject, Row } from '../../src/chart/spec.ts';
import { BEYOND_TRAINED_DASH, colour, modelColour, modelScale } from '../../src/chart/theme.ts';
import type { Source } from '../../src/provenance/source.ts';
import type { CellView, NumberView, ReportView, TableBlock } from '../../src/report/view.ts';

// Printed in arXiv:2507.19427v1: Table 2 (KV bytes, core, linear and FFN FLOP at 8K) and Table 6 (attention on H800 and H20, FFN on H20).
const MODELS = [
  ['step-3', 'Step-3', 2.56e8, 3.27e10, 2.07e10, 5.33e10, '0.048', '0.040', '0.040'],
  ['deepseek-v3', 'DeepSeek-V3', 2.88e8, 1.47e11, 2.28e10, 4.84e10, '0.054', '0.128', '0.036'],
  ['kimi-k2', 'Kimi K2', 2.88e8, 7.37e10, 1.23e10, 4.84e10, '0.051', '0.065', '0.036'],
  ['qwen3-235b-a22b', 'Qwen3 MoE 235B', 7.89e8, 2.52e10, 1.34e10, 2.84e10, '0.135', '0.054', '0.021'],
  ['qwen3-32b', 'Qwen3 32B', 1.07e9, 1.72e10, 1.21e10, 5.03e10, '0.181', '0.069', '0.038'],
  ['llama-4-maverick', 'Llama 4 Maverick', 1.01e9, 8.05e9, 6.04e9, 2.42e10, '0.169', '0.060', '0.018'],
  ['minimax-m1', 'MiniMax M1', 9.23e8, 3.42e9, 3.75e10, 5.44e10, '0.164', '0.079', '0.041'],
  ['ernie-4.5-300b-a47b', 'ERNIE 4.5', 9.06e8, 1.45e10, 1.63e10, 7.61e10, '0.155', '0.063', '0.057'],
  ['pangu-pro-moe', 'Pangu Pro MoE', 8.05e8, 8.05e9, 6.04e9, 2.38e10, '0.135', '0.049', '0.018'],
] as const;
const CHIPS = { h800: { name: 'H800', price: 2, peak: 1.98e15, bandwidth: 3.35e12 }, h20: { name: 'H20', price: 0.8, peak: 2.96e14, bandwidth: 4e12 } } as const;

const paper = (at: string): Source => ({ kind: 'paper', id: 'arXiv:2507.19427v1', at });
const leaf = (id: string, label: string, value: number, unit: string, at: string): NumberView => ({
  id,
  label,
  value,
  text: value >= 1e6 ? value.toExponential(2).replace('+', '') : String(value),
  unit,
  basis: 'stated',
  weakest: 'stated',
  origin: { kind: 'source', source: paper(at) },
});

const unitCosts = Object.entries(CHIPS).flatMap(([chip, { name, price, peak, bandwidth }]) => {
  const derive = (id: string, label: string, value: number, unit: string, formula: string, rate: string): NumberView => ({
    ...{ id, label, value, text: value.toExponential(2), unit, basis: 'derived', weakest: 'assumed' },
    origin: { kind: 'formula', formula, inputs: { price: `${chip}/price`, rate } },
  });
  return [
    {
      ...leaf(`${chip}/price`, `Price of one ${name}`, price, 'USD/h', ''),
      basis: 'assumed',
      weakest: 'assumed',
      origin: { kind: 'source', source: { kind: 'assumed', because: 'the paper sets it in Table 4 and names no seller' } },
    } as const,
    leaf(`${chip}/peak`, `Dense FP8 peak of one ${name}`, peak, 'FLOP/s', `Table 4, row "NVIDIA ${name}"`),
    leaf(`${chip}/bandwidth`, `Memory bandwidth of one ${name}`, bandwidth, 'B/s', `Table 4, row "NVIDIA ${name}"`),
    derive(`${chip}/usd-per-flop`, `Cost of one FLOP on ${name}`, price / 3600 / peak, 'USD/FLOP', 'cost/unit', `${chip}/peak`),
    derive(`${chip}/usd-per-byte`, `Cost of one byte on ${name}`, price / 3600 / bandwidth, 'USD/B', 'cost/unit', `${chip}/bandwidth`),
  ];
});

const costs = MODELS.flatMap(([model, name, kv, core, linear, ffn]) => [
  leaf(`${model}/kv`, `KV bytes that ${name} reads at 8K`, kv, 'B', `Table 2, row "${name}"`),
  leaf(`${model}/core`, `FLOP of core attention of ${name} at 8K`, core, 'FLOP', `Table 2, row "${name}"`),
  leaf(`${model}/linear`, `FLOP of the linear projections of ${name}`, linear, 'FLOP', `Table 2, row "${name}"`),
  leaf(`${model}/ffn`, `FLOP of the FFN of ${name}`, ffn, 'FLOP', `Table 2, row "${name}"`),
  ...Object.entries(CHIPS).flatMap(([chip, { name: chipName, price, peak, bandwidth }]): NumberView[] => {
    const [uFlop, uByte] = [price / 3600 / peak, price / 3600 / bandwidth];
    const attention = (Math.max(core * uFlop, kv * uByte) + linear * uFlop) * 1e6;
    const known = { unit: 'USD', basis: 'derived', weakest: 'assumed' } as const;
    const id = `demo/table-6/${model}/${chip}`;
    return [
      {
        ...{ ...known, id: `${id}/attention-8k`, label: `Attention of ${name} on ${chipName} at 8K, per 1M tokens`, value: attention, text: attention.toFixed(3) },
        origin: {
          kind: 'formula',
          formula: 'cost/attention',
          inputs: { core: `${model}/core`, kv: `${model}/kv`, linear: `${model}/linear`, uFlop: `${chip}/usd-per-flop`, uByte: `${chip}/usd-per-byte` },
        },
      },
      {
        ...{ ...known, id: `${id}/ffn`, label: `FFN of ${name} on ${chipName}, per 1M tokens`, value: ffn * uFlop * 1e6, text: (ffn * uFlop * 1e6).toFixed(3) },
        origin: { kind: 'formula', formula: 'cost/ffn', inputs: { ffn: `${model}/ffn`, uFlop: `${chip}/usd-per-flop` } },
      },
      {
        ...known,
        id: `${id}/total-8k`,
        label: `Attention and FFN of ${name} on ${chipName} at 8K, per 1M tokens`,
        value: attention + ffn * uFlop * 1e6,
        text: (attention + ffn * uFlop * 1e6).toFixed(3),
        origin: { kind: 'sum', terms: [`${id}/attention-8k`, `${id}/ffn`] },
      },
    ];
  }),
]);

export const numbers: readonly NumberView[] = [
  ...unitCosts,
  ...costs,
  {
    id: 'demo/ratio',
    label: 'DeepSeek-V3 on H20 over Step-3 on H20, attention and FFN at 8K',
    value: 2.05,
    text: '2.05',
    unit: 'times',
    basis: 'measured',
    weakest: 'assumed',
    origin: { kind: 'procedure', procedure: 'demo/ratio', inputs: { a: 'demo/table-6/deepseek-v3/h20/total-8k', b: 'demo/table-6/step-3/h20/total-8k' } },
  },
];

const byId = new Map(numbers.map((number) => [number.id, number]));
const textOf = (id: string): string => byId.get(id)?.text ?? '';

const compared = (number: string, printed: string): CellView => {
  const match = textOf(number) === printed;
  return { number, text: textOf(number), printed, match: match ? 'match' : 'deviation', ...(match ? {} : { footnote: 'Made from the rounded values of {{#table-2}}, which lose the last digit.' }) };
};

export const tableSix: TableBlock = {
  kind: 'table',
  anchor: 'table-6',
  label: 'Table 6',
  caption: 'Step-3 has the cheapest attention on either chip; its FFN costs what its active parameters cost.',
  rowHeader: 'Model',
  columns: [
    { id: 'h800', header: 'H800', unit: 'USD / 1M tokens', group: 'Attention at 8K', emphasise: 'smallest' },
    { id: 'h20', header: 'H20', unit: 'USD / 1M tokens', group: 'Attention at 8K', emphasise: 'smallest' },
    { id: 'ffn', header: 'H20', unit: 'USD / 1M tokens', group: 'FFN' },
    { id: 'total', header: 'Attention + FFN, H20', unit: 'USD / 1M tokens', emphasise: 'smallest' },
  ],
  rows: MODELS.map(([model, header, , , , , h800, h20, ffn]) => ({
    header,
    model,
    cells: {
      h800: compared(`demo/table-6/${model}/h800/attention-8k`, h800),
      h20: compared(`demo/table-6/${model}/h20/attention-8k`, h20),
      ffn: compared(`demo/table-6/${model}/h20/ffn`, ffn),
      total: { number: `demo/table-6/${model}/h20/total-8k`, text: textOf(`demo/table-6/${model}/h20/total-8k`) },
    },
  })),
  note: 'Smallest of a column in bold.',
};

const tableTwo: TableBlock = {
  kind: 'table',
  anchor: 'table-2',
  label: 'Table 2',
  caption: 'Reading the KV cache dominates for models with grouped queries, computing for those with latent attention.',
  rowHeader: 'Model',
  columns: [
    { id: 'kv', header: 'KV read', unit: 'B', emphasise: 'smallest' },
    { id: 'core', header: 'Core attention', unit: 'FLOP' },
    { id: 'linear', header: 'Linear', unit: 'FLOP' },
    { id: 'kind', header: 'Attention', numeric: false },
  ],
  rows: MODELS.map(([model, header]) => ({
    header,
    model,
    cells: {
      ...Object.fromEntries(['kv', 'core', 'linear'].map((part) => [part, { number: `${model}/${part}`, text: textOf(`${model}/${part}`) }])),
      kind: { text: model === 'step-3' ? 'multi-matrix factorisation' : 'as published' },
    },
  })),
};

const lines: readonly Row[] = MODELS.flatMap(([model, name, kv, core, linear]) =>
  Array.from({ length: 29 }, (_, step) => Math.round(2 ** (13 + step / 4))).map((context) => {
    const { price, peak, bandwidth } = CHIPS.h20;
    const usd = ((Math.max((core / peak) * (context / 8192), (kv / bandwidth) * (context / 8192)) + linear / peak) * price * 1e6) / 3600;
    return { model, name, context, usd: Number(usd.toPrecision(6)), trained: context <= 131072 };
  }),
);

const lineEncoding: JsonObject = {
  x: contextAxis('context', 8192, 1048576),
  y: usdLogAxis('usd', 'Attention, USD per 1M tokens', 0.03, 20),
  color: { field: 'model', type: 'nominal', scale: modelScale(MODELS.map(([id]) => id)), legend: null },
};

export const costCurves: Chart = {
  id: 'figure-1',
  title: 'On H20, Step-3 stays cheapest at every context length up to 1M tokens',
  description: 'Nine rising lines of attention cost per 1M tokens on H20 against context length from 8K to 1M, both axes logarithmic; the line of Step-3 is the lowest throughout.',
  data: lines,
  columns: { name: 'Model', context: 'Context, tokens', usd: 'USD / 1M tokens' },
  spec: {
    height: 360,
    data: { name: 'rows' },
    layer: [
      { mark: 'line', encoding: { ...lineEncoding, strokeDash: { field: 'trained', type: 'nominal', scale: { domain: [true, false], range: [[1, 0], BEYOND_TRAINED_DASH] }, legend: null } } },
      hoverPoints({
        ...lineEncoding,
        tooltip: [
          { field: 'name', type: 'nominal', title: 'Model' },
          { field: 'context', type: 'quantitative', title: 'Context, tokens', format: ',' },
          { field: 'usd', type: 'quantitative', title: 'USD / 1M tokens', format: '.3f' },
        ],
      }),
      directLabels({ rows: lines, x: 'context', y: 'usd', series: 'model', label: 'name', colour: (id) => modelColour(id), height: 360, domain: [0.03, 20], log: true }),
      {
        data: { values: [{ context: 131072, text: 'trained context of Step-3' }] },
        encoding: { x: { field: 'context', type: 'quantitative' } },
        layer: [
          { mark: { type: 'rule', strokeDash: [2, 3], tooltip: null } },
          { mark: { type: 'text', align: 'left', dx: 6, y: 350, color: colour('muted'), tooltip: null }, encoding: { text: { field: 'text' } } },
        ],
      },
    ],
  },
};

const barRows: readonly Row[] = MODELS.flatMap(([model, name]) =>
  Object.entries(CHIPS).map(([chip, { name: chipName }]) => ({
    model,
    name,
    chip: chipName,
    usd: byId.get(`demo/table-6/${model}/${chip}/total-8k`)?.value ?? 0,
    id: `demo/table-6/${model}/${chip}/total-8k`,
  })),
);

const chipBars: Chart = {
  id: 'figure-2',
  title: 'The cheaper chip costs less only where attention is bound by memory',
  description: 'Two panels of bars, one for H800 and one for H20, with the cost of nine models; DeepSeek-V3 is cheap on H800 and expensive on H20.',
  data: barRows,
  columns: { name: 'Model', chip: 'Chip', usd: 'USD / 1M tokens' },
  spec: {
    data: { name: 'rows' },
    width: 250,
    height: { step: 22 },
    mark: { type: 'bar', height: 12 },
    encoding: {
      column: { field: 'chip', type: 'nominal', title: null, sort: ['H800', 'H20'], spacing: 28 },
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { grid: false } },
      x: { field: 'usd', type: 'quantitative', title: 'Attention + FFN at 8K, USD per 1M tokens', axis: { grid: true, domain: false, tickCount: 4, labelExpr: "'$' + format(datum.value, '.2f')" } },
      color: { field: 'model', type: 'nominal', scale: modelScale(MODELS.map(([id]) => id)), legend: null },
      tooltip: [
        { field: 'name', type: 'nominal', title: 'Model' },
        { field: 'usd', type: 'quantitative', title: 'USD / 1M tokens', format: '.3f' },
        { field: 'id', type: 'nominal', title: 'Id' },
      ],
    },
  },
};

const math = (body: string, display = ''): string => `<math xmlns="http://www.w3.org/1998/Math/MathML"${display}>${body}</math>`;
const sub = (base: string, below: string): string => `<msub><mi>${base}</mi><mi mathvariant="normal">${below}</mi></msub>`;
const [F, M, L, uF, uB] = [sub('F', 'core'), sub('M', 'kv'), sub('F', 'lin'), sub('u', 'FLOP'), sub('u', 'B')];
const block = (body: string): string => math(`<mrow>${body}</mrow>`, ' display="block"');

/** A small report with every kind of block, from printed values of the Step-3 paper; what the page tests render. */
export const fixture: ReportView = {
  id: 'demo',
  title: 'What does a decoded token cost at 8K, and on which chip?',
  subtitle: 'Attention and FFN cost of nine models on two accelerators, recomputed from the FLOP and bytes that the paper prints.',
  papers: [
    {
      id: 'arXiv:2507.19427v1',
      title: 'Step-3 is Large yet Affordable: Model-system Co-design for Cost-effective Decoding',
      authors: 'StepFun',
      date: '25 July 2025',
      url: 'https://arxiv.org/abs/2507.19427v1',
    },
  ],
  scenario: 'paper',
  generator: 'Tokenroof 0.1.0',
  keyNumbers: [
    { number: 'demo/table-6/step-3/h20/attention-8k', meaning: 'attention of Step-3 on H20 for 1M decoded tokens at 8K' },
    { number: 'demo/table-6/deepseek-v3/h20/attention-8k', meaning: 'the same for DeepSeek-V3, which H20 leaves compute-bound' },
    { number: 'demo/ratio', meaning: 'what DeepSeek-V3 costs in units of Step-3 on H20' },
    { number: 'step-3/kv', meaning: 'KV cache that Step-3 reads for each token at 8K' },
  ],
  lead: { kind: 'figure', anchor: 'figure-1', label: 'Figure 1', chart: costCurves, note: 'Dotted beyond the trained context.', source: 'Computed from {{#table-2}} and Table 4 of the paper.' },
  sections: [
    {
      anchor: 'table-2',
      label: 'Table 2',
      heading: 'What one token reads and computes',
      takeaway: 'Step-3 reads {{step-3/kv}} of KV cache for a token at 8K, less than any other model here.',
      blocks: [
        {
          kind: 'paragraph',
          text: 'Attention at 8K moves the KV cache once for each token and multiplies it with every query head. How many query heads share one KV head decides which of the two is the bottleneck; see {{#table-6}} for what it costs.',
        },
        tableTwo,
        { kind: 'list', items: ['Embedding and LM head are left out, as in Section 4.1 of the paper.', 'One multiply-accumulate is counted as two FLOP.'] },
      ],
    },
    {
      anchor: 'table-6',
      label: 'Table 6',
      heading: 'Decoding cost on H800 and H20',
      takeaway: 'On H20, attention costs {{demo/table-6/step-3/h20/attention-8k}} for Step-3 and {{demo/table-6/deepseek-v3/h20/attention-8k}} for DeepSeek-V3.',
      blocks: [
        { kind: 'formula', formula: 'cost/attention', number: 'demo/table-6/step-3/h20/attention-8k' },
        tableSix,
        { kind: 'figure', anchor: 'figure-2', label: 'Figure 2', chart: chipBars, source: 'Computed, {{#table-6}}.' },
        {
          kind: 'details',
          summary: 'How the unit costs come about',
          blocks: [
            { kind: 'formula', formula: 'cost/unit' },
            { kind: 'list', ordered: true, items: ['Take the price of an hour.', 'Divide it by what the chip does in an hour.'] },
          ],
        },
      ],
    },
  ],
  deviations: [
    {
      cell: 'Table 6, Kimi K2, FFN on H20',
      anchor: 'table-6',
      number: 'demo/table-6/kimi-k2/h20/ffn',
      printed: '0.037',
      computed: textOf('demo/table-6/kimi-k2/h20/ffn'),
      because: 'The paper rounds up where {{#table-2}} gives the smaller value.',
    },
  ],
  assumptions: [{ statement: 'Every byte and FLOP is served at the peak rate of the chip.', because: 'The paper compares ideal costs.' }],
  numbers,
  cited: [],
  formulas: [
    {
      id: 'cost/attention',
      name: 'Attention cost of one million tokens',
      expression: '1e6 * (max(core * uFlop, kv * uByte) + linear * uFlop)',
      mathml: block(
        `<msup><mn>10</mn><mn>6</mn></msup><mo>⁢</mo><mrow><mo>(</mo><mi>max</mi><mo>(</mo>${F}<mo>⁢</mo>${uF}<mo>,</mo>${M}<mo>⁢</mo>${uB}<mo>)</mo><mo>+</mo>${L}<mo>⁢</mo>${uF}<mo>)</mo></mrow>`,
      ),
      symbols: [
        { name: 'core', mathml: F, unit: 'FLOP', meaning: 'core attention, one token' },
        { name: 'kv', mathml: M, unit: 'B', meaning: 'KV cache read, one token' },
        { name: 'linear', mathml: L, unit: 'FLOP', meaning: 'linear projections, one token' },
        { name: 'uFlop', mathml: uF, unit: 'USD/FLOP', meaning: 'unit cost of computing' },
        { name: 'uByte', mathml: uB, unit: 'USD/B', meaning: 'unit cost of memory traffic' },
      ],
      unit: 'USD',
      source: paper('Section 4.1'),
    },
    {
      id: 'cost/ffn',
      name: 'FFN cost of one million tokens',
      expression: '1e6 * ffn * uFlop',
      mathml: block(`<msup><mn>10</mn><mn>6</mn></msup><mo>⁢</mo>${sub('F', 'ffn')}<mo>⁢</mo>${uF}`),
      symbols: [
        { name: 'ffn', mathml: sub('F', 'ffn'), unit: 'FLOP', meaning: 'feed-forward network, one token' },
        { name: 'uFlop', mathml: uF, unit: 'USD/FLOP', meaning: 'unit cost of computing' },
      ],
      unit: 'USD',
      source: paper('Section 4.1'),
    },
    {
      id: 'cost/unit',
      name: 'Unit cost',
      expression: 'price / 3600 [s/h] / rate',
      mathml: block('<mfrac><mi>p</mi><mrow><mn>3600</mn><mtext> s/h</mtext><mo>⋅</mo><mi>r</mi></mrow></mfrac>'),
      symbols: [
        { name: 'price', mathml: '<mi>p</mi>', unit: 'USD/h', meaning: 'price of one accelerator' },
        { name: 'rate', mathml: '<mi>r</mi>', unit: 'FLOP/s or B/s', meaning: 'peak rate' },
      ],
      unit: 'USD/FLOP or USD/B',
      source: paper('Table 5'),
    },
  ],
  procedures: [{ id: 'demo/ratio', name: 'Ratio of two totals', steps: ['Take both totals.', 'Divide the first by the second.'], source: paper('Section 4.2') }],
};
