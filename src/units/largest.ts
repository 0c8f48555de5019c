const MOST = 2 ** 40;

interface Range {
  readonly from?: number;
  readonly to?: number;
}

/**
 * The largest whole number that holds, above `from` and up to `to`; `from` where the next does not. What does not hold must stay so for larger
 * numbers: doubled until it does not hold, then halved between.
 */
export function largest(holds: (value: number) => boolean, { from = 0, to = MOST }: Range = {}): number {
  let low = from;
  let high = Math.max(1, 2 * from);
  while (high <= to && holds(high)) [low, high] = [high, high * 2];
  high = Math.min(high, to + 1);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The largest whole number between `from` (1 unless given) and `to` of which a function that grows is at most `limit`; 0 where that of `from` is more.
 * Made for functions that cost much and are nearly linear: by secants, and by halving where one does not help.
 */
export function largestWithin(of: (value: number) => number, limit: number, { from = 1, to }: Range & { readonly to: number }): number {
  if (to < from) return 0;
  const last = of(to);
  if (last <= limit) return to;
  const first = to === from ? last : of(from);
  if (first > limit) return 0;
  let [low, high] = [
    { value: from, of: first },
    { value: to, of: last },
  ];
  for (let halve = false; high.value - low.value > 1; halve = !halve) {
    const secant = low.value + ((limit - low.of) / (high.of - low.of)) * (high.value - low.value);
    const guess = halve ? (low.value + high.value) / 2 : secant;
    const value = Math.min(high.value - 1, Math.max(low.value + 1, Math.floor(guess)));
    const at = { value, of: of(value) };
    const rest = high.value - low.value;
    if (at.of <= limit) low = at;
    else high = at;
    // a secant that takes away most of the range is followed by another
    if (!halve && high.value - low.value < rest / 4) halve = true;
  }
  return low.value;
}

/**
 * Where numbers up to `to` have most for what they cost, `value / of(value)`, best first, at most `most` of them: not always at the end, as costs that come in
 * steps jump. Looked for between half of `to` and `to`: the best places of a grid of `shares` that are better than the next, each up to the jump behind it.
 */
export function mostEfficient(of: (value: number) => number, to: number, { most = 1, shares = 8 }: { readonly most?: number; readonly shares?: number } = {}): readonly number[] {
  const rate = (value: number): number => value / of(value);
  const grid = [...new Set(Array.from({ length: shares + 1 }, (_, at) => Math.max(1, Math.floor((to * (shares + at)) / (2 * shares)))))].map((value) => ({ value, rate: rate(value) }));
  const peaks = grid.map(({ value, rate: least }, at) => ({ value, least, next: grid[at + 1] })).filter(({ least, next }) => next === undefined || least > next.rate);
  const edges = peaks
    .sort((a, b) => b.least - a.least)
    .slice(0, most)
    .map(({ value, least, next }) => (next === undefined ? value : largest((more) => rate(more) >= least, { from: value, to: next.value - 1 })));
  return edges.sort((a, b) => rate(b) - rate(a));
}
