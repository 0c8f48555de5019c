import { randomOf } from '../../../src/serving/engine/random.ts';
import type { Conversations } from '../../../src/serving/preemption/conversations.ts';
import { GroupAllocator } from '../../../src/serving/preemption/group-allocator.ts';
import type { CacheLayout } from '../../../src/serving/preemption/layout.ts';
import type { Engine, PreemptionOptions } from '../../../src/serving/preemption/simulate.ts';
import type { CopyConstants } from '../../../src/timing/copy-time.ts';

/** What all copies of one direction moved. */
export interface ReferenceSwaps {
  operations: number;
  blocks: number;
  groups: number;
  calls: number;
  bytes: number;
  seconds: number;
}

/** What `simulatePreemption` has to give; histograms as lists of their values. */
export interface Reference {
  arrival: number[];
  firstToken: number[];
  finish: number[];
  gaps: number[];
  stalls: number[];
  waiting: number[];
  out: ReferenceSwaps;
  in: ReferenceSwaps;
  iterations: number;
  updates: number;
  busySeconds: number;
  stallSeconds: number;
  makespan: number;
  drops: number;
  recomputedTokens: number;
  givenUp: number;
  /** largest pass over more than one prompt, tokens */
  largestBatch: number;
}

interface Turn {
  readonly number: number;
  readonly earliest: number;
  readonly think: number;
  readonly prompt: number;
  readonly output: number;
}

/** A conversation: what it does, and where its cache is. */
interface Talk {
  readonly number: number;
  turns: Turn[];
  state: 'away' | 'idle' | 'waits' | 'prompt' | 'runs' | 'comes';
  cache: 'nowhere' | 'chip' | 'host' | 'leaving' | 'coming';
  tokens: number;
  unread: number;
  made: number;
  last: number;
  priority: number;
  served: number;
  /** order in which it became idle, or came in */
  idleSince: number;
  cameIn: number;
  /** blocks on the host that are as on the chip */
  valid: number;
  keepsCopy: boolean;
}

/** A memory as the list of blocks that each conversation holds: numbered where they lie in groups, all alike where not. */
class Memory {
  readonly #blocks: number;
  readonly #groups: GroupAllocator | null;
  readonly #held = new Map<number, number>();

  constructor(blocks: number, initialGroup: number | null) {
    this.#blocks = blocks;
    this.#groups = initialGroup === null ? null : new GroupAllocator(blocks, initialGroup);
  }

  held(who: number): number {
    return this.#held.get(who) ?? 0;
  }

  get free(): number {
    return this.#blocks - [...this.#held.values()].reduce((sum, held) => sum + held, 0);
  }

  /** Up to a number of blocks. */
  raise(who: number, to: number): void {
    const more = to - this.held(who);
    if (more <= 0) return;
    this.#held.set(who, to);
    this.#groups?.grow(who, more);
  }

  release(who: number): void {
    this.#held.delete(who);
    this.#groups?.release(who);
  }

  /** Where each block lies; blocks that are alike touch no other. */
  places(who: number): number[] {
    if (this.#groups === null) return Array.from({ length: this.held(who) }, (_, at) => 2 * at);
    return this.#groups.extentsOf(who).flatMap(([first, blocks]) => Array.from({ length: blocks }, (_, at) => first + at));
  }
}

function movedBy({ slices, states }: CacheLayout, blocks: number, groups: number): { calls: number; bytes: number } {
  let calls = states.pieces;
  let bytes = states.bytes;
  if (blocks === 0) return { calls, bytes };
  for (const { count, bytes: size, mostBlocks } of slices) {
    const kept = Math.min(blocks, mostBlocks);
    calls += count * Math.ceil((groups * kept) / blocks);
    bytes += count * size * kept;
  }
  return { calls, bytes };
}

const secondsOf = ({ calls, bytes }: { calls: number; bytes: number }, { dispatchSeconds, secondsPerCall, bytesPerSecond }: CopyConstants): number =>
  calls === 0 ? 0 : calls * Math.max(dispatchSeconds, secondsPerCall + bytes / calls / bytesPerSecond);

const byPriority = (a: Talk, b: Talk): number => b.priority - a.priority || a.number - b.number;

/** The rules of the docstrings of `simulatePreemption` and of what it is made of, on plain lists, everything counted anew each time. */
export function reference(conversations: Conversations, engine: Engine, { policy, priorities, updateEvery }: PreemptionOptions): Reference {
  const { times, layout, gpuBlocks, cpuBlocks, maxRequests, batchTokens } = engine;
  const { blockTokens } = layout;
  const isWaitedFor = policy.swapping === 'synchronous';
  const rate = (constants: CopyConstants): CopyConstants =>
    isWaitedFor ? constants : { ...constants, bytesPerSecond: Math.min(constants.bytesPerSecond, engine.link.bothDirectionsBytesPerSecond / 2) };
  const link = { in: rate(engine.link.h2d), out: rate(engine.link.d2h) };
  const chip = new Memory(gpuBlocks, policy.initialGroup);
  const host = new Memory(cpuBlocks, policy.initialGroup);
  const random = randomOf(priorities.seed ?? 0);
  const persistence = priorities.persistence ?? 0;
  const reserve = Math.floor(0.01 * gpuBlocks);
  const noSwaps = (): ReferenceSwaps => ({ operations: 0, blocks: 0, groups: 0, calls: 0, bytes: 0, seconds: 0 });
  const none = (): number[] => new Array<number>(conversations.turns).fill(Number.NaN);
  const result: Reference = {
    arrival: none(),
    firstToken: none(),
    finish: none(),
    gaps: [],
    stalls: [],
    waiting: [],
    out: noSwaps(),
    in: noSwaps(),
    iterations: 0,
    updates: 0,
    busySeconds: 0,
    stallSeconds: 0,
    makespan: 0,
    drops: 0,
    recomputedTokens: 0,
    givenUp: 0,
    largestBatch: 0,
  };
  const talks: Talk[] = Array.from({ length: conversations.count }, (_, number) => ({
    number,
    turns: Array.from({ length: conversations.turns }, (_, at) => ({
      number: at,
      earliest: conversations.earliest[at] as number,
      think: conversations.think[at] as number,
      prompt: conversations.prompt[at] as number,
      output: conversations.output[at] as number,
    })).slice(conversations.firstTurn[number], conversations.firstTurn[number + 1]),
    state: 'away',
    cache: 'nowhere',
    tokens: 0,
    unread: 0,
    made: 0,
    last: Number.NaN,
    priority: 0,
    served: 0,
    idleSince: 0,
    cameIn: 0,
    valid: 0,
    keepsCopy: false,
  }));
  let now = 0;
  let stall = 0;
  // since the last iteration: stall that passed, caches that came in while nothing ran
  let stalled = 0;
  let waitedFor = 0;
  let lastDecode = 0;
  let order = 0;
  let arrived = 0;
  const freeAt = { out: 0, in: 0 };
  let events: { time: number; order: number; kind: 'arrives' | 'left' | 'came'; who: Talk }[] = [];
  // in the order in which they joined
  let prompts: Talk[] = [];
  let running: Talk[] = [];

  const later = (time: number, kind: 'arrives' | 'left' | 'came', who: Talk): void => {
    events.push({ time, order: order++, kind, who });
  };
  const first = (): (typeof events)[number] | undefined => events.toSorted((a, b) => a.time - b.time || a.order - b.order)[0];
  const blocksFor = (tokens: number): number => Math.ceil(tokens / blockTokens);
  const line = (): Talk[] => talks.filter(({ state }) => state === 'waits').sort(byPriority);
  const coming = (): number => talks.filter(({ state }) => state === 'comes').length;
  const blocksOf = (cache: Talk['cache']): number => talks.filter((talk) => talk.cache === cache).reduce((sum, { number }) => sum + chip.held(number), 0);
  const settled = (): boolean => talks.every(({ cache }) => cache !== 'leaving' && cache !== 'coming');

  function copied(talk: Talk, from: number, to: number): { blocks: number; groups: number; calls: number; bytes: number } {
    const [here, there] = [chip.places(talk.number), host.places(talk.number)];
    let groups = 0;
    for (let at = from; at < to; at++) if (at === from || here[at] !== (here[at - 1] as number) + 1 || there[at] !== (there[at - 1] as number) + 1) groups++;
    return { blocks: to - from, groups, ...movedBy(layout, to - from, groups) };
  }

  function count(direction: 'in' | 'out', what: { blocks: number; groups: number; calls: number; bytes: number }): number {
    const seconds = secondsOf(what, link[direction]);
    const swaps = result[direction];
    swaps.operations++;
    swaps.blocks += what.blocks;
    swaps.groups += what.groups;
    swaps.calls += what.calls;
    swaps.bytes += what.bytes;
    swaps.seconds += seconds;
    return seconds;
  }

  function forget(talk: Talk): void {
    host.release(talk.number);
    talk.valid = 0;
    talk.keepsCopy = false;
  }

  /** Room on the host for the whole cache, copies of others given up for it where needed. */
  function findsRoom(talk: Talk, blocks: number): boolean {
    const more = blocks - host.held(talk.number);
    talk.keepsCopy = false;
    const copies = talks.filter(({ keepsCopy }) => keepsCopy).sort((a, b) => a.cameIn - b.cameIn);
    for (const other of copies) {
      if (more <= 0 || host.free >= more) break;
      forget(other);
      result.givenUp++;
    }
    return more <= 0 || host.free >= more;
  }

  function recomputes(talk: Talk): boolean {
    if (policy.preempt !== 'cheaper') return policy.preempt === 'recompute';
    const blocks = blocksFor(talk.tokens);
    const moved = movedBy(layout, blocks, policy.initialGroup === null ? blocks : Math.ceil(blocks / policy.initialGroup));
    return times.prefill(1, talk.tokens, talk.tokens ** 2, 0) < secondsOf(moved, link.out) + secondsOf(moved, link.in);
  }

  function evict(talk: Talk): void {
    if (talk.state === 'idle') talk.state = 'away';
    const blocks = blocksFor(talk.tokens);
    if (talk.tokens > 0 && !recomputes(talk) && findsRoom(talk, blocks)) {
      host.raise(talk.number, blocks);
      const seconds = count('out', copied(talk, talk.valid, blocks));
      talk.valid = blocks;
      if (isWaitedFor) {
        stall += seconds;
        chip.release(talk.number);
        talk.cache = 'host';
      } else {
        talk.cache = 'leaving';
        freeAt.out = Math.max(freeAt.out, now + stall) + seconds;
        later(freeAt.out, 'left', talk);
      }
      return;
    }
    if (talk.tokens > 0) result.drops++;
    result.recomputedTokens += talk.tokens;
    talk.unread += talk.tokens;
    talk.tokens = 0;
    talk.cache = 'nowhere';
    chip.release(talk.number);
    forget(talk);
  }

  /** Whose cache leaves next for a conversation. */
  function victim(talk: Talk): Talk | undefined {
    const idle = talks.filter(({ state }) => state === 'idle').sort((a, b) => a.idleSince - b.idleSince);
    if (idle.length > 0) return idle[0];
    const waiting = line();
    return waiting.slice(waiting.indexOf(talk) + 1).findLast(({ cache }) => cache === 'chip');
  }

  function frees(blocks: number, talk: Talk): boolean {
    while (chip.free + blocksOf('leaving') < blocks) {
      const leaves = victim(talk);
      if (leaves === undefined) return false;
      evict(leaves);
    }
    return chip.free >= blocks;
  }

  function join(talk: Talk): void {
    if (talk.cache === 'coming') {
      if (policy.reuse) {
        talk.valid = Math.floor(talk.tokens / blockTokens);
        talk.keepsCopy = true;
        talk.cameIn = order++;
      } else forget(talk);
    }
    talk.cache = 'chip';
    talk.state = talk.unread > 1 ? 'prompt' : 'runs';
    (talk.unread > 1 ? prompts : running).push(talk);
  }

  function take(): void {
    const event = first();
    if (event === undefined) throw new Error('reference: nothing is left to wait for');
    events = events.filter((each) => each !== event);
    const talk = event.who;
    if (event.kind === 'came') join(talk);
    else if (event.kind === 'left') {
      chip.release(talk.number);
      talk.cache = 'host';
    } else {
      const turn = talk.turns[0] as Turn;
      result.arrival[turn.number] = event.time;
      talk.unread += turn.prompt;
      talk.made = 0;
      talk.state = 'waits';
      talk.priority = priorities.pattern === 'fixed' ? -arrived++ : random();
    }
  }

  function redraw(talk: Talk, runs: boolean): void {
    if (priorities.pattern === 'random') talk.priority = random();
    else if (priorities.pattern === 'markov') {
      talk.served = talk.served / 2 + (runs ? 1 : 0);
      const draws = random() >= persistence;
      if (draws) talk.priority = random() ** (1 / (1 + talk.served));
    }
  }

  function update(): void {
    const waiting = line();
    for (const talk of [...running, ...prompts]) redraw(talk, true);
    for (const talk of waiting) redraw(talk, false);
    const active = [...running, ...prompts].sort(byPriority);
    const queue = line();
    let room = gpuBlocks - blocksOf('coming');
    let together = coming();
    let somebodyComes = false;
    const leaving: Talk[] = [];
    const fits = (talk: Talk): boolean => {
      const need = blocksFor(talk.tokens + talk.unread);
      const comes = talk.state === 'waits';
      const kept = together > 0 && (comes || somebodyComes) ? reserve : 0;
      if (need > room - kept || together === maxRequests) return false;
      room -= need;
      together++;
      if (comes) somebodyComes = true;
      return true;
    };
    for (const talk of active) {
      // those in line before it come first, until one does not fit
      while (queue.length > 0 && (queue[0] as Talk).priority > talk.priority) {
        if (!fits(queue[0] as Talk)) queue.length = 0;
        else queue.shift();
      }
      if (!fits(talk)) leaving.push(talk);
    }
    running = running.filter((talk) => !leaving.includes(talk));
    prompts = prompts.filter((talk) => !leaving.includes(talk));
    for (const talk of leaving) {
      talk.state = 'waits';
      evict(talk);
    }
  }

  function admit(): void {
    const incoming: Talk[] = [];
    let fresh = prompts.reduce((sum, { unread }) => sum + unread, 0);
    for (let talk = line()[0]; talk !== undefined; talk = line()[0]) {
      const together = running.length + prompts.length + coming();
      if (together >= maxRequests || talk.cache === 'leaving') break;
      const reads = talk.cache !== 'host' && talk.unread > 1;
      if (reads && fresh > 0 && fresh + talk.unread > batchTokens) break;
      const blocks = blocksFor(talk.tokens + talk.unread);
      const lacks = Math.max(0, blocks - chip.held(talk.number));
      if (!frees(lacks + (together === 0 ? 0 : reserve), talk)) break;
      chip.raise(talk.number, blocks);
      if (reads) fresh += talk.unread;
      if (talk.cache === 'host') {
        talk.cache = 'coming';
        talk.state = 'comes';
        incoming.push(talk);
      } else join(talk);
    }
    if (incoming.length === 0) return;
    const seconds = incoming.map((talk) => count('in', copied(talk, 0, blocksFor(talk.tokens))));
    const total = seconds.reduce((sum, each) => sum + each, 0);
    if (isWaitedFor || (policy.swapping === 'adaptive' && total * running.length <= lastDecode * incoming.length)) {
      stall = Math.max(stall, freeAt.in - now) + total;
      waitedFor += incoming.length;
      for (const talk of incoming) join(talk);
      return;
    }
    for (const [at, talk] of incoming.entries()) {
      freeAt.in = Math.max(freeAt.in, now + stall) + (seconds[at] as number);
      later(freeAt.in, 'came', talk);
    }
  }

  /** Each running conversation gets the block that its next token needs. @returns whether they have it */
  function roomForAll(): boolean {
    for (;;) {
      const lacking = running.find((talk) => blocksFor(talk.tokens + talk.unread) > chip.held(talk.number));
      if (lacking === undefined) return true;
      if (frees(1, lacking)) chip.raise(lacking.number, chip.held(lacking.number) + 1);
      else if (blocksOf('leaving') > 0) return false;
      else {
        const lowest = Math.min(...running.map(({ priority }) => priority));
        const leaves = running.findLast(({ priority }) => priority === lowest) as Talk;
        running = running.filter((talk) => talk !== leaves);
        leaves.state = 'waits';
        evict(leaves);
      }
    }
  }

  function pass(seconds: number): void {
    if (stall > 0 || !settled()) {
      result.stallSeconds += seconds;
      stalled += seconds;
    }
    now += seconds;
    stall = Math.max(0, stall - seconds);
  }

  function iterate(): void {
    const reads = prompts.length > 0;
    let members = running;
    if (reads) {
      // as they joined, as long as all of them together fit
      members = prompts.filter((_, at) => at === 0 || prompts.slice(0, at + 1).reduce((all, { unread }) => all + unread, 0) <= batchTokens);
    }
    const sum = (of: (talk: Talk) => number): number => members.reduce((total, talk) => total + of(talk), 0);
    const fresh = sum(({ unread }) => unread);
    const seconds = reads
      ? times.prefill(
          members.length,
          fresh,
          sum(({ unread }) => unread * unread),
          sum(({ unread, tokens }) => unread * tokens),
        )
      : times.decode(
          members.length,
          sum(({ tokens }) => tokens),
        );
    if (reads && members.length > 1) result.largestBatch = Math.max(result.largestBatch, fresh);
    result.iterations++;
    result.busySeconds += seconds;
    result.stallSeconds += stall;
    result.stalls.push((stalled + stall) / seconds);
    result.waiting.push(Math.min(1, (coming() + waitedFor) / (coming() + running.length + prompts.length)));
    now += stall + seconds;
    stall = 0;
    stalled = 0;
    waitedFor = 0;
    if (!reads) lastDecode = seconds;
    if (reads) {
      running = [...running, ...members];
      prompts = prompts.filter((talk) => !members.includes(talk));
    }
    for (const talk of members) {
      const turn = talk.turns[0] as Turn;
      talk.tokens += talk.unread;
      talk.unread = 1;
      talk.made++;
      if (talk.made === 1) result.firstToken[turn.number] = now;
      else result.gaps.push(now - talk.last);
      talk.last = now;
      talk.state = 'runs';
      if (talk.made === turn.output) end(talk, turn);
    }
    running = running.filter(({ state }) => state === 'runs');
  }

  function end(talk: Talk, turn: Turn): void {
    result.finish[turn.number] = now;
    result.makespan = now;
    talk.turns = talk.turns.slice(1);
    const next = talk.turns[0];
    if (next === undefined) {
      talk.state = 'away';
      talk.cache = 'nowhere';
      talk.tokens = 0;
      chip.release(talk.number);
      forget(talk);
      return;
    }
    talk.state = 'idle';
    talk.idleSince = order++;
    later(Math.max(next.earliest, now + next.think), 'arrives', talk);
  }

  for (const talk of talks) later((talk.turns[0] as Turn).earliest, 'arrives', talk);
  for (;;) {
    while ((first()?.time ?? Number.POSITIVE_INFINITY) <= now) take();
    if (result.iterations >= updateEvery * (result.updates + 1)) {
      result.updates++;
      update();
    }
    admit();
    while (prompts.length === 0 && !roomForAll()) {
      stall = Math.max(stall, (first()?.time ?? Number.NaN) - now);
      take();
    }
    if (prompts.length + running.length > 0) iterate();
    else if (line().length > 0 && settled()) {
      if (!(stall > 0)) throw new Error('reference: nobody runs, though nothing is in the way');
      pass(stall);
    } else {
      const next = first();
      if (next === undefined) break;
      pass(next.time - now);
    }
  }
  return result;
}
