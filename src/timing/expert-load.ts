import type { ExpertLoad } from './deployment.ts';

export interface ExpertGroups {
  readonly experts: number;
  readonly expertParallel: number;
  readonly redundantExperts: number;
}

/**
 * Share of all rows that the busiest of e groups of experts gets.
 *   balanced   1 / e
 *   power-law  expert i of E (busiest first) gets rows in proportion to i^-a; a redundant copy goes to the expert with most rows a copy, whose
 *              copies share them; slots are dealt out, the busiest first, to the group with least rows that has room
 * Groups are balanced as well as a greedy placement can; without placement the busiest group has more.
 */
export function busiestShare(load: ExpertLoad, { experts, expertParallel: e, redundantExperts }: ExpertGroups): number {
  if (load.kind === 'balanced') return 1 / e;
  const shares = Array.from({ length: experts }, (_, i) => (i + 1) ** -load.exponent);
  const total = shares.reduce((sum, share) => sum + share, 0);
  // copies go, one at a time, to the expert with most rows a copy
  const copies = shares.map(() => 1);
  for (let extra = 0; extra < redundantExperts; extra++) copies[busiest(shares, copies)] = (copies[busiest(shares, copies)] as number) + 1;
  const slots = shares.flatMap((share, i) => Array.from({ length: copies[i] as number }, () => share / (copies[i] as number) / total)).sort((a, b) => b - a);
  // greedy: the next busiest slot goes to the group with least rows that has room
  const room = Math.ceil(slots.length / e);
  const groups = Array.from({ length: e }, () => ({ rows: 0, slots: 0 }));
  for (const slot of slots) {
    const group = groups.filter((candidate) => candidate.slots < room).reduce((least, candidate) => (candidate.rows < least.rows ? candidate : least));
    group.rows += slot;
    group.slots += 1;
  }
  return Math.max(...groups.map(({ rows }) => rows));
}

const busiest = (shares: readonly number[], copies: readonly number[]): number =>
  shares.reduce((best, share, i) => (share / (copies[i] as number) > (shares[best] as number) / (copies[best] as number) ? i : best), 0);
