import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/provenance/source.ts';
import { from, resolve, type SourcedTree } from '../../src/provenance/sourced.ts';

interface Chip {
  readonly id: string;
  readonly peaks: readonly { readonly format: string; readonly flopPerSecond: number | null }[];
  readonly link: { readonly bytesPerSecond: number; readonly lanes: number };
}

const paper: Source = { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 4' };
const guess: Source = { kind: 'assumed', because: 'not published' };
const stated = from(paper);
const assumed = from(guess);

const entry: SourcedTree<Chip> = {
  id: stated('h20'),
  peaks: [
    { format: stated('bf16'), flopPerSecond: stated(1.48e14) },
    { format: stated('fp4'), flopPerSecond: assumed(null, 'the chip lacks it') },
  ],
  link: stated({ bytesPerSecond: 4.5e11, lanes: 18 }, 'both ways'),
};

describe('from', () => {
  it('marks a value, with a note only where there is one', () => {
    expect(stated(1)).toEqual({ value: 1, source: paper });
    expect('note' in stated(1)).toBe(false);
    expect(stated(1, 'per card')).toEqual({ value: 1, source: paper, note: 'per card' });
  });

  it('keeps falsy values', () => expect([stated(0), stated(''), stated(false), stated(null)].map(({ value }) => value)).toEqual([0, '', false, null]));
});

describe('resolve', () => {
  const { value, sources } = resolve<Chip>(entry);

  it('gives the plain value', () =>
    expect(value).toEqual({
      id: 'h20',
      peaks: [
        { format: 'bf16', flopPerSecond: 1.48e14 },
        { format: 'fp4', flopPerSecond: null },
      ],
      link: { bytesPerSecond: 4.5e11, lanes: 18 },
    }));

  it('gives the source of each leaf by its path, those of a marked subtree too', () =>
    expect(Object.fromEntries(sources)).toEqual({
      id: { source: paper },
      'peaks.0.format': { source: paper },
      'peaks.0.flopPerSecond': { source: paper },
      'peaks.1.format': { source: paper },
      'peaks.1.flopPerSecond': { source: guess, note: 'the chip lacks it' },
      'link.bytesPerSecond': { source: paper, note: 'both ways' },
      'link.lanes': { source: paper, note: 'both ways' },
    }));

  it('freezes what it gives and leaves the entry as it was', () => {
    for (const part of [value, value.peaks, value.peaks[0], value.link]) expect(Object.isFrozen(part)).toBe(true);
    expect(Object.isFrozen(entry)).toBe(false);
  });

  it('resolves one marked leaf, under the empty path', () => expect(resolve<number>(stated(7))).toEqual({ value: 7, sources: new Map([['', { source: paper }]]) }));

  it.each([
    ['a bare number', { ...entry, link: { bytesPerSecond: 4.5e11, lanes: stated(18) } }, /^catalogue: link\.bytesPerSecond 450000000000 has no source$/],
    ['a bare number in a list', { ...entry, peaks: [{ format: 'bf16', flopPerSecond: stated(1) }] }, /^catalogue: peaks\.0\.format bf16 has no source$/],
    ['null', { ...entry, id: null }, /^catalogue: id null has no source$/],
    ['undefined', { ...entry, id: undefined }, /^catalogue: id undefined has no source$/],
  ])('refuses %s without a source', (_, tree, message) => {
    const bare = tree as unknown as SourcedTree<Chip>;
    expect(() => resolve(bare)).toThrow(RangeError);
    expect(() => resolve(bare)).toThrow(message);
  });
});
