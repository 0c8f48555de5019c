import type { ReportDefinition } from '../../src/report/definition.ts';
import { calibrationContext, percent } from './context.ts';
import { kernelsSection } from './kernels.ts';
import { deploymentsSection, lead, servingSection, simulatorsSection, stepsSection, table9Section } from './passes.ts';

const title = 'How far off are expected times, and against what?';

/** The time model: constants, their errors, and what it predicts for passes that others measured. */
export const calibrationReport: ReportDefinition = {
  id: 'calibration',
  title,
  build: (report) => {
    const context = calibrationContext(report);
    const { numbers, cells, value } = context;
    const key = (id: string, meaning: string) => ({ number: numbers.reference(id, percent(value(id))), meaning });
    const first = lead(context);
    const sections = [kernelsSection(context), deploymentsSection(context), stepsSection(context), table9Section(context), servingSection(context), simulatorsSection(context)];
    return {
      id: 'calibration',
      title,
      subtitle: 'A roofline is a bound. Few constants for each chip and family of kernels, fitted to measurements in the open, say what to expect, and an interval says how far to trust it.',
      papers: [],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers: [
        key('timing/published/mean-error', 'is the mean error over six published throughputs'),
        key('timing/table-9/mean-error', 'over the attention layers of the Step-3 paper'),
        key('timing/h100-steps/mean-error', 'over decode steps on H100'),
        key('timing/coverage/kernels', 'of held-out kernels lie in their interval of four in five'),
      ],
      lead: first,
      sections,
      deviations: cells.deviations(),
      assumptions: [
        {
          statement: 'A chip or format without measurements takes the constants of its nearest relative, with a wider interval and the basis assumed.',
          because: 'Transfers between the chips that were measured are off by up to a third where the peak is cut, and by a tenth elsewhere.',
        },
        {
          statement: 'Kernels of a pass run one after the other, launched from a graph.',
          because: 'Engines capture decode steps in graphs; benchmarks that launched from the host keep their own launch time only where kernels are timed alone.',
        },
        { statement: 'Tokens fall evenly on experts unless a load is given.', because: 'Published deployments balance them, and none prints how far.' },
        { statement: 'Collectives are those of NCCL.', because: 'Engines have faster ones for small messages inside a node, of which no measurement was at hand.' },
        { statement: 'Prefill runs at the sustained clock, decode at the burst one.', because: 'Matrix work without pause draws the full power for seconds, and memory traffic does not.' },
      ],
      ...numbers.views(),
    };
  },
};
