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
    return -(this.#joined[request] as number);
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
    this.#enter(cohort, request, this.contextOf(request), this.made(request));
    this.#link(cohort, request, this.last[cohort] as number, NONE);
  }

  /** Takes a member out; it keeps the tokens that it has made. */
  remove(cohort: number, request: number): void {
    this.#unlink(cohort, request);
    const made = this.#leave(cohort, request);
    this.#joined[request] = -made;
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
    const [kept, moved] = (this.size[before] as number) >= (this.size[after] as number) ? [before, after] : [after, before];
    const [head, tail] = [this.first[moved] as number, this.last[moved] as number];
    for (let request = head; request !== NONE; request = this.next[request] as number) {
      const made = this.#leave(moved, request);
      this.#enter(kept, request, (this.#prompt[request] as number) + made, made);
    }
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
    // the part that is smaller by its tokens moves
    if (2 * tokens >= (this.context[cohort] as number) + (this.size[cohort] as number)) {
      while ((this.context[cohort] as number) + (this.size[cohort] as number) > tokens) {
        const request = this.last[cohort] as number;
        this.#unlink(cohort, request);
        const made = this.#leave(cohort, request);
        this.#enter(rest, request, (this.#prompt[request] as number) + made, made);
        this.#link(rest, request, NONE, this.first[rest] as number);
      }
      return rest;
    }
    let left = tokens;
    for (;;) {
      const request = this.first[cohort] as number;
      const need = (this.#prompt[request] as number) + (this.#step[cohort] as number) - (this.#joined[request] as number) + 1;
      if (need > left) break;
      left -= need;
      this.#unlink(cohort, request);
      const made = this.#leave(cohort, request);
      this.#enter(rest, request, (this.#prompt[request] as number) + made, made);
      this.#link(rest, request, this.last[rest] as number, NONE);
    }
    this.#swap(cohort, rest);
    return rest;
  }

  /** Sums and the ring, not the order. */
  #enter(cohort: number, request: number, context: number, made: number): void {
    const joined = (this.#step[cohort] as number) - made;
    this.#joined[request] = joined;
    this.size[cohort] = (this.size[cohort] as number) + 1;
    this.context[cohort] = (this.context[cohort] as number) + context;
    const ring = this.#rings[cohort] as Int32Array;
    const at = (joined + (this.#steps[request] as number)) & this.#mask;
    const head = ring[at] as number;
    this.#sameBefore[request] = NONE;
    this.#sameAfter[request] = head;
    if (head !== NONE) this.#sameBefore[head] = request;
    ring[at] = request;
  }

  /** @returns tokens made */
  #leave(cohort: number, request: number): number {
    const joined = this.#joined[request] as number;
    const made = (this.#step[cohort] as number) - joined;
    this.size[cohort] = (this.size[cohort] as number) - 1;
    this.context[cohort] = (this.context[cohort] as number) - (this.#prompt[request] as number) - made;
    const [before, after] = [this.#sameBefore[request] as number, this.#sameAfter[request] as number];
    if (before === NONE) (this.#rings[cohort] as Int32Array)[(joined + (this.#steps[request] as number)) & this.#mask] = after;
    else this.#sameAfter[before] = after;
    if (after !== NONE) this.#sameBefore[after] = before;
    return made;
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

  #swap(a: number, b: number): void {
    for (const column of [this.size, this.context, this.first, this.last, this.#step]) [column[a], column[b]] = [column[b] as number, column[a] as number];
    [this.#rings[a], this.#rings[b]] = [this.#rings[b] as Int32Array, this.#rings[a] as Int32Array];
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
