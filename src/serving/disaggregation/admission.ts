import type { Cohorts } from '../engine/cohorts.ts';
import type { MemoryRules } from './cluster.ts';
import type { Instance, Stage } from './instance.ts';

const NONE = -1;

export interface AdmissionOptions {
  readonly memory: MemoryRules;
  readonly decodeTokens: number;
  readonly cohorts: Cohorts;
  readonly colocated: boolean;
  /** called when a request joins a batch */
  readonly onJoin: (request: number) => void;
  /** called when the tokens of a step have taken their place: what pulls beside steps may pull now */
  readonly onStep: (instance: Instance) => void;
}

/** What may enter the memory of an instance, and what has to leave it: the rules of `MemoryRules`. */
export class Admission {
  /** times that a request was put out of the cache */
  putOut = 0;
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Tokens of prompts that an instance may read now; an empty cache takes any prompt that it can hold. */
  promptRoom({ pool, kvUsed }: Instance): number {
    const { memory, colocated } = this.#options;
    return pool.kvTokens - kvUsed - (colocated && kvUsed > 0 ? memory.reserve * pool.kvTokens : 0);
  }

  /** Prompts that an instance may read now. */
  promptPlaces({ requests, prompts, pool }: Instance): number {
    const { memory, colocated } = this.#options;
    return colocated ? (pool.replicas ?? 1) * memory.maxRequests - (requests - prompts.size) : Number.POSITIVE_INFINITY;
  }

  /** The next prompt that a decode instance has room to pull, which it then holds; -1 where it has none. */
  nextPull(instance: Instance): number {
    const { memory, cohorts } = this.#options;
    const { unpulled, waiting, pool } = instance;
    if (unpulled.size === 0 || waiting.context >= memory.waitingShare * pool.kvTokens) return NONE;
    const tokens = cohorts.contextOf(unpulled.front);
    if (instance.kvUsed + tokens > pool.kvTokens) return NONE;
    instance.kvUsed += tokens;
    return unpulled.takeRequest();
  }

  /** The next batch of a decode stage; -1 where there is none. Its tokens of this step have their place. */
  nextBatch(stage: Stage, now: number): number {
    if (!stage.isFirst) return stage.decoding.takeCohort();
    // the end of the pull wakes the stage
    if (this.#options.memory.pulls === 'between-steps' && stage.instance.linkFree > now) return NONE;
    // a cohort that came round may go out as a whole: the next that came round is looked at then
    for (;;) {
      const cohort = this.#admit(stage.instance, stage.decoding.takeCohort());
      if (cohort !== NONE || stage.decoding.size === 0) return cohort;
    }
  }

  /** A cohort that came round, less what does not fit, with requests that wait; one of them alone where a stage has none. */
  #admit(instance: Instance, returned: number): number {
    const { cohorts, memory, onStep } = this.#options;
    const { waiting, swapped, pool } = instance;
    let cohort = returned;
    if (cohort !== NONE) this.#makeRoom(instance, cohort);
    else if (instance.cohorts < pool.stages && waiting.size + swapped.size > 0) {
      cohort = cohorts.create();
      instance.cohorts++;
    } else return NONE;
    while (this.#takeIn(instance, cohort));
    if (cohorts.size[cohort] === 0 && instance.cohorts === 1) this.#unblock(instance, cohort);
    const size = cohorts.size[cohort] as number;
    instance.kvUsed += size;
    if (memory.pulls === 'beside-steps') onStep(instance);
    if (size > 0) return cohort;
    cohorts.release(cohort);
    instance.cohorts--;
    return NONE;
  }

  /** Puts requests out until the next token of each member fits: the newest of the batch, colocated those before that wait for their first step. */
  #makeRoom(instance: Instance, cohort: number): void {
    const { cohorts, colocated } = this.#options;
    const { waiting, pool } = instance;
    while ((cohorts.size[cohort] as number) > 0 && instance.kvUsed + (cohorts.size[cohort] as number) > pool.kvTokens) {
      const waits = colocated && waiting.size > 0;
      const newest = waits ? waiting.takeLast() : (cohorts.last[cohort] as number);
      if (!waits) cohorts.remove(cohort, newest);
      this.#evict(instance, newest);
    }
  }

  /** One request that was swapped out, else one that waits, joins a batch; false where it does not fit. */
  #takeIn(instance: Instance, cohort: number): boolean {
    const { cohorts, memory, decodeTokens, onJoin } = this.#options;
    const from = instance.swapped.size > 0 ? instance.swapped : instance.waiting;
    const request = from.front;
    if (request === NONE) return false;
    const size = cohorts.size[cohort] as number;
    const context = cohorts.contextOf(request);
    const brings = from === instance.swapped ? context : 0;
    if (
      size >= (instance.pool.replicas ?? 1) * memory.maxRequests ||
      (cohorts.context[cohort] as number) + size + context + 1 > decodeTokens ||
      instance.kvUsed + brings + size + 1 > instance.pool.kvTokens
    )
      return false;
    instance.kvUsed += brings;
    instance.swappedTokens += brings;
    cohorts.append(cohort, from.takeRequest());
    onJoin(request);
    return true;
  }

  /** Where nothing decodes, and prompts that wait leave no room for what was put out, or for a token: the first of them goes on, and the newest go out until it can. */
  #unblock(instance: Instance, cohort: number): void {
    const { waiting, pool } = instance;
    while (waiting.size > 1 && instance.kvUsed + 1 > pool.kvTokens) this.#evict(instance, waiting.takeLast());
    if (waiting.size === 0 || instance.kvUsed + 1 > pool.kvTokens) return;
    const request = waiting.takeRequest();
    this.#options.cohorts.append(cohort, request);
    this.#options.onJoin(request);
  }

  /** Takes a request out of the cache: swapped out where decode has instances of its own, else to be read again. */
  #evict(instance: Instance, request: number): void {
    const tokens = this.#options.cohorts.contextOf(request);
    instance.kvUsed -= tokens;
    this.putOut++;
    if (this.#options.colocated) instance.prompts.pushFront(request);
    else {
      instance.swapped.pushRequest(request);
      instance.swappedTokens += tokens;
    }
  }
}
