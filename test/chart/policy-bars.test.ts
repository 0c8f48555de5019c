import { describe, expect, it } from 'vitest';
import { type PolicyBarRow, type PolicyBarsOptions, policyBars } from '../../src/chart/policy-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const POLICIES = { vllm: 1, groups: 0.5, fastswitch: 0.25 } as const;
const panel = (name: string, factor: number): readonly PolicyBarRow[] =>
  ['P95 TTFT', 'P99.9 TBT'].flatMap((group) =>
    Object.entries(POLICIES).map(([series, value]) => ({ panel: name, group, series, name: `By ${series}`, value: factor * value, reference: value, number: `${group}/${series}` })),
  );
const rows = [...panel('Llama, Markov', 1), ...panel('Llama, random', 1.5)];
const chart = (given: readonly PolicyBarRow[] = rows, more: Partial<PolicyBarsOptions> = {}) => policyBars(given, { ...CAPTION, yTitle: 'Over vLLM', ...more });
const drawn = async (...given: Parameters<typeof chart>) => texts(await renderSvg(chart(...given), 'css'));
/** Heights of the bars of a colour, px, without that of the key. */
const heights = (svg: string, fill: string): readonly number[] =>
  [...svg.matchAll(/<path[^>]* d="M[\d.,-]+h[\d.-]+v([\d.-]+)h[^"]*"[^>]*>/g)]
    .filter(([path]) => path.includes(`fill="${fill}"`))
    .map(([, height]) => Math.abs(Number(height)))
    .slice(1);

chartLaws('policyBars', chart, rows);
chartLaws('policyBars', chart, panel('Llama', 1), 'panel');
chartLaws('policyBars', chart, panel('Llama', 1).slice(0, 3), 'group');

describe('policyBars', () => {
  it('draws bars from zero, as high as their values, on one scale for all panels', async () => {
    const svg = await renderSvg(chart(), 'css');
    const own = (series: string): string => String(chart().data.find((row) => row.series === series)?.colour);
    const [vllm, groups] = [heights(svg, own('vllm')), heights(svg, own('groups'))];
    expect(vllm).toHaveLength(4);
    for (const [at, height] of vllm.entries()) expect((groups[at] as number) / height).toBeCloseTo(0.5, 2);
    expect((vllm[2] as number) / (vllm[0] as number)).toBeCloseTo(1.5, 2);
  });

  it('has no two bars in one place, and each within its group', () => {
    const own = chart().data.filter((row) => row.panel === 'Llama, Markov');
    for (const [at, row] of own.entries()) {
      expect(Number(row.from)).toBeLessThan(Number(row.to));
      expect(Math.floor(Number(row.from))).toBe(Math.floor(Number(row.to)));
      if (at > 0) expect(Number(row.from)).toBeGreaterThan(Number(own[at - 1]?.to));
    }
  });

  it('marks what the paper prints as a hollow tick, where it does', async () => {
    const ticks = async (given: readonly PolicyBarRow[]): Promise<number> => count(await renderSvg(chart(given), 'css'), /<line[^>]*stroke="var\(--page\)"/g);
    expect(await ticks(rows)).toBe(rows.length);
    expect(await ticks(rows.map(({ reference: _, ...row }) => row))).toBe(0);
    expect(await drawn(rows, { referenceName: 'Read from Figure 8' })).toContain('Read from Figure 8');
  });

  it('draws an interval where rows have one', async () => {
    const given = rows.map((row) => ({ ...row, low: 0.9 * (row.value ?? 0), high: 1.1 * (row.value ?? 0) }));
    expect(await drawn(given)).toContain('95 % interval');
    expect(await drawn()).not.toContain('95 % interval');
    expect(chart(given).columns).toMatchObject({ lowShown: '95 % interval, from' });
  });

  it('names panels, policies, and groups a line a word; numbers stand above wide bars only', async () => {
    const shown = await drawn();
    expect(shown).toEqual(expect.arrayContaining(['Llama, Markov', 'Llama, random', 'By vllm', 'By fastswitch', 'P95', 'TTFT', 'P99.9', 'TBT', 'Over vLLM', '0', '0.25']));
    const many = Array.from({ length: 12 }, (_, at) => ({ panel: '', group: `Group ${at}`, series: 'a', name: 'A', value: 0.25 }));
    const narrow = [...many, ...many.map((row) => ({ ...row, series: 'b', value: 0.35 }))];
    expect(await drawn(narrow)).not.toContain('0.25');
  });

  it('draws what the paper prints where we compute nothing', async () => {
    const svg = await renderSvg(chart([{ panel: '', group: 'P95 TTFT', series: 'a', name: 'A', reference: 0.3 }]), 'css');
    expect(count(svg, /<line[^>]*stroke="var\(--page\)"/g)).toBe(1);
    expect(svg).not.toMatch(/NaN/);
  });

  it('refuses what cannot be drawn, in one line', () => {
    const row = rows[0] as PolicyBarRow;
    expect(() => chart([{ ...row, value: -1 }])).toThrow(new RangeError('policyBars: value -1 is not from 0 to Infinity'));
    expect(() => chart([{ ...row, value: Number.NaN }])).toThrow(new RangeError('policyBars: value NaN is not a finite number'));
    expect(() => chart([{ ...row, value: undefined, reference: undefined }])).toThrow(new RangeError('policyBars: value of vllm is missing, and reference too'));
    expect(() => chart([{ ...row, low: 1 }])).toThrow(new RangeError('policyBars: low or high of vllm is missing'));
    expect(() => chart([row, row])).toThrow(new RangeError('policyBars: series vllm is given twice in P95 TTFT'));
  });
});
