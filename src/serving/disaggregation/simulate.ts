import { Cohorts } from '../engine/cohorts.ts';
import { EventQueue } from '../engine/event-queue.ts';
import type { Requests } from '../engine/requests.ts';
import { Admission } from './admission.ts';
import { checkCluster } from './check.ts';
import type { Cluster, Pool, Rules } from './cluster.ts';
import { decodesWaiting, instanceFor, promptsWaiting } from './dispatch.ts';
import { Instance, type Stage } from './instance.ts';
import type { Outcome } from './outcome.ts';
import { fitsBatch, PromptBatch } from './prompt-queue.ts';

const NONE = -1;
const WAKE = 0;
const PREFILLED = 1;
const DECODED = 2;
const PULLED = 3;

/** Contexts that wait at a stage, above which the released simulator reads no prompt there: 0.9 of 10^7 requests, compared with tokens (simdistserve/base/worker.py). */
const BACK_PRESSURE = 9_000_000;

/**
 * Runs requests through a cluster: event by event, each of which costs what arrives, joins or finishes at it, whatever the size of the batch.
 *   arrival -> prompts of an instance -> prefill, stage by stage -> first token -> (KV cache pulled) -> decode, step by step -> last token
 * Arrivals come before other events of the same time, which come in the order in which they were caused.
 * Ignored: time of the dispatcher, sampling, network beyond the KV cache, prefix caches, chunked prefill.
 * @throws RangeError for a cluster that could not run, a request that no instance can hold, or a stage time that is none
 */
export function simulate(requests: Requests, cluster: Cluster): Outcome {
  checkCluster(cluster, requests);
  return new Simulation(requests, cluster).run();
}

class Simulation {
  readonly #requests: Requests;
  readonly #rules: Rules;
  readonly #prefill: readonly Instance[];
  readonly #decode: readonly Instance[];
  readonly #colocated: boolean;
  readonly #secondsPerToken: number;
  readonly #stages: readonly Stage[];
  readonly #cohorts: Cohorts;
  readonly #events = new EventQueue();
  readonly #spare: PromptBatch[] = [];
  /** the instance that holds the KV cache of a request, and where it decodes */
  readonly #prefilledAt: Int32Array;
  readonly #decodesAt: Int32Array;
  readonly #outcome: Outcome;
  /** null: memory holds nothing back */
  readonly #admission: Admission | null;
  #now = 0;

  constructor(requests: Requests, cluster: Cluster) {
    const count = requests.arrival.length;
    const steps = requests.output.map((output) => (cluster.rules.decodeSteps === 'output' ? output : output - 1));
    this.#requests = requests;
    this.#rules = cluster.rules;
    this.#cohorts = new Cohorts(requests.prompt, steps);
    this.#colocated = cluster.kind === 'colocated';
    const links: number[] = [];
    let stages = 0;
    const instancesOf = (pool: Pool): readonly Instance[] =>
      Array.from({ length: pool.instances }, () => {
        const instance = new Instance(pool, stages, this.#cohorts, links);
        stages += pool.stages;
        return instance;
      });
    this.#prefill = instancesOf(cluster.kind === 'colocated' ? cluster.pool : cluster.prefill);
    this.#decode = cluster.kind === 'colocated' ? this.#prefill : instancesOf(cluster.decode);
    this.#stages = [...new Set([...this.#prefill, ...this.#decode])].flatMap((instance) => instance.stages);
    this.#secondsPerToken = cluster.kind === 'colocated' || cluster.link === null ? 0 : cluster.link.bytesPerToken / cluster.link.bytesPerSecond;
    this.#prefilledAt = new Int32Array(count);
    this.#decodesAt = new Int32Array(count);
    const times = (): Float64Array => new Float64Array(count).fill(Number.NaN);
    this.#outcome = { requests, prefillStart: times(), firstToken: times(), decodeReady: times(), decodeStart: times(), finish: times(), steps, events: 0, putOut: 0 };
    const { memory, decodeTokens } = cluster.rules;
    this.#admission = memory === null ? null : new Admission({ memory, decodeTokens, cohorts: this.#cohorts, colocated: this.#colocated, onJoin: this.#join, onStep: this.#pullMore });
  }

  run(): Outcome {
    const { arrival } = this.#requests;
    const events = this.#events;
    for (let at = 0; ; ) {
      const next = events.next;
      if (at < arrival.length && (arrival[at] as number) <= next) {
        this.#now = arrival[at] as number;
        this.#arrive(at++);
      } else if (events.pop()) {
        this.#now = events.now;
        this.#handle(events.kind, events.slot);
      } else break;
    }
    const unfinished = this.#outcome.finish.findIndex(Number.isNaN);
    if (unfinished >= 0) throw new Error(`disaggregation: request ${unfinished + 1} of ${arrival.length} has not ended, and nothing is left to happen`);
    return { ...this.#outcome, events: events.taken + arrival.length, putOut: this.#admission?.putOut ?? 0 };
  }

  #handle(kind: number, slot: number): void {
    if (kind === PULLED) {
      this.#pulled(slot);
      return;
    }
    const stage = this.#stages[slot] as Stage;
    if (kind === DECODED) this.#decoded(stage);
    else if (kind === PREFILLED) this.#prefilled(stage);
    else {
      stage.waking = false;
      if (!stage.busy) this.#start(stage);
    }
  }

  #arrive(request: number): void {
    const at = instanceFor(this.#prefill, this.#rules.dispatch, promptsWaiting);
    const instance = this.#prefill[at] as Instance;
    this.#prefilledAt[request] = at;
    instance.requests++;
    instance.prompts.push(request);
    this.#wake(instance.first);
  }

  #wake(stage: Stage): void {
    if (stage.busy || stage.waking) return;
    stage.waking = true;
    this.#events.push(this.#now, WAKE, stage.index);
  }

  /** Starts what a stage has to do, prompts first. */
  #start(stage: Stage): void {
    const { instance } = stage;
    stage.busy = false;
    const held = this.#rules.memory === null && stage.decoding.context > BACK_PRESSURE;
    const batch = held ? undefined : stage.isFirst ? this.#promptBatch(instance) : stage.batches.shift();
    if (batch !== undefined) {
      const seconds = instance.pool.times.prefill(batch.prompts, batch.tokens, batch.squares, stage.isFirst);
      stage.running = batch;
      this.#run(stage, PREFILLED, seconds);
      return;
    }
    const cohort = this.#admission === null ? stage.decoding.takeFitting(this.#rules.decodeTokens, this.#join) : this.#admission.nextBatch(stage, this.#now);
    if (cohort === NONE) return;
    let seconds = instance.pool.times.decode(this.#cohorts.size[cohort] as number, this.#cohorts.context[cohort] as number, stage.isFirst);
    if (stage.isFirst && instance.swappedTokens > 0) {
      seconds += (instance.pool.swapSecondsPerToken ?? 0) * instance.swappedTokens;
      instance.swappedTokens = 0;
    }
    stage.cohort = cohort;
    this.#run(stage, DECODED, seconds);
  }

  #run(stage: Stage, kind: number, seconds: number): void {
    if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) throw new RangeError(`disaggregation: stage time ${seconds} is not a number of seconds from 0 on`);
    stage.busy = true;
    this.#events.push(this.#now + seconds, kind, stage.index);
  }

  /** The next prompts of an instance that fit together, and into its memory; undefined where none do. */
  #promptBatch(instance: Instance): PromptBatch | undefined {
    const { prompts } = instance;
    if (prompts.size === 0) return undefined;
    const { batching } = this.#rules;
    const { prefillStart } = this.#outcome;
    const batch = this.#spare.pop() ?? new PromptBatch();
    const room = this.#admission?.promptRoom(instance) ?? Number.POSITIVE_INFINITY;
    const places = this.#admission?.promptPlaces(instance) ?? Number.POSITIVE_INFINITY;
    while (prompts.first !== NONE && batch.prompts < places) {
      const request = prompts.first;
      const tokens = this.#cohorts.contextOf(request);
      if (batch.tokens + tokens > room || !fitsBatch(batching, batch, tokens, instance.pool.replicas)) break;
      prompts.moveTo(batch, tokens);
      if (Number.isNaN(prefillStart[request])) prefillStart[request] = this.#now;
    }
    if (batch.prompts > 0) {
      instance.kvUsed += batch.tokens;
      return batch;
    }
    this.#spare.push(batch);
    return undefined;
  }

  #prefilled(stage: Stage): void {
    const batch = stage.running as PromptBatch;
    stage.running = null;
    if (stage.isLast) {
      for (let request = batch.first; request !== NONE; ) {
        // read before the request goes into another list
        const next = this.#cohorts.next[request] as number;
        this.#readPrompt(request, stage.instance);
        request = next;
      }
      batch.clear();
      this.#spare.push(batch);
    } else {
      const next = this.#stages[stage.index + 1] as Stage;
      next.batches.push(batch);
      this.#wake(next);
    }
    this.#start(stage);
  }

  /** The prompt of a request has been read: its first token is there. */
  #readPrompt(request: number, instance: Instance): void {
    const { firstToken, finish, steps, decodeReady } = this.#outcome;
    if (Number.isNaN(firstToken[request])) firstToken[request] = this.#now;
    if (steps[request] === 0) {
      finish[request] = this.#now;
      instance.requests--;
      this.#free(instance, this.#cohorts.contextOf(request));
      return;
    }
    if (this.#colocated) {
      if (Number.isNaN(decodeReady[request])) decodeReady[request] = this.#now;
      this.#queueDecode(request, instance);
      return;
    }
    const at = instanceFor(this.#decode, this.#rules.dispatch, decodesWaiting);
    const target = this.#decode[at] as Instance;
    this.#decodesAt[request] = at;
    instance.requests--;
    target.requests++;
    const { memory } = this.#rules;
    if (memory === null) {
      this.#pull(request, target);
      return;
    }
    target.unpulled.pushRequest(request);
    if (memory.pulls === 'beside-steps' || !target.first.busy) this.#pullMore(target);
  }

  /** Pulls what a decode instance has room for. */
  readonly #pullMore = (instance: Instance): void => {
    if (this.#admission === null) return;
    for (let request = this.#admission.nextPull(instance); request !== NONE; request = this.#admission.nextPull(instance)) this.#pull(request, instance);
  };

  #pull(request: number, instance: Instance): void {
    if (this.#secondsPerToken === 0) {
      this.#pulled(request);
      return;
    }
    instance.linkFree = Math.max(this.#now, instance.linkFree) + this.#secondsPerToken * this.#cohorts.contextOf(request);
    this.#events.push(instance.linkFree, PULLED, request);
  }

  /** The KV cache of a request lies where it decodes. */
  #pulled(request: number): void {
    this.#outcome.decodeReady[request] = this.#now;
    this.#free(this.#prefill[this.#prefilledAt[request] as number] as Instance, this.#cohorts.contextOf(request));
    this.#queueDecode(request, this.#decode[this.#decodesAt[request] as number] as Instance);
  }

  #queueDecode(request: number, instance: Instance): void {
    if (this.#rules.memory === null) instance.first.decoding.pushRequest(request);
    else instance.waiting.pushRequest(request);
    this.#wake(instance.first);
  }

  #free(instance: Instance, tokens: number): void {
    instance.kvUsed -= tokens;
    if (this.#rules.memory !== null && instance.prompts.size + instance.waiting.size > 0) this.#wake(instance.first);
  }

  readonly #join = (request: number): void => {
    const { decodeStart } = this.#outcome;
    if (Number.isNaN(decodeStart[request])) decodeStart[request] = this.#now;
  };

  #decoded(stage: Stage): void {
    const { instance, cohort } = stage;
    stage.cohort = NONE;
    if (stage.isLast) this.#finishStep(instance, cohort);
    else this.#pass(this.#stages[stage.index + 1] as Stage, cohort);
    this.#start(stage);
  }

  #finishStep(instance: Instance, cohort: number): void {
    const cohorts = this.#cohorts;
    cohorts.advance(cohort);
    for (let request = cohorts.takeFinished(cohort); request !== NONE; request = cohorts.takeFinished(cohort)) {
      this.#outcome.finish[request] = this.#now;
      instance.requests--;
      instance.kvUsed -= cohorts.contextOf(request);
    }
    if (cohorts.size[cohort] === 0) {
      cohorts.release(cohort);
      instance.cohorts--;
      if (this.#rules.memory !== null) this.#wake(instance.first);
    } else this.#pass(instance.first, cohort);
    this.#pullMore(instance);
  }

  #pass(stage: Stage, cohort: number): void {
    stage.decoding.pushCohort(cohort);
    this.#wake(stage);
  }
}
