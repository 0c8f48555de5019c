import type { Dispatch, EncodePool } from './cluster.ts';
import { Dispatcher } from './dispatch.ts';
import type { RoleInstances } from './role-switch.ts';

/** Media of one request that one instance reads: one of them where they are shared out, else all. */
interface Job {
  readonly request: number;
  readonly media: number;
}

/** One encode instance: it reads one batch of jobs at a time. */
export class EncodeInstance {
  readonly slot: number;
  readonly waiting: Job[] = [];
  running: readonly Job[] = [];
  /** whether an event will wake it */
  waking = false;
  waitingMedia = 0;
  runningMedia = 0;
  /** when its link is free for the next results */
  linkFree = 0;

  constructor(slot: number) {
    this.slot = slot;
  }

  get isIdle(): boolean {
    return this.running.length === 0;
  }
}

export interface EncodeStageOptions {
  readonly pool: EncodePool;
  readonly dispatch: Dispatch;
  /** by request */
  readonly media: Int32Array;
  /** lowest first; null: first come first served */
  readonly keys: Float64Array | null;
  /** called when the first job of a request starts */
  readonly onStart: (request: number) => void;
  /** called for an idle instance that has something to do */
  readonly onWake: (instance: EncodeInstance) => void;
  /** called when an instance takes a batch, which then takes so long */
  readonly onBatch: (instance: EncodeInstance, seconds: number) => void;
  /** called when the results of the last job of a request leave: they are at prefill at this time */
  readonly onLast: (request: number, time: number) => void;
}

/**
 * Encode instances in front of prefill. A request goes on when the results of all its media have arrived there.
 * Intra-request parallelism: its media are jobs of their own, for any instance (section 3.2.2 of arXiv:2501.05460); else they are one job.
 * Ignored: the limit of the multimedia caches; that a prefill instance is chosen before its media are encoded.
 */
export class EncodeStage implements RoleInstances {
  /** those that take work */
  readonly active: EncodeInstance[] = [];
  /** requests that are here */
  requests = 0;
  readonly #options: EncodeStageOptions;
  readonly #dispatcher: Dispatcher<EncodeInstance>;
  readonly #all: EncodeInstance[] = [];
  /** jobs of a request that have not left, and when the last one that has is at prefill */
  readonly #left: Int32Array;
  readonly #arrives: Float64Array;

  constructor(options: EncodeStageOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(
      options.dispatch,
      ({ waitingMedia }) => waitingMedia,
      ({ waitingMedia, runningMedia }) => waitingMedia + runningMedia,
    );
    this.#left = new Int32Array(options.media.length);
    this.#arrives = new Float64Array(options.media.length);
    for (let instance = 0; instance < options.pool.instances; instance++) this.add();
  }

  /** One more instance that takes work. */
  add(): void {
    const instance = new EncodeInstance(this.#all.length);
    this.#all.push(instance);
    this.active.push(instance);
  }

  /** Takes an instance out: the one with least to do, whose waiting jobs go to the others. It reads what it has begun. */
  retire(): EncodeInstance {
    const load = ({ waitingMedia, runningMedia }: EncodeInstance): number => waitingMedia + runningMedia;
    const leaving = this.active.reduce((least, instance) => (load(instance) < load(least) ? instance : least));
    this.active.splice(this.active.indexOf(leaving), 1);
    const jobs = leaving.waiting.splice(0);
    leaving.waitingMedia = 0;
    for (const job of jobs) this.#queue(job);
    return leaving;
  }

  arrive(request: number, now: number): void {
    const { media, pool } = this.#options;
    const items = media[request] as number;
    const jobs = pool.share === 'media' ? items : 1;
    this.requests++;
    this.#left[request] = jobs;
    this.#arrives[request] = now;
    for (let job = 0; job < jobs; job++) this.#queue({ request, media: items / jobs });
  }

  /** A batch has been read. */
  encoded(slot: number, now: number): void {
    const instance = this.#all[slot] as EncodeInstance;
    const { pool, onLast } = this.#options;
    const { running } = instance;
    instance.running = [];
    instance.runningMedia = 0;
    for (const { request, media } of running) {
      instance.linkFree = Math.max(now, instance.linkFree) + pool.transferSeconds * media;
      this.#arrives[request] = Math.max(this.#arrives[request] as number, instance.linkFree);
      const left = (this.#left[request] as number) - 1;
      this.#left[request] = left;
      if (left > 0) continue;
      this.requests--;
      onLast(request, this.#arrives[request] as number);
    }
    this.#start(instance);
  }

  #queue(job: Job): void {
    const instance = this.#dispatcher.choose(this.active);
    const { keys } = this.#options;
    const { waiting } = instance;
    let at = waiting.length;
    if (keys !== null) while (at > 0 && (keys[(waiting[at - 1] as Job).request] as number) > (keys[job.request] as number)) at--;
    waiting.splice(at, 0, job);
    instance.waitingMedia += job.media;
    if (instance.running.length > 0 || instance.waking) return;
    instance.waking = true;
    this.#options.onWake(instance);
  }

  /** What an idle instance was woken for. */
  woken(slot: number): void {
    const instance = this.#all[slot] as EncodeInstance;
    instance.waking = false;
    if (instance.running.length === 0) this.#start(instance);
  }

  #start(instance: EncodeInstance): void {
    const { pool, onStart, onBatch } = this.#options;
    const batch = instance.waiting.splice(0, pool.maxJobs);
    if (batch.length === 0) return;
    const media = batch.reduce((sum, job) => sum + job.media, 0);
    instance.running = batch;
    instance.waitingMedia -= media;
    instance.runningMedia = media;
    for (const { request } of batch) onStart(request);
    onBatch(instance, pool.seconds(media));
  }
}
