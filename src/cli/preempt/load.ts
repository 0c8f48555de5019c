import { InputError } from '../../io/input-error.ts';
import type { Model } from '../../models/index.ts';
import type { Arrivals } from '../../serving/engine/arrivals.ts';
import { type Conversations, conversationsOf } from '../../serving/preemption/conversations.ts';
import { counted, PLACE, told } from './options.ts';
import { readTrace } from './trace.ts';

export interface LoadOptions {
  readonly conversations?: number;
  readonly rate?: number;
  readonly arrivals?: Arrivals;
  readonly turns?: number;
  readonly tokens?: number;
  readonly outputShare?: number;
  readonly think?: number;
  readonly seed?: number;
  readonly trace?: string;
}

/** A load, and what its conversations are called: their numbers where they have no names. */
export interface Load {
  readonly conversations: Conversations;
  readonly names: readonly string[] | null;
}

const DEFAULT_COUNT = 1000;
const LOAD_FIELDS = ['conversations', 'rate', 'arrivals', 'turns', 'tokens', 'outputShare', 'think'] as const;

/** Conversations that are drawn, or those of a trace. */
export async function loadOf(options: LoadOptions, { maxContext }: Model): Promise<Load> {
  const { trace, conversations: count = DEFAULT_COUNT, rate = 1, arrivals, turns, tokens, outputShare, think, seed } = options;
  if (trace !== undefined) {
    for (const field of LOAD_FIELDS) {
      const value = options[field];
      if (value !== undefined) throw new InputError(`${PLACE}: ${field === 'outputShare' ? 'output-share' : field} ${typeof value === 'object' ? value.kind : value} is not used with --trace`);
    }
    return readTrace(trace);
  }
  const conversations = told(() =>
    conversationsOf({
      count,
      rate,
      ...(arrivals === undefined ? {} : { arrivals }),
      ...(turns === undefined ? {} : { turns }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(outputShare === undefined ? {} : { outputShare }),
      ...(think === undefined ? {} : { thinkSeconds: think }),
      ...(seed === undefined ? {} : { seed }),
      multiTurnOnly: turns === undefined,
      ...(maxContext === null || tokens !== undefined ? {} : { longest: maxContext }),
    }),
  );
  return { conversations, names: null };
}

/** What comes, in words. */
export function loadNote({ trace, rate = 1, arrivals = { kind: 'poisson' }, turns, tokens, think = 0, seed = 0 }: LoadOptions): string {
  if (trace !== undefined) return `load: the trace ${trace}`;
  const gaps = arrivals.kind === 'gamma' ? `gamma of cv ${arrivals.cv}` : arrivals.kind;
  return `load: ${counted(rate, 'conversation')} per second, ${gaps}, seed ${seed}; turns ${turns ?? 'of ShareGPT, 2 or more'}; tokens ${tokens ?? 'of ShareGPT'}; think ${think} s`;
}

/** Tokens of each conversation at its end. */
const tokensOf = ({ count, firstTurn, prompt, output }: Conversations): readonly number[] =>
  Array.from({ length: count }, (_, conversation) => {
    let tokens = 0;
    for (let turn = firstTurn[conversation] as number; turn < (firstTurn[conversation + 1] as number); turn++) tokens += (prompt[turn] as number) + (output[turn] as number);
    return tokens;
  });

/** Mean and longest context of a conversation at its end, tokens. Windows and states are counted at the mean. */
export function contextsOf(conversations: Conversations): { readonly mean: number; readonly longest: number } {
  const tokens = tokensOf(conversations);
  const total = tokens.reduce((sum, each) => sum + each, 0);
  return { mean: Math.max(1, Math.round(total / tokens.length)), longest: tokens.reduce((longest, each) => Math.max(longest, each), 0) };
}
