/** Levenshtein distance: how many letters must be inserted, removed or replaced to turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

/**
 * The candidates most like a mistyped name, best first: those that contain it or are contained in it, then by edit
 * distance, then in their own order. Upper and lower case are alike.
 */
export function nearest(name: string, candidates: readonly string[], count = 3): readonly string[] {
  const wanted = name.toLowerCase();
  return candidates
    .map((candidate) => {
      const known = candidate.toLowerCase();
      const contained = wanted !== '' && (known.includes(wanted) || wanted.includes(known));
      return { candidate, contained: contained ? 0 : 1, distance: editDistance(wanted, known) };
    })
    .sort((a, b) => a.contained - b.contained || a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/**
 * The item with an id.
 * @throws RangeError `<place>: id <id> is unknown` that lists the nearest ids
 */
export function findOrNearest<T>(place: string, items: readonly T[], id: string, idOf: (item: T) => string): T {
  const found = items.find((item) => idOf(item) === id);
  if (found !== undefined) return found;
  throw new RangeError(`${place}: id ${id === '' ? '""' : id} is unknown; nearest: ${nearest(id, items.map(idOf)).join(', ')}`);
}
