import { evaluationCases } from '../../src/papers/distserve/curves.ts';
import { distservePaper } from '../../src/papers/index.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { CellView, PaperView } from '../../src/report/view.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

/** The paper as a page's head names it. */
export const distservePaperView: PaperView = {
  id: distservePaper.reference,
  title: distservePaper.title,
  authors: 'Yinmin Zhong et al.',
  date: '2024-06',
  url: distservePaper.url,
};

export interface DistserveContext extends ReportNumbers {
  readonly cells: ComparedCells;
  /** our value of a cell as printed, without the paper's beside it */
  readonly ours: (path: string) => CellView;
  /** a number that is no cell */
  readonly cite: (path: string, format: (value: number) => string) => CellView;
}

export const ID = 'distserve';
export const id = (path: string): string => `${ID}/${path}`;

/** Where tables of the scoreboard stand on the page. */
const ANCHORS: Readonly<Record<string, string>> = { text: 'claims', 'appendix-a': 'claims', abstract: 'claims', search: 'simulator' };

export function distserveContext(report: ReportContext): DistserveContext {
  const numbers = reportNumbers(report);
  const cells = compareForReport(distservePaper, numbers.open('paper'), numbers.numbers, (table) => ANCHORS[table] ?? table);
  return {
    ...numbers,
    cells,
    ours: (path) => {
      const { text, number, footnote } = cells.cell(id(path));
      return { text, ...(number === undefined ? {} : { number }), ...(footnote === undefined ? {} : { footnote }) };
    },
    cite: (path, format) => ({ text: format(numbers.peek(id(path))), number: numbers.numbers.reference(id(path)) }),
  };
}

/** Series of all charts of the page, so that each has one colour. */
export const SERIES = ['distserve', 'vllm', 'deepspeed-mii', 'paper', 'kernels'] as const;
export const SYSTEMS = { distserve: 'DistServe', vllm: 'vLLM', 'deepspeed-mii': 'DeepSpeed-MII' } as const;

/** Cases of Figures 8 and 9 as a table names them. */
export const CASES = { 'opt-13b': 'OPT-13B, chatbot', 'opt-66b': 'OPT-66B, chatbot', humaneval: 'OPT-66B, code', longbench: 'OPT-66B, summaries' } as const;
export const casesOf = (figure: 'figure-8' | 'figure-9') => evaluationCases.filter((each) => each.figure === figure);

export const points = (share: number): string => (100 * share).toFixed(1);
export const usd = (value: number): string => value.toFixed(2);
export const whole = (value: number): string => value.toFixed(0);
export const tokens = (value: number): string => value.toLocaleString('en-GB');
export const times = (value: number): string => value.toFixed(1);
/** as a chart has it, without the noise of a float */
export const percentOf = (share: number): number => Number((100 * share).toFixed(6));
