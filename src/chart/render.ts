import type { Chart, JsonObject, VegaLiteSpec } from './spec.ts';
import { type ColourMode, FONT, resolveColours, vegaConfig } from './theme.ts';

/** A chart as a page needs it: a Vega spec for the browser, and whether it may be drawn at another width. */
export interface CompiledChart {
  readonly vega: JsonObject;
  readonly responsive: boolean;
}

/** Width of a drawing in px, axes and labels included, where the spec does not say and is not a set of small multiples. */
export const CHART_WIDTH = 760;

/**
 * Compiles a chart to Vega, its colours as CSS variables. A chart of one plot, or of panels that wrap, is fitted to its width.
 * @throws Error `chart: <id> ...` for anything that Vega-Lite warns about
 */
export async function compileToVega(chart: Chart): Promise<CompiledChart> {
  const { compile } = await import('vega-lite');
  const onePlot = isOnePlot(chart.spec);
  const responsive = onePlot || ownsWidth(chart.spec);
  const width: JsonObject = onePlot ? { width: CHART_WIDTH } : {};
  const spec = { ...width, ...chart.spec, datasets: { ...(chart.spec.datasets as JsonObject | undefined), rows: chart.data }, config: vegaConfig('css') };
  const { logger, check } = listen(chart.id);
  const compiled = compile(JSON.parse(JSON.stringify(spec)), { logger });
  check();
  const vega: JsonObject = JSON.parse(JSON.stringify(compiled.spec));
  return { vega: responsive ? { ...vega, autosize: { type: 'fit-x', contains: 'padding' } } : vega, responsive };
}

/**
 * Draws a chart as one `<svg>` element, without a canvas and without a network; the same bytes for the same chart.
 * `css` leaves colours as `var(--token)` for a page that defines them. Ids carry the id of the chart, so several can share a page.
 */
export async function renderSvg(chart: Chart, mode: ColourMode): Promise<string> {
  return drawSvg(chart, await compileToVega(chart), mode);
}

/** `renderSvg` for a chart that is compiled already. */
export async function drawSvg(chart: Chart, { vega: spec }: CompiledChart, mode: ColourMode): Promise<string> {
  const { View, parse, resetSVGDefIds } = await import('vega');
  const { logger, check } = listen(chart.id);
  const refuse = (): Promise<never> => Promise.reject(new Error('a chart holds its own data'));
  const view = new View(parse(JSON.parse(JSON.stringify(spec))), { renderer: 'none', logger, loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse } });
  try {
    await view.runAsync();
    resetSVGDefIds();
    const svg = tidy(await view.toSVG(), chart);
    check();
    return mode === 'css' ? svg : resolveColours(svg, mode);
  } finally {
    view.finalize();
  }
}

const FACETS = ['row', 'column', 'facet'];
const isOnePlot = ({ mark, layer, width, encoding = {} }: VegaLiteSpec): boolean =>
  (mark ?? layer) !== undefined && typeof width !== 'object' && !FACETS.some((channel) => channel in (encoding as JsonObject));

/** Small multiples that follow the signal `width` as one plot does (`panels`). */
const ownsWidth = ({ params = [] }: VegaLiteSpec): boolean => (params as readonly JsonObject[]).some(({ name }) => name === 'width');

/** What a still drawing does not need: what only a pointer finds, what is not to be seen, what every element repeats. */
const NEEDLESS = [
  /<g class="mark-path[^"]*voronoi[^>]*>.*?<\/g>/gs,
  /<path[^>]* (?:opacity="0"|display="none"|d="M0,0h0v0h0Z")[^>]*(?:\/>|><\/path>)/g,
  /<text[^>]* opacity="0"[^>]*>[^<]*<\/text>/g,
  / (?:role|class|aria-[a-z]+|font-family|pointer-events)="[^"]*"/g,
  / (?:opacity="1"|font-weight="400"|transform="translate\(0,0\)")/g,
];
const COORDINATES = /(?<= (?:d|transform|x|y|x1|x2|y1|y2|width|height)=")[^"]*/g;

/** Ids that are the chart's own, coordinates to a hundredth of a pixel, the description as the name of the image. */
function tidy(svg: string, { id, description }: Chart): string {
  const [head = '', ...rest] = svg.split(/(?<=^<svg[^>]*>)/);
  const body = NEEDLESS.reduce((text, pattern) => text.replace(pattern, ''), rest.join(''))
    .replace(/(id="|url\(#|href="#)(clip|gradient_)/g, `$1${id}-$2`)
    .replace(COORDINATES, (numbers) => numbers.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (each) => String(Number(Number(each).toFixed(2)))));
  return `${head.slice(0, -1)} role="img" aria-label="${escapeXml(description)}" font-family="${escapeXml(FONT)}">${body}`;
}

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

interface Logger {
  level(): number;
  level(value: number): this;
  error(...args: readonly unknown[]): this;
  warn(...args: readonly unknown[]): this;
  info(...args: readonly unknown[]): this;
  debug(...args: readonly unknown[]): this;
}

/** A doubtful chart is an error: Vega and Vega-Lite would complain and draw something else than was meant. */
function listen(id: string): { readonly logger: Logger; readonly check: () => void } {
  const complaints: string[] = [];
  const complain = (...args: readonly unknown[]): Logger => {
    complaints.push(args.map((each) => (each instanceof Error ? each.message : String(each))).join(' '));
    return logger;
  };
  const logger = { level: (value?: number) => (value === undefined ? 1 : logger), error: complain, warn: complain, info: () => logger, debug: () => logger } as Logger;
  const check = (): void => {
    if (complaints.length > 0) throw new Error(`chart: ${id} ${complaints.join('; ')}`);
  };
  return { logger, check };
}
