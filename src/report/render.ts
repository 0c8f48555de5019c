import { cssVariables } from '../chart/theme.ts';
import { BASES } from '../provenance/source.ts';
import { BASIS_MEANINGS, basisContext } from './basis.ts';
import { blockContext, type Drawings, figureContext, symbolContexts } from './blocks.ts';
import { derivationContext, derivationData, formulaAnchor, procedureAnchor } from './derivations.ts';
import { splitDigits, valueText } from './digits.ts';
import { drawCharts } from './drawing.ts';
import { compilePage, contentPolicy, inlineJson, packData, type Templates } from './html.ts';
import type { DerivationData } from './page-data.ts';
import { APPENDICES, indexPage, numberContext, type PageIndex, proseContext } from './page-index.ts';
import type { ReportView } from './view.ts';

/** The files that every page is made with: `templates/*.html`, `templates/style.css` and the built browser script. */
export interface ReportAssets {
  readonly templates: Templates;
  readonly css: string;
  readonly runtime: string;
}

/** The files in `templates/`; `page` is the whole, the others are its partials. */
export const TEMPLATE_NAMES = [
  ...['page', 'skip-link', 'top-bar', 'contents', 'masthead', 'key-numbers', 'reading-guide', 'section', 'permalink', 'takeaway'],
  ...['paragraph', 'bullets', 'steps', 'fold', 'formula', 'symbols', 'data-table', 'head-cell', 'our-cell', 'printed-cell', 'footnote-mark', 'figure'],
  ...['prose', 'number', 'reference', 'digits', 'basis', 'deviations', 'assumptions', 'sources', 'formulas', 'formula-entry', 'procedure-entry', 'derivations', 'derivation', 'via'],
  ...['number-panel', 'numbers-data', 'page-data'],
] as const;

/** Reads the assets through `read`, which takes a path in the package (`templates/page.html`) and gives its text. */
export async function loadAssets(read: (path: string) => Promise<string>): Promise<ReportAssets> {
  const [css, runtime, ...texts] = await Promise.all(['templates/style.css', 'dist/report-runtime.js', ...TEMPLATE_NAMES.map((name) => `templates/${name}.html`)].map(read));
  return { css: css ?? '', runtime: runtime ?? '', templates: Object.fromEntries(TEMPLATE_NAMES.map((name, index) => [name, texts[index] ?? ''])) };
}

/** Draws the charts of a report and renders its page. */
export const buildReport = async (view: ReportView, assets: ReportAssets): Promise<string> => renderReport(view, assets, await drawCharts(view));

/**
 * The page of a report: one self-contained HTML document; the same text for the same view.
 * @throws RangeError when the view names a number, formula, anchor or drawing that it does not hold, or an id twice
 */
export function renderReport(view: ReportView, assets: ReportAssets, drawings: Drawings): string {
  const page = indexPage(view);
  const contents = { ...bodyContext(view, page, drawings), ...appendixContext(view, page) };
  const shown = view.numbers.filter(({ id }) => page.shown.has(id));
  const derivations = new Map(view.numbers.map((number) => [number.id, derivationData(number, page)]));
  return compilePage(assets.templates)({
    ...contents,
    nodes: shown.map(({ id, value }) => derivationContext(derivations.get(id) as DerivationData, value, derivations, page)),
    count: String(view.numbers.length),
    scenario: view.scenario,
    generator: view.generator,
    policy: contentPolicy(assets.runtime),
    unsafeStyle: `${cssVariables()}\n${assets.css}`,
    unsafeRuntime: assets.runtime,
    unsafeData: packData({ derivations: [...derivations.values()], charts: Object.fromEntries([...drawings].map(([id, { vega }]) => [id, vega])) }),
    unsafeNumbers: inlineJson({
      report: view.id,
      scenario: view.scenario,
      numbers: Object.fromEntries(shown.map(({ id, value, unit }) => [id, { value: typeof value === 'number' ? Number(valueText(value)) : value, unit }])),
    }),
  });
}

function bodyContext(view: ReportView, page: PageIndex, drawings: Drawings): object {
  return {
    title: view.title,
    question: proseContext(view.title, page),
    description: view.papers.map(({ title, id }) => `${title} (${id})`).join('; '),
    reportName: view.id,
    subtitle: proseContext(view.subtitle, page),
    papers: view.papers,
    keyNumbers: view.keyNumbers.map(({ number, meaning }) => ({ number: numberContext(number, page), meaning: proseContext(meaning, page) })),
    lead: figureContext(view.lead, page, drawings),
    bases: BASES.map((basis) => ({ ...basisContext(basis), meaning: BASIS_MEANINGS[basis] })),
    sections: view.sections.map((section) => ({
      anchor: section.anchor,
      label: section.label ?? '',
      heading: section.heading,
      takeaway: proseContext(section.takeaway, page),
      blocks: section.blocks.map((block) => blockContext(block, section.anchor, page, drawings)),
    })),
    entries: [
      ...view.sections.map(({ anchor, label, heading }) => ({ anchor, label: label ?? '', heading, level: 'section-entry' })),
      ...Object.entries(APPENDICES).map(([anchor, heading]) => ({ anchor, label: '', heading, level: 'appendix-entry' })),
    ],
  };
}

function appendixContext(view: ReportView, page: PageIndex): object {
  return {
    deviations: view.deviations.map(({ cell, anchor, number, printed, computed, because }) => {
      page.label(anchor);
      if (number !== undefined) page.number(number);
      return { cell, anchor, number: number ?? '', printed: splitDigits(printed), computed: splitDigits(computed), because: proseContext(because, page) };
    }),
    assumptions: view.assumptions.map(({ statement, because }) => ({ statement: proseContext(statement, page), because: proseContext(because, page) })),
    sources: page.sources.entries,
    formulas: view.formulas.map((formula) => ({
      anchor: formulaAnchor(formula.id),
      name: formula.name,
      expression: formula.expression,
      unsafeMathml: formula.mathml,
      symbols: symbolContexts(formula),
      unit: formula.unit,
      source: page.sources.refer(formula.source),
    })),
    procedures: view.procedures.map(({ id, name, steps, source }) => ({ anchor: procedureAnchor(id), name, steps, source: page.sources.refer(source) })),
  };
}
