import { describeSource } from '../../src/provenance/source.ts';
import { claim } from '../../src/report/definition.ts';
import type { ColumnView, RowView, SectionView } from '../../src/report/view.ts';
import { billions, CHIP_IDS, CHIPS, MODEL_IDS, nameOf, type Step3Context, scientific3, times } from './context.ts';

export function table1({ cells, slot }: Step3Context): SectionView {
  const rows = (
    [
      ['layers', 'Layers'],
      ['hidden', 'Hidden width'],
      ['low-rank-query', 'Rank of the query'],
      ['query-heads', 'Query heads'],
      ['head-dim', 'Head width'],
      ['kv-heads', 'Key-value heads'],
      ['shared-experts', 'Shared experts'],
      ['moe-layers', 'MoE layers (all but the first four and the last)'],
      ['total-parameters-llm', 'Parameters of the language model, billions'],
      ['activated-parameters', 'Activated parameters, billions'],
      ['total-parameters-vlm', 'Parameters with the vision encoder, billions'],
    ] as const
  ).map(([field, header]): RowView => ({ header, cells: { value: cells.cell(`step3/table-1/${field}`) } }));
  const caption = claim('The architecture of the language model adds up to the parameters that are printed for it', cells.count('deviation', 'table-1') === 0);
  return {
    anchor: 'table-1',
    label: 'Table 1',
    heading: 'What Step-3 is',
    takeaway: `Step-3 stores ${slot('parameters/step-3/total/all', billions)} parameters, both embeddings included, and uses ${slot('parameters/step-3/active/without-input-embedding', billions)} for a token, the input embedding left out.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-1',
        label: 'Table 1',
        caption,
        rowHeader: 'Field',
        columns: [{ id: 'value', header: 'Step-3' }],
        rows,
        note: 'The parameter counts are sums over the same operators that the costs below are computed from. The width of the feed-forward layers of the vision encoder is assumed: that of the public encoder (EVA02-CLIP-E) whose other dimensions it has. No deployment below holds the encoder.',
      },
    ],
  };
}

const WORK: readonly ColumnView[] = [
  { id: 'kv-bytes', header: 'KV or state traffic', unit: 'B', emphasise: 'smallest' },
  { id: 'core-flop', header: 'Core attention', unit: 'FLOP', emphasise: 'smallest' },
  { id: 'linear-flop', header: 'Projections', unit: 'FLOP', emphasise: 'smallest' },
  { id: 'ffn-flop', header: 'Feed-forward', unit: 'FLOP', emphasise: 'smallest' },
];

export function workTable({ cells, slot, value }: Step3Context, table: 'table-2' | 'table-3'): SectionView {
  const label = table === 'table-2' ? 'Table 2' : 'Table 3';
  const context = table === 'table-2' ? '8K' : '32K';
  const length = table === 'table-2' ? 8192 : 32768;
  const kv = (model: string): string => `decode/${model}/${length}/kv-bytes`;
  const least = MODEL_IDS.every((model) => value(kv('step-3')) <= value(kv(model)));
  return {
    anchor: table,
    label,
    heading: `Work and memory traffic of one token at ${context}`,
    takeaway: `For one token at ${context}, Step-3 reads ${slot(kv('step-3'), scientific3)} of KV cache, Qwen3-32B ${slot(kv('qwen3-32b'), scientific3)}.`,
    blocks: [
      {
        kind: 'table',
        anchor: table,
        label,
        caption: claim(`No model moves less KV cache for a token at ${context} than Step-3`, least),
        rowHeader: 'Model',
        columns: WORK,
        rows: MODEL_IDS.map((model) => ({ header: nameOf(model), model, cells: Object.fromEntries(WORK.map(({ id }) => [id, cells.cell(`step3/${table}/${model}/${id}`)])) })),
        note: 'Per decoded token, without embedding and LM head. Smallest value of a column in bold.',
      },
    ],
  };
}

export function table4({ cells, numbers, printed }: Step3Context): SectionView {
  const input = (chip: string, field: string, text: (value: number) => string) => {
    const number = numbers.use(`accelerator/${chip}/${field}`);
    return { text: text(number.value), number: numbers.reference(number.id) };
  };
  return {
    anchor: 'table-4',
    label: 'Table 4',
    heading: 'The chips and their ridge points',
    takeaway: `The ridge point, work per byte at which compute and memory take equally long, spans ${printed('step3/table-4/h20/roofline')} on H20 to ${printed('step3/table-4/h800/roofline')} on H800.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-4',
        label: 'Table 4',
        caption: claim('The four ridge points follow from peak and bandwidth', cells.count('reproduced', 'table-4') === CHIP_IDS.length),
        rowHeader: 'Chip',
        columns: [
          { id: 'price', header: 'Price', unit: 'USD/h' },
          { id: 'peak', header: 'Dense peak', unit: 'FLOP/s' },
          { id: 'bandwidth', header: 'Memory bandwidth', unit: 'B/s' },
          { id: 'ridge', header: 'Ridge point', unit: 'FLOP/B' },
        ],
        rows: CHIP_IDS.map((chip) => ({
          header: CHIPS[chip],
          cells: {
            price: input(chip, 'usdPerHour', (value) => value.toFixed(2)),
            peak: input(chip, 'math-peak/fp8', (value) => value.toExponential(2).replace('e+', 'e')),
            bandwidth: input(chip, 'memoryBandwidth', (value) => value.toExponential(2).replace('e+', 'e')),
            ridge: cells.cell(`step3/table-4/${chip}/roofline`),
          },
        })),
        note: `Price, peak and bandwidth are inputs, as printed in ${describeSource({ kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 4' })}. A800 and 910B have no FP8 units and compute in 16 bit.`,
      },
      { kind: 'formula', formula: 'roofline/ridge-point', number: numbers.reference('step3/table-4/h20/roofline') },
    ],
  };
}

export function table5({ cells, numbers, printed }: Step3Context): SectionView {
  return {
    anchor: 'table-5',
    label: 'Table 5',
    heading: 'What one FLOP and one byte cost',
    takeaway: `A byte costs ${printed('step3/table-5/h20/usd-per-byte')} on H20, the least of the four chips, and a FLOP costs the least on H800.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-5',
        label: 'Table 5',
        caption: claim('H800 sells the cheapest work, H20 the cheapest memory traffic', cheapest('usd-per-flop', numbers) === 'h800' && cheapest('usd-per-byte', numbers) === 'h20'),
        rowHeader: 'Chip',
        columns: [
          { id: 'usd-per-flop', header: 'Work', unit: 'USD/FLOP', emphasise: 'smallest' },
          { id: 'usd-per-byte', header: 'Memory traffic', unit: 'USD/B', emphasise: 'smallest' },
        ],
        rows: CHIP_IDS.map((chip) => ({
          header: CHIPS[chip],
          cells: { 'usd-per-flop': cells.cell(`step3/table-5/${chip}/usd-per-flop`), 'usd-per-byte': cells.cell(`step3/table-5/${chip}/usd-per-byte`) },
        })),
      },
      { kind: 'formula', formula: 'cost/usd-per-flop', number: numbers.reference('step3/table-5/h20/usd-per-flop') },
    ],
  };
}

const cheapest = (column: string, numbers: Step3Context['numbers']): string => {
  const cost = (chip: string): number => numbers.use(`step3/table-5/${chip}/${column}`).value;
  return CHIP_IDS.reduce((best, chip) => (cost(chip) < cost(best) ? chip : best));
};

const COSTS = { 'attention-8k': 'Attention, 8K', 'attention-32k': 'Attention, 32K', ffn: 'Feed-forward' } as const;

export function table6({ cells, numbers, slot }: Step3Context): SectionView {
  const columns: readonly ColumnView[] = Object.entries(COSTS).flatMap(([column, group]) =>
    CHIP_IDS.map((chip): ColumnView => ({ id: `${chip}/${column}`, header: CHIPS[chip], group: `${group} [USD]`, emphasise: 'smallest' })),
  );
  const ratio = (context: number): string => slot(`saving/deepseek-v3/h20/step-3/h20/${context}`, times);
  return {
    anchor: 'table-6',
    label: 'Table 6',
    heading: 'Decoding cost of a million tokens',
    takeaway: `On H20, DeepSeek-V3 costs ${ratio(8192)} what Step-3 costs at 8K and ${ratio(32768)} at 32K, since its attention is bound by compute there.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-6',
        label: 'Table 6',
        caption: claim('Every printed cost comes out of the formulas', cells.count('reproduced', 'table-6') === 108),
        rowHeader: 'Model',
        columns,
        rows: MODEL_IDS.map((model) => ({ header: nameOf(model), model, cells: Object.fromEntries(columns.map(({ id }) => [id, cells.cell(`step3/table-6/${model}/${id}`)])) })),
        note: 'USD per million decoded tokens at an ideal batch: weights are read for so many tokens that their traffic costs nothing. Feed-forward does not depend on the context.',
      },
      { kind: 'formula', formula: 'cost/attention-core-usd', number: numbers.reference('cost/step-3/h20/8192/core') },
      { kind: 'formula', formula: 'cost/attention-usd-per-mtok', number: numbers.reference('step3/table-6/step-3/h20/attention-8k') },
    ],
  };
}

/** Whether the smallest ratio grows with the ridge point per unit of network bandwidth. */
function denserWithRidge(numbers: Step3Context['numbers']): boolean {
  const value = (id: string): number => numbers.use(id).value;
  const demand = (chip: string): number => value(`step3/table-4/${chip}/roofline`) / value(`accelerator/${chip}/nicPerAcceleratorPerDirection`);
  const ratio = (chip: string): number => value(`step3/table-7/${chip}/min-sparsity`);
  return [...CHIP_IDS].sort((a, b) => demand(a) - demand(b)).join() === [...CHIP_IDS].sort((a, b) => ratio(a) - ratio(b)).join();
}

export function table7({ cells, numbers, printed }: Step3Context): SectionView {
  return {
    anchor: 'table-7',
    label: 'Table 7',
    heading: 'How sparse a mixture of experts may be',
    takeaway: `With attention and feed-forward on separate servers, the network allows an activation ratio down to ${printed('step3/table-7/h800/min-sparsity')} on H800 but ${printed('step3/table-7/h20/min-sparsity')} on H20; Step-3 has ${printed('step3/text/step-3-sparsity')}.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-7',
        label: 'Table 7',
        caption: claim('The higher the ridge point of a chip beside its network, the denser its mixture of experts must be', denserWithRidge(numbers)),
        rowHeader: 'Chip',
        columns: [{ id: 'ratio', header: 'Smallest activation ratio' }],
        rows: CHIP_IDS.map((chip) => ({ header: CHIPS[chip], cells: { ratio: cells.cell(`step3/table-7/${chip}/min-sparsity`) } })),
        note: 'Hidden width and layers of Step-3, nominal network bandwidth of a server of eight.',
      },
      { kind: 'formula', formula: 'roofline/min-activation-ratio', number: numbers.reference('step3/table-7/h800/min-sparsity') },
    ],
  };
}

const CLAIMS: readonly (readonly [string, string])[] = [
  ['observation-1/step-3/8k', 'Observation 1: Step-3, AFD on H800 and H20, 8K, USD'],
  ['observation-1/step-3/32k', 'Observation 1: Step-3, AFD on H800 and H20, 32K, USD'],
  ['observation-1/deepseek-v3/8k', 'Observation 1: DeepSeek-V3, H800, 8K, USD'],
  ['observation-1/deepseek-v3/32k', 'Observation 1: DeepSeek-V3, H800, 32K, USD'],
  ['observation-1/qwen3-235b-a22b/8k', 'Observation 1: Qwen3-235B-A22B, AFD on H800 and H20, 8K, USD'],
  ['observation-1/qwen3-235b-a22b/32k', 'Observation 1: Qwen3-235B-A22B, AFD on H800 and H20, 32K, USD'],
  ['effective-rank/step-3', 'Section 5.1: effective rank of Step-3'],
  ['effective-rank/deepseek-v3', 'Section 5.1: effective rank of DeepSeek-V3'],
  ['effective-rank/qwen3-235b-a22b', 'Section 5.1: effective rank of Qwen3-235B-A22B'],
  ['kv4-intensity-ratio', 'Section 5.2: growth of the intensity with 4-bit KV storage and 8-bit math'],
  ['mtp-intensity-ratio', 'Section 5.2: growth of the intensity with one draft token'],
  ['stage-time', 'Stage budget: a third of 50 ms, ms'],
  ['layer-time', 'Stage budget: per layer and stage, µs'],
  ['four-stage-time', 'Stage budget: a fourth of 50 ms, ms'],
  ['network-time', 'Section 5.4: time in the bound on sparsity, ms'],
  ['h800-min-sparsity-measured-nic', 'Section 5.4: smallest ratio on H800 with measured network cards'],
  ['deepseek-v3-experts-on-h800', 'Section 5.4: routed experts that DeepSeek-V3 would need on H800'],
  ['step-3-sparsity', 'Section 5.4: activation ratio of Step-3'],
];

const ABSTRACT: readonly (readonly [string, string])[] = [
  ['activated-parameters', 'Abstract: activated parameters, billions'],
  ['total-parameters-vlm', 'Abstract: parameters with the vision encoder, billions'],
  ['tokens-per-gpu-second', 'Abstract: tokens per second and GPU'],
  ['tokens-per-gpu-second-dsv3', 'Abstract: tokens per second and GPU of DeepSeek-V3'],
];

/** What the paper observes in words, as far as summaries of it tell, held against its own tables. */
function observations({ numbers, printed, slot }: Step3Context): readonly string[] {
  const value = (id: string): number => numbers.use(id).value;
  const active = (model: string): number => value(`parameters/${model}/active/without-input-embedding`);
  const cost = (model: string): number => value(`step3/figure-1/${model}`);
  const kv = (model: string): string => `decode/${model}/8192/kv-bytes`;
  const least = (model: string, what: string): number => Math.min(...CHIP_IDS.map((chip) => value(`step3/table-6/${model}/${chip}/${what}`)));
  return [
    claim(
      `Activated parameters do not order costs: Qwen3-32B activates fewer than Step-3 and costs ${printed('step3/figure-1/qwen3-32b')} for a million tokens at 8K, Step-3 ${printed('step3/figure-1/step-3')}.`,
      active('qwen3-32b') < active('step-3') && cost('qwen3-32b') > cost('step-3'),
    ),
    claim(
      'Attention decides: for every model it costs more than feed-forward at 8K and at 32K, each on its cheapest chip.',
      MODEL_IDS.every((model) => ['attention-8k', 'attention-32k'].every((column) => least(model, column) > least(model, 'ffn'))),
    ),
    claim(
      `A few full-attention layers can hold more cache than all layers of Step-3: Llama 4 Maverick reads ${slot(kv('llama-4-maverick'), scientific3)} for a token at 8K, Step-3 ${slot(kv('step-3'), scientific3)}.`,
      value(kv('llama-4-maverick')) > value(kv('step-3')) && value(kv('minimax-m1')) > value(kv('step-3')),
    ),
    'Cheap training does not make cheap decoding: {{#figure-4}}.',
  ];
}

export function claims(context: Step3Context): SectionView {
  const { cells, printed } = context;
  const row = (id: string, header: string): RowView => ({ header, cells: { value: cells.cell(id) } });
  return {
    anchor: 'claims',
    heading: 'Numbers in the text and in the abstract',
    takeaway: `With attention on H20 and feed-forward on H800, a million tokens of Step-3 cost ${printed('step3/text/observation-1/step-3/8k')} at 8K and ${printed('step3/text/observation-1/step-3/32k')} at 32K.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'text-claims',
        label: 'Table A',
        caption: 'What the text states as a number and a formula answers',
        rowHeader: 'Claim',
        columns: [{ id: 'value', header: 'Value' }],
        rows: [...CLAIMS.map(([id, header]) => row(`step3/text/${id}`, header)), ...ABSTRACT.map(([id, header]) => row(`step3/abstract/${id}`, header))],
        note: 'Throughput of the abstract is measured: ours is predicted, see the report on disaggregation, as those of Tables 8 and 9 in the reports on disaggregation and calibration.',
      },
      { kind: 'paragraph', text: 'The other observations of section 4.3 are made in words. Held against the tables, as far as summaries of the paper tell them:' },
      { kind: 'list', items: observations(context) },
    ],
  };
}
