import type { ReportDefinition } from '../../src/report/definition.ts';
import { step3PaperView } from '../step3/context.ts';
import { afdContext, cheapestColocated, cheapestPlan, colocatedId, planId, usd, whole } from './context.ts';
import { networkSection } from './network.ts';
import { lead, plansSection, variantsSection } from './plans.ts';
import { extrapolationsSection, scalingSection, weakHardwareSection } from './scaling.ts';
import { table8Section, timelineSection } from './throughput.ts';

const title = 'How many chips for attention, how many for feed-forward, and when does it pay?';

/** Attention-FFN disaggregation: the paper's deployments predicted, plans for three models, and what limits them. */
export const afdReport: ReportDefinition = {
  id: 'afd',
  title,
  build: (report) => {
    const context = afdContext(report);
    const { numbers, measured, printed, value } = context;
    const key = (id: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(id, format(value(id))), meaning });
    const apart = planId('step-3', cheapestPlan('step-3', '8192').plan, '8192', 'usd-per-mtok');
    const together = colocatedId('step-3', cheapestColocated('step-3', '8192').plan.chip.id, '8192', 'usd-per-mtok');
    const keyNumbers = [
      key('afd/table-8/step-3/fp8-attention/2a2f/4k', whole, 'tokens per second and GPU are predicted where the paper measured its highest throughput'),
      key('afd/table-8/deepseek-v3/profile/4k', whole, 'where DeepSeek-V3 was measured, colocated'),
      key(apart, usd, 'is what a million tokens of Step-3 cost at 8K, attention on H20 and feed-forward on H800'),
      key(together, usd, 'the same with both on the cheapest chip'),
    ];
    const first = lead();
    const sections = [
      table8Section(context),
      timelineSection(),
      plansSection(context),
      variantsSection(context),
      networkSection(context),
      scalingSection(),
      weakHardwareSection(context),
      extrapolationsSection(context),
    ];
    const ours = new Set(['section-6', 'section-7']);
    return {
      id: 'afd',
      title,
      subtitle:
        'Attention and feed-forward layers on chips of their own, in a pipeline of micro-batches: stage times from calibrated kernels, the network, memory and prices, beside deployments that keep both together.',
      papers: [step3PaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead: first,
      sections,
      deviations: [...measured.deviations(), ...printed.deviations().filter(({ anchor }) => ours.has(anchor))],
      assumptions: [
        {
          statement: 'Each stage has a resource of its own: both ways over the network go on behind computation, and take nothing of it.',
          because: 'StepMesh, the library of the paper, moves data without compute units.',
        },
        { statement: 'Network cards reach the share of their rate that the paper measured.', because: 'No other chip was measured.' },
        { statement: 'Whole experts on chips or each split over an instance, whichever is better.', because: 'The paper does not say which; see what {{#table-8}} makes of both.' },
        { statement: 'Replicas wait for the slowest in every layer; tokens fall evenly on experts.', because: 'Attention and feed-forward hand over layer by layer.' },
        { statement: 'Prices are those of the papers, by the hour.', because: 'Other prices are an option of the command.' },
      ],
      ...numbers.views(),
    };
  },
};
