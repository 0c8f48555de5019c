import type { Pool } from '../../../src/serving/disaggregation/cluster.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';

/** Contexts in the decode queue above which a worker of the released simulator reads no prompts. */
const BACK_PRESSURE = 9_000_000;

/** One request, which knows all about itself. */
class Request {
  /** tokens decoded; below 0 before the prompt is read */
  counter = -1;
  /** the batch that its prompt is read in */
  chunk = -1;
  prefillStart = Number.NaN;
  firstToken = Number.NaN;
  decodeStart = Number.NaN;
  finish = Number.NaN;
  readonly prompt: number;
  readonly output: number;

  constructor(prompt: number, output: number) {
    this.prompt = prompt;
    this.output = output;
  }

  get context(): number {
    return this.prompt + Math.max(0, this.counter);
  }

  get isFinished(): boolean {
    return this.counter >= this.output;
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Time, with things to do in a list: the earliest first, of equals the one that was put in first. */
class Clock {
  now = 0;
  readonly #list: { readonly time: number; readonly todo: () => void }[] = [];

  after(seconds: number, todo: () => void): void {
    const time = this.now + seconds;
    const later = this.#list.findIndex((other) => other.time > time);
    this.#list.splice(later < 0 ? this.#list.length : later, 0, { time, todo });
  }

  run(): void {
    for (let next = this.#list.shift(); next !== undefined; next = this.#list.shift()) {
      this.now = next.time;
      next.todo();
    }
  }
}

/** A stage as a loop that sleeps until it is woken, as `Worker` of the released simulator is: simdistserve/base/worker.py. */
class Worker {
  prompts: Request[] = [];
  decodes: Request[] = [];
  inPrefill = 0;
  next: Worker = this;
  isLast = false;
  /** what a prompt that has been read, and that does not stay, is handed to */
  leave: ((request: Request) => void) | null = null;
  /** the wake-up that it sleeps until; every wake-up has a number, and one that nobody sleeps until is of no effect */
  #sleepsUntil: number | null = null;
  #wakeUps = 0;
  static #chunks = 0;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #isFirst: boolean;
  readonly #limits: Limits;

  constructor(clock: Clock, pool: Pool, isFirst: boolean, limits: Limits) {
    this.#clock = clock;
    this.#pool = pool;
    this.#isFirst = isFirst;
    this.#limits = limits;
    this.#sleepsUntil = 0;
  }

  wake(): void {
    const number = this.#wakeUps++;
    this.#clock.after(0, () => {
      if (this.#sleepsUntil !== number) return;
      this.#sleepsUntil = null;
      this.#work();
    });
  }

  #work(): void {
    if (this.prompts.length + this.decodes.length === 0) {
      this.#sleepsUntil = this.#wakeUps;
      return;
    }
    const held = sumOf(this.decodes.map(({ context }) => context)) > BACK_PRESSURE;
    if (this.prompts.length > 0 && !held) this.#prefill();
    else this.#decode();
  }

  #prefill(): void {
    const batch: Request[] = [];
    if (this.#isFirst) {
      const chunk = Worker.#chunks++;
      let left = this.#limits.prefillTokens;
      for (let head = this.prompts[0]; head !== undefined && head.prompt <= left; head = this.prompts[0]) {
        left -= head.prompt;
        head.chunk = chunk;
        head.prefillStart = this.#clock.now;
        batch.push(this.prompts.shift() as Request);
      }
    } else {
      const { chunk } = this.prompts[0] as Request;
      while (this.prompts[0]?.chunk === chunk) batch.push(this.prompts.shift() as Request);
    }
    this.inPrefill = batch.length;
    const lengths = batch.map(({ prompt }) => prompt);
    const seconds = this.#pool.times.prefill(batch.length, sumOf(lengths), sumOf(lengths.map((length) => length ** 2)), this.#isFirst, 0);
    this.#clock.after(seconds, () => {
      this.inPrefill = 0;
      for (const request of batch) this.#hasRead(request);
      this.#work();
    });
  }

  #hasRead(request: Request): void {
    if (!this.isLast) {
      this.next.prompts.push(request);
      this.next.wake();
      return;
    }
    request.counter = 0;
    request.firstToken = this.#clock.now;
    if (this.leave !== null) this.leave(request);
    else {
      this.next.decodes.push(request);
      this.next.wake();
    }
  }

  #decode(): void {
    const batch: Request[] = [];
    let left = this.#limits.decodeTokens;
    for (let head = this.decodes[0]; head !== undefined && head.context + 1 <= left; head = this.decodes[0]) {
      left -= head.context + 1;
      if (Number.isNaN(head.decodeStart)) head.decodeStart = this.#clock.now;
      batch.push(this.decodes.shift() as Request);
    }
    const seconds = this.#pool.times.decode(batch.length, sumOf(batch.map(({ context }) => context)), this.#isFirst);
    this.#clock.after(seconds, () => {
      if (this.isLast) {
        for (const request of batch) {
          request.counter++;
          if (request.isFinished) request.finish = this.#clock.now;
        }
      }
      const rest = batch.filter(({ isFinished }) => !isFinished);
      if (rest.length > 0) {
        this.next.decodes.push(...rest);
        this.next.wake();
      }
      this.#work();
    });
  }
}

export interface Limits {
  readonly prefillTokens: number;
  readonly decodeTokens: number;
}

/** The first stage of each instance of a pool. */
function instancesOf(clock: Clock, pool: Pool, limits: Limits, leave: ((request: Request) => void) | null): readonly Worker[] {
  return Array.from({ length: pool.instances }, () => {
    const stages = Array.from({ length: pool.stages }, (_, at) => new Worker(clock, pool, at === 0, limits));
    for (const [at, stage] of stages.entries()) stage.next = stages[(at + 1) % stages.length] as Worker;
    const last = stages[stages.length - 1] as Worker;
    last.isLast = true;
    last.leave = leave;
    return stages[0] as Worker;
  });
}

/** The worker with the fewest in prefill and in a queue. */
function leastOf(workers: readonly Worker[], queueOf: (worker: Worker) => readonly Request[]): Worker {
  const loads = workers.map((worker) => worker.inPrefill + queueOf(worker).length);
  return workers[loads.indexOf(Math.min(...loads))] as Worker;
}

export interface Reference {
  readonly prefillStart: readonly number[];
  readonly firstToken: readonly number[];
  readonly decodeStart: readonly number[];
  readonly finish: readonly number[];
}

/**
 * The released simulator by its description, as plainly as possible: every request an object, every queue a list, every sum taken anew.
 * @param decode null: prefill and decode on the same instances
 */
export function reference(requests: Requests, prefill: Pool, decode: Pool | null, limits: Limits): Reference {
  const clock = new Clock();
  const decoders = decode === null ? [] : instancesOf(clock, decode, limits, null);
  const leave = (request: Request): void => {
    const worker = leastOf(decoders, ({ decodes }) => decodes);
    worker.decodes.push(request);
    worker.wake();
  };
  const readers = instancesOf(clock, prefill, limits, decode === null ? null : leave);
  const all = Array.from(requests.prompt, (prompt, at) => new Request(prompt, requests.output[at] as number));
  for (const [at, request] of all.entries()) {
    clock.after(requests.arrival[at] as number, () => {
      const worker = leastOf(readers, ({ prompts }) => prompts);
      worker.prompts.push(request);
      worker.wake();
    });
  }
  clock.run();
  const column = (field: keyof Reference): readonly number[] => all.map((request) => request[field]);
  return { prefillStart: column('prefillStart'), firstToken: column('firstToken'), decodeStart: column('decodeStart'), finish: column('finish') };
}
