const NONE = -1;

/**
 * Requests that decode together. All members of a cohort make one token a step, so it keeps sums instead of members:
 * a step costs what finishes, not the batch. Members stand in an order, in doubly linked lists on typed arrays; who
 * finishes at which step stands in a ring of lists. Merging moves the smaller cohort, splitting the smaller part.
 * A request that is in no cohort keeps the tokens that it has made. Sums are of whole numbers, so their order is of no matter.
 */
export class Cohorts {
  /** by cohort: members, their contexts together (tokens), steps done */
  size = new Int32Array(8);
  context = new Float64Array(8);
  /** first and last member, by cohort */
  first = new Int32Array(8);
  last = new Int32Array(8);
  /** neighbours, by request; free for queues while a request is in no cohort */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  #step = new Int32Array(8);
  #rings: Int32Array[] = [];
  readonly #free: number[] = [];
  readonly #mask: number;
  readonly #prompt: Int32Array;
  readonly #steps: Int32Array;
  /** tokens made are the cohort's steps less this; 0 less this outside of cohorts */
  readonly #joined: Int32Array;
  readonly #sameBefore: Int32Array;
  readonly #sameAfter: Int32Array;

  /** @param prompt tokens of each request @param steps decode steps of each request, at least 1 where it ever joins */
  constructor(prompt: Int32Array, steps: Int32Array) {
    const count = prompt.length;
    this.#prompt = prompt;
    this.#steps = steps;
    let longest = 1;
    for (let at = 0; at < count; at++) longest = Math.max(longest, steps[at] as number);
    this.#mask = 2 ** Math.ceil(Math.log2(longest + 1)) - 1;
    this.next = new Int32Array(count).fill(NONE);
    this.previous = new Int32Array(count).fill(NONE);
    this.#joined = new Int32Array(count);
    this.#sameBefore = new Int32Array(count);
    this.#sameAfter = new Int32Array(count);
  }

  /** Tokens made by a request that is in no cohort. */
  made(request: number): number {
    return 0 - (this.#joined[request] as number);
  }

  /** Tokens that a request in no cohort has in the cache. */
  contextOf(request: number): number {
    return (this.#prompt[request] as number) - (this.#joined[request] as number);
  }

  /** An empty cohort. */
  create(): number {
    const free = this.#free.pop();
    const cohort = free ?? this.#rings.length;
    if (free === undefined) this.#add();
    this.size[cohort] = 0;
    this.context[cohort] = 0;
    this.#step[cohort] = 0;
    this.first[cohort] = NONE;
    this.last[cohort] = NONE;
    return cohort;
  }

  /** Gives an empty cohort back. */
  release(cohort: number): void {
    this.#free.push(cohort);
  }

  /** A request that is in no cohort joins at the end. */
  append(cohort: number, request: number): void {
    this.size[cohort] = (this.size[cohort] as number) + 1;
    this.context[cohort] = (this.context[cohort] as number) + this.contextOf(request);
    this.#joined[request] = (this.#step[cohort] as number) + (this.#joined[request] as number);
    this.#enterRing(this.#rings[cohort] as Int32Array, request);
    this.#link(cohort, request, this.last[cohort] as number, NONE);
  }

  /** Takes a member out; it keeps the tokens that it has made. */
  remove(cohort: number, request: number): void {
    this.#unlink(cohort, request);
    this.#leaveRing(this.#rings[cohort] as Int32Array, request);
    this.#joined[request] = (this.#joined[request] as number) - (this.#step[cohort] as number);
    this.size[cohort] = (this.size[cohort] as number) - 1;
    this.context[cohort] = (this.context[cohort] as number) - this.contextOf(request);
  }

  /** A step of all members: one token each. */
  advance(cohort: number): void {
    this.#step[cohort] = (this.#step[cohort] as number) + 1;
    this.context[cohort] = (this.context[cohort] as number) + (this.size[cohort] as number);
  }

  /** Takes out a member that has made its last token; -1 where none is left. */
  takeFinished(cohort: number): number {
    const request = (this.#rings[cohort] as Int32Array)[(this.#step[cohort] as number) & this.#mask] as number;
    if (request !== NONE) this.remove(cohort, request);
    return request;
  }

  /** Members of `before`, then those of `after`, in one cohort, whose number it gives. */
  merge(before: number, after: number): number {
    const { next } = this;
    const [kept, moved] = (this.size[before] as number) >= (this.size[after] as number) ? [before, after] : [after, before];
    const [head, tail] = [this.first[moved] as number, this.last[moved] as number];
    const later = (this.#step[kept] as number) - (this.#step[moved] as number);
    const from = this.#rings[moved] as Int32Array;
    const to = this.#rings[kept] as Int32Array;
    for (let request = head; request !== NONE; request = next[request] as number) {
      // all leave this ring: no list of it has to stay whole
      from[this.#ringPlace(request)] = NONE;
      this.#joined[request] = (this.#joined[request] as number) + later;
      this.#enterRing(to, request);
    }
    this.size[kept] = (this.size[kept] as number) + (this.size[moved] as number);
    this.context[kept] = (this.context[kept] as number) + (this.context[moved] as number);
    if (head !== NONE && kept === before) {
      this.#join(this.last[kept] as number, head);
      this.last[kept] = tail;
    } else if (head !== NONE) {
      this.#join(tail, this.first[kept] as number);
      this.first[kept] = head;
    }
    this.release(moved);
    return kept;
  }

  /**
   * Splits a cohort so that it holds the members from its first on whose contexts, each with the token that it makes next, fit into a number of tokens.
   * Gives a new cohort with the others. @returns its number
   */
  splitAfter(cohort: number, tokens: number): number {
    const rest = this.create();
    this.#step[rest] = this.#step[cohort] as number;
    const step = this.#step[cohort] as number;
    const whole = (this.context[cohort] as number) + (this.size[cohort] as number);
    // the part that is smaller by its tokens moves; need: tokens of a member, with the one that it makes next
    const needOf = (request: number): number => (this.#prompt[request] as number) + step - (this.#joined[request] as number) + 1;
    let moved = 0;
    let need = 0;
    if (2 * tokens >= whole) {
      let request = this.last[cohort] as number;
      while (request !== NONE && whole - need > tokens) {
        need += needOf(request);
        this.#changeRing(cohort, rest, request);
        moved++;
        request = this.previous[request] as number;
      }
      this.#cut(cohort, rest, request);
      this.#moveSums(cohort, rest, moved, need - moved);
      return rest;
    }
    let request = this.first[cohort] as number;
    while (request !== NONE && need + needOf(request) <= tokens) {
      need += needOf(request);
      this.#changeRing(cohort, rest, request);
      moved++;
      request = this.next[request] as number;
    }
    this.#cut(cohort, rest, request === NONE ? (this.last[cohort] as number) : (this.previous[request] as number));
    this.#moveSums(cohort, rest, moved, need - moved);
    this.#swapSumsAndRings(cohort, rest);
    return rest;
  }

  /** Puts the members behind `last` into an empty cohort; all of them where it is -1. */
  #cut(cohort: number, rest: number, last: number): void {
    const head = last === NONE ? (this.first[cohort] as number) : (this.next[last] as number);
    this.first[rest] = head;
    this.last[rest] = head === NONE ? NONE : (this.last[cohort] as number);
    if (head !== NONE) this.previous[head] = NONE;
    if (last !== NONE) this.next[last] = NONE;
    this.last[cohort] = last;
    if (last === NONE) this.first[cohort] = NONE;
  }

  #moveSums(from: number, to: number, members: number, context: number): void {
    this.size[from] = (this.size[from] as number) - members;
    this.context[from] = (this.context[from] as number) - context;
    this.size[to] = members;
    this.context[to] = context;
  }

  #swapSumsAndRings(a: number, b: number): void {
    const [size, context, ring] = [this.size[a] as number, this.context[a] as number, this.#rings[a] as Int32Array];
    this.size[a] = this.size[b] as number;
    this.context[a] = this.context[b] as number;
    this.#rings[a] = this.#rings[b] as Int32Array;
    this.size[b] = size;
    this.context[b] = context;
    this.#rings[b] = ring;
  }

  #changeRing(from: number, to: number, request: number): void {
    this.#leaveRing(this.#rings[from] as Int32Array, request);
    this.#enterRing(this.#rings[to] as Int32Array, request);
  }

  /** Where a request stands in its cohort's ring: by the step at which it finishes. */
  #ringPlace(request: number): number {
    return ((this.#joined[request] as number) + (this.#steps[request] as number)) & this.#mask;
  }

  #enterRing(ring: Int32Array, request: number): void {
    const at = this.#ringPlace(request);
    const head = ring[at] as number;
    this.#sameBefore[request] = NONE;
    this.#sameAfter[request] = head;
    if (head !== NONE) this.#sameBefore[head] = request;
    ring[at] = request;
  }

  #leaveRing(ring: Int32Array, request: number): void {
    const before = this.#sameBefore[request] as number;
    const after = this.#sameAfter[request] as number;
    if (before === NONE) ring[this.#ringPlace(request)] = after;
    else this.#sameAfter[before] = after;
    if (after !== NONE) this.#sameBefore[after] = before;
  }

  #link(cohort: number, request: number, before: number, after: number): void {
    this.#join(before, request);
    this.#join(request, after);
    if (before === NONE) {
      this.first[cohort] = request;
      this.previous[request] = NONE;
    }
    if (after === NONE) {
      this.last[cohort] = request;
      this.next[request] = NONE;
    }
  }

  #unlink(cohort: number, request: number): void {
    const [before, after] = [this.previous[request] as number, this.next[request] as number];
    this.#join(before, after);
    if (before === NONE) this.first[cohort] = after;
    if (after === NONE) this.last[cohort] = before;
    this.next[request] = NONE;
    this.previous[request] = NONE;
  }

  #join(before: number, after: number): void {
    if (before !== NONE) this.next[before] = after;
    if (after !== NONE) this.previous[after] = before;
  }

  #add(): void {
    this.#rings.push(new Int32Array(this.#mask + 1).fill(NONE));
    if (this.#rings.length <= this.size.length) return;
    const grown = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(2 * column.length);
      larger.set(column);
      return larger;
    };
    const context = new Float64Array(2 * this.context.length);
    context.set(this.context);
    this.context = context;
    this.size = grown(this.size);
    this.first = grown(this.first);
    this.last = grown(this.last);
    this.#step = grown(this.#step);
  }
}
