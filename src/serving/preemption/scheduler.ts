import { moveSeconds } from './copies.ts';
import type { PreemptionOutcome } from './outcome.ts';
import type { PassTimes } from './pass-times.ts';
import type { SwapPolicy } from './policy.ts';
import type { Priorities } from './priorities.ts';
import { COMING, LEAVING, ON_CHIP, ON_HOST, type Residency } from './residency.ts';
import type { Incoming, Swapper } from './swapper.ts';
import { WaitingLine } from './waiting-line.ts';

/** Share of the blocks that admission leaves free: the watermark of vLLM. */
const WATERMARK = 0.01;

export interface SchedulerOptions {
  readonly policy: SwapPolicy;
  readonly times: PassTimes;
  readonly gpuBlocks: number;
  readonly maxRequests: number;
  readonly batchTokens: number;
  readonly blockTokens: number;
}

/**
 * Who runs: admission by priority, updates of priorities, and who leaves the chip when blocks run out.
 *   admission  the first in line that does not fit holds the others up; a watermark of blocks stays free while others run
 *   update     of those that run or wait, by new priorities, those stay or come that fit beside the caches that are on their way in; the others leave. The watermark holds where
 *              somebody comes: those that run may grow into it
 *   room       where no block is free, caches of idle conversations leave first (the longest idle before), then those of waiting ones from the end of the line, then of the lowest priority
 */
export class Scheduler {
  /** admitted and on the chip: with a prompt to read, or decoding */
  prompts: number[] = [];
  running: number[] = [];
  /** tokens in the caches of all that run, as `makeRoom` left them */
  context = 0;
  readonly line: WaitingLine;
  /** by conversation: tokens that its next pass reads */
  readonly unread: Int32Array;
  /** conversations with a cache on the chip and no turn, the longest idle first */
  readonly idle = new Set<number>();
  /** blocks on the chip of caches that go out, and of those that come in */
  leavingBlocks = 0;
  comingBlocks = 0;
  /** blocks that stay free while others run */
  readonly #reserve: number;
  readonly #caches: Residency;
  readonly #priorities: Priorities;
  readonly #swapper: Swapper;
  readonly #options: SchedulerOptions;
  readonly #outcome: PreemptionOutcome;

  constructor(caches: Residency, priorities: Priorities, swapper: Swapper, outcome: PreemptionOutcome, options: SchedulerOptions) {
    this.#caches = caches;
    this.#priorities = priorities;
    this.#swapper = swapper;
    this.#options = options;
    this.#reserve = Math.floor(options.gpuBlocks * WATERMARK);
    this.#outcome = outcome;
    this.line = new WaitingLine(priorities.of);
    this.unread = new Int32Array(priorities.of.length);
  }

  /** Nothing is on its way, so that whoever waits can be admitted at once. */
  get isSettled(): boolean {
    return this.#swapper.coming === 0 && this.leavingBlocks === 0;
  }

  /** What came in, or never left, goes on. */
  join(conversation: number): void {
    if (this.#caches.where[conversation] === COMING) {
      this.comingBlocks -= this.#caches.gpu.blocksOf(conversation);
      this.#caches.came(conversation);
    }
    this.#caches.where[conversation] = ON_CHIP;
    ((this.unread[conversation] as number) > 1 ? this.prompts : this.running).push(conversation);
  }

  /** What went out is out. */
  left(conversation: number): void {
    this.leavingBlocks -= this.#caches.gpu.blocksOf(conversation);
    this.#caches.left(conversation);
  }

  /** Prompts of the next pass, as they joined: of at most `batchTokens` new tokens where there is more than one. The others wait for another pass. */
  takePrompts(): readonly number[] {
    let [prompts, newTokens] = [0, 0];
    for (; prompts < this.prompts.length; prompts++) {
      newTokens += this.unread[this.prompts[prompts] as number] as number;
      if (prompts > 0 && newTokens > this.#options.batchTokens) break;
    }
    return this.prompts.splice(0, prompts);
  }

  update(now: number): void {
    const { of } = this.#priorities;
    for (const conversation of this.running) this.#priorities.update(conversation, true);
    for (const conversation of this.prompts) this.#priorities.update(conversation, true);
    for (let place = 0; place < this.line.length; place++) this.#priorities.update(this.line.at(place), false);
    let room = this.#options.gpuBlocks - this.comingBlocks;
    if (this.line.length === 0 && this.#allStay(room)) return;
    this.line.sort();
    const active = [...this.running, ...this.prompts];
    active.sort((a, b) => (of[b] as number) - (of[a] as number) || a - b);
    let together = this.#swapper.coming;
    // nobody else is admitted after the first that does not fit
    let [comes, held] = [false, false];
    const leaving = new Set<number>();
    let [next, at] = [0, 0];
    while (at < active.length) {
      const runs = active[at] as number;
      const first = held || next >= this.line.length ? null : this.line.at(next);
      const isWaiting = first !== null && (of[first] as number) > (of[runs] as number);
      const conversation = isWaiting ? first : runs;
      const need = this.#needs(conversation);
      const reserve = together > 0 && (isWaiting || comes) ? this.#reserve : 0;
      const fits = together < this.#options.maxRequests && need <= room - reserve;
      if (fits) {
        room -= need;
        together++;
        comes ||= isWaiting;
      }
      if (isWaiting) {
        held = !fits;
        next++;
      } else {
        at++;
        if (!fits) leaving.add(conversation);
      }
    }
    if (leaving.size === 0) return;
    this.running = this.running.filter((conversation) => !leaving.has(conversation));
    this.prompts = this.prompts.filter((conversation) => !leaving.has(conversation));
    for (const conversation of leaving) this.#putBack(now, conversation);
  }

  /** Blocks of a conversation after its next pass. */
  #needs(conversation: number): number {
    return this.#caches.blocksFor((this.#caches.tokens[conversation] as number) + (this.unread[conversation] as number));
  }

  /** Whether all that run fit into a number of blocks, in whatever order. */
  #allStay(room: number): boolean {
    let need = 0;
    for (const conversation of this.running) need += this.#needs(conversation);
    for (const conversation of this.prompts) need += this.#needs(conversation);
    return need <= room && this.#swapper.coming + this.running.length + this.prompts.length <= this.#options.maxRequests;
  }

  /** @param iterationSeconds what an iteration took last */
  admit(now: number, iterationSeconds: number): void {
    const { where, tokens } = this.#caches;
    const { maxRequests, batchTokens } = this.#options;
    if (this.line.length === 0) return;
    const incoming: Incoming[] = [];
    let newTokens = 0;
    for (const conversation of this.prompts) newTokens += this.unread[conversation] as number;
    while (this.line.length > 0) {
      const together = this.running.length + this.prompts.length + this.#swapper.coming + incoming.length;
      if (together >= maxRequests) break;
      const conversation = this.line.at(0);
      if (where[conversation] === LEAVING) break;
      const unread = this.unread[conversation] as number;
      const reads = where[conversation] !== ON_HOST && unread > 1;
      if (reads && newTokens > 0 && newTokens + unread > batchTokens) break;
      const all = (tokens[conversation] as number) + unread;
      if (!this.#free(now, this.#caches.lacks(conversation, all) + (together === 0 ? 0 : this.#reserve), conversation)) break;
      this.#caches.grow(conversation, all);
      this.line.remove(0);
      if (reads) newTokens += unread;
      if (where[conversation] === ON_HOST) {
        this.comingBlocks += this.#caches.gpu.blocksOf(conversation);
        incoming.push({ conversation, copied: this.#caches.come(conversation) });
      } else this.join(conversation);
    }
    if (incoming.length > 0 && this.#swapper.in(now, incoming, this.running.length, iterationSeconds)) for (const { conversation } of incoming) this.join(conversation);
  }

  /** Blocks for the next token of each running conversation. @returns false where blocks are on their way out, and the iteration has to wait for them */
  makeRoom(now: number): boolean {
    const { tokens } = this.#caches;
    const { blockTokens } = this.#options;
    this.context = 0;
    for (let at = 0; at < this.running.length; ) {
      const conversation = this.running[at] as number;
      const before = tokens[conversation] as number;
      if (before % blockTokens !== 0 || this.#caches.grow(conversation, before + 1)) {
        this.context += before;
        at++;
      } else if (!this.#free(now, 1, conversation)) {
        if (this.leavingBlocks > 0) return false;
        const place = this.#lowest();
        const lowest = this.running.splice(place, 1)[0] as number;
        if (place < at) {
          this.context -= tokens[lowest] as number;
          at--;
        }
        this.#putBack(now, lowest);
      }
    }
    return true;
  }

  /** A conversation that ran waits, and its cache leaves. */
  #putBack(now: number, conversation: number): void {
    this.line.add(conversation);
    this.#evict(now, conversation);
  }

  /** Frees blocks for a conversation. False where they are not free yet, or cannot be. */
  #free(now: number, blocks: number, conversation: number): boolean {
    const { gpu } = this.#caches;
    while (gpu.free + this.leavingBlocks < blocks) {
      const victim = this.#victim(conversation);
      if (victim === null) return false;
      this.#evict(now, victim);
    }
    return gpu.free >= blocks;
  }

  #victim(conversation: number): number | null {
    for (const idle of this.idle) return idle;
    for (let place = this.line.length - 1; place >= 0; place--) {
      const waiting = this.line.at(place);
      if (waiting === conversation) return null;
      if (this.#caches.where[waiting] === ON_CHIP) return waiting;
    }
    return null;
  }

  #evict(now: number, conversation: number): void {
    const caches = this.#caches;
    const tokens = caches.tokens[conversation] as number;
    this.idle.delete(conversation);
    const copied = tokens === 0 || this.#recomputes(tokens) ? null : caches.leave(conversation);
    if (copied !== null) {
      if (this.#swapper.out(now, conversation, copied)) caches.left(conversation);
      else this.leavingBlocks += caches.gpu.blocksOf(conversation);
      return;
    }
    if (tokens > 0) this.#outcome.drops++;
    this.#outcome.recomputedTokens += tokens;
    this.unread[conversation] = (this.unread[conversation] as number) + tokens;
    caches.drop(conversation);
  }

  #recomputes(tokens: number): boolean {
    const { policy, times } = this.#options;
    if (policy.preempt !== 'cheaper') return policy.preempt === 'recompute';
    const moved = this.#caches.whole(tokens);
    const { d2h, h2d } = this.#swapper.link;
    return times.prefill(1, tokens, tokens ** 2, 0) < moveSeconds(moved, d2h) + moveSeconds(moved, h2d);
  }

  #lowest(): number {
    const { of } = this.#priorities;
    let lowest = 0;
    for (let at = 1; at < this.running.length; at++) if ((of[this.running[at] as number] as number) <= (of[this.running[lowest] as number] as number)) lowest = at;
    return lowest;
  }
}
