import { type AttainmentRow, attainmentLines } from '../../src/chart/index.ts';
import { ablationRows } from '../../src/papers/distserve/ablation.ts';
import { figure11 } from '../../src/papers/distserve/data/figure11.ts';
import { table1, table2 } from '../../src/papers/distserve/data/tables.ts';
import { claim } from '../../src/report/definition.ts';
import type { FigureBlock, RowView, SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, percentOf, points, SERIES } from './context.ts';

type Axis = 'rate' | 'sloScale';
const PATHS = { rate: 'rate', sloScale: 'slo-scale' } as const;
const OTHERS = { 'distserve-high': 'DistServe-High', 'distserve-low': 'DistServe-Low' } as const;

function chartOf({ numbers }: DistserveContext, axis: Axis, title: string): FigureBlock {
  const rows: readonly AttainmentRow[] = [
    ...ablationRows(axis).map(({ x, plotted, simulated }) => ({
      panel: '',
      series: 'vllm',
      name: 'vLLM',
      x,
      percent: percentOf(simulated),
      reference: percentOf(plotted),
      number: numbers.reference(id(`simulated/figure-11/vllm/${PATHS[axis]}/${x}`)),
    })),
    ...Object.entries(OTHERS).flatMap(([system, name], at) =>
      figure11[axis].x.map((x, index) => ({ panel: '', series: SERIES[2 * at] as string, name, x, reference: figure11[axis].attainmentPercent[system as keyof typeof OTHERS][index] as number })),
    ),
  ];
  return {
    kind: 'figure',
    anchor: `figure-11-${PATHS[axis]}`,
    label: `Figure 11, ${axis === 'rate' ? 'rate' : 'objectives'}`,
    chart: attainmentLines(rows, {
      id: `figure-11-${PATHS[axis]}`,
      title,
      description: 'Requests of OPT-66B within both objectives, in per cent, as the paper simulated them, and vLLM as ours has it.',
      x: axis === 'rate' ? 'rate' : 'slo-scale',
      ...(axis === 'rate' ? { xTitle: 'Requests per second and GPU' } : {}),
      goal: 90,
      valueName: 'Ours',
      referenceName: 'Read from Figure 11',
      allSeries: SERIES,
      crossings: [],
    }),
    ...(axis === 'rate'
      ? { note: 'vLLM on eight GPUs, whose steps the curve has, though the text says four. vLLM++ is drawn on top of it. The placements of DistServe are not stated: as drawn.' }
      : {}),
    source: 'The released simulator as ours has it, with other lengths than those of the paper; points read from Figure 11.',
  };
}

export function figure11Section(context: DistserveContext): SectionView {
  const { peek, slot } = context;
  const [rate, scale] = ['rate', 'slo-scale'].map((axis) => peek(id(`figure-11/vllm/${axis}-error`))) as [number, number];
  const drawn = (axis: Axis, x: number, system: 'vllm' | keyof typeof OTHERS): number => figure11[axis].attainmentPercent[system][figure11[axis].x.indexOf(x)] as number;
  const others = Object.keys(OTHERS) as (keyof typeof OTHERS)[];
  const late = drawn('rate', 0.25, 'vllm') < 90 && others.every((system) => drawn('rate', 0.375, system) > 90);
  const first = figure11.sloScale.x.every((x) => others.every((system) => drawn('sloScale', x, system) > drawn('sloScale', x, 'vllm')));
  return {
    anchor: 'figure-11',
    label: 'Figure 11',
    heading: 'The ablation, simulated by the paper itself',
    takeaway: `${claim('The curve of vLLM comes out within a few points', Math.max(rate, scale) < 0.05)}: ${slot(id('figure-11/vllm/rate-error'), points)} points off in the mean over the rate and ${slot(id('figure-11/vllm/slo-scale-error'), points)} over the objectives, with another sample of ShareGPT.`,
    blocks: [
      chartOf(context, 'rate', claim('vLLM is below the goal where both kinds of DistServe still reach it at higher rates', late)),
      chartOf(context, 'sloScale', claim('Tighter objectives take vLLM first', first)),
    ],
  };
}

const APPLICATIONS = { chatbot: 'Chatbot', 'code-completion': 'Code completion', summarization: 'Summaries' } as const;
const DATA_SETS = { sharegpt: 'ShareGPT', humaneval: 'HumanEval', longbench: 'LongBench' } as const;

/** Table 1: applications, and what their models weigh. */
export function table1Section({ cells }: DistserveContext): SectionView {
  const rows = table1.map(({ application, model, ttftSeconds, tpotSeconds, dataSet }): RowView => {
    const size = application === 'chatbot';
    return {
      header: `${APPLICATIONS[application]}, ${model.toUpperCase().replace('B', 'B')}`,
      cells: {
        size: size ? cells.cell(id(`table-1/${model}/size:nominal`)) : { text: '' },
        counted: size ? cells.cell(id(`table-1/${model}/size`)) : { text: '' },
        ttft: { text: String(ttftSeconds) },
        tpot: { text: String(tpotSeconds) },
        data: { text: DATA_SETS[dataSet] },
      },
    };
  });
  const nominal = ['opt-13b', 'opt-66b', 'opt-175b'].every((model) => cells.compared(id(`table-1/${model}/size:nominal`)).status === 'reproduced');
  return {
    anchor: 'table-1',
    label: 'Table 1',
    heading: 'Applications and their objectives',
    takeaway: claim(
      'The printed sizes are two bytes for each parameter that the name of a model states; counted, two of the models have slightly fewer.',
      nominal && cells.count('deviation', 'table-1') === 2,
    ),
    blocks: [
      {
        kind: 'table',
        anchor: 'table-1',
        label: 'Table 1',
        caption: claim('Objectives are as printed, sizes computed', nominal),
        rowHeader: 'Application, model',
        columns: [
          { id: 'size', header: 'Size by its name', unit: 'GB' },
          { id: 'counted', header: 'Size, counted', unit: 'GB' },
          { id: 'ttft', header: 'To the first token', unit: 's' },
          { id: 'tpot', header: 'Per further token', unit: 's' },
          { id: 'data', header: 'Data set', numeric: false },
        ],
        rows,
        note: 'The first version of the paper, its released scripts and {{#figure-11}} have tighter objectives for the chatbots of OPT-13B and OPT-66B.',
      },
    ],
  };
}

/** Table 2: the paper on its own simulator, whose setting it does not state. */
export function table2Section({ slot, peek, cells }: DistserveContext): SectionView {
  const measured = 'trace/distserve-c21d11-300-9/measured';
  const printed = Number(table2.find(({ rate }) => rate === '3.0')?.distserveLow.real);
  const apart = printed - 100 * peek(id(measured)) > 15 && cells.count('open', 'table-2') === 4 * table2.length;
  return {
    anchor: 'table-2',
    label: 'Table 2',
    heading: 'How exact the paper found its simulator',
    takeaway: `${claim('Open: the model, the objectives and the number of requests of Table 2 are not stated, and the runs that were released do not give it', apart)}; at three requests per second and GPU they keep ${slot(id(measured), (share) => `${points(share)} %`)}, far less than the table has.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'table-2',
        label: 'Table 2',
        caption: claim('Attainment as printed, nothing of ours to set beside it', apart),
        rowHeader: 'Requests/s',
        columns: [
          { id: 'real', header: 'Real', unit: '%', group: 'vLLM' },
          { id: 'simulated', header: 'Simulated', unit: '%', group: 'vLLM' },
          { id: 'low', header: 'Real', unit: '%', group: 'DistServe-Low' },
          { id: 'lowSimulated', header: 'Simulated', unit: '%', group: 'DistServe-Low' },
        ],
        rows: table2.map(
          ({ rate, vllm, distserveLow }): RowView => ({
            header: rate,
            cells: { real: { text: vllm.real }, simulated: { text: vllm.simulated }, low: { text: distserveLow.real }, lowSimulated: { text: distserveLow.simulated } },
          }),
        ),
        note: 'All values are those of the paper. What ours makes of runs whose setting is known is in {{#traces}}.',
      },
    ],
  };
}
