/// <reference lib="dom" />

/** An element with a class and children; text is text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

export function button(text: string, className: string, act: () => void): HTMLButtonElement {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}
