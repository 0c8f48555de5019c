import type { StageTimes } from './stage-times.ts';

/** Instances of one role, all alike: each a pipeline of stages. */
export interface Pool {
  readonly instances: number;
  /** stages of each instance: its pipeline parallelism */
  readonly stages: number;
  readonly times: StageTimes;
  /** tokens that the KV cache of one instance holds; looked at where `rules.memory` is not null */
  readonly kvTokens: number;
  /** copies of the attention in one instance: limits of a batch and of requests hold for each of them; 1 unless given */
  readonly replicas?: number;
  /** time that a decode step waits for each token that is swapped out or in before it; none unless given */
  readonly swapSecondsPerToken?: number;
}

/** What goes into one prefill batch: prompts in the order of their arrival, until one does not fit. */
export interface PromptBatching {
  readonly maxPrompts: number;
  readonly maxTokens: number;
  /** where prompts are padded to the longest of a batch: tokens of the padded batch, and of the padding, at most; null where they are not */
  readonly padded: { readonly maxTokens: number; readonly maxPadding: number } | null;
}

/**
 * How memory holds requests back. A prefill instance reads no prompt that its cache cannot hold, and keeps it until the decode instance has pulled it.
 * A decode instance pulls while it can hold the prompt and prompts that wait there are below a share of its cache; a step that does not fit puts the newest
 * request of the batch out. Colocated, the newest is read again from the start.
 */
export interface MemoryRules {
  /** share of the cache that waiting prompts may take before a decode instance pulls no more */
  readonly waitingShare: number;
  /** share of the cache that a new prompt leaves free, colocated */
  readonly reserve: number;
  /** requests of one decode batch, and colocated of one instance */
  readonly maxRequests: number;
  /** whether a decode instance steps and pulls in turn, as an engine with one loop does, or pulls beside its steps */
  readonly pulls: 'between-steps' | 'beside-steps';
}

export const DISPATCHES = ['shortest-queue', 'least-loaded', 'round-robin'] as const;
/**
 * The instance that a request goes to: with the fewest requests waiting, with the fewest waiting and running, or each in turn; the first of equals. Encode instances count
 * media in place of requests.
 */
export type Dispatch = (typeof DISPATCHES)[number];

export interface Rules {
  readonly batching: PromptBatching;
  /** contexts of one decode batch together with the tokens that it makes, at most; requests behind one that does not fit wait. With limited memory looked at where a request joins */
  readonly decodeTokens: number;
  /** null: no limit of memory, and batches that meet in a pipeline become one */
  readonly memory: MemoryRules | null;
  /** steps of a request after its first token: one for each output token, as the released simulator counts, or one less, as engines do */
  readonly decodeSteps: 'output' | 'output-1';
  readonly dispatch: Dispatch;
  /** what waits to be encoded or read is taken in the order of this key, lowest first; in the order of arrival unless given */
  readonly order?: OrderKey;
}

/** The key of a request. @param arrival s @param prompt tokens */
export type OrderKey = (arrival: number, prompt: number, media: number) => number;

/** Instances that only encode, all alike. */
export interface EncodePool {
  readonly instances: number;
  /** jobs of one batch at most */
  readonly maxJobs: number;
  /** whether the media of a request are jobs of their own (intra-request parallelism), or one job together */
  readonly share: 'media' | 'request';
  /** time of a batch of so many media, s */
  readonly seconds: (media: number) => number;
  /** time that the results of one of them take to prefill, s */
  readonly transferSeconds: number;
}

export const STAGE_ROLES = ['encode', 'prefill', 'decode'] as const;
export type StageRole = (typeof STAGE_ROLES)[number];

/**
 * Instances change their role while they serve. At each decision the stage with most requests gets an instance, unless every stage has half as many; from the stage with most
 * instances to spare, of equals that with fewer requests, which has fewer than half as many. The instance with least to do hands what waits over, ends what it has
 * begun, and takes no work for some time. One changes at a time.
 * The released switcher of EPD (vbdi/epdserve, epdserve/resource_allocation.py, revision 9b111f710dfb) differs: it counts only requests that wait for a place in a batch,
 * lets any stage with fewer give, and of equals takes the first. Here requests that run count, too: with large decode batches hardly one would wait.
 * Ignored: that roles may take different numbers of chips; results of an encode instance that are still on their way.
 */
export interface Switching {
  /** between two decisions, s */
  readonly everySeconds: number;
  readonly seconds: (from: StageRole, to: StageRole) => number;
  /** instances that a role keeps: 1 of each unless given */
  readonly least?: Readonly<Partial<Record<StageRole, number>>>;
}

/** The way of the KV cache from prefill to decode. Each decode instance pulls one request after the other. */
export interface KvLink {
  /** KV cache of one token */
  readonly bytesPerToken: number;
  readonly bytesPerSecond: number;
}

/** Prefill and decode on instances of their own, encoding too where there are media, or all on the same, prompts first. */
export type Cluster =
  | {
      readonly kind: 'disaggregated';
      /** before prefill; prefill instances encode themselves unless given */
      readonly encode?: EncodePool;
      readonly prefill: Pool;
      readonly decode: Pool;
      readonly rules: Rules;
      /** null: no time */
      readonly link: KvLink | null;
      readonly switching?: Switching;
    }
  | { readonly kind: 'colocated'; readonly pool: Pool; readonly rules: Rules };
