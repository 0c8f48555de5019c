/** @throws RangeError unless 1 <= from <= to are integers */
export function requireRange(place: string, from: number, to: number): void {
  if (!Number.isSafeInteger(from) || from < 1) throw new RangeError(`${place}: from ${from} is not a positive integer`);
  if (!Number.isSafeInteger(to) || to < from) throw new RangeError(`${place}: to ${to} is not an integer of at least from ${from}`);
}
