import type { Dispatch, Pool } from './cluster.ts';
import { Dispatcher, requestsAt } from './dispatch.ts';
import type { Instance } from './instance.ts';
import type { Leaving, RoleInstances } from './role-switch.ts';

export interface InstancePoolOptions {
  readonly pool: Pool;
  readonly dispatch: Dispatch;
  /** requests that an instance has to serve before the next */
  readonly waiting: (instance: Instance) => number;
  readonly make: (pool: Pool) => Instance;
  /** called for an instance that takes no more work: what waits there goes to the others */
  readonly onRetire: (instance: Instance) => void;
}

/** The prefill or decode instances of a cluster. */
export class InstancePool implements RoleInstances {
  readonly active: Instance[] = [];
  readonly #options: InstancePoolOptions;
  readonly #dispatcher: Dispatcher<Instance>;

  constructor(options: InstancePoolOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options.dispatch, options.waiting, requestsAt);
    for (let instance = 0; instance < options.pool.instances; instance++) this.add();
  }

  get requests(): number {
    return this.active.reduce((sum, { requests }) => sum + requests, 0);
  }

  /** The instance for the next request. */
  choose(): Instance {
    return this.#dispatcher.choose(this.active);
  }

  add(): void {
    this.active.push(this.#options.make(this.#options.pool));
  }

  retire(): Leaving {
    const leaving = this.active.reduce((least, instance) => (instance.requests < least.requests ? instance : least));
    this.active.splice(this.active.indexOf(leaving), 1);
    this.#options.onRetire(leaving);
    return leaving;
  }
}
