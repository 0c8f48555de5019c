import { InputError } from '../../io/input-error.ts';
import type { Model } from '../../models/index.ts';
import type { Arrivals } from '../../serving/engine/arrivals.ts';
import { type Conversations, conversationsOf, conversationsOfTrace } from '../../serving/preemption/conversations.ts';
import { preemptionEngine } from '../../serving/preemption/engine.ts';
import { POLICIES, type PolicyName, type SwapPolicy } from '../../serving/preemption/policy.ts';
import type { Pattern } from '../../serving/preemption/priorities.ts';
import { simulatePreemption } from '../../serving/preemption/simulate.ts';
import { type PreemptionSummary, preemptionSummary, type Tails } from '../../serving/preemption/summary.ts';
import { significant } from '../../units/format.ts';
import { findOrNearest } from '../../units/nearest.ts';
import { type Catalogue, importNotes, scenarioNotes } from '../catalogue.ts';
import { readTable } from '../input/table-file.ts';
import type { Printout } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';
import { type CatalogueOptions, type CopyOptions, copiesOf, copyNotes, PLACE, policyOf, told } from './options.ts';

export interface SimulateOptions extends CatalogueOptions, CopyOptions {
  readonly model?: string;
  readonly accelerator: string;
  readonly tp: number;
  readonly link: string;
  readonly hostGb: number;
  readonly memoryShare: number;
  readonly maxRequests: number;
  readonly batchTokens: number;
  readonly hostMs: number;
  readonly policies?: readonly PolicyName[];
  readonly initialGroup?: number;
  readonly pattern: Pattern;
  readonly persistence?: number;
  readonly updateEvery: number;
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

/** One policy on one load. */
export interface SimulateRow extends PreemptionSummary {
  readonly policy: PolicyName;
  readonly notes: readonly string[];
}

const DEFAULT_POLICIES: readonly PolicyName[] = ['vllm', 'groups', 'groups-reuse', 'fastswitch'];
const DEFAULT_MODEL = 'llama-3.1-8b';
const TRACE_COLUMNS = ['conversation', 'arrival_s', 'prompt_len', 'output_len'];
const LOAD_FIELDS = ['conversations', 'rate', 'arrivals', 'turns', 'tokens', 'outputShare', 'think'] as const;

/** Conversations whose priorities change, under each policy. */
export async function simulated(options: SimulateOptions, catalogue: Catalogue, step: (what: string) => void = () => undefined): Promise<Printout> {
  const { models, accelerators, imported } = catalogue;
  const model = findOrNearest('models', models, options.model ?? imported[0]?.entry.model.id ?? DEFAULT_MODEL, (each) => each.id);
  const chip = findOrNearest('accelerators', accelerators, options.accelerator, (each) => each.id);
  if (options.persistence !== undefined && options.pattern !== 'markov') throw new InputError(`${PLACE}: persistence ${options.persistence} is used with --pattern markov only`);
  const conversations = await loadOf(options, model);
  const precision = policyOf(model, options.precision);
  const link = told(() => copiesOf(options.link, options));
  const context = meanContext(conversations);
  const engine = told(() =>
    preemptionEngine(model, chip, {
      link,
      context,
      precision,
      kind: options.layout,
      blockTokens: options.blockTokens,
      tensorParallel: options.tp,
      hostBytes: 1e9 * options.hostGb,
      memoryShare: options.memoryShare,
      maxRequests: options.maxRequests,
      batchTokens: options.batchTokens,
      hostSeconds: 1e-3 * options.hostMs,
    }),
  );
  const priorities = { pattern: options.pattern, seed: options.seed ?? 0, ...(options.persistence === undefined ? {} : { persistence: options.persistence }) };
  const notes = [
    `${options.tp === 1 ? '' : `${options.tp} x `}${chip.id}: ${engine.gpuBlocks} blocks on the chip, ${engine.cpuBlocks} on the host`,
    ...copyNotes(link),
    ...importNotes(catalogue, model.id),
    ...scenarioNotes(catalogue),
    `precision: ${precision.id}`,
  ];
  const rows = (options.policies ?? DEFAULT_POLICIES).map((name): SimulateRow => {
    step(name);
    const outcome = told(() => simulatePreemption(conversations, engine, { policy: policyWith(name, options.initialGroup), priorities, updateEvery: options.updateEvery }));
    return { policy: name, ...preemptionSummary(conversations, outcome), notes };
  });
  return { json: rows, rows: rows.map(flatRow), tables: [timesTable(rows, `${model.id} on ${chip.id}: ${conversations.count} conversations, ${conversations.turns} turns`), swapTable(rows)] };
}

function policyWith(name: PolicyName, initialGroup: number | undefined): SwapPolicy {
  const policy = POLICIES[name];
  return initialGroup === undefined || policy.initialGroup === null ? policy : { ...policy, initialGroup };
}

async function loadOf(options: SimulateOptions, { maxContext }: Model): Promise<Conversations> {
  const { trace, conversations: count = 1000, rate = 1, arrivals, turns, tokens, outputShare, think, seed } = options;
  if (trace !== undefined) {
    for (const field of LOAD_FIELDS) if (options[field] !== undefined) throw new InputError(`${PLACE}: ${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is not used with --trace`);
    return readTrace(trace);
  }
  return told(() =>
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
}

async function readTrace(path: string): Promise<Conversations> {
  if (path === '') throw new InputError(`${PLACE}: trace "" is empty`);
  const rows = await readTable(PLACE, path, TRACE_COLUMNS);
  const number = (line: number, column: string, text: string): number => {
    if (!/^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) throw new InputError(`${PLACE}: ${path} line ${line} ${column} ${text || '""'} is not a number`);
    return Number(text);
  };
  const read = rows.map(({ line, cells }) => ({
    conversation: cells.conversation as string,
    arrival: number(line, 'arrival_s', cells.arrival_s as string),
    prompt: number(line, 'prompt_len', cells.prompt_len as string),
    output: number(line, 'output_len', cells.output_len as string),
  }));
  return told(() => conversationsOfTrace(read));
}

/** Mean context of a conversation at its end, tokens: what windows and states are counted at. */
function meanContext({ count, prompt, output }: Conversations): number {
  const total = prompt.reduce((sum, tokens) => sum + tokens, 0) + output.reduce((sum, tokens) => sum + tokens, 0);
  return Math.max(1, Math.round(total / count));
}

function flatRow({ notes, ttft, tbt, shares, out, in: back, ...row }: SimulateRow): Readonly<Record<string, string | number>> {
  const named = (prefix: string, values: object): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value as number]));
  return { ...row, ...named('ttft', ttft), ...named('tbt', tbt), ...named('share', shares), ...named('out', out), ...named('in', back), notes: notes.join('; ') };
}

const number = true;

function timesTable(rows: readonly SimulateRow[], title: string): TextTable {
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
      { header: `TTFT p99 of ${first.policy} over`, number },
      { header: 'stall, %', number },
      { header: 'fairness', number },
    ],
    rows: rows.map((row) => [
      row.policy,
      ...of(row.ttft),
      ...of(row.tbt),
      significant(row.outputTokensPerSecond, 3),
      significant(first.ttft.p99 / row.ttft.p99, 3),
      significant(100 * row.shares.stall, 3),
      significant(row.fairness, 3),
    ]),
  };
}

function swapTable(rows: readonly SimulateRow[]): TextTable {
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
      'dropped: caches that were read again from their tokens; given up: copies on the host that made room for others',
      ...(rows[0] as SimulateRow).notes,
    ],
  };
}
