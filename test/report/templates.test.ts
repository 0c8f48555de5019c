import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compilePage } from '../../src/report/html.ts';
import { TEMPLATE_NAMES } from '../../src/report/render.ts';

const FOLDER = fileURLToPath(new URL('../../templates/', import.meta.url));
const read = (name: string): string => readFileSync(`${FOLDER}${name}`, 'utf8');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.html'));

describe('templates', () => {
  it('are the ones that pages are made with', () => {
    expect(files.map((name) => name.replace('.html', '')).sort()).toEqual([...TEMPLATE_NAMES].sort());
  });

  for (const file of files.filter((name) => name !== 'page.html')) {
    it(`${file} is at most 40 lines with one root element of its name`, () => {
      const text = read(file).trim();
      expect(text.split('\n').length).toBeLessThanOrEqual(40);
      const roots = text.replaceAll(/\{\{#if \w+\}\}(?= class| id| shown)|\{\{else\}\}/g, '').match(/^(?:\{\{#if \w+\}\})?<(\w+)[^>]*\bclass="([\w-]+)/);
      expect(roots?.[2]).toBe(file.replace('.html', ''));
    });
  }

  it('have raw slots only for what is named unsafe', () => {
    expect(files.flatMap((file) => [...read(file).matchAll(/\{\{(?:\{|&)\s*(\S+?)\}/g)].map(([, slot]) => slot)).every((slot) => slot?.startsWith('unsafe'))).toBe(true);
    expect(() => compilePage({ page: '<p>{{{text}}}</p>' })).toThrow('template: page text is a raw slot whose name does not begin with unsafe');
    expect(() => compilePage({ page: '<p>{{& text}}</p>' })).toThrow(/raw slot/);
  });

  it('escape what they are given', () => {
    expect(compilePage({ page: '<p title="{{a}}">{{> b}}</p>', b: '<b>{{a}}</b>' })({ a: '"<script>' })).toBe('<p title="&quot;&lt;script&gt;"><b>&quot;&lt;script&gt;</b></p>');
  });

  it('refuse a name that the context lacks, in partials too', () => {
    expect(() => compilePage({ page: '{{missing}}' })({})).toThrow(/missing/);
    expect(() => compilePage({ page: '{{> part}}', part: '{{missing}}' })({})).toThrow(/missing/);
  });

  it('have a section in the style sheet for every partial that needs one, in the order of the page', () => {
    const sections = [...read('style.css').matchAll(/^\/\* ([\w, -]+?)(?::.*)? \*\/$/gm)].flatMap(([, names]) => (names ?? '').split(', '));
    const order = sections.filter((name) => (TEMPLATE_NAMES as readonly string[]).includes(name));
    expect(order.length).toBeGreaterThan(20);
    const roots = ['skip-link', 'top-bar', 'contents', 'masthead', 'key-numbers', 'reading-guide', 'section', 'deviations', 'formulas', 'derivations', 'number-panel'];
    expect(order.filter((name) => roots.includes(name))).toEqual(roots);
  });
});
