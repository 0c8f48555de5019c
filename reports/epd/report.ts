import type { ReportDefinition } from '../../src/report/definition.ts';
import { allocationSection } from './allocation.ts';
import { audioSection } from './audio.ts';
import { epdClaims } from './claims.ts';
import { epdContext, epdPaperView, id, percent, times } from './context.ts';
import { fittedSection } from './fitted.ts';
import { memorySection } from './memory.ts';
import { switchingSection } from './switching.ts';
import { cheapestOf, dollars, extremes, lead, todaySection } from './today.ts';
import { tokensSection } from './tokens.ts';
import { ttftSection } from './ttft.ts';

const title = 'What does an image cost, and does a separate encode stage pay?';

/** EPD: image tokens, memory by stage, time to the first token, allocation and role switching, and what an image costs today. */
export const epdReport: ReportDefinition = {
  id: 'epd',
  title,
  build: (report) => {
    const context = epdContext(report);
    const { numbers, cells, value } = context;
    const key = (number: string, format: (value: number) => string, meaning: string) => ({ number: numbers.reference(number, format(value(number))), meaning });
    const { least, most } = extremes(context, '4032x3024');
    const first = lead(context);
    const claims = epdClaims(context);
    const sections = [
      tokensSection(context),
      memorySection(context),
      fittedSection(context),
      ttftSection(context),
      allocationSection(context),
      switchingSection(context),
      audioSection(context),
      todaySection(context),
      { ...claims, anchor: 'claims', heading: 'Headline claims' },
    ];
    const keyNumbers = [
      key(cheapestOf(least, '4032x3024'), dollars, 'for a thousand photos, the cheapest model on its cheapest chip'),
      key(cheapestOf(most, '4032x3024'), dollars, 'the same with the dearest model'),
      key(id('gain/8'), (ratio) => `${ratio.toFixed(2)} times`, 'the requests that eight workers serve which do all stages, if an image takes as long on both'),
      key(id('text/ttft-reduction/minicpm-v-2.6'), (share) => `${percent(share)} %`, 'less time to the first token with encoding shared than with DistServe, predicted'),
      key(id('today/encode-ratio'), (ratio) => `${times(ratio)} times`, 'the time of its kernels is what the paper takes to encode a photo'),
    ];
    return {
      id: 'epd',
      title,
      subtitle:
        'Serving models that see with encode, prefill and decode on separate chips: tokens of an image, memory of each stage, time to the first token, allocation of chips, and what an image costs with models of today.',
      papers: [epdPaperView],
      scenario: 'paper',
      generator: report.generator,
      keyNumbers,
      lead: first,
      sections,
      deviations: cells.deviations(),
      assumptions: [
        { statement: 'A worker is one A100 with the memory that it reports; weights and caches are FP16.', because: 'So the paper runs them.' },
        {
          statement: 'Activations of encoder and language model grow evenly with patches and tokens, beside a fixed reserve.',
          because: 'Three constants a model, four for InternVL2-26B, give the tables; the paper has no formula.',
        },
        { statement: 'The context counts image tokens alone, without markers and text.', because: 'The largest printed request of MiniCPM-V 2.6 fits only so.' },
        { statement: 'Images of a request are dealt out over encode workers whole.', because: 'So does the released code; the paper says tiles.' },
        { statement: 'Models of today run on calibrated kernels alone, and chips are always busy.', because: 'No measured runs of their encoders are public.' },
      ],
      ...numbers.views(),
    };
  },
};
