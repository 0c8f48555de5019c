import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MEMORY_PARTS, type MemoryBarsOptions, type MemoryRow, memoryBars } from '../../src/chart/memory-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, texts } from './laws.ts';

const worker = (panel: string, name: string, parts: Readonly<Record<string, number>>): readonly MemoryRow[] =>
  Object.entries(parts).map(([part, gigabytes]) => ({ panel, worker: name, part, gigabytes, number: `memory/${name}/${part}` }));
const rows: readonly MemoryRow[] = [
  ...worker('Small', 'Encode', { 'Encoder weights': 1, Activations: 20, 'Multimedia cache': 1.5 }),
  ...worker('Small', 'All in one', { 'KV cache': 54, 'LLM weights': 15, 'Encoder weights': 1, Activations: 20 }),
  ...worker('Large', 'Decode', { 'LLM weights': 40, 'KV cache': 36 }),
];
const usable = { gigabytes: 85, name: 'Chip' };
const chart = (given: readonly MemoryRow[] = rows, more: Partial<MemoryBarsOptions> = {}) => memoryBars(given, { ...CAPTION, usable, ...more });

chartLaws('memoryBars', chart, rows.slice(0, 3), 'worker');
chartLaws('memoryBars', chart, rows.slice(0, 7), 'panel');

describe('memoryBars', () => {
  it('stacks the parts of each worker in their order, whatever the order of the rows', () => {
    const { data } = chart(rows.toReversed());
    const of = data.filter((row) => row.worker === 'All in one').sort((a, b) => Number(a.start) - Number(b.start));
    expect(of.map(({ part, start, end }) => [part, start, end])).toEqual([
      ['Encoder weights', 0, 1],
      ['LLM weights', 1, 16],
      ['Activations', 16, 36],
      ['KV cache', 36, 90],
    ]);
  });

  it('says the total of each worker, and which are out of memory', async () => {
    const shown = texts(await renderSvg(chart(), 'css'));
    expect(shown).toEqual(expect.arrayContaining(['Encode: 22.5 GB', 'All in one: 90.0 GB, out of memory', 'Decode: 76.0 GB', 'Usable on Chip: 85 GB', 'Small', 'Large', 'Memory of a worker, GB']));
    expect(texts(await renderSvg(chart(rows, { usable: { gigabytes: 90, name: 'Chip' } }), 'css')).join()).not.toContain('out of memory');
  });

  it('marks what is usable on each bar, at its place on the axis', async () => {
    const svg = await renderSvg(chart(rows.slice(0, 7)), 'css');
    const marks = [...svg.matchAll(/<line transform="translate\(([\d.]+),[\d.]+\)"[^>]*stroke-width="2\.5"/g)].map(([, x]) => Number(x));
    expect(marks).toHaveLength(2);
    const right = Math.max(...[...svg.matchAll(/<path d="M([\d.]+),[\d.]+h([\d.]+)v16/g)].map(([, x, width]) => Number(x) + Number(width)));
    expect((marks[0] as number) / right).toBeCloseTo(85 / 90, 2);
  });

  it('gives parts of one owner one hue, data paler than weights, and only used parts a place in the key', async () => {
    const { data } = chart();
    const of = (part: string) => data.find((row) => row.part === part);
    expect(of('Encoder weights')?.colour).toBe(of('Multimedia cache')?.colour);
    expect(of('LLM weights')?.colour).toBe(of('KV cache')?.colour);
    expect(new Set(data.map((row) => row.colour)).size).toBe(3);
    expect([of('LLM weights')?.opacity, of('KV cache')?.opacity]).toEqual([1, 0.35]);
    const key = texts(await renderSvg(chart(rows.slice(7)), 'css'));
    expect(key).toContain('KV cache');
    expect(key).not.toContain('Multimedia cache');
  });

  it('names parts in their place where there is room, beside the mark of usable memory', async () => {
    expect(texts(await renderSvg(chart(), 'css'))).toEqual(expect.arrayContaining(['KV cache 54.0', 'LLM weights 40.0']));
    expect(texts(await renderSvg(chart(), 'css'))).not.toContain('Encoder weights 1.0');
    const over = chart(worker('', 'x', { 'LLM weights': 80, 'KV cache': 30 })).data[1];
    expect(over).toMatchObject({ start: 80, end: 110, middle: 82.5, room: 5 });
    expect(chart(worker('', 'x', { 'LLM weights': 90, 'KV cache': 10 })).data[1]).toMatchObject({ middle: 95, room: 10 });
  });

  property.prop([fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: MEMORY_PARTS.length, maxLength: MEMORY_PARTS.length })])(
    'leaves nothing out: parts join, and the last one ends at the sum',
    (amounts) => {
      const { data } = chart(worker('', 'x', Object.fromEntries(MEMORY_PARTS.map(({ name }, at) => [name, amounts[at] as number]))));
      for (const [at, row] of data.slice(1).entries()) expect(row.start).toBeCloseTo(Number(data[at]?.end), 5);
      expect(data.at(-1)?.end).toBeCloseTo(
        amounts.reduce((sum, each) => sum + each, 0),
        5,
      );
    },
  );

  it('refuses what cannot be stacked, in one line', () => {
    const [row] = rows as readonly [MemoryRow];
    expect(() => chart([{ ...row, gigabytes: -1 }])).toThrow(new RangeError('memoryBars: gigabytes -1 is below 0'));
    expect(() => chart([{ ...row, gigabytes: Number.NaN }])).toThrow(new RangeError('memoryBars: gigabytes NaN is not a finite number'));
    expect(() => chart([row, row])).toThrow(new RangeError('memoryBars: part Encoder weights is given twice in Encode'));
    expect(() => chart([{ ...row, part: 'Lunch' }])).toThrow(/^memoryBars: part Lunch is not among parts Encoder weights, /);
    expect(() => chart([row], { usable: { gigabytes: 0, name: 'Chip' } })).toThrow(new RangeError('memoryBars: gigabytes 0 is not positive'));
  });
});
