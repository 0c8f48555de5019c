import { costCurves } from '../../src/chart/index.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { claim, type ReportDefinition } from '../../src/report/definition.ts';
import { assumptions, costAgainstContext, counting, sensitivity, slips } from './beyond.ts';
import { CHIP_IDS, cents, step3Context, step3PaperView, times } from './context.ts';
import { curves } from './curves.ts';
import { figure1, figure2, figure3, figure4, figure5 } from './figures.ts';
import { claims, table1, table4, table5, table6, table7, workTable } from './tables.ts';

const title = 'What does a decoded token of Step-3 cost, and why?';

/** The Step-3 paper's cost analysis, recomputed from formulas in the paper's order, and what follows from it. */
export const step3Report: ReportDefinition = {
  id: 'step3',
  title,
  build: (report) => {
    const context = step3Context(report);
    const { numbers, cells, slot } = context;
    const sections = [
      table1(context),
      workTable(context, 'table-2'),
      workTable(context, 'table-3'),
      table4(context),
      table5(context),
      figure1(context),
      table6(context),
      figure2(context),
      claims(context),
      figure3(context),
      figure4(context),
      figure5(context),
      table7(context),
      costAgainstContext(context),
      counting(context),
      sensitivity(context),
      slips(context),
    ];
    const rows = curves(CHIP_IDS, step3Counting).map((row) =>
      row.context === 8192 ? { ...row, printed: cells.compared(`step3/figure-1/${row.model}`).cell.printed, number: numbers.reference(`step3/figure-1/${row.model}`) } : row,
    );
    const at = (context: number) => rows.filter((row) => row.context === context);
    const cheapestAt8k = at(8192).every((row) => row.usdPerMtok >= Number(at(8192).find(({ model }) => model === 'step-3')?.usdPerMtok));
    const key = (number: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(number, format(numbers.use(number).value)), meaning });
    const keyNumbers = [
      key('step3/text/observation-1/step-3/8k', cents, 'for a million tokens at 8K, attention on H20 and feed-forward on H800'),
      key('step3/text/observation-1/step-3/32k', cents, 'for a million tokens at 32K on the same pair'),
      key('saving/deepseek-v3/h800/step-3/afd:h20+h800/32768', times, 'that price is what DeepSeek-V3 costs on H800 at 32K'),
      key(
        'scoreboard/step3/reproduced',
        (value) => value.toFixed(0),
        `of ${slot('scoreboard/step3/cells', (value) => value.toFixed(0))} printed numbers come out at their printed digits; the others are named below, those of sections 6 and 7 in the report on disaggregation`,
      ),
    ];
    // sections 6 and 7 of the paper stand in the report on disaggregation
    const deviations = cells.deviations().filter(({ anchor }) => sections.some((section) => section.anchor === anchor));
    const lead = {
      kind: 'figure' as const,
      anchor: 'cost-with-afd',
      label: 'Figure A',
      chart: costCurves(rows, {
        id: 'cost-with-afd',
        title: claim('At 8K Step-3 is the cheapest of nine models when each part runs on its cheapest chip', cheapestAt8k),
        description:
          'Decoding cost of nine models against context length from 1K to 1M tokens, attention and feed-forward each on the cheapest of four chips; hollow marks at 8K are the values that the paper prints.',
      }),
      note: 'Attention and feed-forward each on the cheapest of H800, H20, A800 and 910B; communication hidden. Dashed beyond the trained context.',
      source: 'Computed with the formulas of {{#table-6}}; hollow marks are the values of {{#figure-1}}.',
    };
    return {
      id: 'step3',
      title,
      subtitle: 'The printed numbers of the cost analysis in the Step-3 paper, recomputed from formulas and compared at their printed digits. Open any number to see what it follows from.',
      papers: [step3PaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead,
      sections,
      deviations,
      assumptions,
      ...numbers.views(),
    };
  },
};
