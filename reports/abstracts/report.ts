import { costCurves } from '../../src/chart/index.ts';
import type { CurveRow } from '../../src/compare/index.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { claim, type ReportDefinition } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { distservePaperView } from '../distserve/context.ts';
import { epdPaperView } from '../epd/context.ts';
import { fastswitchPaperView } from '../fastswitch/context.ts';
import { billions, step3Context, step3PaperView, times } from '../step3/context.ts';
import { curveOf } from '../step3/curves.ts';
import { distserveClaims } from './distserve.ts';
import { epdSection } from './epd.ts';
import { fastswitchSection } from './fastswitch.ts';

const columns = [
  { id: 'status', header: 'Status', numeric: false },
  { id: 'value', header: 'Our number' },
  { id: 'unit', header: 'Unit', numeric: false },
] as const;

/** The headline claims of four abstracts: reproduced, explained, or not reproducible from public data. */
export const abstractsReport: ReportDefinition = {
  id: 'abstracts',
  title: 'Which headline claims of the four papers can be recomputed?',
  build: (report) => {
    const context = step3Context(report);
    const { numbers, cells, slot, value } = context;
    const dsv3 = (length: number): string => `saving/deepseek-v3/h800/step-3/afd:h20+h800/${length}`;
    const qwen3 = (length: number): string => `saving/qwen3-235b-a22b/afd:h20+h800/step-3/afd:h20+h800/${length}`;
    const active = (model: string): string => `parameters/${model}/active/without-input-embedding`;
    const cheaper = [dsv3, qwen3].every((ratio) => value(ratio(8192)) > 1 && value(ratio(32768)) > 1);
    const widens = [dsv3, qwen3].every((ratio) => value(ratio(32768)) > value(ratio(8192)));
    const more = value(active('step-3')) > value(active('deepseek-v3')) && value(active('step-3')) > value(active('qwen3-235b-a22b'));
    const throughput = 'step3/abstract/tokens-per-gpu-second';
    const dsv3Throughput = 'step3/abstract/tokens-per-gpu-second-dsv3';
    const cell = (id: string, text: string) => ({ text, number: numbers.reference(id) });
    const open = (id: string) => cells.cell(id);
    const status = (text: string) => ({ text });
    const row = (header: string, state: string, ours: RowView['cells'][string], unit: string): RowView => ({ header, cells: { status: status(state), value: ours, unit: { text: unit } } });
    const rows: readonly RowView[] = [
      row('Activates 38 billion parameters per token', 'reproduced', open('step3/abstract/activated-parameters'), 'billions'),
      row(claim('That is more than DeepSeek-V3', more), 'holds', cell(active('deepseek-v3'), (value(active('deepseek-v3')) / 1e9).toFixed(1)), 'billions'),
      row('and more than Qwen3 MoE 235B', 'holds', cell(active('qwen3-235b-a22b'), (value(active('qwen3-235b-a22b')) / 1e9).toFixed(1)), 'billions'),
      row(claim('Lower theoretical decoding cost: DeepSeek-V3 over Step-3 at 8K', cheaper), 'holds', cell(dsv3(8192), value(dsv3(8192)).toFixed(2)), 'times'),
      row(claim('With gains widening at longer context: the same at 32K', widens), 'holds', cell(dsv3(32768), value(dsv3(32768)).toFixed(2)), 'times'),
      row('Lower theoretical decoding cost: Qwen3 MoE 235B over Step-3 at 8K', 'holds', cell(qwen3(8192), value(qwen3(8192)).toFixed(2)), 'times'),
      row('With gains widening at longer context: the same at 32K', 'holds', cell(qwen3(32768), value(qwen3(32768)).toFixed(2)), 'times'),
      row('321 billion parameters with the vision encoder', 'reproduced', open('step3/abstract/total-parameters-vlm'), 'billions'),
      row('Up to 4,039 tokens per second and GPU at 50 ms per token', 'predicted', open(throughput), 'tokens/s/GPU'),
      row(claim('More than 2,324 of DeepSeek-V3', value(throughput) > value(dsv3Throughput)), 'predicted', open(dsv3Throughput), 'tokens/s/GPU'),
      row('How many times as many', 'holds', { text: (value(throughput) / value(dsv3Throughput)).toFixed(2) }, 'times'),
    ];
    const step3: SectionView = {
      anchor: 'step3',
      heading: 'Step-3: cost claims hold, throughput is predicted',
      takeaway: `DeepSeek-V3 on H800 costs ${slot(dsv3(8192), times)} what Step-3 costs at 8K and ${slot(dsv3(32768), times)} at 32K, while Step-3 activates ${slot(active('step-3'), billions)} parameters.`,
      blocks: [
        {
          kind: 'table',
          anchor: 'step3-claims',
          label: 'Step-3',
          caption: 'Claims of the abstract of the Step-3 paper',
          rowHeader: 'Claim',
          columns,
          rows,
          note: 'Reproduced: the printed number comes out, that with the vision encoder on an assumed width of its feed-forward layers; holds: a claim in words is true of our numbers; predicted: a measured throughput beside ours from kernels alone, see the report on disaggregation. Costs with attention on H20 and feed-forward on H800 for Step-3 and Qwen3, on H800 for DeepSeek-V3, as in observation 1 of the paper.',
        },
      ],
    };
    const named = (rows: readonly CurveRow[], name: string): readonly CurveRow[] => rows.map((row) => ({ ...row, name }));
    const curves = [
      ...named(curveOf('step-3', ['h20', 'h800'], step3Counting), 'Step-3, AFD'),
      ...named(curveOf('qwen3-235b-a22b', ['h20', 'h800'], step3Counting), 'Qwen3 235B, AFD'),
      ...named(curveOf('deepseek-v3', ['h800'], step3Counting), 'DeepSeek-V3, H800'),
    ];
    const epd = epdSection(report.open('paper'), numbers);
    const fastswitch = fastswitchSection(report.open('paper'), numbers);
    const keyNumbers = [dsv3(8192), dsv3(32768), qwen3(32768)].map((id, index) => ({
      number: numbers.reference(id, times(value(id))),
      meaning: ['what DeepSeek-V3 costs on H800, in units of Step-3 at 8K', 'the same at 32K', 'what Qwen3-235B-A22B costs at 32K, in units of Step-3'][index] as string,
    }));
    return {
      id: 'abstracts',
      title: abstractsReport.title,
      subtitle: 'Each headline claim of four abstracts with its status: reproduced from formulas, predicted, or open with what it waits for.',
      papers: [step3PaperView, distservePaperView, epdPaperView, fastswitchPaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead: {
        kind: 'figure',
        anchor: 'three-models',
        label: 'Figure A',
        chart: costCurves(curves, {
          id: 'three-models',
          title: claim('Step-3 costs less than DeepSeek-V3 and Qwen3 MoE at 8K and 32K, and the gap widens', cheaper && widens),
          description: 'Decoding cost of Step-3 and Qwen3-235B-A22B with attention on H20 and feed-forward on H800, and of DeepSeek-V3 on H800, against context length from 1K to 1M tokens.',
        }),
        source: 'Counting of the Step-3 paper, its prices.',
      },
      sections: [step3, distserveClaims(context), epd.section, fastswitch.section],
      deviations: [...epd.deviations, ...fastswitch.deviations],
      assumptions: [{ statement: 'The assumptions are those of the reports on Step-3, DistServe, EPD and FastSwitch.', because: 'The numbers are the same.' }],
      ...numbers.views(),
    };
  },
};
