/**
 * Events to come, in a binary heap on typed arrays: earliest first, at the same time the one that was pushed first.
 * `pop` puts the event into `now`, `kind` and `slot`, so that neither way allocates.
 */
export class EventQueue {
  /** time of the event taken last, s */
  now = 0;
  kind = 0;
  slot = 0;
  /** events taken so far */
  taken = 0;
  size = 0;
  #pushed = 0;
  #times: Float64Array;
  #order: Float64Array;
  #kinds: Int32Array;
  #slots: Int32Array;

  constructor(capacity = 64) {
    this.#times = new Float64Array(capacity);
    this.#order = new Float64Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity);
  }

  /** When the next event is due; infinity where none is. */
  get next(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(time: number, kind: number, slot: number): void {
    if (this.size === this.#times.length) this.#grow();
    const times = this.#times;
    const order = this.#order;
    const number = this.#pushed++;
    let at = this.size++;
    // what was pushed later is never due first at the same time: times alone decide on the way up
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((times[above] as number) <= time) break;
      this.#move(above, at);
      at = above;
    }
    times[at] = time;
    order[at] = number;
    this.#kinds[at] = kind;
    this.#slots[at] = slot;
  }

  /** Takes the next event; false where none is left. */
  pop(): boolean {
    if (this.size === 0) return false;
    const times = this.#times;
    const order = this.#order;
    this.now = times[0] as number;
    this.kind = this.#kinds[0] as number;
    this.slot = this.#slots[0] as number;
    this.taken++;
    const last = --this.size;
    if (last === 0) return true;
    const time = times[last] as number;
    const number = order[last] as number;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= last) break;
      if (below + 1 < last && this.#isBefore(below + 1, below)) below++;
      const due = times[below] as number;
      if (due > time || (due === time && (order[below] as number) > number)) break;
      this.#move(below, at);
      at = below;
    }
    if (at !== last) this.#move(last, at);
    return true;
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#times[a] as number;
    const second = this.#times[b] as number;
    return first < second || (first === second && (this.#order[a] as number) < (this.#order[b] as number));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#order[to] = this.#order[from] as number;
    this.#kinds[to] = this.#kinds[from] as number;
    this.#slots[to] = this.#slots[from] as number;
  }

  #grow(): void {
    const twice = Math.max(1, 2 * this.#times.length);
    const times = new Float64Array(twice);
    const order = new Float64Array(twice);
    const kinds = new Int32Array(twice);
    const slots = new Int32Array(twice);
    times.set(this.#times);
    order.set(this.#order);
    kinds.set(this.#kinds);
    slots.set(this.#slots);
    this.#times = times;
    this.#order = order;
    this.#kinds = kinds;
    this.#slots = slots;
  }
}
