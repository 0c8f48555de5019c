import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import type { Chart } from '../../src/chart/spec.ts';
import { CAPTION } from './fixtures.ts';

const HOSTILE = '<img src=x onerror="alert(1)"> & co';

/**
 * What holds for every chart of rows with a name: it is drawn without complaint and the same twice, passes on caption and
 * rows, shows the name of a row as text, leaves its input alone, and refuses an empty list in one line.
 */
export function chartLaws<R extends object>(chart: string, make: (rows: readonly R[]) => Chart, rows: readonly R[], name: keyof R & string = 'name' as keyof R & string): void {
  describe(`${chart}, as every chart`, () => {
    it('is drawn without complaint, the same bytes each time', async () => {
      const [first, second] = await Promise.all([renderSvg(make(rows), 'css'), renderSvg(make(rows), 'css')]);
      expect(first).toBe(second);
      expect(first).toMatch(/^<svg [^>]*>.*<\/svg>$/s);
      expect(first).not.toMatch(/NaN|Infinity|undefined|null/);
    });

    it('passes on the caption and one row of data for each row, whose columns exist', () => {
      const { data, columns = {}, ...caption } = make(rows);
      expect(caption).toMatchObject(CAPTION);
      expect(data).toHaveLength(rows.length);
      expect(Object.keys(columns).length).toBeGreaterThan(1);
      for (const row of data) for (const field of Object.keys(columns)) expect(row[field]).not.toBeUndefined();
    });

    it('shows markup in a name as text', async () => {
      const svg = await renderSvg(make(rows.map((row) => ({ ...row, [name]: HOSTILE }))), 'light');
      expect(svg).toContain('&lt;img');
      expect(svg).not.toContain('<img');
    });

    it('leaves its rows as they are', () => {
      const frozen = Object.freeze(rows.map((row) => Object.freeze({ ...row })));
      expect(() => make(frozen)).not.toThrow();
    });

    it('refuses an empty list in one line', () => {
      expect(() => make([])).toThrow(new RangeError(`${chart}: rows [] is empty`));
    });
  });
}

/** Elements of a drawing that match, and all texts of a drawing, a line of several lines each its own. */
export const count = (svg: string, pattern: RegExp): number => [...svg.matchAll(pattern)].length;
export const texts = (svg: string): readonly string[] => [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)<\//g)].map(([, text = '']) => text);
/** How many points the lines of a colour go through; the row where a line becomes dashed belongs to two of them. */
export const vertices = (svg: string, stroke: string): number =>
  [...svg.matchAll(/<path[^>]* d="([^"]*)"[^>]*>/g)].filter(([path]) => path.includes(`stroke="${stroke}"`)).reduce((sum, [, d = '']) => sum + (/[AZ]/.test(d) ? 0 : count(d, /[ML]/g)), 0);
