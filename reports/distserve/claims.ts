import { textGains } from '../../src/papers/distserve/data/claims.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, SYSTEMS, times } from './context.ts';

const APPLICATIONS = { chatbot: 'Chatbot', 'code-completion': 'Code', summarization: 'Summaries' } as const;
const OTHERS = ['vllm', 'deepspeed-mii'] as const;
const MEASURES = ['rate', 'slo'] as const;

/** What the text says of its figures, section 3.3 and Appendix A. */
export function claimsSection({ cells, slot }: DistserveContext): SectionView {
  const find = (path: string): CellView | null => {
    try {
      return cells.cell(id(path));
    } catch {
      return null;
    }
  };
  const gainRows = (path: string, header: string): readonly RowView[] =>
    (['least', 'most'] as const).flatMap((which) => {
      const of = (measure: (typeof MEASURES)[number]): CellView => find(`${path}/${measure}/${which}`) ?? (which === 'most' ? find(`${path}/${measure}`) : null) ?? { text: '' };
      const [rate, slo] = [of('rate'), of('slo')];
      return rate.text === '' && slo.text === '' ? [] : [{ header: `${header}${which === 'least' ? ', at least' : find(`${path}/rate/least`) === null ? '' : ', at most'}`, cells: { rate, slo } }];
    });
  const rows = [
    ...(Object.keys(textGains) as (keyof typeof textGains)[]).flatMap((application) =>
      OTHERS.flatMap((other) => gainRows(`text/gain/${application}/${other}`, `${APPLICATIONS[application]}, over ${SYSTEMS[other]}`)),
    ),
    ...OTHERS.flatMap((other) => gainRows(`text/gain-p99/${other}`, `Higher line, over ${SYSTEMS[other]}`)),
  ];
  const number = (header: string, path: string, unit: string): RowView => ({ header, cells: { value: cells.cell(id(path)), unit: { text: unit } } });
  const headline = cells.compared(id('abstract/rate')).status === 'reproduced' && cells.compared(id('abstract/slo')).status === 'reproduced';
  return {
    anchor: 'claims',
    label: 'Table J',
    heading: 'What the text and the abstract say',
    takeaway: `${claim('Both gains of the abstract are what its lines show in the best case', headline)}: ${slot(id('abstract/rate'), (value) => `${times(value)} times`)} the rate and ${slot(id('abstract/slo'), (value) => `${times(value)} times`)} tighter objectives, each against the system that does worst there.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'claims',
        label: 'Table J',
        caption: claim('Gains of DistServe, from the lines that are drawn', headline),
        rowHeader: 'Case',
        columns: [
          { id: 'rate', header: 'Rate', unit: 'times' },
          { id: 'slo', header: 'Objectives', unit: 'times tighter' },
        ],
        rows: [...rows, { header: 'Abstract', cells: { rate: cells.cell(id('abstract/rate')), slo: cells.cell(id('abstract/slo')) } }],
        note: `From the vertical lines of Figures 8 and 9, and of Figures 13 and 14 for the higher line. Simulated, the rate of DistServe is at least ${slot(id('predicted-gain/figure-8/opt-13b'), (value) => `${times(value)} times`)} that of vLLM for the chatbot of OPT-13B and ${slot(id('predicted-gain/figure-8/opt-66b'), (value) => `${times(value)} times`)} for that of OPT-66B.`,
      },
      {
        kind: 'table',
        anchor: 'numbers',
        label: 'Table K',
        caption: 'Numbers of Section 3.3 and Appendix A',
        rowHeader: 'Quantity',
        columns: [
          { id: 'value', header: 'Value' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          number('Keys and values of a prompt, OPT-66B', 'text/kv-bytes', 'GB'),
          number('the same', 'text/kv-bytes:binary', 'GiB'),
          number('Demand of ten prompts per second', 'text/kv-demand', 'GB/s'),
          number('the same', 'text/kv-demand:binary', 'GiB/s'),
          number('the same', 'text/kv-demand-bits', 'Gbit/s'),
          number('the same', 'text/kv-demand-bits:binary', 'Gibit/s'),
          number('NVLink between A100, both ways', 'text/nvlink', 'GB/s'),
          number('Rate of two prefill GPUs and one decode GPU', 'text/goodput-per-gpu', '1/s a GPU'),
          number('over that of a GPU that does both', 'text/goodput-gain', 'times'),
          number('Attention, blocks of 16', 'appendix-a/attention-intensity-16', 'FLOP per access'),
          number('Attention, blocks of 32', 'appendix-a/attention-intensity-32', 'FLOP per access'),
          number('Ridge point of A100-80GB', 'appendix-a/ridge-point', 'FLOP/B'),
        ],
      },
    ],
  };
}
