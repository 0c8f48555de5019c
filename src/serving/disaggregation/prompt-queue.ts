import type { Cohorts } from '../engine/cohorts.ts';
import type { PromptBatching } from './cluster.ts';

const NONE = -1;

/** Prompts that one stage reads together, and that go through the pipeline together. */
export class PromptBatch {
  first = NONE;
  last = NONE;
  prompts = 0;
  tokens = 0;
  squares = 0;
  longest = 0;
  media = 0;

  clear(): void {
    this.first = NONE;
    this.last = NONE;
    this.prompts = 0;
    this.tokens = 0;
    this.squares = 0;
    this.longest = 0;
    this.media = 0;
  }
}

/** What a batch of an instance may take. */
export interface BatchLimits {
  readonly batching: PromptBatching;
  /** copies of the attention in the instance */
  readonly replicas: number;
  /** tokens that memory has room for, and prompts */
  readonly room: number;
  readonly places: number;
  readonly cohorts: Pick<Cohorts, 'contextOf'>;
  /** by request */
  readonly media: Int32Array | undefined;
  readonly onTake: (request: number) => void;
}

/** Prompts that wait for an instance, first come first served, or those of the lowest key first. */
export class PromptQueue {
  size = 0;
  first = NONE;
  #last = NONE;
  readonly #next: Int32Array;
  readonly #keys: Float64Array | null;

  /** @param next links of requests, shared with whatever else a request can stand in @param keys of requests; null: first come first served */
  constructor(next: Int32Array, keys: Float64Array | null = null) {
    this.#next = next;
    this.#keys = keys;
  }

  push(request: number): void {
    if (this.#keys !== null && this.#last !== NONE && (this.#keys[this.#last] as number) > (this.#keys[request] as number)) {
      this.#insert(request, this.#keys);
      return;
    }
    this.#next[request] = NONE;
    if (this.#last === NONE) this.first = request;
    else this.#next[this.#last] = request;
    this.#last = request;
    this.size++;
  }

  /** Before the first that has a higher key; there is one. */
  #insert(request: number, keys: Float64Array): void {
    const key = keys[request] as number;
    let before = NONE;
    let after = this.first;
    while ((keys[after] as number) <= key) {
      before = after;
      after = this.#next[after] as number;
    }
    this.#next[request] = after;
    if (before === NONE) this.first = request;
    else this.#next[before] = request;
    this.size++;
  }

  /** Takes the first; -1 where none waits. */
  takeFirst(): number {
    const request = this.first;
    if (request === NONE) return NONE;
    this.first = this.#next[request] as number;
    if (this.first === NONE) this.#last = NONE;
    this.size--;
    this.#next[request] = NONE;
    return request;
  }

  /** Takes prompts into a batch, first come first served, until one does not fit. */
  fill(batch: PromptBatch, { batching, replicas, room, places, cohorts, media, onTake }: BatchLimits): void {
    while (this.first !== NONE && batch.prompts < places) {
      const request = this.first;
      const tokens = cohorts.contextOf(request);
      if (batch.tokens + tokens > room || !fitsBatch(batching, batch, tokens, replicas)) return;
      this.moveTo(batch, tokens, media?.[request]);
      onTake(request);
    }
  }

  pushFront(request: number): void {
    this.#next[request] = this.first;
    if (this.first === NONE) this.#last = request;
    this.first = request;
    this.size++;
  }

  /** Moves the first prompt, of so many tokens and media, into a batch. */
  moveTo(batch: PromptBatch, tokens: number, media = 0): void {
    const request = this.takeFirst();
    if (batch.last === NONE) batch.first = request;
    else this.#next[batch.last] = request;
    batch.last = request;
    batch.prompts++;
    batch.tokens += tokens;
    batch.squares += tokens * tokens;
    batch.longest = Math.max(batch.longest, tokens);
    batch.media += media;
  }
}

/** Whether a prompt of so many tokens still fits into a batch of an instance with so many copies of the attention. */
export function fitsBatch({ maxPrompts, maxTokens, padded }: PromptBatching, batch: PromptBatch, tokens: number, replicas = 1): boolean {
  if (batch.prompts >= replicas * maxPrompts || batch.tokens + tokens > replicas * maxTokens) return false;
  if (padded === null || batch.prompts === 0) return true;
  const area = (batch.prompts + 1) * Math.max(batch.longest, tokens);
  return area <= padded.maxTokens && area - batch.tokens - tokens <= padded.maxPadding;
}
