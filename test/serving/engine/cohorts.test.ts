import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Cohorts } from '../../../src/serving/engine/cohorts.ts';

const REQUESTS = 24;
const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const lengths = fc.array(fc.record({ prompt: whole(1, 30), steps: whole(1, 12) }), { minLength: REQUESTS, maxLength: REQUESTS });
const KINDS = ['create', 'append', 'append', 'append', 'advance', 'advance', 'remove', 'merge', 'split', 'release'] as const;
/** An operation on whichever cohorts and requests there are: `a`, `b` choose, modulo their number. */
const operation = fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(), b: fc.nat(), share: whole(0, 100) });
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Member {
  readonly request: number;
  made: number;
}

/** What cohorts are by their description: lists of members, each with the tokens that it has made. */
class Model {
  readonly cohorts = new Map<number, Member[]>();
  readonly free = Array.from({ length: REQUESTS }, (_, request): Member => ({ request, made: 0 }));
  readonly real: Cohorts;
  readonly prompt: Int32Array;
  readonly steps: Int32Array;

  constructor(given: readonly { readonly prompt: number; readonly steps: number }[]) {
    this.prompt = Int32Array.from(given, ({ prompt }) => prompt);
    this.steps = Int32Array.from(given, ({ steps }) => steps);
    this.real = new Cohorts(this.prompt, this.steps);
  }

  contextOf = ({ request, made }: Member): number => (this.prompt[request] as number) + made;
  needOf = (members: readonly Member[]): number => members.reduce((sum, member) => sum + this.contextOf(member) + 1, 0);

  run({ kind, a, b, share }: Operation): void {
    const ids = [...this.cohorts.keys()];
    const id = ids[a % Math.max(1, ids.length)] ?? -1;
    const members = this.cohorts.get(id);
    if (kind === 'create') this.cohorts.set(this.real.create(), []);
    else if (members === undefined) return;
    else if (kind === 'append') this.append(id, members, b);
    else if (kind === 'advance') this.advance(id, members);
    else if (kind === 'remove') this.remove(id, members, b);
    else if (kind === 'merge') this.merge(id, ids[b % ids.length] as number);
    else if (kind === 'split') this.split(id, members, Math.floor((share / 100) * this.needOf(members)));
    else if (members.length === 0) {
      this.real.release(id);
      this.cohorts.delete(id);
    }
  }

  append(id: number, members: Member[], choice: number): void {
    const open = this.free.filter(({ request, made }) => made < (this.steps[request] as number));
    const member = open[choice % Math.max(1, open.length)];
    if (member === undefined) return;
    this.free.splice(this.free.indexOf(member), 1);
    members.push(member);
    this.real.append(id, member.request);
  }

  advance(id: number, members: Member[]): void {
    this.real.advance(id);
    for (const member of members) member.made++;
    const ends = members.filter(({ request, made }) => made === this.steps[request]);
    this.cohorts.set(
      id,
      members.filter((member) => !ends.includes(member)),
    );
    this.free.push(...ends);
    const taken = ends.map(() => this.real.takeFinished(id)).sort((a, b) => a - b);
    expect([...taken, this.real.takeFinished(id)].join()).toBe([...ends.map(({ request }) => request).sort((a, b) => a - b), -1].join());
  }

  remove(id: number, members: Member[], choice: number): void {
    if (members.length === 0) return;
    const [member] = members.splice(choice % members.length, 1) as [Member];
    this.free.push(member);
    this.real.remove(id, member.request);
  }

  merge(before: number, after: number): void {
    if (before === after) return;
    const both = [...(this.cohorts.get(before) as Member[]), ...(this.cohorts.get(after) as Member[])];
    this.cohorts.delete(before);
    this.cohorts.delete(after);
    this.cohorts.set(this.real.merge(before, after), both);
  }

  split(id: number, members: readonly Member[], tokens: number): void {
    let kept = members.length;
    while (this.needOf(members.slice(0, kept)) > tokens) kept--;
    this.cohorts.set(id, members.slice(0, kept));
    this.cohorts.set(this.real.splitAfter(id, tokens), members.slice(kept));
  }

  /** What can be seen of the members: in cohorts their sums and their order, both ways; outside what they have made. */
  check(): void {
    const { real } = this;
    const seen: unknown[] = [];
    const expected: unknown[] = [];
    for (const member of this.free) {
      seen.push([real.made(member.request), real.contextOf(member.request)]);
      expected.push([member.made, this.contextOf(member)]);
    }
    for (const [id, members] of this.cohorts) {
      const order = members.map(({ request }) => request);
      seen.push([real.size[id], real.context[id], walk(real.first[id] as number, real.next), walk(real.last[id] as number, real.previous)]);
      expected.push([members.length, members.reduce((sum, member) => sum + this.contextOf(member), 0), order, order.toReversed()]);
    }
    expect(JSON.stringify(seen)).toBe(JSON.stringify(expected));
  }
}

function walk(from: number, links: Int32Array): readonly number[] {
  const found: number[] = [];
  for (let at = from; at >= 0 && found.length <= REQUESTS; at = links[at] as number) found.push(at);
  return found;
}

describe('Cohorts', () => {
  test.prop([lengths, fc.array(operation, { minLength: 20, maxLength: 150 })], { numRuns: 150 })('are lists of members, whatever is done to them', (given, operations) => {
    const model = new Model(given);
    model.run({ kind: 'create', a: 0, b: 0, share: 0 });
    for (const each of operations) {
      model.run(each);
      model.check();
    }
    // then all go on to their end
    for (const [id] of model.cohorts) for (let step = 0; step < 12; step++) model.advance(id, model.cohorts.get(id) as Member[]);
    model.check();
    expect([...model.cohorts.values()].flat()).toEqual([]);
  });

  it('are as many as wanted: 100, of which each keeps its own', () => {
    const cohorts = new Cohorts(
      Int32Array.from({ length: 100 }, (_, at) => at + 1),
      new Int32Array(100).fill(3),
    );
    const ids = Array.from({ length: 100 }, () => cohorts.create());
    expect(new Set(ids).size).toBe(100);
    for (const [request, id] of ids.entries()) cohorts.append(id, request);
    for (const id of ids) cohorts.advance(id);
    expect(ids.map((id) => [cohorts.size[id], cohorts.context[id], cohorts.first[id]])).toEqual(ids.map((_, at) => [1, at + 2, at]));
  });

  it('take up a number that was given back, empty', () => {
    const cohorts = new Cohorts(Int32Array.of(5), Int32Array.of(2));
    const id = cohorts.create();
    cohorts.append(id, 0);
    cohorts.advance(id);
    cohorts.remove(id, 0);
    cohorts.release(id);
    expect(cohorts.create()).toBe(id);
    expect([cohorts.size[id], cohorts.context[id], cohorts.first[id], cohorts.last[id]]).toEqual([0, 0, -1, -1]);
    // the token that it has made is kept: one is left
    cohorts.append(id, 0);
    cohorts.advance(id);
    expect([cohorts.context[id], cohorts.takeFinished(id), cohorts.made(0)]).toEqual([7, 0, 2]);
  });

  it('have members end at the same step that joined at different ones', () => {
    const cohorts = new Cohorts(Int32Array.of(1, 1, 1), Int32Array.of(3, 2, 1));
    const id = cohorts.create();
    const ends: number[][] = [];
    for (let step = 0; step < 3; step++) {
      cohorts.append(id, step);
      cohorts.advance(id);
      const end: number[] = [];
      for (let request = cohorts.takeFinished(id); request >= 0; request = cohorts.takeFinished(id)) end.push(request);
      ends.push(end.sort());
    }
    expect(ends).toEqual([[], [], [0, 1, 2]]);
  });
});
