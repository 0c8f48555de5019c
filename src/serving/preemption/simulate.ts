import { EventQueue } from '../engine/event-queue.ts';
import type { Conversations } from './conversations.ts';
import type { HostLink } from './copies.ts';
import type { CacheLayout } from './layout.ts';
import { emptyOutcome, type PreemptionOutcome } from './outcome.ts';
import type { PassTimes } from './pass-times.ts';
import type { SwapPolicy } from './policy.ts';
import { Priorities, type PriorityOptions } from './priorities.ts';
import { Residency } from './residency.ts';
import { Scheduler } from './scheduler.ts';
import { ARRIVES, LEFT, Swapper } from './swapper.ts';

/** One engine: what a pass takes, what its memories hold, and the way between them. */
export interface Engine {
  readonly times: PassTimes;
  readonly layout: CacheLayout;
  readonly gpuBlocks: number;
  readonly cpuBlocks: number;
  readonly link: HostLink;
  /** conversations that run together at most */
  readonly maxRequests: number;
  /** new tokens of one pass over prompts, where there is more than one prompt */
  readonly batchTokens: number;
}

export interface PreemptionOptions {
  readonly policy: SwapPolicy;
  readonly priorities: PriorityOptions;
  /** iterations from one update of priorities to the next; infinite where they are never updated */
  readonly updateEvery: number;
}

/**
 * Conversations of several turns on one engine with continuous batching, whose priorities change while they run (see `Scheduler`).
 *   iteration      prompts that were admitted, as many as have at most `batchTokens` new tokens, or one token for each running conversation
 *   copies         calls x dispatch + bytes / bandwidth, one after the other in each direction; synchronous ones also between directions
 *   between turns  a cache stays where it is until its blocks are needed
 * Ignored: prefix sharing between conversations, chunked prefill, host time of the scheduler, blocks that an asynchronous swap-out frees one by one.
 * @throws RangeError for a conversation that can never fit, or options out of range
 */
export function simulatePreemption(conversations: Conversations, engine: Engine, options: PreemptionOptions): PreemptionOutcome {
  return new Run(conversations, engine, options).run();
}

/** Time of the last token of a turn that has none yet. */
const NEVER = -1;

class Run {
  readonly #of: Conversations;
  readonly #times: PassTimes;
  readonly #updateEvery: number;
  readonly #caches: Residency;
  readonly #priorities: Priorities;
  readonly #events = new EventQueue();
  readonly #outcome: PreemptionOutcome;
  readonly #swapper: Swapper;
  readonly #scheduler: Scheduler;
  /** by conversation: its turn, tokens that it has still to make in this turn, time of the one that it made last */
  readonly #turn: Int32Array;
  readonly #left: Int32Array;
  readonly #last: Float64Array;
  #now = 0;
  /** of the time since the last iteration, what passed because of copies */
  #stalled = 0;
  #decodeSeconds = 0;

  constructor(conversations: Conversations, engine: Engine, { policy, priorities, updateEvery }: PreemptionOptions) {
    const { count, turns, firstTurn } = conversations;
    checkEngine(engine, conversations);
    if (!(updateEvery >= 1)) throw new RangeError(`preemption: updateEvery ${updateEvery} is not a number of at least 1`);
    this.#of = conversations;
    this.#times = engine.times;
    this.#updateEvery = updateEvery;
    this.#caches = new Residency(count, { ...engine, ...policy });
    this.#priorities = new Priorities(count, priorities);
    this.#outcome = emptyOutcome(turns);
    this.#swapper = new Swapper(engine.link, policy.swapping, this.#events, this.#outcome);
    this.#scheduler = new Scheduler(this.#caches, this.#priorities, this.#swapper, this.#outcome, { ...engine, policy, blockTokens: engine.layout.blockTokens });
    this.#turn = firstTurn.slice(0, count);
    this.#left = new Int32Array(count);
    this.#last = new Float64Array(count);
  }

  run(): PreemptionOutcome {
    const [events, outcome, scheduler, swapper] = [this.#events, this.#outcome, this.#scheduler, this.#swapper];
    for (let conversation = 0; conversation < this.#of.count; conversation++) events.push(this.#of.earliest[this.#turn[conversation] as number] as number, ARRIVES, conversation);
    for (;;) {
      while (events.next <= this.#now) this.#take();
      if (outcome.iterations >= this.#updateEvery * (outcome.updates + 1)) {
        outcome.updates++;
        scheduler.update(this.#now);
      }
      scheduler.admit(this.#now, this.#decodeSeconds);
      while (scheduler.prompts.length === 0 && !scheduler.makeRoom(this.#now)) {
        swapper.stall = Math.max(swapper.stall, events.next - this.#now);
        this.#take();
      }
      if (scheduler.prompts.length + scheduler.running.length > 0) this.#iterate();
      else if (scheduler.line.length > 0 && scheduler.isSettled) this.#pass(swapper.stall);
      else if (events.next < Number.POSITIVE_INFINITY) this.#pass(events.next - this.#now);
      else break;
    }
    outcome.givenUp = this.#caches.givenUp;
    return outcome;
  }

  #take(): void {
    const { kind, slot } = this.#next();
    if (kind === ARRIVES) this.#arrive(slot);
    else if (kind === LEFT) this.#scheduler.left(slot);
    else {
      this.#swapper.coming--;
      this.#scheduler.join(slot);
    }
  }

  #next(): EventQueue {
    this.#events.pop();
    return this.#events;
  }

  #arrive(conversation: number): void {
    const turn = this.#turn[conversation] as number;
    const { unread, idle, line } = this.#scheduler;
    this.#outcome.arrival[turn] = this.#events.now;
    unread[conversation] = (unread[conversation] as number) + (this.#of.prompt[turn] as number);
    this.#left[conversation] = this.#of.output[turn] as number;
    this.#last[conversation] = NEVER;
    idle.delete(conversation);
    this.#priorities.arrive(conversation);
    line.add(conversation);
  }

  /** Time in which nothing runs: a stall where copies are waited for. */
  #pass(seconds: number): void {
    const swapper = this.#swapper;
    if (swapper.stall > 0 || !this.#scheduler.isSettled) {
      this.#outcome.stallSeconds += seconds;
      this.#stalled += seconds;
    }
    this.#now += seconds;
    swapper.stall = Math.max(0, swapper.stall - seconds);
  }

  #iterate(): void {
    const [outcome, swapper, scheduler] = [this.#outcome, this.#swapper, this.#scheduler];
    const isPrompts = scheduler.prompts.length > 0;
    const active = swapper.coming + scheduler.running.length + scheduler.prompts.length;
    const members = isPrompts ? scheduler.takePrompts() : scheduler.running;
    const seconds = this.#passSeconds(members, isPrompts);
    const { coming, stall, waitedFor } = swapper;
    outcome.iterations++;
    outcome.busySeconds += seconds;
    outcome.stallSeconds += stall;
    outcome.stalls.add((this.#stalled + stall) / seconds);
    outcome.waiting.add(Math.min(1, (coming + waitedFor) / active));
    const before = this.#now;
    this.#now += stall + seconds;
    swapper.stall = 0;
    swapper.waitedFor = 0;
    this.#stalled = 0;
    if (!isPrompts) this.#decodeSeconds = seconds;
    this.#makeTokens(members, before);
  }

  #passSeconds(members: readonly number[], isPrompts: boolean): number {
    const { unread } = this.#scheduler;
    const { tokens } = this.#caches;
    if (!isPrompts) return this.#times.decode(members.length, this.#scheduler.context);
    let [fresh, squares, pairs] = [0, 0, 0];
    for (const conversation of members) {
      const reads = unread[conversation] as number;
      fresh += reads;
      squares += reads ** 2;
      pairs += reads * (tokens[conversation] as number);
    }
    return this.#times.prefill(members.length, fresh, squares, pairs);
  }

  /** Each conversation of the iteration that began, stall included, at `before` makes a token, and runs on unless its turn ends with it. */
  #makeTokens(members: readonly number[], before: number): void {
    const { running, unread } = this.#scheduler;
    const { tokens } = this.#caches;
    const [left, last, now] = [this.#left, this.#last, this.#now];
    let stay = members === running ? 0 : running.length;
    let alike = 0;
    for (const conversation of members) {
      tokens[conversation] = (tokens[conversation] as number) + (unread[conversation] as number);
      unread[conversation] = 1;
      const since = last[conversation] as number;
      if (since === before) alike++;
      else if (since !== NEVER) this.#outcome.tbt.add(now - since);
      else this.#outcome.firstToken[this.#turn[conversation] as number] = now;
      last[conversation] = now;
      const more = (left[conversation] as number) - 1;
      left[conversation] = more;
      if (more > 0) running[stay++] = conversation;
      else this.#endTurn(conversation);
    }
    if (alike > 0) this.#outcome.tbt.add(now - before, alike);
    running.length = stay;
  }

  #endTurn(conversation: number): void {
    const { firstTurn, earliest, think } = this.#of;
    const turn = this.#turn[conversation] as number;
    this.#outcome.finish[turn] = this.#now;
    this.#outcome.makespan = this.#now;
    const next = turn + 1;
    if (next === firstTurn[conversation + 1]) {
      this.#caches.drop(conversation);
      return;
    }
    this.#turn[conversation] = next;
    this.#scheduler.idle.add(conversation);
    this.#events.push(Math.max(earliest[next] as number, this.#now + (think[next] as number)), ARRIVES, conversation);
  }
}

function checkEngine({ gpuBlocks, cpuBlocks, maxRequests, batchTokens, layout }: Engine, { count, firstTurn, prompt, output }: Conversations): void {
  for (const [field, value, least] of [
    ['gpuBlocks', gpuBlocks, 1],
    ['cpuBlocks', cpuBlocks, 0],
    ['maxRequests', maxRequests, 1],
    ['batchTokens', batchTokens, 1],
  ] as const)
    if (!(Number.isSafeInteger(value) && value >= least)) throw new RangeError(`preemption: ${field} ${value} is not a whole number of at least ${least}`);
  for (let conversation = 0; conversation < count; conversation++) {
    let tokens = 0;
    for (let turn = firstTurn[conversation] as number; turn < (firstTurn[conversation + 1] as number); turn++) tokens += (prompt[turn] as number) + (output[turn] as number);
    // the last token is never read
    const blocks = Math.ceil((tokens - 1) / layout.blockTokens);
    if (blocks > gpuBlocks) throw new RangeError(`preemption: conversation ${conversation + 1} needs ${blocks} blocks, more than the ${gpuBlocks} that the chip has`);
  }
}
