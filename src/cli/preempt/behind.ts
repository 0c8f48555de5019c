import type { Conversations } from '../../serving/preemption/conversations.ts';
import type { PassTimes } from '../../serving/preemption/pass-times.ts';
import { significant } from '../../units/format.ts';

/** Share of the longest conversation's time by which a run may end later than it would. */
const LATE = 0.25;

/**
 * Says of a run that more comes than it serves. Without waiting the turns of a conversation take prompt + output x TBT + think, and no conversation ends later than the longest of them after the last arrival.
 * @param end of the last turn, s
 * @param tbt median of the run, s
 */
export function behind(name: string, conversations: Conversations, times: PassTimes, end: number, tbt: number): readonly string[] {
  const longest = longestAlone(conversations, times, tbt);
  const late = end - conversations.earliest.reduce((latest, time) => Math.max(latest, time), 0);
  if (late <= (1 + LATE) * longest) return [];
  return [`${name} falls behind: it ends ${significant(late, 3)} s after the last arrival, where the longest conversation takes ${significant(longest, 3)} s without waiting`];
}

function longestAlone({ count, firstTurn, prompt, output, think }: Conversations, times: PassTimes, tbt: number): number {
  let longest = 0;
  for (let conversation = 0; conversation < count; conversation++) {
    let [seconds, context] = [0, 0];
    for (let turn = firstTurn[conversation] as number; turn < (firstTurn[conversation + 1] as number); turn++) {
      const [reads, makes] = [prompt[turn] as number, output[turn] as number];
      seconds += (think[turn] as number) + times.prefill(1, reads, reads ** 2, reads * context) + (makes - 1) * tbt;
      context += reads + makes;
    }
    longest = Math.max(longest, seconds);
  }
  return longest;
}
