import type { Evidence } from '../../src/evidence/index.ts';
import { fastswitchPaper } from '../../src/papers/index.ts';
import type { NumberCollector } from '../../src/report/collect.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { CellView, PaperView } from '../../src/report/view.ts';
import { significant } from '../../src/units/format.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

/** The paper as a page's head names it. */
export const fastswitchPaperView: PaperView = {
  id: fastswitchPaper.reference,
  title: fastswitchPaper.title,
  authors: 'Ao Shen, Zhiyao Li and Mingyu Gao',
  date: '2024-11',
  url: fastswitchPaper.url,
};

export interface FastswitchContext extends ReportNumbers {
  readonly cells: ComparedCells;
  /** a printed cell beside ours */
  readonly cell: (path: string) => CellView;
  /** a number that no table prints */
  readonly cite: (path: string, format: (value: number) => string) => CellView;
  /** a slot of prose for a number of the paper */
  readonly own: (path: string, format: (value: number) => string) => string;
  /** its value, compared but not cited */
  readonly look: (path: string) => number;
  /** what a simulation answers to a cell; undefined where none does yet */
  readonly simulated: (path: string) => number | undefined;
  /** whether simulations answer all of these cells */
  readonly answered: (paths: readonly string[]) => boolean;
}

export const ID = 'fastswitch';
export const id = (path: string): string => `${ID}/${path}`;

/** Where sentences of the paper stand on the page. */
const ANCHORS: Readonly<Record<string, string>> = { text: 'claims', abstract: 'claims' };

export const fastswitchCells = (evidence: Evidence, numbers: NumberCollector): ComparedCells => compareForReport(fastswitchPaper, evidence, numbers, (table) => ANCHORS[table] ?? table);

export function fastswitchContext(report: ReportContext): FastswitchContext {
  const numbers = reportNumbers(report);
  const cells = fastswitchCells(numbers.open('paper'), numbers.numbers);
  const isOpen = (path: string): boolean => cells.compared(id(path)).status === 'open';
  return {
    ...numbers,
    cells,
    cell: (path) => cells.cell(id(path)),
    cite: (path, format) => {
      const text = format(numbers.peek(id(path)));
      return { text, number: numbers.numbers.reference(id(path)) };
    },
    own: (path, format) => numbers.slot(id(path), format),
    look: (path) => numbers.peek(id(path)),
    simulated: (path) => (isOpen(path) ? undefined : numbers.peek(id(path))),
    answered: (paths) => !paths.some(isOpen),
  };
}

export const EMPTY: CellView = { text: '' };

/** Policies of the page, so that each has one colour in all charts. */
export const SERIES = ['fastswitch', 'vllm', 'dbg', 'dbg-reuse'] as const;
export const POLICY_NAMES = { vllm: 'vLLM', dbg: 'Groups', 'dbg-reuse': 'Groups, reuse', fastswitch: 'FastSwitch' } as const;
export const MODEL_NAMES = { 'llama-8b': 'LLaMA-8B', 'qwen-32b': 'Qwen-32B' } as const;
export const PATTERN_NAMES = { markov: 'Markov', random: 'Random' } as const;
export const METRIC_NAMES = { 'p95-ttft': 'P95 TTFT', 'p99-ttft': 'P99 TTFT', 'p99.9-ttft': 'P99.9 TTFT', 'p99.9-tbt': 'P99.9 TBT' } as const;
export const CHIP_NAMES: Readonly<Record<string, string>> = { h800: 'H800', h20: 'H20', a800: 'A800' };
export const LINK_NAMES: Readonly<Record<string, string>> = { 'pcie4-x16': 'PCIe 4.0', 'pcie5-x16': 'PCIe 5.0', 'nvlink-c2c': 'NVLink-C2C' };

export const whole = (value: number): string => value.toFixed(0);
export const times = (value: number): string => value.toFixed(1);
export const twice = (value: number): string => value.toFixed(2);
export const tokens = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 0 });
export const percent = (share: number): string => (100 * share).toFixed(1);
export const kib = (bytes: number): string => String(Number((bytes / 2 ** 10).toFixed(1)));
export const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
export const gigabytesPerSecond = (rate: number): string => (rate / 1e9).toFixed(1);
export const micro = (seconds: number): string => (1e6 * seconds).toFixed(2);
export const milli = (seconds: number): string => significant(1e3 * seconds, 3);
