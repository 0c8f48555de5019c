/** Conversations that wait, the highest priority first; at equal priority the lower number. */
export class WaitingLine {
  readonly #line: number[] = [];
  readonly #priority: Float64Array;

  constructor(priority: Float64Array) {
    this.#priority = priority;
  }

  get length(): number {
    return this.#line.length;
  }

  at(place: number): number {
    return this.#line[place] as number;
  }

  add(conversation: number): void {
    let [from, to] = [0, this.#line.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#isBefore(this.#line[middle] as number, conversation)) from = middle + 1;
      else to = middle;
    }
    this.#line.splice(from, 0, conversation);
  }

  remove(place: number): void {
    this.#line.splice(place, 1);
  }

  /** After priorities changed. */
  sort(): void {
    const priority = this.#priority;
    this.#line.sort((a, b) => (priority[b] as number) - (priority[a] as number) || a - b);
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#priority[a] as number;
    const second = this.#priority[b] as number;
    return first > second || (first === second && a < b);
  }
}
