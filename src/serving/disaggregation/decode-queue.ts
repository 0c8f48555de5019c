import type { Cohorts } from '../engine/cohorts.ts';

const NONE = -1;
/** Cohorts in a queue stand as -2, -3, ..., requests as themselves. */
const asItem = (cohort: number): number => -2 - cohort;

/** Requests and cohorts that wait for a decode stage, first come first served. */
export class DecodeQueue {
  /** requests that wait, those in cohorts included, and their contexts together (tokens) */
  size = 0;
  context = 0;
  #first = NONE;
  #last = NONE;
  readonly #cohorts: Cohorts;
  /** links of cohorts; those of requests are the cohorts' own */
  readonly #links: number[];

  /** @param links one array for all queues of a simulation */
  constructor(cohorts: Cohorts, links: number[]) {
    this.#cohorts = cohorts;
    this.#links = links;
  }

  pushRequest(request: number): void {
    this.#cohorts.next[request] = NONE;
    this.size++;
    this.context += this.#cohorts.contextOf(request);
    this.#push(request);
  }

  pushCohort(cohort: number): void {
    this.#links[cohort] = NONE;
    this.size += this.#cohorts.size[cohort] as number;
    this.context += this.#cohorts.context[cohort] as number;
    this.#push(asItem(cohort));
  }

  /** Takes the first, which is a request that waits alone; -1 where the queue is empty. */
  takeRequest(): number {
    const request = this.#first;
    if (request < 0) return NONE;
    this.#first = this.#cohorts.next[request] as number;
    if (this.#first === NONE) this.#last = NONE;
    this.size--;
    this.context -= this.#cohorts.contextOf(request);
    return request;
  }

  /** Takes the last of requests that all wait alone; goes through the queue. */
  takeLast(): number {
    const request = this.#last;
    if (request === this.#first) return this.takeRequest();
    const { next } = this.#cohorts;
    let before = this.#first;
    while (next[before] !== request) before = next[before] as number;
    next[before] = NONE;
    this.#last = before;
    this.size--;
    this.context -= this.#cohorts.contextOf(request);
    return request;
  }

  /** The first request without taking it; -1 where the queue is empty. */
  get front(): number {
    return this.#first;
  }

  /** Takes the first, which is a cohort; -1 where the queue is empty. */
  takeCohort(): number {
    if (this.#first === NONE) return NONE;
    const cohort = asItem(this.#first);
    this.#first = this.#links[cohort] as number;
    if (this.#first === NONE) this.#last = NONE;
    this.size -= this.#cohorts.size[cohort] as number;
    this.context -= this.#cohorts.context[cohort] as number;
    return cohort;
  }

  /** Takes all that fits, with the token that each request makes next, into one cohort: the longest prefix of the queue. @returns -1 where nothing does */
  takeFitting(tokens: number, onJoin: (request: number) => void): number {
    const cohorts = this.#cohorts;
    let batch = NONE;
    let left = tokens;
    while (this.#first !== NONE) {
      if (this.#first >= 0) {
        const need = cohorts.contextOf(this.#first) + 1;
        if (need > left) break;
        left -= need;
        const request = this.takeRequest();
        if (batch === NONE) batch = cohorts.create();
        cohorts.append(batch, request);
        onJoin(request);
        continue;
      }
      const next = asItem(this.#first);
      const need = (cohorts.context[next] as number) + (cohorts.size[next] as number);
      if (need > left) {
        const taken = this.takeCohort();
        const rest = cohorts.splitAfter(taken, left);
        this.#putBack(rest);
        if (cohorts.size[taken] === 0) cohorts.release(taken);
        else batch = batch === NONE ? taken : cohorts.merge(batch, taken);
        break;
      }
      left -= need;
      const taken = this.takeCohort();
      batch = batch === NONE ? taken : cohorts.merge(batch, taken);
    }
    return batch;
  }

  #push(item: number): void {
    if (this.#last === NONE) this.#first = item;
    else if (this.#last >= 0) this.#cohorts.next[this.#last] = item;
    else this.#links[asItem(this.#last)] = item;
    this.#last = item;
  }

  #putBack(cohort: number): void {
    this.#links[cohort] = this.#first;
    if (this.#first === NONE) this.#last = asItem(cohort);
    this.#first = asItem(cohort);
    this.size += this.#cohorts.size[cohort] as number;
    this.context += this.#cohorts.context[cohort] as number;
  }
}
