import { describe, expect, it } from 'vitest';
import { reports, selectReports } from '../../reports/index.ts';
import { modelEntries } from '../../src/models/index.ts';
import { claim, reportContext } from '../../src/report/index.ts';
import { lintProse } from '../../src/report/prose.ts';
import type { Block, ReportView } from '../../src/report/view.ts';

const views = reports.map((report) => report.build(reportContext('0.0.0')));

/** Names that contain digits and are no computed numbers. */
const NAMES = [
  'Llama 4',
  'observation 1',
  '910B',
  '8-bit',
  '16-bit',
  '32-bit',
  '4-bit',
  '16 bit',
  '8 bit',
  '32 bit',
  '32 in',
  '50 ms',
  '3600 s',
  '235B',
  '321 billion',
  '4,039',
  '2,324',
  '38 billion',
  'FP8',
  'PCIe 4.0',
  'PCIe 5.0',
];

const proseOf = (block: Block): readonly string[] => {
  switch (block.kind) {
    case 'paragraph':
      return [block.text];
    case 'list':
      return block.items;
    case 'details':
      return [block.summary, ...block.blocks.flatMap(proseOf)];
    case 'table':
      return [block.caption, block.note ?? ''];
    case 'figure':
      return [block.note ?? '', block.source];
    case 'formula':
      return [];
  }
};

const sentences = (view: ReportView): readonly string[] => [
  view.subtitle,
  ...view.keyNumbers.map(({ meaning }) => meaning),
  ...view.sections.flatMap(({ takeaway, blocks }) => [takeaway, ...blocks.flatMap(proseOf)]),
  ...view.assumptions.flatMap(({ statement, because }) => [statement, because]),
];

describe.each(views)('report $id', (view) => {
  it('types no computed number into its prose', () => {
    const typed = sentences(view).flatMap((text) => lintProse(text, [...NAMES, ...modelEntries.map(({ model }) => model.name)]).map((digits) => `${digits} in: ${text}`));
    expect(typed).toEqual([]);
  });

  it('has unique anchors, numbers and charts', () => {
    const anchors = view.sections.map(({ anchor }) => anchor);
    expect(new Set(anchors).size).toBe(anchors.length);
    const ids = view.numbers.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('builds the same again', () => {
    const again = reports.find(({ id }) => id === view.id)?.build(reportContext('0.0.0'));
    expect(JSON.stringify(again)).toBe(JSON.stringify(view));
  });

  it('holds every input of every number', () => {
    const ids = new Set(view.numbers.map(({ id }) => id));
    const inputs = view.numbers.flatMap(({ origin }) => (origin.kind === 'source' ? [] : origin.kind === 'sum' ? origin.terms : Object.values(origin.inputs)));
    expect(inputs.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('the Step-3 report', () => {
  const [view] = views;
  it('has the tables and figures of the paper in its order, under the labels of the paper', () => {
    const labels = view?.sections.flatMap(({ label }) => label ?? []);
    expect(labels).toEqual(['Table 1', 'Table 2', 'Table 3', 'Table 4', 'Table 5', 'Figure 1', 'Table 6', 'Figure 2', 'Figure 3', 'Figure 4', 'Figure 5', 'Table 7']);
  });

  it('shows every named deviation', () => {
    expect(view?.deviations.map(({ printed, computed }) => [printed, computed])).toEqual([
      ['2.80e-19', '2.81e-19'],
      ['1.117', '1.177'],
      ['0.114', '0.113'],
      ['0.078', '0.079'],
      ['16.6', '16.7'],
    ]);
  });
});

describe('claim', () => {
  it('fails the build when its sentence is false', () => {
    expect(claim('two is even', 2 % 2 === 0)).toBe('two is even');
    expect(() => claim('three is even', 3 % 2 === 0)).toThrow(/^report: claim "three is even" is false for the numbers of this build$/);
  });
});

describe('selectReports', () => {
  it('gives all for none, and refuses an unknown id with the nearest', () => {
    expect(selectReports([])).toBe(reports);
    expect(() => selectReports(['step'])).toThrow(/^reports: id step is unknown; nearest: step3/);
  });
});
