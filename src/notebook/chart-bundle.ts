import { CHART_WIDTH, compileToVega, drawSvg } from '../chart/render.ts';
import type { Chart, JsonObject } from '../chart/spec.ts';
import { colour, resolveColours, vegaConfig } from '../chart/theme.ts';
import type { MimeBundle } from './kernel-display.ts';
import { escapeHtml } from './table-view.ts';

/**
 * A chart, titled, in the forms that notebooks know. JupyterLab and VS Code draw the spec; they know Vega-Lite 5, whose
 * specs ours are when they name no version. Others, and saved HTML, show the drawing: as an image, because inline SVG is
 * stripped there.
 * @throws Error `chart: <id> ...` for anything that Vega-Lite warns about
 */
export async function chartBundle(chart: Chart): Promise<MimeBundle> {
  const titled: Chart = { ...chart, spec: { title: chart.title, ...chart.spec } };
  const compiled = await compileToVega(titled);
  const svg = await drawSvg(titled, compiled, 'light');
  const page = colour('page', 'light');
  const image = `<img alt="${escapeHtml(chart.description)}" style="background:${page};max-width:100%" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  return { 'application/vnd.vegalite.v5+json': inlineSpec(titled, compiled.responsive, page), 'text/html': image, 'text/plain': `${chart.title}\n${chart.description}` };
}

/** The spec with its rows and colours inside, at the width of the drawing. */
function inlineSpec({ spec, data, description }: Chart, responsive: boolean, background: string): JsonObject {
  const fit = responsive ? { width: CHART_WIDTH, autosize: { type: 'fit-x', contains: 'padding' } } : {};
  const datasets = { ...(spec.datasets as JsonObject | undefined), rows: data };
  return JSON.parse(resolveColours(JSON.stringify({ ...fit, ...spec, description, datasets, config: vegaConfig('css'), background }), 'light'));
}
