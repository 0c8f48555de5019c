/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const WIDE = '(min-width: 75rem)';

/** Marks the section that is being read in the contents, and folds the contents away on narrow screens. */
export function followContents(): void {
  const fold = document.querySelector<HTMLDetailsElement>('.contents details');
  if (!fold) return;
  const wide = matchMedia(WIDE);
  const adapt = (): void => {
    fold.open = wide.matches;
  };
  adapt();
  wide.addEventListener('change', adapt);

  const links = new Map([...fold.querySelectorAll('a')].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll<HTMLElement>('main > section[id]')];
  const mark = (): void => {
    const current = sections.findLast((section) => section.getBoundingClientRect().top < innerHeight / 3)?.id;
    for (const [id, link] of links) {
      if (id !== current) link.removeAttribute('aria-current');
      else if (!link.hasAttribute('aria-current')) {
        link.setAttribute('aria-current', 'true');
        if (wide.matches) link.scrollIntoView({ block: 'nearest' });
      }
    }
  };
  const observer = new IntersectionObserver(mark, { rootMargin: '-33% 0px -66% 0px' });
  for (const section of sections) observer.observe(section);
}
