import type { Prose } from './view.ts';

export type ProsePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'number'; readonly id: string } | { readonly kind: 'link'; readonly anchor: string };

const SLOT = /\{\{(#?)([^{}]*)\}\}/g;

/**
 * Splits prose at its slots.
 * @throws RangeError for braces that are not a slot
 */
export function parseProse(prose: Prose): readonly ProsePart[] {
  const parts: ProsePart[] = [];
  const addText = (text: string): void => {
    if (/\{\{|\}\}/.test(text)) throw new RangeError(`prose: text ${JSON.stringify(prose)} has braces that are not a slot`);
    if (text !== '') parts.push({ kind: 'text', text });
  };
  let end = 0;
  for (const { 0: whole, 1: hash, 2: name = '', index = 0 } of prose.matchAll(SLOT)) {
    addText(prose.slice(end, index));
    if (name.trim() === '') throw new RangeError(`prose: text ${JSON.stringify(prose)} has an empty slot`);
    parts.push(hash === '#' ? { kind: 'link', anchor: name.trim() } : { kind: 'number', id: name.trim() });
    end = index + whole.length;
  }
  addText(prose.slice(end));
  return parts;
}

const ALLOWED = [
  /\b(?:Tables?|Figures?|Sections?|Equations?|Appendix|Step|Chapter|Algorithm)\s+\d+(?:\.\d+)*(?:(?:,| and| to|–)\s*\d+(?:\.\d+)*)*/gi,
  /\barXiv:\d{4}\.\d{4,5}(?:v\d+)?/gi,
  /\b[A-Za-z][A-Za-z.]*(?:-?[A-Za-z]*\d+[A-Za-z]*(?:\.\d+)?)+(?:-[A-Za-z\d]+)*/g,
  /\b(?:19|20)\d{2}\b/g,
  /\b\d+[KM]\b/g,
];

/**
 * The numbers that are typed into a text instead of computed: every digit outside of a slot that is not part of a label
 * (Table 6, arXiv:2507.19427v1), of a name that begins with a letter (H20, FP8, DeepSeek-V3), of a year, or of a context
 * length as a label (8K). `names` are further names to allow. Empty for clean prose.
 */
export function lintProse(prose: Prose, names: readonly string[] = []): readonly string[] {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  let text = prose.replace(SLOT, ' ');
  for (const name of longestFirst) text = text.replaceAll(name, ' ');
  for (const pattern of ALLOWED) text = text.replace(pattern, ' ');
  return [...text.matchAll(/[^\s(]*\d[^\s)]*/g)].map(([found]) => found);
}
