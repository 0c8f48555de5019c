import { type Dispatch, type EncodePool, type KvLink, type Pool, STAGE_ROLES, type StageRole, type Switching } from '../../../src/serving/disaggregation/cluster.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';

/** One request, which knows all about itself. */
class Request {
  encodeStart = Number.NaN;
  encoded = Number.NaN;
  prefillStart = Number.NaN;
  firstToken = Number.NaN;
  decodeReady = Number.NaN;
  decodeStart = Number.NaN;
  finish = Number.NaN;
  made = 0;
  /** jobs whose results have not come to prefill */
  jobs = 0;
  readonly arrival: number;
  readonly prompt: number;
  readonly media: number;
  readonly steps: number;
  readonly key: number;

  constructor(arrival: number, prompt: number, media: number, steps: number, key: number) {
    this.arrival = arrival;
    this.prompt = prompt;
    this.media = media;
    this.steps = steps;
    this.key = key;
  }

  get context(): number {
    return this.prompt + this.made;
  }
}

interface Job {
  readonly request: Request;
  readonly media: number;
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Time, with things to do in a list: the earliest first, of equals the one that was put in first. */
class Clock {
  now = 0;
  readonly #list: { readonly time: number; readonly todo: () => void }[] = [];

  at(time: number, todo: () => void): void {
    const later = this.#list.findIndex((other) => other.time > time);
    this.#list.splice(later < 0 ? this.#list.length : later, 0, { time, todo });
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** @param after called when something has been done */
  run(after: () => void): void {
    for (let next = this.#list.shift(); next !== undefined; next = this.#list.shift()) {
      this.now = next.time;
      next.todo();
      after();
    }
  }
}

/** Something that does one thing at a time, and is woken where it does nothing. */
abstract class Server {
  busy = false;
  #waking = false;
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  abstract work(): void;
  /** what waits, and what there is in all, as a dispatcher counts it */
  abstract get waits(): number;
  abstract get all(): number;
  abstract get isIdle(): boolean;
  /** what waits leaves for other instances */
  abstract handOver(): void;

  wake(): void {
    if (this.busy || this.#waking) return;
    this.#waking = true;
    this.clock.at(this.clock.now, () => {
      this.#waking = false;
      if (!this.busy) this.work();
    });
  }

  protected take(seconds: number, end: () => void): void {
    this.busy = true;
    this.clock.at(this.clock.now + seconds, () => {
      end();
      this.busy = false;
      this.work();
    });
  }
}

class Encoder extends Server {
  jobs: Job[] = [];
  #running: readonly Job[] = [];
  #linkFree = 0;
  readonly #cluster: ReferenceCluster;
  readonly #run: Run;

  constructor(run: Run) {
    super(run.clock);
    this.#run = run;
    this.#cluster = run.cluster;
  }

  get waits(): number {
    return sumOf(this.jobs.map(({ media }) => media));
  }

  get all(): number {
    return this.waits + sumOf(this.#running.map(({ media }) => media));
  }

  get isIdle(): boolean {
    return this.#running.length === 0;
  }

  handOver(): void {
    const jobs = this.jobs;
    this.jobs = [];
    for (const job of jobs) this.#run.queueJob(job);
  }

  work(): void {
    const { maxJobs, seconds, transferSeconds } = this.#cluster.encode as EncodePool;
    const batch = this.jobs.slice(0, maxJobs);
    this.jobs = this.jobs.slice(maxJobs);
    if (batch.length === 0) return;
    this.#running = batch;
    for (const { request } of batch) if (Number.isNaN(request.encodeStart)) request.encodeStart = this.clock.now;
    this.take(seconds(sumOf(batch.map(({ media }) => media))), () => {
      this.#running = [];
      for (const { request, media } of batch) {
        this.#linkFree = Math.max(this.clock.now, this.#linkFree) + transferSeconds * media;
        this.#run.left(request, this.#linkFree);
      }
    });
  }
}

class Engine extends Server {
  prompts: Request[] = [];
  reading: readonly Request[] = [];
  decodes: Request[] = [];
  stepping: readonly Request[] = [];
  /** on their way here, and those read here that have not come over to where they decode */
  coming = 0;
  held = 0;
  linkFree = 0;
  readonly #pool: Pool;
  readonly #run: Run;

  constructor(run: Run, pool: Pool) {
    super(run.clock);
    this.#run = run;
    this.#pool = pool;
  }

  get waits(): number {
    return this.#run.isPrefill(this) ? this.prompts.length + this.reading.length : this.decodes.length;
  }

  get all(): number {
    return this.prompts.length + this.reading.length + this.decodes.length + this.stepping.length + this.coming;
  }

  get isIdle(): boolean {
    return this.all === 0 && this.held === 0;
  }

  handOver(): void {
    const prompts = this.prompts;
    this.prompts = [];
    for (const request of prompts) this.#run.queuePrompt(request);
  }

  work(): void {
    if (this.prompts.length > 0) this.#read();
    else if (this.decodes.length > 0) this.#step();
  }

  #read(): void {
    const { maxPrompts, maxTokens, encode } = this.#run.cluster;
    const batch: Request[] = [];
    for (let head = this.prompts[0]; head !== undefined && batch.length < maxPrompts && sumOf(batch.map(({ prompt }) => prompt)) + head.prompt <= maxTokens; head = this.prompts[0]) {
      head.prefillStart = this.clock.now;
      batch.push(head);
      this.prompts.shift();
    }
    this.reading = batch;
    const lengths = batch.map(({ prompt }) => prompt);
    const media = encode === null ? sumOf(batch.map((request) => request.media)) : 0;
    this.take(this.#pool.times.prefill(batch.length, sumOf(lengths), sumOf(lengths.map((length) => length ** 2)), true, media), () => {
      const read = [...batch];
      for (let request = read.shift(); request !== undefined; request = read.shift()) {
        // those behind it are still here
        this.reading = read;
        request.firstToken = this.clock.now;
        if (request.steps === 0) request.finish = this.clock.now;
        else this.#run.read(request, this);
      }
    });
  }

  #step(): void {
    const batch: Request[] = [];
    for (let head = this.decodes[0]; head !== undefined && sumOf(batch.map(({ context }) => context + 1)) + head.context + 1 <= this.#run.cluster.decodeTokens; head = this.decodes[0]) {
      if (Number.isNaN(head.decodeStart)) head.decodeStart = this.clock.now;
      batch.push(head);
      this.decodes.shift();
    }
    this.stepping = batch;
    this.take(this.#pool.times.decode(batch.length, sumOf(batch.map(({ context }) => context)), true), () => {
      this.stepping = [];
      for (const request of batch) {
        request.made++;
        if (request.made === request.steps) request.finish = this.clock.now;
        else this.decodes.push(request);
      }
    });
  }
}

/** The instances of one role that take work. */
class Role<S extends Server> {
  readonly servers: S[] = [];
  #turn = 0;
  readonly #dispatch: Dispatch;
  readonly #make: () => S;

  constructor(instances: number, dispatch: Dispatch, make: () => S) {
    this.#dispatch = dispatch;
    this.#make = make;
    for (let each = 0; each < instances; each++) this.servers.push(make());
  }

  choose(): S {
    if (this.#dispatch === 'round-robin') return this.servers[this.#turn++ % this.servers.length] as S;
    return this.#least(this.servers.map((server) => (this.#dispatch === 'least-loaded' ? server.all : server.waits)));
  }

  add(): void {
    this.servers.push(this.#make());
  }

  retire(): S {
    const leaving = this.#least(this.servers.map(({ all }) => all));
    this.servers.splice(this.servers.indexOf(leaving), 1);
    leaving.handOver();
    return leaving;
  }

  #least(loads: readonly number[]): S {
    return this.servers[loads.indexOf(Math.min(...loads))] as S;
  }
}

export interface ReferenceCluster {
  /** null: prefill instances encode themselves */
  readonly encode: EncodePool | null;
  readonly prefill: Pool;
  /** null: prefill instances decode too */
  readonly decode: Pool | null;
  readonly link: KvLink | null;
  readonly maxPrompts: number;
  readonly maxTokens: number;
  readonly decodeTokens: number;
  /** steps of a request are its output tokens, or one less */
  readonly stepsLess: 0 | 1;
  readonly dispatch: Dispatch;
  /** by request; null: none has a key, so all have the same */
  readonly keys: readonly number[] | null;
  readonly switching: Switching | null;
}

export interface Counts extends Readonly<Record<StageRole, number>> {
  readonly time: number;
}

class Run {
  readonly clock = new Clock();
  readonly counts: Counts[] = [];
  readonly cluster: ReferenceCluster;
  readonly all: readonly Request[];
  readonly #encode: Role<Encoder>;
  readonly #prefill: Role<Engine>;
  readonly #decode: Role<Engine>;
  /** those that have not left the encode instances */
  readonly #encoding = new Set<Request>();
  #change: { readonly from: StageRole; readonly to: StageRole; readonly leaving: Server; moves: boolean } | null = null;

  constructor(requests: Requests, cluster: ReferenceCluster) {
    this.cluster = cluster;
    const { encode, prefill, decode, dispatch, stepsLess, keys } = cluster;
    this.all = Array.from(
      requests.arrival,
      (arrival, at) => new Request(arrival, requests.prompt[at] as number, requests.media?.[at] ?? 0, (requests.output[at] as number) - stepsLess, keys?.[at] ?? 0),
    );
    this.#encode = new Role<Encoder>(encode?.instances ?? 0, dispatch, () => new Encoder(this));
    this.#prefill = new Role<Engine>(prefill.instances, dispatch, () => new Engine(this, prefill));
    this.#decode = decode === null ? this.#prefill : new Role<Engine>(decode.instances, dispatch, () => new Engine(this, decode));
  }

  run(): void {
    for (const request of this.all) this.clock.at(request.arrival, () => this.#arrive(request));
    const { switching } = this.cluster;
    if (switching !== null) {
      this.#log();
      this.clock.at(switching.everySeconds, () => this.#decide(switching));
    }
    this.clock.run(() => this.#settle());
  }

  isPrefill(engine: Engine): boolean {
    return this.#prefill.servers.includes(engine);
  }

  #arrive(request: Request): void {
    const { encode } = this.cluster;
    if (encode === null || request.media === 0) {
      this.queuePrompt(request);
      return;
    }
    this.#encoding.add(request);
    const jobs: readonly Job[] = encode.share === 'request' ? [{ request, media: request.media }] : Array.from({ length: request.media }, () => ({ request, media: 1 }));
    request.jobs = jobs.length;
    request.encoded = 0;
    for (const job of jobs) this.queueJob(job);
  }

  queueJob(job: Job): void {
    const encoder = this.#encode.choose();
    encoder.jobs = insert(encoder.jobs, job, ({ request }) => request.key);
    encoder.wake();
  }

  /** The results of one job of a request leave, and come to prefill at a time. */
  left(request: Request, time: number): void {
    request.jobs--;
    request.encoded = Math.max(request.encoded, time);
    if (request.jobs > 0) return;
    this.#encoding.delete(request);
    if (request.encoded === this.clock.now) this.queuePrompt(request);
    else this.clock.at(request.encoded, () => this.queuePrompt(request));
  }

  queuePrompt(request: Request): void {
    const engine = this.#prefill.choose();
    engine.prompts = insert(engine.prompts, request, ({ key }) => key);
    engine.wake();
  }

  read(request: Request, from: Engine): void {
    const { decode, link } = this.cluster;
    const arrives = (engine: Engine): void => {
      request.decodeReady = this.clock.now;
      engine.decodes.push(request);
      engine.wake();
    };
    if (decode === null) {
      arrives(from);
      return;
    }
    const to = this.#decode.choose();
    if (link === null || link.bytesPerToken === 0) {
      arrives(to);
      return;
    }
    from.held++;
    to.coming++;
    to.linkFree = Math.max(this.clock.now, to.linkFree) + (link.bytesPerToken / link.bytesPerSecond) * request.context;
    this.clock.at(to.linkFree, () => {
      from.held--;
      to.coming--;
      arrives(to);
    });
  }

  #roles(): Readonly<Record<StageRole, Role<Server>>> {
    return { encode: this.#encode, prefill: this.#prefill, decode: this.#decode } as unknown as Readonly<Record<StageRole, Role<Server>>>;
  }

  #decide(switching: Switching): void {
    if (this.#change === null) {
      const roles = this.#roles();
      const queues: Readonly<Record<StageRole, number>> = {
        encode: this.#encoding.size,
        prefill: sumOf(this.#prefill.servers.map(({ all }) => all)),
        decode: sumOf(this.#decode.servers.map(({ all }) => all)),
      };
      const longest = Math.max(...Object.values(queues));
      const to = STAGE_ROLES.find((role) => queues[role] === longest) as StageRole;
      const spare = (role: StageRole): number => roles[role].servers.length - (switching.least?.[role] ?? 1);
      const [from] = STAGE_ROLES.filter((role) => queues[role] < longest / 2 && spare(role) > 0).sort((a, b) => spare(b) - spare(a) || queues[a] - queues[b]);
      if (from !== undefined) {
        this.#change = { from, to, leaving: roles[from].retire(), moves: false };
        this.#log();
        this.#settle();
      }
    }
    if (!this.clock.isEmpty) this.clock.at(this.clock.now + switching.everySeconds, () => this.#decide(switching));
  }

  #settle(): void {
    const change = this.#change;
    if (change === null || change.moves || !change.leaving.isIdle) return;
    change.moves = true;
    this.clock.at(this.clock.now + (this.cluster.switching as Switching).seconds(change.from, change.to), () => {
      this.#roles()[change.to].add();
      this.#change = null;
      this.#log();
    });
  }

  #log(): void {
    const count = (role: StageRole): number => this.#roles()[role].servers.length;
    this.counts.push({ time: this.clock.now, encode: count('encode'), prefill: count('prefill'), decode: count('decode') });
  }
}

/** A list with one more: behind all whose key is not higher. The list is in the order of keys. */
function insert<T>(list: readonly T[], item: T, keyOf: (item: T) => number): T[] {
  const at = list.findIndex((other) => keyOf(other) > keyOf(item));
  return at < 0 ? [...list, item] : [...list.slice(0, at), item, ...list.slice(at)];
}

export const FIELDS = ['encodeStart', 'encoded', 'prefillStart', 'firstToken', 'decodeReady', 'decodeStart', 'finish'] as const;
export type Reference = Readonly<Record<(typeof FIELDS)[number], readonly number[]>> & { readonly counts: readonly Counts[] };

/**
 * A cluster that encodes, by its description, as plainly as possible: every request an object, every queue a list, every sum taken anew. Instances of one stage, memory
 * without a limit. Shares nothing with the simulator that it checks.
 */
export function reference(requests: Requests, cluster: ReferenceCluster): Reference {
  const run = new Run(requests, cluster);
  run.run();
  const column = (field: (typeof FIELDS)[number]): readonly number[] => run.all.map((request) => request[field]);
  return {
    encodeStart: column('encodeStart'),
    encoded: column('encoded'),
    prefillStart: column('prefillStart'),
    firstToken: column('firstToken'),
    decodeReady: column('decodeReady'),
    decodeStart: column('decodeStart'),
    finish: column('finish'),
    counts: run.counts,
  };
}
