import { type Command, Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { repeatedShareGpt } from '../../papers/distserve/load.ts';
import { type Load, loadOf } from '../../serving/disaggregation/load.ts';
import { type Arrivals, gapsOf } from '../../serving/engine/arrivals.ts';
import { type Lengths, lengthsOf } from '../../serving/engine/lengths.ts';
import { LARGEST_SEED, randomOf } from '../../serving/engine/random.ts';
import { LONGEST_REQUEST, type Requests, requestsOf } from '../../serving/engine/requests.ts';
import { chosen } from '../command.ts';
import { count, shareOf, tokens } from '../input/numbers.ts';
import { readTable } from '../input/table-file.ts';
import { arrivalsOption, seedOption } from '../serving/arrivals.ts';

const PLACE = 'disaggregate';

/** Longest prompt, and longest output. */
const LONGEST = LONGEST_REQUEST / 2;

/** Where requests come from. */
export interface LoadOptions {
  readonly lengths?: 'sharegpt' | 'fixed' | 'log-normal';
  readonly prompt?: number;
  readonly output?: number;
  readonly spread?: number;
  readonly requests?: number;
  readonly arrivals?: Arrivals;
  readonly seed?: number;
  readonly trace?: string;
}

/** Adds the options that say what requests come. */
export const withLoad = (command: Command): Command =>
  command
    .addOption(
      chosen(PLACE, '--lengths <kind>', "tokens of prompts and outputs: sharegpt as DistServe's runs have them, all alike, or log-normal (default: sharegpt)", ['sharegpt', 'fixed', 'log-normal']),
    )
    .addOption(new Option('--prompt <tokens>', 'tokens of a prompt, the mean of log-normal ones (default: 1024)').argParser(tokens(PLACE, 'prompt', LONGEST)))
    .addOption(new Option('--output <tokens>', 'tokens of an output, the mean of log-normal ones (default: 256)').argParser(tokens(PLACE, 'output', LONGEST)))
    .addOption(new Option('--spread <deviation>', 'standard deviation of the logarithm of log-normal lengths (default: 0.8)').argParser(shareOf(PLACE, 'spread')))
    .addOption(new Option('--requests <number>', 'requests of a run (default: 1000; sharegpt has 1600 lengths, which come again)').argParser(count(PLACE, 'requests', 1_000_000)))
    .addOption(arrivalsOption(PLACE))
    .addOption(seedOption(PLACE))
    .addOption(new Option('--trace <file>', 'requests from a CSV with arrival_s, prompt_len, output_len, in place of the options above'));

/** Requests of a trace file. @throws InputError for a file that is none */
export async function readTrace(path: string): Promise<Requests> {
  if (path === '') throw new InputError(`${PLACE}: trace "" is empty`);
  const rows = await readTable(PLACE, path, ['arrival_s', 'prompt_len', 'output_len']);
  const column = (name: string): readonly number[] =>
    rows.map(({ line, cells }) => {
      const text = cells[name] as string;
      if (!/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) throw new InputError(`${PLACE}: ${path} line ${line} ${name} ${text || '""'} is not a number`);
      return Number(text);
    });
  return requestsOf(column('arrival_s'), column('prompt_len'), column('output_len'), `${PLACE}: ${path}`);
}

const LOAD_FIELDS = ['lengths', 'prompt', 'output', 'spread', 'requests', 'arrivals', 'seed'] as const;

/** Options that would change nothing are mistakes. */
export function refuseUnusedLoad(options: LoadOptions): void {
  const refuse = (field: keyof LoadOptions, why: string): void => {
    if (options[field] !== undefined) throw new InputError(`${PLACE}: ${field} is ${why}`);
  };
  if (options.trace !== undefined) for (const field of LOAD_FIELDS) refuse(field, 'not used with --trace');
  else if ((options.lengths ?? 'sharegpt') === 'sharegpt') for (const field of ['prompt', 'output'] as const) refuse(field, 'not used with --lengths sharegpt');
  if (options.trace === undefined && options.lengths !== 'log-normal') refuse('spread', 'used with --lengths log-normal only');
}

/** The load of a seed: gaps and lengths. */
export function loadOfSeed({ lengths = 'sharegpt', prompt = 1024, output = 256, spread = 0.8, requests = 1000, arrivals = { kind: 'poisson' } }: LoadOptions, seed: number): Load {
  const gaps = gapsOf(arrivals, requests, randomOf(seed));
  if (lengths === 'sharegpt') return { gaps, ...repeatedShareGpt(requests) };
  const drawn = (mean: number, stream: number): Int32Array => {
    const kind: Lengths = lengths === 'fixed' ? { kind: 'fixed', tokens: mean } : { kind: 'log-normal', mean, spread, longest: Math.min(16 * mean, LONGEST) };
    // lengths are drawn apart from arrivals, so that neither changes with the other
    return lengthsOf(kind, requests, randomOf(LARGEST_SEED - 2 * seed - stream));
  };
  return { gaps, prompt: drawn(prompt, 0), output: drawn(output, 1) };
}

/** Loads of consecutive seeds, or of a trace at a rate of 1. */
export async function loadsOf(options: LoadOptions, seeds: number): Promise<readonly Load[]> {
  refuseUnusedLoad(options);
  const { trace, seed = 0, requests: number } = options;
  if (number === 1) throw new InputError(`${PLACE}: requests 1 has no rate: at least 2`);
  if (trace === undefined) return Array.from({ length: seeds }, (_, at) => loadOfSeed(options, seed + at));
  const requests = await readTrace(trace);
  const [first, last] = [requests.arrival[0] as number, requests.arrival.at(-1) as number];
  if (first === last) throw new InputError(`${PLACE}: ${trace} has no rate: all requests come at once`);
  // from its first request on: what is before it is no gap between requests
  return [loadOf({ ...requests, arrival: requests.arrival.map((time) => time - first) }, (requests.arrival.length - 1) / (last - first))];
}
