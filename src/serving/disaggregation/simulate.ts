import { Cohorts } from '../engine/cohorts.ts';
import { EventQueue } from '../engine/event-queue.ts';
import type { Requests } from '../engine/requests.ts';
import { Admission } from './admission.ts';
import { checkCluster } from './check.ts';
import type { Cluster, Pool, Rules } from './cluster.ts';
import { decodesWaiting, promptsWaiting } from './dispatch.ts';
import { type EncodeInstance, EncodeStage } from './encode-stage.ts';
import { Instance, type Stage } from './instance.ts';
import { InstancePool } from './instance-pool.ts';
import type { Outcome } from './outcome.ts';
import { fitsBatch, PromptBatch } from './prompt-queue.ts';
import { RoleSwitcher } from './role-switch.ts';

const NONE = -1;
const WAKE = 0;
const PREFILLED = 1;
const DECODED = 2;
const PULLED = 3;
const ENCODED = 4;
const WAKE_ENCODE = 5;
const AT_PREFILL = 6;
const DECIDE = 7;
const CHANGED = 8;

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
  readonly #encode: EncodeStage | null;
  readonly #prefill: InstancePool;
  readonly #decode: InstancePool;
  readonly #switcher: RoleSwitcher | null;
  readonly #switchSeconds: number;
  readonly #colocated: boolean;
  readonly #secondsPerToken: number;
  readonly #instances: Instance[] = [];
  readonly #stages: Stage[] = [];
  readonly #cohorts: Cohorts;
  readonly #events = new EventQueue();
  readonly #spare: PromptBatch[] = [];
  /** the instance that holds the KV cache of a request, and where it decodes, by their slots */
  readonly #prefilledAt: Int32Array;
  readonly #decodesAt: Int32Array;
  readonly #outcome: Outcome;
  /** null: memory holds nothing back */
  readonly #admission: Admission | null;
  #now = 0;
  #arrived = 0;

  constructor(requests: Requests, cluster: Cluster) {
    const count = requests.arrival.length;
    const steps = requests.output.map((output) => (cluster.rules.decodeSteps === 'output' ? output : output - 1));
    this.#requests = requests;
    this.#rules = cluster.rules;
    this.#cohorts = new Cohorts(requests.prompt, steps);
    this.#colocated = cluster.kind === 'colocated';
    const links: number[] = [];
    const keys = keysOf(requests, cluster.rules);
    const make = (pool: Pool): Instance => {
      const instance = new Instance(this.#instances.length, pool, this.#stages.length, this.#cohorts, links, keys);
      this.#instances.push(instance);
      this.#stages.push(...instance.stages);
      return instance;
    };
    const { dispatch } = cluster.rules;
    const prefill = cluster.kind === 'colocated' ? cluster.pool : cluster.prefill;
    this.#prefill = new InstancePool({ pool: prefill, dispatch, waiting: promptsWaiting, make, onRetire: this.#handPromptsOver });
    this.#decode = cluster.kind === 'colocated' ? this.#prefill : new InstancePool({ pool: cluster.decode, dispatch, waiting: decodesWaiting, make, onRetire: this.#handDecodesOver });
    const pool = cluster.kind === 'colocated' ? undefined : cluster.encode;
    const media = requests.media;
    this.#encode =
      pool === undefined || media === undefined
        ? null
        : new EncodeStage({
            pool,
            dispatch,
            media,
            keys,
            onStart: this.#startEncoding,
            onWake: ({ slot }) => this.#events.push(this.#now, WAKE_ENCODE, slot),
            onBatch: this.#encodeBatch,
            onLast: this.#sendEncoded,
          });
    const rule = cluster.kind === 'colocated' ? undefined : cluster.switching;
    this.#switchSeconds = rule?.everySeconds ?? 0;
    this.#switcher =
      rule === undefined || this.#encode === null
        ? null
        : new RoleSwitcher({ rule, roles: { encode: this.#encode, prefill: this.#prefill, decode: this.#decode }, onChange: (time) => this.#events.push(time, CHANGED, 0) });
    this.#secondsPerToken = cluster.kind === 'colocated' || cluster.link === null ? 0 : cluster.link.bytesPerToken / cluster.link.bytesPerSecond;
    this.#prefilledAt = new Int32Array(count);
    this.#decodesAt = new Int32Array(count);
    const times = (): Float64Array => new Float64Array(count).fill(Number.NaN);
    this.#outcome = {
      requests,
      encodeStart: this.#encode === null ? null : times(),
      encoded: this.#encode === null ? null : times(),
      prefillStart: times(),
      firstToken: times(),
      decodeReady: times(),
      decodeStart: times(),
      finish: times(),
      steps,
      events: 0,
      putOut: 0,
      roles: [],
    };
    const { memory, decodeTokens } = cluster.rules;
    this.#admission = memory === null ? null : new Admission({ memory, decodeTokens, cohorts: this.#cohorts, colocated: this.#colocated, onJoin: this.#join, onStep: this.#pullMore });
  }

  run(): Outcome {
    const { arrival } = this.#requests;
    const events = this.#events;
    if (this.#switcher !== null) events.push(this.#switchSeconds, DECIDE, 0);
    for (;;) {
      const next = events.next;
      const at = this.#arrived;
      if (at < arrival.length && (arrival[at] as number) <= next) {
        this.#now = arrival[at] as number;
        this.#arrived++;
        this.#arrive(at);
      } else if (events.pop()) {
        this.#now = events.now;
        this.#handle(events.kind, events.slot);
        this.#switcher?.settle(this.#now);
      } else break;
    }
    const unfinished = this.#outcome.finish.findIndex(Number.isNaN);
    if (unfinished >= 0) throw new Error(`disaggregation: request ${unfinished + 1} of ${arrival.length} has not ended, and nothing is left to happen`);
    return { ...this.#outcome, events: events.taken + arrival.length, putOut: this.#admission?.putOut ?? 0, roles: this.#switcher?.counts ?? [] };
  }

  #handle(kind: number, slot: number): void {
    if (kind === PULLED) {
      this.#pulled(slot);
      return;
    }
    if (kind >= ENCODED) {
      this.#handleStage(kind, slot);
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

  /** What happens only where encoding has instances of its own. */
  #handleStage(kind: number, slot: number): void {
    if (kind === ENCODED) this.#encode?.encoded(slot, this.#now);
    else if (kind === WAKE_ENCODE) this.#encode?.woken(slot);
    else if (kind === AT_PREFILL) this.#atPrefill(slot);
    else if (kind === CHANGED) this.#switcher?.changed(this.#now);
    else {
      this.#switcher?.decide(this.#now);
      // the last decision is where nothing else is left to happen
      if (this.#events.size > 0 || this.#arrived < this.#requests.arrival.length) this.#events.push(this.#now + this.#switchSeconds, DECIDE, 0);
    }
  }

  #arrive(request: number): void {
    if (this.#encode !== null && (this.#requests.media?.[request] ?? 0) > 0) this.#encode.arrive(request, this.#now);
    else this.#queuePrompt(request);
  }

  readonly #startEncoding = (request: number): void => {
    const { encodeStart } = this.#outcome;
    if (encodeStart !== null && Number.isNaN(encodeStart[request])) encodeStart[request] = this.#now;
  };

  readonly #encodeBatch = ({ slot }: EncodeInstance, seconds: number): void => {
    this.#events.push(this.#now + checkSeconds(seconds), ENCODED, slot);
  };

  readonly #sendEncoded = (request: number, time: number): void => {
    if (time > this.#now) this.#events.push(time, AT_PREFILL, request);
    else this.#atPrefill(request);
  };

  #atPrefill(request: number): void {
    if (this.#outcome.encoded !== null) this.#outcome.encoded[request] = this.#now;
    this.#queuePrompt(request);
  }

  #queuePrompt(request: number): void {
    const instance = this.#prefill.choose();
    this.#prefilledAt[request] = instance.slot;
    instance.requests++;
    instance.prompts.push(request);
    this.#wake(instance.first);
  }

  readonly #handPromptsOver = (instance: Instance): void => {
    for (let request = instance.prompts.takeFirst(); request !== NONE; request = instance.prompts.takeFirst()) {
      instance.requests--;
      this.#queuePrompt(request);
    }
  };

  readonly #handDecodesOver = (instance: Instance): void => {
    for (let request = instance.unpulled.takeRequest(); request !== NONE; request = instance.unpulled.takeRequest()) {
      instance.requests--;
      this.#sendToDecode(request);
    }
  };

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
      const seconds = instance.pool.times.prefill(batch.prompts, batch.tokens, batch.squares, stage.isFirst, this.#encode === null ? batch.media : 0);
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
    stage.busy = true;
    this.#events.push(this.#now + checkSeconds(seconds), kind, stage.index);
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
      prompts.moveTo(batch, tokens, this.#requests.media?.[request]);
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
    instance.requests--;
    instance.held++;
    this.#sendToDecode(request);
  }

  /** A decode instance is to pull the KV cache of a request. */
  #sendToDecode(request: number): void {
    const target = this.#decode.choose();
    this.#decodesAt[request] = target.slot;
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
    const from = this.#instances[this.#prefilledAt[request] as number] as Instance;
    from.held--;
    this.#free(from, this.#cohorts.contextOf(request));
    this.#queueDecode(request, this.#instances[this.#decodesAt[request] as number] as Instance);
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

function checkSeconds(seconds: number): number {
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) throw new RangeError(`disaggregation: stage time ${seconds} is not a number of seconds from 0 on`);
  return seconds;
}

/** Keys by which requests wait; null where they wait in the order in which they come. */
function keysOf({ arrival, prompt, media }: Requests, { order }: Rules): Float64Array | null {
  return order === undefined ? null : arrival.map((time, at) => order(time, prompt[at] as number, media?.[at] ?? 0));
}
