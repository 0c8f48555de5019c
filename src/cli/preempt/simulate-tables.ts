import type { PolicyName } from '../../serving/preemption/policy.ts';
import type { PreemptionSummary, Tails } from '../../serving/preemption/summary.ts';
import { significant } from '../../units/format.ts';
import type { TextTable } from '../output/text-table.ts';

/** One policy on one load. */
export interface SimulateRow extends PreemptionSummary {
  readonly policy: PolicyName;
  readonly notes: readonly string[];
}

const number = true;

/** Times of turns and tokens. */
export function timesTable(rows: readonly SimulateRow[], title: string): TextTable {
  const first = rows[0] as SimulateRow;
  const tails = ['p50', 'p95', 'p99', 'p999'] as const;
  const of = (tail: Tails): readonly string[] => tails.map((name) => significant(tail[name], 3));
  return {
    title,
    columns: [
      { header: 'policy' },
      ...tails.map((header) => ({ header, number, group: 'TTFT, s' })),
      ...tails.map((header) => ({ header, number, group: 'TBT, s' })),
      { header: 'tokens/s', number },
      ...(rows.length === 1 ? [] : [{ header: 'speed-up', number }]),
      { header: 'stall, %', number },
      { header: 'fairness', number },
    ],
    rows: rows.map((row) => [
      row.policy,
      ...of(row.ttft),
      ...of(row.tbt),
      significant(row.outputTokensPerSecond, 3),
      ...(rows.length === 1 ? [] : [significant(first.ttft.p99 / row.ttft.p99, 3)]),
      significant(100 * row.shares.stall, 3),
      significant(row.fairness, 3),
    ]),
  };
}

/** What was copied, and the notes of both tables. */
export function swapTable(rows: readonly SimulateRow[]): TextTable {
  const [first] = rows as readonly [SimulateRow, ...SimulateRow[]];
  return {
    title: 'Copies',
    columns: [
      { header: 'policy' },
      ...(['out', 'in'] as const).flatMap((group) => [
        { header: 'swaps', number, group },
        { header: 'blocks', number, group },
        { header: 'per group', number, group },
        { header: 'GB/s', number, group },
      ]),
      { header: 'dropped', number },
      { header: 'given up', number },
    ],
    rows: rows.map(({ policy, out, in: back, drops, givenUp }) => [
      policy,
      ...[out, back].flatMap(({ operations, blocks, blocksPerGroup, bytesPerSecond }) => [String(operations), String(blocks), significant(blocksPerGroup, 3), significant(1e-9 * bytesPerSecond, 3)]),
      String(drops),
      String(givenUp),
    ]),
    notes: [
      'TTFT: of each turn; TBT: between tokens of a turn; stall: time in which nothing runs because of copies; fairness: Jain index of tokens a second, 1 where all conversations get alike',
      ...(rows.length === 1 ? [] : [`speed-up: TTFT p99 of ${first.policy} over that of the policy`]),
      'per group: blocks that one call copies of each piece; dropped: caches that were read again from their tokens; given up: copies on the host that made room for others',
      ...new Set(rows.flatMap(({ notes }) => notes)),
    ],
  };
}
