/** A drawn distribution: values, and by value the share of conversations at or below it. */
export interface DrawnCurve {
  readonly value: readonly number[];
  readonly share: readonly number[];
}

/** Turns of a conversation, multi-round ShareGPT. Source: arXiv:2411.18424 Figure 4(a), read from the paths of its drawing. */
export const DRAWN_TURNS: DrawnCurve = {
  value: [
    1, 1.46, 1.92, 2.38, 2.83, 3.29, 3.75, 4.21, 4.67, 5.12, 5.58, 6.04, 6.96, 7.41, 7.87, 8.33, 8.79, 9.25, 9.71, 10.16, 11.08, 11.54, 12, 12.45, 12.91, 13.37, 13.83, 14.29, 15.2, 15.66, 16.12,
    17.04, 17.49, 17.95, 18.41, 18.87, 19.33, 19.79, 20.24, 21.16, 21.62, 22.08, 22.54, 22.99, 25.74, 27.12, 28.49, 28.95, 29.87, 31.24, 31.7, 32.16, 33.07, 34.91, 36.28, 37.2, 38.57,
  ],
  share: [
    0.0001, 0.2381, 0.3214, 0.3232, 0.3232, 0.367, 0.4536, 0.4949, 0.4949, 0.4964, 0.563, 0.6184, 0.6184, 0.6584, 0.7168, 0.7332, 0.7332, 0.7436, 0.7916, 0.8199, 0.8199, 0.849, 0.8795, 0.8827, 0.8827,
    0.8942, 0.919, 0.9288, 0.9289, 0.9434, 0.9539, 0.9539, 0.9591, 0.9666, 0.9681, 0.9681, 0.9694, 0.9744, 0.9769, 0.9769, 0.9792, 0.9823, 0.9844, 0.9856, 0.9896, 0.9899, 0.9931, 0.9936, 0.9938,
    0.994, 0.9947, 0.995, 0.9951, 0.9965, 0.9966, 0.9967, 0.9974,
  ],
};

/** Thousand tokens of a conversation, multi-round ShareGPT. Source: arXiv:2411.18424 Figure 4(b), read from the paths of its drawing. */
export const DRAWN_KTOKENS: DrawnCurve = {
  value: [0.001, 0.332, 0.662, 0.992, 1.322, 1.651, 1.982, 2.642, 2.971, 3.3, 3.631, 3.96, 4.29, 4.62, 5.281, 6.27, 8.579, 24.743, 32.406],
  share: [0.0001, 0.1382, 0.3025, 0.4155, 0.5035, 0.5828, 0.6729, 0.9035, 0.9671, 0.9867, 0.9929, 0.9963, 0.9978, 0.9984, 0.9986, 0.9989, 0.9996, 0.9998, 0.9999],
};

/** Share of conversations that have more than one turn, and turns in the mean. Source: arXiv:2411.18424 section 2.2, as printed. */
export const MULTI_TURN = { share: 0.78, meanTurns: 5.5 } as const;

/** Tokens of an answer of ShareGPT in the mean. Source: arXiv:2401.09670v3 Figure 7, as printed. */
const MEAN_ANSWER = 200.3;

/**
 * Value at a share: the inverse of a drawn curve, linear between its points. What lies beyond the last point is left out: its share counts as 1.
 * @param share from 0 to 1
 */
export function valueAt({ value, share: shares }: DrawnCurve, share: number): number {
  const place = share * (shares.at(-1) as number);
  const after = shares.findIndex((each) => each >= place);
  if (after === 0) return value[0] as number;
  const [x0, x1] = [value[after - 1] as number, value[after] as number];
  const [y0, y1] = [shares[after - 1] as number, shares[after] as number];
  return x0 + ((x1 - x0) * (place - y0)) / (y1 - y0);
}

/** Tokens of a conversation in the mean: that of `valueAt` of Figure 4(b). */
export function meanConversationTokens(): number {
  const { value, share } = DRAWN_KTOKENS;
  let sum = 0;
  for (let at = 0; at < value.length; at++) {
    const [x0, y0] = at === 0 ? [value[0] as number, 0] : [value[at - 1] as number, share[at - 1] as number];
    sum += (((share[at] as number) - y0) * (x0 + (value[at] as number))) / 2;
  }
  return (1000 * sum) / (share.at(-1) as number);
}

/**
 * Share of a conversation's tokens that are answers: answer [tokens] * turns / conversation [tokens], of means.
 * Assumed: FastSwitch prints no prompts and answers apart, and its conversations are those whose answers DistServe measured.
 */
export const answerShare = (): number => (MEAN_ANSWER * MULTI_TURN.meanTurns) / meanConversationTokens();

/**
 * Share of conversations of at most n turns, by n - 1: the integer staircase behind Figure 4(a).
 * The drawing rises over one turn and is level over the next: up from 2j - 1 to 2j turns, level to 2j + 1. Its levels are taken, read in their middle; each rise is given
 * to the integer where it begins (3, 5, 7, ...), the first one to 1 and 2 so that the printed share has more than one turn. What is not drawn, longer conversations, is left out.
 * A deviation: the mean of this is above the 5.5 that the paper prints; with each rise at the integer where it ends (4, 6, 8, ...) it would be further off.
 */
export function turnsStaircase(): readonly number[] {
  const { value, share } = DRAWN_TURNS;
  const levels: number[] = [];
  for (let middle = 2.5; middle <= (value.at(-1) as number); middle += 2) {
    const after = value.findIndex((at) => at > middle);
    const [x0, x1] = [value[after - 1] as number, value[after] as number];
    const [y0, y1] = [share[after - 1] as number, share[after] as number];
    levels.push(y0 + ((y1 - y0) * (middle - x0)) / (x1 - x0));
  }
  const all = levels.at(-1) as number;
  return levels.flatMap((level, at) => [at === 0 ? 1 - MULTI_TURN.share : level / all, level / all]).slice(0, -1);
}
