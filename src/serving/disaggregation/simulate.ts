import { Cohorts } from '../engine/cohorts.ts';
import type { Requests } from '../engine/requests.ts';
import { Admission } from './admission.ts';
import { checkCluster } from './check.ts';
import { Clock, DECODED, ENCODED, PREFILLED, PULLED } from './clock.ts';
import type { Cluster, Pool, Rules } from './cluster.ts';
import { decodesWaiting, keysOf, promptsWaiting } from './dispatch.ts';
import { Front } from './front.ts';
import { Instance, type Stage } from './instance.ts';
import { InstancePool } from './instance-pool.ts';
import { KvPulls } from './kv-pulls.ts';
import { emptyOutcome, type Outcome } from './outcome.ts';
import { PromptBatch } from './prompt-queue.ts';

const NONE = -1;

/** Contexts that wait at a stage, above which the released simulator reads no prompt there: 0.9 of 10^7 requests, compared with tokens (simdistserve/base/worker.py). */
const BACK_PRESSURE = 9_000_000;

/**
 * Runs requests through a cluster: event by event, each of which costs what arrives, joins or finishes at it, whatever the size of the batch.
 *   arrival -> (media encoded, on their way to prefill) -> prompts of an instance -> prefill, stage by stage -> first token -> (KV cache pulled) -> decode, step by step -> last token
 * Arrivals come before other events of the same time, which come in the order in which they were caused.
 * Ignored: time of the dispatcher, sampling, network beyond the KV cache and encoded media, prefix caches, chunked prefill.
 * @throws RangeError for a cluster that could not run, a request that no instance can hold, or a stage time that is none
 */
export function simulate(requests: Requests, cluster: Cluster): Outcome {
  checkCluster(cluster, requests);
  return new Simulation(requests, cluster).run();
}

class Simulation {
  readonly #requests: Requests;
  readonly #rules: Rules;
  readonly #clock = new Clock();
  readonly #cohorts: Cohorts;
  readonly #instances: Instance[] = [];
  readonly #stages: Stage[] = [];
  readonly #prefill: InstancePool;
  /** null: prefill instances encode what there is to encode */
  readonly #front: Front | null;
  /** null: requests decode where they were read */
  readonly #pulls: KvPulls | null;
  /** null: memory holds nothing back */
  readonly #admission: Admission | null;
  readonly #spare: PromptBatch[] = [];
  /** the slot of the instance that has read a request, and holds its KV cache until it is pulled */
  readonly #prefilledAt: Int32Array;
  readonly #outcome: Outcome;
  readonly #join = (request: number): void => this.#stamp(this.#outcome.decodeStart, request);
  #arrived = 0;

  constructor(requests: Requests, cluster: Cluster) {
    const { rules } = cluster;
    const { dispatch, memory, decodeTokens } = rules;
    const steps = requests.output.map((output) => (rules.decodeSteps === 'output' ? output : output - 1));
    const cohorts = new Cohorts(requests.prompt, steps);
    const clock = this.#clock;
    const links: number[] = [];
    const keys = keysOf(requests, rules);
    const make = (pool: Pool): Instance => {
      const instance = new Instance(this.#instances.length, pool, this.#stages.length, cohorts, links, keys);
      this.#instances.push(instance);
      this.#stages.push(...instance.stages);
      return instance;
    };
    this.#requests = requests;
    this.#rules = rules;
    this.#cohorts = cohorts;
    this.#prefilledAt = new Int32Array(steps.length);
    const colocated = cluster.kind === 'colocated';
    this.#admission = memory === null ? null : new Admission({ memory, decodeTokens, cohorts, colocated, onJoin: this.#join, onStep: (instance) => this.#pulls?.more(instance) });
    this.#prefill = new InstancePool({ pool: colocated ? cluster.pool : cluster.prefill, dispatch, waiting: promptsWaiting, make, onRetire: this.#handPromptsOver });
    const encode = colocated ? undefined : cluster.encode;
    this.#outcome = emptyOutcome(requests, steps, encode !== undefined);
    if (colocated) {
      this.#pulls = null;
      this.#front = null;
      return;
    }
    const { link, switching } = cluster;
    const decode = new InstancePool({ pool: cluster.decode, dispatch, waiting: decodesWaiting, make, onRetire: (instance) => this.#pulls?.handOver(instance) });
    const secondsPerToken = link === null ? 0 : link.bytesPerToken / link.bytesPerSecond;
    this.#pulls = new KvPulls({ clock, cohorts, memory, admission: this.#admission, pool: decode, secondsPerToken, onPulled: this.#pulled });
    this.#front =
      encode === undefined
        ? null
        : new Front({
            clock,
            media: requests.media ?? new Int32Array(steps.length),
            pool: encode,
            dispatch,
            keys,
            outcome: this.#outcome,
            switching,
            prefill: this.#prefill,
            decode,
            onPrompt: this.#queuePrompt,
            expects: () => this.#arrived < steps.length,
          });
  }

  run(): Outcome {
    const { arrival } = this.#requests;
    const clock = this.#clock;
    const { events } = clock;
    for (;;) {
      const next = events.next;
      const at = this.#arrived;
      if (at < arrival.length && (arrival[at] as number) <= next) {
        clock.now = arrival[at] as number;
        this.#arrived++;
        if (this.#front === null) this.#queuePrompt(at);
        else this.#front.arrive(at);
      } else if (events.pop()) {
        clock.now = events.now;
        this.#handle(events.kind, events.slot);
        this.#front?.settle();
      } else break;
    }
    const unfinished = this.#outcome.finish.findIndex(Number.isNaN);
    if (unfinished >= 0) throw new Error(`disaggregation: request ${unfinished + 1} of ${arrival.length} has not ended, and nothing is left to happen`);
    return { ...this.#outcome, events: events.taken + arrival.length, putOut: this.#admission?.putOut ?? 0, roles: this.#front?.counts ?? [] };
  }

  #handle(kind: number, slot: number): void {
    // a slot is that of a stage only for events of stages
    if (kind >= ENCODED) this.#front?.handle(kind, slot);
    else if (kind === PULLED) this.#pulls?.pulled(slot);
    else if (kind === DECODED) this.#decoded(this.#stages[slot] as Stage);
    else if (kind === PREFILLED) this.#prefilled(this.#stages[slot] as Stage);
    else {
      const stage = this.#stages[slot] as Stage;
      stage.waking = false;
      if (!stage.busy) this.#start(stage);
    }
  }

  /** A request, its media encoded, waits to be read. */
  readonly #queuePrompt = (request: number): void => {
    const instance = this.#prefill.choose();
    this.#prefilledAt[request] = instance.slot;
    instance.requests++;
    instance.prompts.push(request);
    this.#clock.wake(instance.first);
  };

  readonly #handPromptsOver = (instance: Instance): void => {
    for (let request = instance.prompts.takeFirst(); request !== NONE; request = instance.prompts.takeFirst()) {
      instance.requests--;
      this.#queuePrompt(request);
    }
  };

  /** Starts what a stage has to do, prompts first. */
  #start(stage: Stage): void {
    const { instance } = stage;
    stage.busy = false;
    const held = this.#rules.memory === null && stage.decoding.context > BACK_PRESSURE;
    const batch = held ? undefined : stage.isFirst ? this.#promptBatch(instance) : stage.batches.shift();
    if (batch !== undefined) {
      const seconds = instance.pool.times.prefill(batch.prompts, batch.tokens, batch.squares, stage.isFirst, this.#front === null ? batch.media : 0);
      stage.running = batch;
      this.#run(stage, PREFILLED, seconds);
      return;
    }
    const cohort = this.#admission === null ? stage.decoding.takeFitting(this.#rules.decodeTokens, this.#join) : this.#admission.nextBatch(stage, this.#clock.now);
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
    stage.busy = true;
    this.#clock.after(seconds, kind, stage.index);
  }

  /** The next prompts of an instance that fit together, and into its memory; undefined where none do. */
  #promptBatch(instance: Instance): PromptBatch | undefined {
    const { prompts } = instance;
    if (prompts.size === 0) return undefined;
    const batch = this.#spare.pop() ?? new PromptBatch();
    prompts.fill(batch, {
      batching: this.#rules.batching,
      replicas: instance.pool.replicas ?? 1,
      room: this.#admission?.promptRoom(instance) ?? Number.POSITIVE_INFINITY,
      places: this.#admission?.promptPlaces(instance) ?? Number.POSITIVE_INFINITY,
      cohorts: this.#cohorts,
      media: this.#requests.media,
      onTake: (request) => this.#stamp(this.#outcome.prefillStart, request),
    });
    instance.kvUsed += batch.tokens;
    if (batch.prompts > 0) return batch;
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
      this.#clock.wake(next);
    }
    this.#start(stage);
  }

  /** The prompt of a request has been read: its first token is there. */
  #readPrompt(request: number, instance: Instance): void {
    const { firstToken, finish, steps, decodeReady } = this.#outcome;
    this.#stamp(firstToken, request);
    if (steps[request] === 0) {
      finish[request] = this.#clock.now;
      instance.requests--;
      this.#free(instance, this.#cohorts.contextOf(request));
      return;
    }
    if (this.#pulls === null) {
      this.#stamp(decodeReady, request);
      this.#queueDecode(request, instance);
      return;
    }
    instance.requests--;
    instance.held++;
    this.#pulls.send(request);
  }

  /** The KV cache of a request lies where it decodes. */
  readonly #pulled = (request: number, instance: Instance): void => {
    this.#outcome.decodeReady[request] = this.#clock.now;
    const from = this.#instances[this.#prefilledAt[request] as number] as Instance;
    from.held--;
    this.#free(from, this.#cohorts.contextOf(request));
    this.#queueDecode(request, instance);
  };

  #queueDecode(request: number, instance: Instance): void {
    if (this.#rules.memory === null) instance.first.decoding.pushRequest(request);
    else instance.waiting.pushRequest(request);
    this.#clock.wake(instance.first);
  }

  #free(instance: Instance, tokens: number): void {
    instance.kvUsed -= tokens;
    if (this.#rules.memory !== null && instance.prompts.size + instance.waiting.size > 0) this.#clock.wake(instance.first);
  }

  /** The first time that something happens to a request. */
  #stamp(times: Float64Array, request: number): void {
    if (Number.isNaN(times[request])) times[request] = this.#clock.now;
  }

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
      this.#outcome.finish[request] = this.#clock.now;
      instance.requests--;
      instance.kvUsed -= cohorts.contextOf(request);
    }
    if (cohorts.size[cohort] === 0) {
      cohorts.release(cohort);
      instance.cohorts--;
      if (this.#rules.memory !== null) this.#clock.wake(instance.first);
    } else this.#pass(instance.first, cohort);
    this.#pulls?.more(instance);
  }

  #pass(stage: Stage, cohort: number): void {
    stage.decoding.pushCohort(cohort);
    this.#clock.wake(stage);
  }
}
