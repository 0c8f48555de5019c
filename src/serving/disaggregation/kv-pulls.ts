import type { Cohorts } from '../engine/cohorts.ts';
import type { Admission } from './admission.ts';
import { type Clock, PULLED } from './clock.ts';
import type { MemoryRules } from './cluster.ts';
import type { Instance } from './instance.ts';
import type { InstancePool } from './instance-pool.ts';

const NONE = -1;

export interface KvPullsOptions {
  readonly clock: Clock;
  readonly cohorts: Cohorts;
  readonly memory: MemoryRules | null;
  /** null: memory holds nothing back */
  readonly admission: Admission | null;
  /** where requests decode */
  readonly pool: InstancePool;
  /** time of the KV cache of a token, s */
  readonly secondsPerToken: number;
  /** called when the KV cache of a request lies where it decodes */
  readonly onPulled: (request: number, instance: Instance) => void;
}

/** The way of requests from prefill to decode instances, which pull their KV caches one after the other. */
export class KvPulls {
  readonly #options: KvPullsOptions;
  /** where requests decode */
  readonly #targets: Instance[] = [];

  constructor(options: KvPullsOptions) {
    this.#options = options;
  }

  /** A request has been read, and is to decode somewhere. */
  send(request: number): void {
    const { pool, memory } = this.#options;
    const target = pool.choose();
    this.#targets[request] = target;
    target.requests++;
    target.unpulled.pushRequest(request);
    if (memory?.pulls !== 'between-steps' || !target.first.busy) this.more(target);
  }

  /** Requests that an instance has not pulled go to others. */
  handOver(instance: Instance): void {
    for (let request = instance.unpulled.takeRequest(); request !== NONE; request = instance.unpulled.takeRequest()) {
      instance.requests--;
      this.send(request);
    }
  }

  /** A request has arrived. */
  pulled(request: number): void {
    this.#options.onPulled(request, this.#targets[request] as Instance);
  }

  /** Pulls what an instance has room for. */
  more(instance: Instance): void {
    const { admission } = this.#options;
    for (;;) {
      const request = admission === null ? instance.unpulled.takeRequest() : admission.nextPull(instance);
      if (request === NONE) return;
      this.#pull(request, instance);
    }
  }

  #pull(request: number, instance: Instance): void {
    const { secondsPerToken, clock, cohorts } = this.#options;
    if (secondsPerToken === 0) {
      this.pulled(request);
      return;
    }
    instance.linkFree = Math.max(clock.now, instance.linkFree) + secondsPerToken * cohorts.contextOf(request);
    clock.events.push(instance.linkFree, PULLED, request);
  }
}
