import { AT_PREFILL, CHANGED, type Clock, DECIDE, ENCODED, WAKE_ENCODE } from './clock.ts';
import type { Dispatch, EncodePool, Switching } from './cluster.ts';
import { EncodeStage } from './encode-stage.ts';
import type { InstancePool } from './instance-pool.ts';
import type { Outcome, RoleCounts } from './outcome.ts';
import { RoleSwitcher } from './role-switch.ts';

export interface FrontOptions {
  readonly clock: Clock;
  /** by request */
  readonly media: Int32Array;
  readonly pool: EncodePool;
  readonly dispatch: Dispatch;
  readonly keys: Float64Array | null;
  readonly outcome: Outcome;
  readonly switching: Switching | undefined;
  readonly prefill: InstancePool;
  readonly decode: InstancePool;
  /** called for a request whose media have been encoded, or that has none */
  readonly onPrompt: (request: number) => void;
  /** whether requests are still to arrive */
  readonly expects: () => boolean;
}

/** What is in front of prefill where encoding has instances of its own: these, and changes of roles. */
export class Front {
  readonly #options: FrontOptions;
  readonly #encode: EncodeStage;
  readonly #switcher: RoleSwitcher | null;

  constructor(options: FrontOptions) {
    this.#options = options;
    const { clock, media, pool, dispatch, keys, outcome, switching, prefill, decode } = options;
    const { encodeStart } = outcome;
    this.#encode = new EncodeStage({
      pool,
      dispatch,
      media,
      keys,
      onStart: (request) => {
        if (encodeStart !== null && Number.isNaN(encodeStart[request])) encodeStart[request] = clock.now;
      },
      onWake: ({ slot }) => clock.after(0, WAKE_ENCODE, slot),
      onBatch: ({ slot }, seconds) => clock.after(seconds, ENCODED, slot),
      onLast: (request, time) => {
        if (time > clock.now) clock.events.push(time, AT_PREFILL, request);
        else this.#encoded(request);
      },
    });
    const roles = { encode: this.#encode, prefill, decode };
    this.#switcher = switching === undefined ? null : new RoleSwitcher({ rule: switching, roles, onChange: (time) => clock.events.push(time, CHANGED, 0) });
    if (switching !== undefined) clock.after(switching.everySeconds, DECIDE, 0);
  }

  /** Instances of each role, where they change. */
  get counts(): readonly RoleCounts[] {
    return this.#switcher?.counts ?? [];
  }

  arrive(request: number): void {
    const { media, clock, onPrompt } = this.#options;
    if ((media[request] as number) > 0) this.#encode.arrive(request, clock.now);
    else onPrompt(request);
  }

  handle(kind: number, slot: number): void {
    const { clock, switching, expects } = this.#options;
    if (kind === ENCODED) this.#encode.encoded(slot, clock.now);
    else if (kind === WAKE_ENCODE) this.#encode.woken(slot);
    else if (kind === AT_PREFILL) this.#encoded(slot);
    else if (kind === CHANGED) this.#switcher?.changed(clock.now);
    else {
      this.#switcher?.decide(clock.now);
      // the last decision is where nothing else is left to happen
      if (switching !== undefined && (clock.events.size > 0 || expects())) clock.after(switching.everySeconds, DECIDE, 0);
    }
  }

  /** Something has happened: an instance that changes its role may have nothing left to do. */
  settle(): void {
    this.#switcher?.settle(this.#options.clock.now);
  }

  #encoded(request: number): void {
    const { outcome, clock, onPrompt } = this.#options;
    if (outcome.encoded !== null) outcome.encoded[request] = clock.now;
    onPrompt(request);
  }
}
