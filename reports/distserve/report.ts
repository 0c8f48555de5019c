import type { ReportDefinition } from '../../src/report/definition.ts';
import { figure11Section, table1Section, table2Section } from './ablation.ts';
import { figure8Section, figure9Section } from './attainment.ts';
import { claimsSection } from './claims.ts';
import { distserveContext, distservePaperView, id, points, usd } from './context.ts';
import { queueingSection } from './queueing.ts';
import { simulatorSection, table3Section } from './simulator.ts';
import { figure1Section, figure5Section } from './single.ts';
import { cheapest, lead, SHOWN, todaySection } from './today.ts';
import { tracesSection } from './traces.ts';
import { figure10Section, phasesSection } from './transfers.ts';

const title = 'Prompts and decoding on chips of their own: when does it pay?';

/** DistServe: queues, the released simulator again, measured runs predicted, the figures of the paper, and what placements cost today. */
export const distserveReport: ReportDefinition = {
  id: 'distserve',
  title,
  build: (report) => {
    const context = distserveContext(report);
    const { numbers, cells, value } = context;
    const key = (number: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(number, format(value(number))), meaning });
    const keyNumbers = [
      key(id('traces/mean-error'), points, 'percentage points: mean error of our attainments on measured runs'),
      key(id('traces/released-mean-error'), points, 'the same for the simulator that was released with the paper'),
      key(cheapest(SHOWN, 'apart').id, usd, 'is what a million output tokens of Qwen3-32B cost at best with prompts and decoding apart'),
      key(cheapest(SHOWN, 'together').id, usd, 'the same with both on one chip, prompts first'),
    ];
    const first = lead(context);
    const sections = [
      queueingSection(context),
      simulatorSection(context),
      table3Section(context),
      tracesSection(context),
      figure1Section(context),
      figure5Section(context),
      table1Section(context),
      table2Section(context),
      figure8Section(context),
      figure9Section(context),
      phasesSection(),
      figure10Section(context),
      figure11Section(context),
      claimsSection(context),
      todaySection(context),
    ];
    return {
      id: 'distserve',
      title,
      subtitle:
        'Serving with prefill and decoding on separate instances, simulated request by request: formulas of queues, the released simulator reproduced, measured runs predicted, and the cheapest placements of models of today.',
      papers: [distservePaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead: first,
      sections,
      deviations: cells.deviations(),
      assumptions: [
        {
          statement: 'Colocated instances read waiting prompts first and whole, and decode between them.',
          because: 'So does the scheduler that the paper compares with; splitting prompts is not modelled, which favours keeping phases apart.',
        },
        {
          statement: 'Requests come at random times, as independent of each other; lengths are those of the list that the measured runs sent.',
          because: 'The sample of the figures of the paper was not released.',
        },
        {
          statement: 'Keys and values move one request after the other, at the rate that the median transfer of OPT-13B reached.',
          because: 'The paper gives no formula for transfers; see {{#figure-10}}.',
        },
        {
          statement: 'Lengths of code and summaries are drawn from the histograms of the paper, prompts and outputs independently.',
          because: 'Their data sets were cut in another way than the released scripts do.',
        },
        { statement: 'Engines of A100 add host time that was fitted to calm runs of OPT-13B, and the same for larger models.', because: 'Runs of no other model were released.' },
        { statement: 'Models of today run on calibrated kernels alone, prices are those of the papers, by the hour.', because: 'No measured runs of these placements are public.' },
      ],
      ...numbers.views(),
    };
  },
};
