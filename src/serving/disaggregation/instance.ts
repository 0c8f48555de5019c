import type { Cohorts } from '../engine/cohorts.ts';
import type { Pool } from './cluster.ts';
import { DecodeQueue } from './decode-queue.ts';
import { type PromptBatch, PromptQueue } from './prompt-queue.ts';

const NONE = -1;

/** One stage of the pipeline of an instance: it runs one batch at a time. */
export class Stage {
  readonly index: number;
  readonly instance: Instance;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  busy = false;
  /** whether an event will wake it */
  waking = false;
  /** what runs: prompts, or a cohort of decoding requests */
  running: PromptBatch | null = null;
  cohort = NONE;
  /** batches of prompts from the stage before; prompts themselves wait at the instance */
  readonly batches: PromptBatch[] = [];
  readonly decoding: DecodeQueue;

  constructor(index: number, instance: Instance, position: number, decoding: DecodeQueue) {
    this.index = index;
    this.instance = instance;
    this.isFirst = position === 0;
    this.isLast = position === instance.pool.stages - 1;
    this.decoding = decoding;
  }
}

/** One instance: stages in a row, what waits for it, and the memory that its requests hold. */
export class Instance {
  /** its number in the cluster */
  readonly slot: number;
  readonly pool: Pool;
  readonly stages: readonly Stage[];
  readonly prompts: PromptQueue;
  /** decode: prompts in caches of prefill instances that this one has not pulled yet, and those that it has and that wait */
  readonly unpulled: DecodeQueue;
  readonly swapped: DecodeQueue;
  readonly waiting: DecodeQueue;
  /** tokens of the cache that are taken */
  kvUsed = 0;
  /** requests that are here, waiting or not */
  requests = 0;
  /** prompts that it has read and that a decode instance has not pulled yet */
  held = 0;
  /** cohorts on the way through the stages */
  cohorts = 0;
  /** tokens that were swapped since the last step */
  swappedTokens = 0;
  /** when the link is free for the next prompt */
  linkFree = 0;

  /** @param links of cohorts, shared by all queues @param keys of requests by which prompts wait; null: in the order in which they come */
  constructor(slot: number, pool: Pool, firstStage: number, cohorts: Cohorts, links: number[], keys: Float64Array | null) {
    this.slot = slot;
    const queue = (): DecodeQueue => new DecodeQueue(cohorts, links);
    this.pool = pool;
    this.prompts = new PromptQueue(cohorts.next, keys);
    this.unpulled = queue();
    this.swapped = queue();
    this.waiting = queue();
    this.stages = Array.from({ length: pool.stages }, (_, position) => new Stage(firstStage + position, this, position, queue()));
  }

  /** whether it has nothing to do, and holds nothing that another waits for */
  get isIdle(): boolean {
    return this.requests === 0 && this.held === 0;
  }

  get first(): Stage {
    return this.stages[0] as Stage;
  }
}
