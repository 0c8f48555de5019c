import { type Arrivals, gapsOf } from '../engine/arrivals.ts';
import { exponential, type Random, randomOf } from '../engine/random.ts';
import { LONGEST_REQUEST } from '../engine/requests.ts';
import { answerShare, DRAWN_KTOKENS, turnsStaircase, valueAt } from './sharegpt-turns.ts';

/** Multi-turn conversations, in columns. A turn arrives at max(earliest, end of the turn before + think); the first at earliest. */
export interface Conversations {
  /** conversations, and turns of all of them */
  readonly count: number;
  readonly turns: number;
  /** by conversation: its turns are firstTurn[c] to firstTurn[c + 1] - 1 */
  readonly firstTurn: Int32Array;
  /** by turn, s */
  readonly earliest: Float64Array;
  readonly think: Float64Array;
  /** by turn, tokens, at least 1 each: new ones that the user adds, and those that are answered */
  readonly prompt: Int32Array;
  readonly output: Int32Array;
}

/** Multi-round ShareGPT, as drawn in Figure 4 of FastSwitch. */
export type ShareGpt = 'sharegpt';

export interface ConversationOptions {
  readonly count: number;
  /** conversations a second */
  readonly rate: number;
  /** gaps between the first turns; Poisson unless given */
  readonly arrivals?: Arrivals;
  /** turns of a conversation; ShareGPT unless given */
  readonly turns?: number | ShareGpt;
  /** tokens of a whole conversation, at least 2 a turn; ShareGPT unless given */
  readonly tokens?: number | ShareGpt;
  /** most tokens of a conversation, as a model's context allows: longer ones of ShareGPT are cut; no limit unless given */
  readonly longest?: number;
  /** share of the tokens that are answers; `answerShare` of ShareGPT unless given */
  readonly outputShare?: number;
  /** mean time from an answer to the next prompt, exponential, s; 0 unless given: the paper states none */
  readonly thinkSeconds?: number;
  /** only conversations of 2 turns or more, as the paper draws them; of ShareGPT turns */
  readonly multiTurnOnly?: boolean;
  readonly seed?: number;
}

/** Most conversations, and most turns together. */
const MOST_CONVERSATIONS = 1_000_000;
const MOST_TURNS = 10_000_000;

const fail = (message: string): never => {
  throw new RangeError(`preemption: ${message}`);
};

/**
 * Conversations from a seed. Turns and tokens of a conversation are drawn independently from their distributions (assumed: the paper draws only these two);
 * tokens of ShareGPT below 2 a turn are raised to that. Prompts and answers are spread over the turns apart, in random parts of exponential weights (assumed), at least 1 token each.
 * The seed's arrivals stay the same whatever the rest, turns whatever the tokens, tokens whatever the think time.
 * @throws RangeError `preemption: <field> <value> <rule>`
 */
export function conversationsOf(options: ConversationOptions): Conversations {
  const {
    count,
    rate,
    arrivals = { kind: 'poisson' },
    turns = 'sharegpt',
    tokens = 'sharegpt',
    longest = LONGEST_REQUEST,
    outputShare = answerShare(),
    thinkSeconds = 0,
    multiTurnOnly = false,
    seed = 0,
  } = options;
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_CONVERSATIONS)) fail(`count ${count} is not a whole number from 1 to ${MOST_CONVERSATIONS}`);
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) fail(`rate ${rate} is not a finite number above 0`);
  if (!(outputShare > 0 && outputShare < 1)) fail(`outputShare ${outputShare} is not between 0 and 1`);
  if (!(thinkSeconds >= 0 && thinkSeconds < Number.POSITIVE_INFINITY)) fail(`thinkSeconds ${thinkSeconds} is not a finite number from 0 on`);
  if (!(Number.isInteger(longest) && longest >= 1 && longest <= LONGEST_REQUEST)) fail(`longest ${longest} is not a whole number from 1 to ${LONGEST_REQUEST}`);
  const random = randomOf(seed);
  const gaps = gapsOf(arrivals, count, random);
  const firstTurn = turnsFrom(turns, multiTurnOnly, count, random);
  const all = firstTurn[count] as number;
  const lengths = tokensFrom(tokens, longest, firstTurn, random);
  const earliest = new Float64Array(all);
  const think = new Float64Array(all);
  const prompt = new Int32Array(all);
  const output = new Int32Array(all);
  let time = 0;
  for (let at = 0; at < count; at++) {
    const [from, to] = [firstTurn[at] as number, firstTurn[at + 1] as number];
    time += (gaps[at] as number) / rate;
    earliest.fill(time, from, to);
    const length = lengths[at] as number;
    const answered = Math.min(length - (to - from), Math.max(to - from, Math.round(outputShare * length)));
    spread(prompt, from, to, length - answered, random);
    spread(output, from, to, answered, random);
  }
  if (thinkSeconds > 0) {
    for (let at = 0; at < count; at++) for (let turn = (firstTurn[at] as number) + 1; turn < (firstTurn[at + 1] as number); turn++) think[turn] = thinkSeconds * exponential(random);
  }
  return { count, turns: all, firstTurn, earliest, think, prompt, output };
}

function turnsFrom(turns: number | ShareGpt, multiTurnOnly: boolean, count: number, random: Random): Int32Array {
  if (turns !== 'sharegpt' && !(Number.isInteger(turns) && turns >= 1 && turns <= MOST_TURNS)) fail(`turns ${turns} is not a whole number from 1 to ${MOST_TURNS}`);
  if (turns === 1 && multiTurnOnly) fail('turns 1 is not of more than one turn, which multiTurnOnly asks for');
  const firstTurn = new Int32Array(count + 1);
  const staircase = turnsStaircase();
  const least = multiTurnOnly ? (staircase[0] as number) : 0;
  let all = 0;
  for (let at = 0; at < count; at++) {
    // a number a conversation even where it decides nothing: what is drawn later stays the same
    const longer = (1 - least) * (1 - random());
    all += turns === 'sharegpt' ? staircase.findIndex((share) => 1 - share < longer) + 1 : turns;
    if (all > MOST_TURNS) fail(`count ${count} makes more than ${MOST_TURNS} turns`);
    firstTurn[at + 1] = all;
  }
  return firstTurn;
}

function tokensFrom(tokens: number | ShareGpt, longest: number, firstTurn: Int32Array, random: Random): Int32Array {
  if (tokens !== 'sharegpt' && !(Number.isInteger(tokens) && tokens >= 1 && tokens <= LONGEST_REQUEST)) fail(`tokens ${tokens} is not a whole number from 1 to ${LONGEST_REQUEST}`);
  return Int32Array.from({ length: firstTurn.length - 1 }, (_, at) => {
    const turns = (firstTurn[at + 1] as number) - (firstTurn[at] as number);
    const share = random();
    if (tokens === 'sharegpt') return Math.max(2 * turns, Math.min(longest, Math.round(1000 * valueAt(DRAWN_KTOKENS, share))));
    if (tokens > longest) fail(`tokens ${tokens} is above the longest, ${longest}`);
    if (tokens < 2 * turns) fail(`tokens ${tokens} is below 2 for each of ${turns} turns`);
    return tokens;
  });
}

/** Spreads tokens over places of a column, 1 to each and the others by exponential weights, rounded so that the sum stays. */
function spread(column: Int32Array, from: number, to: number, tokens: number, random: Random): void {
  const weights = new Float64Array(to - from);
  let weight = 0;
  for (let at = 0; at < weights.length; at++) {
    weight += exponential(random);
    weights[at] = weight;
  }
  let given = 0;
  for (let at = from; at < to; at++) {
    const share = at === to - 1 ? 1 : (weights[at - from] as number) / weight;
    const upTo = Math.round((tokens - (to - from)) * share);
    column[at] = 1 + upTo - given;
    given = upTo;
  }
}

/** A turn as a trace has it: which conversation, s, tokens that the user adds, tokens that are answered. */
export interface TraceRow {
  readonly conversation: string;
  readonly arrival: number;
  readonly prompt: number;
  readonly output: number;
}

/**
 * Conversations of a trace, in the order of their first turns; rows of several may alternate. A turn arrives as in the trace, or when the turn before it ends where that is later.
 * @throws RangeError `preemption: trace row <number> <field> <value> <rule>`, the first row is 1
 */
export function conversationsOfTrace(rows: readonly TraceRow[]): Conversations {
  const turns = rows.length;
  if (turns === 0) fail('trace has no rows');
  if (turns > MOST_TURNS) fail(`trace ${turns} rows are more than ${MOST_TURNS}`);
  const numbers = new Map<string, number>();
  const of = new Int32Array(turns);
  const tokens: number[] = [];
  const lengths: number[] = [];
  let before = 0;
  for (const [at, { conversation, arrival, prompt, output }] of rows.entries()) {
    const place = `trace row ${at + 1}:`;
    if (typeof conversation !== 'string' || conversation === '') fail(`${place} conversation ${JSON.stringify(conversation)} is not a text of at least one character`);
    if (!(arrival >= 0 && arrival < Number.POSITIVE_INFINITY)) fail(`${place} arrival ${arrival} is not a finite number of seconds from 0 on`);
    if (arrival < before) fail(`${place} arrival ${arrival} goes backwards from ${before}`);
    if (!(Number.isInteger(prompt) && prompt >= 1)) fail(`${place} prompt ${prompt} is not a whole number of at least 1`);
    if (!(Number.isInteger(output) && output >= 1)) fail(`${place} output ${output} is not a whole number of at least 1`);
    before = arrival;
    const number = numbers.get(conversation) ?? numbers.size;
    if (number === numbers.size) numbers.set(conversation, number);
    of[at] = number;
    lengths[number] = (lengths[number] ?? 0) + 1;
    tokens[number] = (tokens[number] ?? 0) + prompt + output;
    if ((tokens[number] as number) > LONGEST_REQUEST) fail(`${place} conversation ${conversation} has more than ${LONGEST_REQUEST} tokens`);
  }
  const count = numbers.size;
  const firstTurn = new Int32Array(count + 1);
  for (let at = 0; at < count; at++) firstTurn[at + 1] = (firstTurn[at] as number) + (lengths[at] as number);
  const free = firstTurn.slice();
  const earliest = new Float64Array(turns);
  const prompt = new Int32Array(turns);
  const output = new Int32Array(turns);
  for (const [at, row] of rows.entries()) {
    const turn = free[of[at] as number] as number;
    free[of[at] as number] = turn + 1;
    earliest[turn] = row.arrival;
    prompt[turn] = row.prompt;
    output[turn] = row.output;
  }
  return { count, turns, firstTurn, earliest, think: new Float64Array(turns), prompt, output };
}
