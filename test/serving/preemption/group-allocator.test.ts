import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { GroupAllocator } from '../../../src/serving/preemption/group-allocator.ts';

interface Held {
  blocks: number[];
  tail: number[];
}

/** The rules of the docstring on plain lists: free extents and holders with a tail in the order in which they changed, the last one at the end. */
class Reference {
  readonly held = new Map<number, Held>();
  freeExtents: number[][];
  tails: Held[] = [];
  readonly #initialGroup: number;

  constructor(blocks: number, initialGroup: number) {
    this.freeExtents = [Array.from({ length: blocks }, (_, block) => block)];
    this.#initialGroup = initialGroup;
  }

  get free(): number {
    return [...this.freeExtents, ...this.tails.map(({ tail }) => tail)].reduce((sum, { length }) => sum + length, 0);
  }

  grow(holder: number, blocks: number): boolean {
    if (blocks > this.free) return false;
    const held = this.held.get(holder) ?? { blocks: [], tail: [] };
    this.held.set(holder, held);
    const aim = held.blocks.length + blocks;
    const use = (group: readonly number[]): void => {
      const used = Math.min(group.length, aim - held.blocks.length);
      held.blocks.push(...group.slice(0, used));
      this.#setTail(held, group.slice(used));
    };
    if (held.tail.length > 0) use(held.tail);
    while (held.blocks.length < aim) use(this.#group(held, aim - held.blocks.length));
    return true;
  }

  #group(held: Held, need: number): number[] {
    const want = Math.max(need, this.#initialGroup);
    const following = held.blocks.length === 0 ? undefined : this.freeExtents.find(([start]) => start === (held.blocks.at(-1) as number) + 1);
    const large = this.freeExtents.filter(({ length }) => length >= want).map(({ length }) => length);
    const length = large.length > 0 ? Math.min(...large) : Math.max(...this.freeExtents.map((extent) => extent.length));
    const extent = following ?? this.freeExtents.findLast((each) => each.length === length);
    if (extent !== undefined) {
      this.freeExtents = this.freeExtents.filter((each) => each !== extent);
      if (extent.length > want) this.freeExtents.push(extent.slice(want));
      return extent.slice(0, want);
    }
    const longest = Math.max(...this.tails.map(({ tail }) => tail.length));
    const other = this.tails.findLast(({ tail }) => tail.length === longest) as Held;
    const kept = longest - Math.min(longest, Math.max(need, Math.ceil(longest / 2)));
    const group = other.tail.slice(kept);
    this.#setTail(other, other.tail.slice(0, kept));
    return group;
  }

  #setTail(held: Held, tail: number[]): void {
    held.tail = tail;
    this.tails = this.tails.filter((each) => each !== held);
    if (tail.length > 0) this.tails.push(held);
  }

  release(holder: number): void {
    const held = this.held.get(holder);
    if (held === undefined) return;
    this.held.delete(holder);
    this.tails = this.tails.filter((each) => each !== held);
    const ranges: number[][] = [];
    for (const block of held.blocks) {
      if (ranges.at(-1)?.at(-1) === block - 1) ranges.at(-1)?.push(block);
      else ranges.push([block]);
    }
    ranges.at(-1)?.push(...held.tail);
    for (const range of ranges.reverse()) {
      const before = this.freeExtents.find((extent) => extent.at(-1) === (range[0] as number) - 1) ?? [];
      const after = this.freeExtents.find((extent) => extent[0] === (range.at(-1) as number) + 1) ?? [];
      this.freeExtents = [...this.freeExtents.filter((extent) => extent !== before && extent !== after), [...before, ...range, ...after]];
    }
  }
}

interface Step {
  readonly holder: number;
  /** 0 releases */
  readonly blocks: number;
}

const pool = fc.integer({ min: 1, max: 80 }).chain((blocks) => fc.record({ blocks: fc.constant(blocks), initialGroup: fc.integer({ min: 1, max: Math.min(blocks, 12) }) }));
const step: fc.Arbitrary<Step> = fc.record({ holder: fc.integer({ min: 0, max: 7 }), blocks: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 1, max: 30 })) });
const steps = fc.array(step, { maxLength: 150 });

const apply = (allocator: GroupAllocator | Reference, { holder, blocks }: Step): boolean => {
  if (blocks > 0) return allocator.grow(holder, blocks);
  allocator.release(holder);
  return true;
};

/** Every block of a holder by its extents, in the order of its tokens. */
const blocksIn = (allocator: GroupAllocator, holder: number): number[] => allocator.extentsOf(holder).flatMap(([start, length]) => Array.from({ length }, (_, at) => start + at));

/** Lengths of runs of numbers that follow one another. */
function runsIn(blocks: readonly number[]): number[] {
  const runs: number[] = [];
  for (const [at, block] of blocks.entries()) {
    if (at > 0 && blocks[at - 1] === block - 1) runs[runs.length - 1] = (runs.at(-1) as number) + 1;
    else runs.push(1);
  }
  return runs;
}

/** A load of many holders that grow by single blocks and leave. */
function churn(allocator: GroupAllocator, operations: number, holders: number): number[] {
  const random = randomOf(5);
  const live: number[] = [];
  for (let at = 0; at < operations; at++) {
    if (live.length < holders && allocator.grow(at, 1 + Math.floor(20 * random()))) live.push(at);
    else {
      const place = Math.floor(live.length * random());
      if (random() < 0.02 || !allocator.grow(live[place] as number, 1)) allocator.release(live.splice(place, 1)[0] as number);
    }
  }
  return live;
}

describe('GroupAllocator', () => {
  test.prop([pool, steps], { numRuns: 300 })('places every block as the rules on plain lists do', ({ blocks, initialGroup }, script) => {
    const allocator = new GroupAllocator(blocks, initialGroup);
    const reference = new Reference(blocks, initialGroup);
    for (const each of script) {
      expect(apply(allocator, each)).toBe(apply(reference, each));
      expect(allocator.free).toBe(reference.free);
      for (let holder = 0; holder < 8; holder++) expect(blocksIn(allocator, holder)).toEqual(reference.held.get(holder)?.blocks ?? []);
    }
  });

  test.prop([pool, steps], { numRuns: 100 })('keeps all blocks, each for one holder, where they are; runs are as long as they can be and sum up', ({ blocks, initialGroup }, script) => {
    const allocator = new GroupAllocator(blocks, initialGroup);
    let before = new Map<number, number[]>();
    for (const each of script) {
      const [free, held] = [allocator.free, allocator.blocksOf(each.holder)];
      const done = apply(allocator, each);
      if (each.blocks > 0) {
        expect(done).toBe(each.blocks <= free);
        expect(allocator.blocksOf(each.holder)).toBe(held + (done ? each.blocks : 0));
      } else expect(allocator.blocksOf(each.holder)).toBe(0);
      const owner = new Array<number>(blocks).fill(-1);
      const now = new Map<number, number[]>();
      for (let holder = 0; holder < 8; holder++) {
        const places = blocksIn(allocator, holder);
        now.set(holder, places);
        expect(places.length).toBe(allocator.blocksOf(holder));
        for (const block of places) {
          expect(owner[block]).toBe(-1);
          owner[block] = holder;
        }
        if (holder !== each.holder || each.blocks > 0) expect(places.slice(0, before.get(holder)?.length ?? 0)).toEqual(before.get(holder) ?? []);
        for (let from = 0; from <= places.length; from++) {
          const runs = allocator.runs(holder, from);
          expect(runs).toEqual(runsIn(places.slice(from)));
          expect(allocator.countRuns(holder, from)).toBe(runs.length);
        }
      }
      expect(owner.filter((holder) => holder === -1).length).toBe(allocator.free);
      before = now;
    }
    for (let holder = 0; holder < 8; holder++) allocator.release(holder);
    // one free extent again, and no tail: a newcomer has the whole pool in one run
    expect(allocator.free).toBe(blocks);
    expect(allocator.grow(8, blocks)).toBe(true);
    expect(allocator.runs(8)).toEqual([blocks]);
  });

  test.prop([pool, fc.array(fc.integer({ min: 1, max: 30 }))])('gives a holder that is alone one run', ({ blocks, initialGroup }, growths) => {
    const allocator = new GroupAllocator(blocks, initialGroup);
    for (const each of growths) allocator.grow(1, each);
    expect(allocator.countRuns(1)).toBe(Math.min(1, allocator.blocksOf(1)));
  });

  it('keeps a tail of the first group for the tokens to come', () => {
    const allocator = new GroupAllocator(100, 10);
    allocator.grow(1, 3);
    allocator.grow(2, 3);
    expect(allocator.free).toBe(94);
    allocator.grow(1, 7);
    expect(allocator.extentsOf(1)).toEqual([[0, 10]]);
    expect(allocator.extentsOf(2)).toEqual([[10, 3]]);
    // its tail is used up: a new group, behind that of the other
    allocator.grow(1, 1);
    expect(allocator.extentsOf(1)).toEqual([
      [0, 10],
      [20, 1],
    ]);
    expect(allocator.runs(1, 4)).toEqual([6, 1]);
    expect(allocator.runs(1, 11)).toEqual([]);
  });

  it('takes the smallest free extent that is large enough, then the largest, then half of the largest tail', () => {
    const allocator = new GroupAllocator(40, 4);
    for (const [holder, blocks] of [4, 8, 4, 6, 4, 14].entries()) allocator.grow(holder, blocks);
    allocator.release(1);
    allocator.release(3);
    allocator.grow(6, 5);
    expect(allocator.extentsOf(6)).toEqual([[16, 5]]);
    allocator.grow(7, 1);
    expect(allocator.extentsOf(7)).toEqual([[4, 1]]);
    // extents of 4 and 1 are free, the tail of 7 has 3
    allocator.grow(8, 5);
    expect(allocator.extentsOf(8)).toEqual([
      [8, 4],
      [21, 1],
    ]);
    allocator.grow(9, 1);
    expect(allocator.extentsOf(9)).toEqual([[6, 1]]);
    expect(allocator.free).toBe(2);
    allocator.grow(7, 1);
    expect(allocator.runs(7)).toEqual([2]);
  });

  it('falls into short runs under a load of many holders, longer ones with a larger first group', () => {
    const meanRun = (initialGroup: number): number => {
      const allocator = new GroupAllocator(2_200, initialGroup);
      const live = churn(allocator, 50_000, 30);
      const [blocks, runs] = live.reduce(([all, count], holder) => [all + allocator.blocksOf(holder), count + allocator.countRuns(holder)], [0, 0] as [number, number]);
      return blocks / runs;
    };
    expect(meanRun(60)).toBeLessThan(30);
    expect(meanRun(60)).toBeGreaterThan(3 * meanRun(1));
    expect(meanRun(1)).toBeLessThan(2);
  });

  it('is the same in every run', () => {
    const [a, b] = [new GroupAllocator(500, 20), new GroupAllocator(500, 20)];
    const live = churn(a, 5_000, 20);
    expect(churn(b, 5_000, 20)).toEqual(live);
    expect(live.length).toBeGreaterThan(1);
    for (const holder of live) expect(b.extentsOf(holder)).toEqual(a.extentsOf(holder));
  });

  it('knows no holder that holds nothing', () => {
    const allocator = new GroupAllocator(10, 5);
    allocator.release(3);
    expect([allocator.free, allocator.blocksOf(3), allocator.runs(3), allocator.countRuns(3)]).toEqual([10, 0, [], 0]);
    expect(allocator.grow(3, 11)).toBe(false);
    expect([allocator.free, allocator.blocksOf(3)]).toEqual([10, 0]);
  });

  it('refuses pools, groups and growths that are none, and runs from outside of a holder', () => {
    const whole = 'is not a whole number of at least 1';
    for (const blocks of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new GroupAllocator(blocks, 1)).toThrow(new RangeError(`preemption: blocks ${blocks} ${whole}`));
      expect(() => new GroupAllocator(10, blocks)).toThrow(new RangeError(`preemption: initialGroup ${blocks} ${whole}`));
      expect(() => new GroupAllocator(10, 5).grow(1, blocks)).toThrow(new RangeError(`preemption: grow ${blocks} is not a whole number of blocks of at least 1`));
    }
    expect(() => new GroupAllocator(50, 60)).toThrow(new RangeError('preemption: initialGroup 60 is above the 50 blocks of the pool'));
    expect(new GroupAllocator(60, 60).free).toBe(60);
    const allocator = new GroupAllocator(10, 5);
    allocator.grow(1, 3);
    for (const from of [-1, 0.5, 4]) {
      const refusal = new RangeError(`preemption: from ${from} is not a whole number from 0 to the 3 blocks of holder 1`);
      expect(() => allocator.runs(1, from)).toThrow(refusal);
      expect(() => allocator.countRuns(1, from)).toThrow(refusal);
    }
  });
});
