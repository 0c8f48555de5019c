/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { citeNumber } from '../citation.ts';
import type { DerivationData } from '../page-data.ts';
import { copyText } from './clipboard.ts';
import { type Derivations, describe } from './describe.ts';
import { button, element } from './element.ts';

/**
 * Opens a number where it stands instead of jumping to its line in the appendix. A link to an input opens it in the same
 * panel, with a way back.
 */
export function openNumbers(derivations: Derivations): void {
  const panel = document.getElementById('number-panel');
  if (!panel || typeof panel.showPopover !== 'function') return;
  const trail: DerivationData[] = [];

  const show = (): void => {
    const number = trail.at(-1);
    if (!number) return;
    const { scenario = '', generator = '' } = document.body.dataset;
    const citation = citeNumber({ ...number, scenario, report: document.title, generator });
    const copied = element('span', 'copied');
    copied.setAttribute('role', 'status');
    const back = button('Back', 'back', () => {
      trail.pop();
      show();
    });
    back.hidden = trail.length < 2;
    const bar = element(
      'div',
      'bar',
      back,
      element('span', 'grow'),
      button('Close', 'close', () => panel.hidePopover()),
    );
    const cite = button('Copy citation', 'copy', async () => {
      copied.textContent = (await copyText(citation, text)) ? 'Copied' : 'Selected, copy it with the keyboard';
    });
    const text = element('code', 'citation', citation);
    panel.replaceChildren(bar, ...describe(number, derivations), element('div', 'cite', cite, copied, text));
    panel.scrollTop = 0;
  };

  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = derivations.get(decodeURIComponent(link.hash.slice(1)));
    if (!target) {
      if (panel.contains(link)) panel.hidePopover();
      return;
    }
    event.preventDefault();
    const inside = panel.contains(link);
    if (!inside) trail.length = 0;
    trail.push(target);
    show();
    panel.showPopover();
    if (!inside) place(panel, link);
    panel.querySelector<HTMLElement>('.close')?.focus({ preventScroll: true });
  });
}

const GAP = 8;
const TALLEST = 620;
const SHEET = '(max-width: 40rem)';

/** Below or above the number, where there is more room; on a phone the style sheet makes it a sheet at the bottom. */
function place(panel: HTMLElement, link: HTMLElement): void {
  panel.style.left = panel.style.top = panel.style.maxHeight = '';
  if (matchMedia(SHEET).matches) return;
  const anchor = link.getBoundingClientRect();
  const room = { above: anchor.top - 2 * GAP, below: innerHeight - anchor.bottom - 2 * GAP };
  const below = room.below >= Math.min(TALLEST, room.above);
  panel.style.maxHeight = `${Math.min(TALLEST, below ? room.below : room.above)}px`;
  const { width, height } = panel.getBoundingClientRect();
  panel.style.left = `${Math.max(GAP, Math.min(anchor.left, document.documentElement.clientWidth - width - GAP))}px`;
  panel.style.top = `${below ? anchor.bottom + GAP : anchor.top - GAP - height}px`;
}
