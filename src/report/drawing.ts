import { type CompiledChart, compileToVega, drawSvg } from '../chart/render.ts';
import type { Chart } from '../chart/spec.ts';
import { flatten } from './page-index.ts';
import type { ReportView } from './view.ts';

/** A chart ready for a page: the picture that needs no script, and the spec that the script draws in its place. */
export interface Drawing extends CompiledChart {
  readonly svg: string;
}

/** All charts of a report in the order of the page. */
export const chartsOf = (view: ReportView): readonly Chart[] => [
  view.lead.chart,
  ...view.sections.flatMap(({ blocks }) => flatten(blocks).flatMap((block) => (block.kind === 'figure' ? [block.chart] : []))),
];

/**
 * Draws every chart of a report, by chart id.
 * @throws RangeError when two charts share an id
 */
export async function drawCharts(view: ReportView): Promise<ReadonlyMap<string, Drawing>> {
  const drawings = new Map<string, Drawing>();
  for (const chart of chartsOf(view)) {
    if (drawings.has(chart.id)) throw new RangeError(`report: chart ${chart.id} is not unique on the page`);
    const compiled = await compileToVega(chart);
    drawings.set(chart.id, { ...compiled, svg: await drawSvg(chart, compiled, 'css') });
  }
  return drawings;
}
