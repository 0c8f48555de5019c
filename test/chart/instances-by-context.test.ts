import { describe, expect, it } from 'vitest';
import { type InstancesRow, instancesByContext } from '../../src/chart/instances-by-context.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts, vertices } from './laws.ts';

const CONTEXTS = [4, 8, 16, 32].map((kibi) => 1024 * kibi);
const rows: readonly InstancesRow[] = CONTEXTS.flatMap((context, at) => [
  { series: 'mean', name: 'At the mean', context, instances: 2 + at, number: `afd/mean/${context}`, ...(at === 1 ? { printed: '3' } : {}) },
  { series: 'log-normal', name: 'Log-normal', context, instances: 2.4 + 1.3 * at },
]);
const chart = (given: readonly InstancesRow[] = rows) => instancesByContext(given, CAPTION);
const drawn = (given: readonly InstancesRow[] = rows) => renderSvg(chart(given), 'css');
const DOT = /<path[^>]*d="M[\d.]+,0A[^>]*fill="var\(--model-/g;
const hueOf = (series: string): string => String(chart().data.find((row) => row.series === series)?.colour);

chartLaws('instancesByContext', chart, rows);

describe('instancesByContext', () => {
  it('draws each line through every row, with a dot, and names it at its end', async () => {
    const svg = await drawn();
    expect(count(svg, DOT)).toBe(rows.length);
    for (const series of ['mean', 'log-normal']) expect(vertices(svg, hueOf(series))).toBe(CONTEXTS.length);
    expect(texts(svg)).toEqual(expect.arrayContaining(['At the mean', 'Log-normal']));
  });

  it('has whole instances from zero and powers of two on its axes', async () => {
    const shown = texts(await drawn());
    expect(shown).toEqual(expect.arrayContaining(['Attention instances', 'Average context, tokens (log scale)', '4K', '8K', '16K', '32K']));
    expect(shown.filter((text) => /^[\d.]+$/.test(text))).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    const few = texts(await drawn(rows.map((row) => ({ ...row, instances: row.instances / 10, printed: undefined }))));
    expect(few.filter((text) => /^[\d.]+$/.test(text))).toEqual(['0', '1']);
  });

  it('has no dots on lines of many points', async () => {
    const many = Array.from({ length: 25 }, (_, at) => ({ series: 'mean', name: 'At the mean', context: Math.round(4096 * 2 ** (at / 4)), instances: 1 + at / 5 }));
    const svg = await drawn(many);
    expect(count(svg, DOT)).toBe(0);
    expect(vertices(svg, hueOf('mean'))).toBe(many.length);
  });

  it('shows printed values hollow, and a model in its colour', async () => {
    const svg = await drawn();
    expect(count(svg, /<path[^>]*fill="var\(--page\)"[^>]*stroke="var\(--model-/g)).toBe(1);
    expect(texts(svg)).toContain("Paper's value");
    expect(vertices(await drawn(rows.map((row) => (row.series === 'mean' ? { ...row, series: 'step-3' } : row))), 'var(--model-step-3)')).toBe(CONTEXTS.length);
  });

  it('holds context and instances, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[2]).toMatchObject({ name: 'At the mean', context: 8192, instances: 3, printed: '3', number: 'afd/mean/8192' });
    expect(columns).toEqual({ name: 'Series', context: 'Average context, tokens', instances: 'Attention instances', printed: 'Printed', number: 'Number' });
  });

  it('refuses what has no place on its axes, in one line', () => {
    const row = rows[0] as InstancesRow;
    expect(() => chart([...rows, { ...row, context: 0 }])).toThrow(new RangeError('instancesByContext: context 0 is not positive'));
    expect(() => chart([...rows, { ...row, instances: Number.NaN }])).toThrow(new RangeError('instancesByContext: instances NaN is not a finite number'));
    expect(() => chart(rows.slice(0, 2))).toThrow(new RangeError('instancesByContext: context 4096 is the only one, an axis needs two'));
  });
});
