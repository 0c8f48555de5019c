import { STAGE_ROLES, type StageRole, type Switching } from './cluster.ts';
import type { RoleCounts } from './outcome.ts';

/** The instances of one role, as far as a change of roles goes. */
export interface RoleInstances {
  /** instances that take work */
  readonly active: readonly unknown[];
  /** requests that are there, waiting or not */
  readonly requests: number;
  /** takes the instance out that has least to do */
  retire(): Leaving;
  add(): void;
}

/** An instance that takes no more work. */
export interface Leaving {
  readonly isIdle: boolean;
}

export interface RoleSwitcherOptions {
  readonly rule: Switching;
  readonly roles: Readonly<Record<StageRole, RoleInstances>>;
  /** called when an instance begins to change, and is to take work from this time on */
  readonly onChange: (time: number) => void;
}

/** Moves instances between the roles of a cluster, see `Switching`. */
export class RoleSwitcher {
  /** instances of each role, from a time on */
  readonly counts: RoleCounts[] = [];
  readonly #options: RoleSwitcherOptions;
  #change: { readonly from: StageRole; readonly to: StageRole; readonly leaving: Leaving; moving: boolean } | null = null;

  constructor(options: RoleSwitcherOptions) {
    this.#options = options;
    this.#log(0);
  }

  /** A decision is due. */
  decide(now: number): void {
    const { roles } = this.#options;
    if (this.#change !== null) return;
    const change = roleChange(roles, this.#options.rule.least);
    if (change === null) return;
    this.#change = { ...change, leaving: roles[change.from].retire(), moving: false };
    this.#log(now);
    this.settle(now);
  }

  /** Something has ended: the instance that leaves may have nothing left to do. @throws RangeError for a change that takes no time that there is */
  settle(now: number): void {
    const change = this.#change;
    if (change === null || change.moving || !change.leaving.isIdle) return;
    change.moving = true;
    const seconds = this.#options.rule.seconds(change.from, change.to);
    if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) throw new RangeError(`disaggregation: switching seconds ${seconds} is not a number of seconds from 0 on`);
    this.#options.onChange(now + seconds);
  }

  /** The instance takes work in its new role. */
  changed(now: number): void {
    const change = this.#change;
    if (change === null) return;
    this.#options.roles[change.to].add();
    this.#change = null;
    this.#log(now);
  }

  #log(time: number): void {
    const { encode, prefill, decode } = this.#options.roles;
    this.counts.push({ time, encode: encode.active.length, prefill: prefill.active.length, decode: decode.active.length });
  }
}

/** Which role gives an instance to which; null where none should. The rule of `Switching`. */
export function roleChange(
  roles: Readonly<Record<StageRole, Pick<RoleInstances, 'active' | 'requests'>>>,
  least: Switching['least'] = {},
): { readonly from: StageRole; readonly to: StageRole } | null {
  const to = STAGE_ROLES.reduce((most, role) => (roles[role].requests > roles[most].requests ? role : most));
  const half = roles[to].requests / 2;
  const spare = (role: StageRole): number => roles[role].active.length - (least[role] ?? 1);
  const givers = STAGE_ROLES.filter((role) => role !== to && spare(role) > 0 && roles[role].requests < half);
  if (givers.length === 0) return null;
  const from = givers.reduce((best, role) => {
    const more = spare(role) - spare(best);
    return more > 0 || (more === 0 && roles[role].requests < roles[best].requests) ? role : best;
  });
  return { from, to };
}
