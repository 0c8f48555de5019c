import { headline, textGains } from '../../src/papers/distserve/data/claims.ts';
import { asPrinted, distservePaper } from '../../src/papers/index.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import type { ReportNumbers } from '../numbers.ts';

const id = (path: string): string => `distserve/${path}`;
const times = (value: number): string => value.toFixed(1);

/** The headline claims of DistServe: what its drawn lines give, and what ours predicts. */
export function distserveClaims({ numbers, value, slot }: Pick<ReportNumbers, 'numbers' | 'value' | 'slot'>): SectionView {
  const isPrinted = (path: string, printed: string): boolean => asPrinted(value(id(path)), printed, 1) === printed;
  const both = isPrinted('abstract/rate', headline.rate) && isPrinted('abstract/slo', headline.slo);
  const because = (path: string): string => distservePaper.open.find(({ cell }) => cell === id(path))?.because ?? '';
  const ours = (path: string) => ({ text: times(value(id(path))), number: numbers.reference(id(path)) });
  const reproduced = (header: string, path: string, printed: string): RowView => ({
    header,
    cells: { status: { text: 'reproduced' }, value: { ...ours(path), printed, match: 'match' }, unit: { text: 'times' } },
  });
  const open = (header: string, path: string, printed: string): RowView => ({
    header,
    cells: { status: { text: 'open' }, value: { text: '', printed, footnote: `Open: ${because(path)}.` }, unit: { text: 'times' } },
  });
  const predicted = (header: string, path: string): RowView => ({ header, cells: { status: { text: 'predicted' }, value: ours(path), unit: { text: 'times' } } });
  const [small, large] = ['opt-13b', 'opt-66b'].map((model) => `predicted-gain/figure-8/${model}`) as [string, string];
  const more = value(id(small)) > 2 && value(id(large)) > 2;
  return {
    anchor: 'distserve',
    heading: 'DistServe: both gains are in its figures',
    takeaway: `${claim('Both gains of the abstract come out of the lines that its figures draw, each in its best case', both)}: ${slot(id('abstract/rate'), (gain) => `${times(gain)} times`)} the rate and ${slot(id('abstract/slo'), (gain) => `${times(gain)} times`)} tighter objectives; simulated, ${claim('its chatbots serve more than twice the requests of vLLM', more)}.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'distserve-claims',
        label: 'DistServe',
        caption: claim('Claims of the abstracts of DistServe', both),
        rowHeader: 'Claim',
        columns: [
          { id: 'status', header: 'Status', numeric: false },
          { id: 'value', header: 'Our number' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          reproduced('More requests within the objectives', 'abstract/rate', headline.rate),
          reproduced('Tighter objectives', 'abstract/slo', headline.slo),
          reproduced('More requests than vLLM with a chatbot, at most (text)', 'text/gain/chatbot/vllm/rate/most', textGains.chatbot.vllm.rate.most),
          open('More requests, first version', 'abstract/first-version-rate', headline.firstVersion.rate),
          open('Tighter objectives, first version', 'abstract/first-version-slo', headline.firstVersion.slo),
          predicted('More requests than vLLM, chatbot of OPT-13B', small),
          predicted('More requests than vLLM, chatbot of OPT-66B', large),
        ],
        note: 'Reproduced: from the vertical lines of Figures 8 and 9, against the system that does worst in the best case; the rate against DeepSpeed-MII with the chatbot of OPT-13B, the objectives against vLLM with summaries. Predicted: both systems simulated, see the report on DistServe; for OPT-13B vLLM has no rate within the objectives among those drawn, so the gain is at least this; its curve is nearly flat there, so that a few points of attainment make most of it.',
      },
    ],
  };
}
