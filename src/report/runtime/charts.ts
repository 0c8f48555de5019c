/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { Error as LogErrors, logger, parse, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { Handler } from 'vega-tooltip';
import type { PageData } from '../page-data.ts';

const NARROWEST = 300;
const AHEAD = '600px';

/** Puts a Vega view in the place of each drawing when it comes near the screen; a drawing of one plot follows the width of its box. */
export function drawCharts(charts: PageData['charts']): void {
  const drawings = [...document.querySelectorAll<HTMLElement>('.drawing')];
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        const box = target as HTMLElement;
        draw(box, charts[box.dataset.chart ?? '']).catch(() => box.classList.add('still'));
      }
    },
    { rootMargin: AHEAD },
  );
  for (const drawing of drawings) observer.observe(drawing);
}

/** On failure the drawing that came with the page stays. */
async function draw(box: HTMLElement, spec: PageData['charts'][string] | undefined): Promise<void> {
  const still = box.querySelector('svg');
  if (!spec || !still) return;
  const responsive = box.dataset.responsive === 'true';
  const name = still.getAttribute('aria-label') ?? '';
  const tooltip = new Handler({ disableDefaultStyle: true, id: 'chart-tooltip' });
  const stage = document.createElement('div');
  const view = new View(parse(spec as unknown as Spec, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: 'svg',
    hover: true,
    logLevel: LogErrors,
    logger: logger(LogErrors),
    tooltip: tooltip.call,
  });
  const boxWidth = (): number => Math.max(NARROWEST, Math.min(box.clientWidth, Number(still.getAttribute('width'))));
  const follow = (width: number): View => {
    if (view.getState().signals.pageWidth !== undefined) view.signal('pageWidth', width);
    return view.width(width);
  };
  if (responsive) follow(boxWidth());
  await view.initialize(stage).runAsync();
  const svg = stage.querySelector('svg');
  svg?.setAttribute('role', 'img');
  svg?.setAttribute('aria-label', name);
  box.replaceChildren(stage);
  box.classList.add('live');
  if (!responsive) return;
  let width = boxWidth();
  new ResizeObserver(() => {
    if (boxWidth() === width) return;
    width = boxWidth();
    void follow(width).runAsync();
  }).observe(box);
}
