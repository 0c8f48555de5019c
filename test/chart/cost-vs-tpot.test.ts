import { describe, expect, it } from 'vitest';
import { type CostTpotRow, costVsTpot } from '../../src/chart/cost-vs-tpot.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const front = (series: string, name: string, scale: number, from: number): readonly CostTpotRow[] =>
  [15, 20, 30, 50, 100]
    .filter((ms) => ms >= from)
    .map((ms) => ({ series, name, tpotSeconds: ms / 1000, usdPerMtok: scale * (0.07 + 2 / ms), deployment: `${ms} requests of ${name}`, number: `afd/${series}/${ms}` }));
const afd = front('afd', 'Disaggregated', 1, 15);
const colocated = front('colocated', 'Colocated', 1.7, 20);
const rows: readonly CostTpotRow[] = [...afd, ...colocated];
const options = { ...CAPTION, targetSeconds: 0.05 };
const chart = (given: readonly CostTpotRow[] = rows) => costVsTpot(given, options);
const drawn = (given: readonly CostTpotRow[] = rows) => renderSvg(chart(given), 'css');
const DOT = /<path[^>]*d="M[\d.]+,0A[^>]*fill="var\(--model-/g;
const FAINT = /<path[^>]*d="M[\d.]+,0A[^>]*fill="var\(--model-[^>]*opacity="0\.4"/g;

interface Tread {
  readonly x: number;
  readonly y: number;
  readonly length: number;
}

/** Level pieces of the fronts, each from its own deployment to the next. */
const treads = (svg: string, hue: string): readonly Tread[] =>
  [...svg.matchAll(/<line transform="translate\(([-\d.]+),([-\d.]+)\)" x2="([-\d.]+)" y2="0" stroke="([^"]+)" stroke-width="2"/g)]
    .filter(([, , , , stroke]) => stroke === hue)
    .map(([, x, y, length]) => ({ x: Number(x), y: Number(y), length: Number(length) }));
const hueOf = (series: string, given = rows): string => String(chart(given).data.find((row) => row.series === series)?.colour);

chartLaws('costVsTpot', chart, rows);

describe('costVsTpot', () => {
  it('has a dot for every deployment, and a name for every front', async () => {
    const svg = await drawn();
    expect(count(svg, DOT)).toBe(rows.length);
    expect(count(svg, FAINT)).toBe(0);
    expect(texts(svg)).toEqual(expect.arrayContaining(['Disaggregated', 'Colocated', 'Time per output token, ms', 'USD per million output tokens', '$0']));
  });

  it('draws fronts as stairs down to the edge of the plot, whatever the order of the rows', async () => {
    for (const given of [rows, rows.toReversed()]) {
      const found = [...treads(await drawn(given), hueOf('afd', given))].sort((a, b) => a.x - b.x);
      expect(found).toHaveLength(afd.length);
      for (const [at, { x, y }] of found.slice(1).entries()) {
        const before = found[at] as Tread;
        expect(before.x + before.length).toBeCloseTo(x, 1);
        expect(y).toBeGreaterThan(before.y);
      }
    }
    const svg = await drawn();
    const ends = ['afd', 'colocated'].map((series) => Math.max(...treads(svg, hueOf(series)).map(({ x, length }) => x + length)));
    expect(ends[0]).toBeCloseTo(ends[1] as number, 1);
  });

  it('leaves a deployment off the front that costs no less than one as fast', async () => {
    const [first, second] = afd as [CostTpotRow, CostTpotRow];
    const given = [...afd, { ...second, usdPerMtok: first.usdPerMtok }, { ...second, usdPerMtok: 1.1 * second.usdPerMtok }, second];
    expect(chart(given).data.map(({ onFront }) => onFront)).toEqual([...afd.map(() => true), false, false, false]);
    const svg = await drawn(given);
    expect(count(svg, FAINT)).toBe(3);
    expect(treads(svg, hueOf('afd'))).toHaveLength(afd.length);
    // another series is another front
    expect(chart().data.every(({ onFront }) => onFront)).toBe(true);
  });

  it('marks the target, also beyond all deployments, and only where there is one', async () => {
    expect(texts(await drawn())).toContain('Target 50 ms');
    const beyond = await renderSvg(costVsTpot(rows, { ...CAPTION, targetSeconds: 0.2 }), 'css');
    expect(texts(beyond)).toEqual(expect.arrayContaining(['Target 200 ms', '200']));
    const without = await renderSvg(costVsTpot(rows, CAPTION), 'css');
    expect(texts(without).filter((text) => text.startsWith('Target'))).toEqual([]);
    expect(count(without, /stroke-dasharray/g)).toBe(0);
  });

  it('takes a log scale for costs more than a decade apart, and says so', async () => {
    const svg = await drawn([...rows, { ...(afd[0] as CostTpotRow), tpotSeconds: 0.01, usdPerMtok: 3 }]);
    expect(texts(svg)).toEqual(expect.arrayContaining(['USD per million output tokens (log scale)', '$0.1', '$1']));
    expect(texts(svg)).not.toContain('$0');
  });

  it('gives a model its colour, and a single deployment a front', async () => {
    const own = [{ ...(afd[0] as CostTpotRow), series: 'step-3', name: 'Step-3' }];
    const svg = await drawn(own);
    expect(treads(svg, 'var(--model-step-3)')).toHaveLength(1);
    expect(svg).not.toContain('NaN');
  });

  it('holds time in milliseconds and the deployment, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[0]).toMatchObject({ name: 'Disaggregated', milliseconds: 15, deployment: '15 requests of Disaggregated', number: 'afd/afd/15' });
    expect(columns).toEqual({
      name: 'Series',
      milliseconds: 'Time per output token, ms',
      usdPerMtok: 'USD per million tokens',
      deployment: 'Deployment',
      number: 'Number',
    });
    expect(chart(rows.map(({ number: _, ...row }) => row)).columns).not.toHaveProperty('number');
  });

  it('refuses times and costs that are not positive, in one line', () => {
    const row = afd[0] as CostTpotRow;
    expect(() => chart([{ ...row, tpotSeconds: 0 }])).toThrow(new RangeError('costVsTpot: tpotSeconds 0 is not positive'));
    expect(() => chart([{ ...row, usdPerMtok: Number.NaN }])).toThrow(new RangeError('costVsTpot: usdPerMtok NaN is not a finite number'));
    expect(() => costVsTpot(rows, { ...CAPTION, targetSeconds: -1 })).toThrow(new RangeError('costVsTpot: targetSeconds -1 is not positive'));
  });
});
