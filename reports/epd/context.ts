import type { Evidence } from '../../src/evidence/index.ts';
import { EPD_MODELS, type EpdModel, RESOLUTIONS } from '../../src/papers/epd/data/tables.ts';
import { epdPaper } from '../../src/papers/index.ts';
import type { NumberCollector } from '../../src/report/collect.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { CellView, PaperView } from '../../src/report/view.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

/** The paper as a page's head names it. */
export const epdPaperView: PaperView = {
  id: epdPaper.reference,
  title: epdPaper.title,
  authors: 'Gursimran Singh et al.',
  date: '2025-06',
  url: epdPaper.url,
};

export interface EpdContext extends ReportNumbers {
  readonly cells: ComparedCells;
  /** a number that no table prints */
  readonly cite: (path: string, format: (value: number) => string) => CellView;
}

export const ID = 'epd';
export const id = (path: string): string => `${ID}/${path}`;

const NAMED = /,? see ((?:[\w-]+\/)+[\w.-]*\w)|\b((?:allocation|constant|run|share-of-best|audio)\/(?:[\w-]+\/)*[\w.-]*\w)/g;

/** A reason that names numbers of the paper by their paths, with the numbers themselves. */
const withNumbers = (text: string, evidence: Evidence, numbers: NumberCollector): string =>
  text.replace(NAMED, (whole, seen?: string, path = seen) => {
    if (path === undefined || evidence.find(id(path)) === null) return whole;
    const slot = `{{${numbers.reference(id(path))}}}`;
    return seen === undefined ? slot : ` (${slot})`;
  });

/** Where headlines of the paper stand on the page. */
const ANCHORS: Readonly<Record<string, string>> = { text: 'claims', abstract: 'claims' };

/** The printed cells of the paper, reasons with the numbers that they name. */
export function epdCells(evidence: Evidence, numbers: NumberCollector): ComparedCells {
  const cells = compareForReport(epdPaper, evidence, numbers, (table) => ANCHORS[table] ?? table);
  const named = (text: string): string => withNumbers(text, evidence, numbers);
  return {
    ...cells,
    cell: (path) => {
      const cell = cells.cell(path);
      return cell.footnote === undefined ? cell : { ...cell, footnote: named(cell.footnote) };
    },
    deviations: (of) => cells.deviations(of).map((deviation) => ({ ...deviation, because: named(deviation.because) })),
  };
}

export function epdContext(report: ReportContext): EpdContext {
  const numbers = reportNumbers(report);
  return {
    ...numbers,
    cells: epdCells(numbers.open('paper'), numbers.numbers),
    cite: (path, format) => ({ text: format(numbers.peek(id(path))), number: numbers.numbers.reference(id(path)) }),
  };
}

export const MODEL_NAMES = { 'minicpm-v-2.6': 'MiniCPM-V 2.6', 'internvl2-8b': 'InternVL2-8B', 'internvl2-26b': 'InternVL2-26B' } as const satisfies Readonly<Record<EpdModel, string>>;

/** Images of the paper by their pixels, as a table names them. */
export const sizeText = (resolution: string): string => resolution.replace('x', '\u00a0×\u00a0');

/** Every model at every size of image of Tables 2 and 3. */
export const ROWS = EPD_MODELS.flatMap((model) => RESOLUTIONS.map((resolution) => ({ model, resolution, header: `${MODEL_NAMES[model]}, ${sizeText(resolution)}` })));

/** Series of all charts of the page, so that each has one colour. */
export const SERIES = ['epd', 'distserve', 'no-irp', 'vllm'] as const;
export const SYSTEMS = { epd: 'EPD', distserve: 'DistServe', vllm: 'vLLM' } as const;

export const whole = (value: number): string => value.toFixed(0);
export const tokens = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 0 });
export const times = (value: number): string => value.toFixed(1);
export const percent = (share: number): string => (100 * share).toFixed(1);
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
export const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
