import { InputError } from '../../io/input-error.ts';
import type { Model } from '../../models/index.ts';
import { preemptionEngine } from '../../serving/preemption/engine.ts';
import { POLICIES, type PolicyName, type SwapPolicy } from '../../serving/preemption/policy.ts';
import type { Pattern } from '../../serving/preemption/priorities.ts';
import { type Engine, simulatePreemption } from '../../serving/preemption/simulate.ts';
import { preemptionSummary } from '../../serving/preemption/summary.ts';
import { findOrNearest } from '../../units/nearest.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { behind } from './behind.ts';
import { contextsOf, type Load, type LoadOptions, loadNote, loadOf } from './load.ts';
import { beyond, type CatalogueOptions, type CopyOptions, checkLinked, commonNotes, copiesOf, counted, PLACE, policyOf, told } from './options.ts';
import { type SimulateRow, swapTable, timesTable } from './simulate-tables.ts';

export interface SimulateOptions extends CatalogueOptions, CopyOptions, LoadOptions {
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
}

const DEFAULT_POLICIES: readonly PolicyName[] = ['vllm', 'groups', 'groups-reuse', 'fastswitch'];
const DEFAULT_MODEL = 'llama-3.1-8b';

/** Conversations whose priorities change, under each policy. */
export async function simulated(options: SimulateOptions, catalogue: Catalogue, step: (what: string) => void = () => undefined): Promise<Printout> {
  const { accelerator, bandwidth, initialGroup, pattern, persistence, policies = DEFAULT_POLICIES, tp, updateEvery } = options;
  const model = modelFor(catalogue, options.model);
  const chip = findOrNearest('accelerators', catalogue.accelerators, accelerator, (each) => each.id);
  checkLinked(chip, tp);
  checkUse(options, policies);
  const { conversations, names } = await loadOf(options, model);
  const precision = policyOf(model, options.precision);
  const { mean, longest } = contextsOf(conversations);
  const link = told(() => copiesOf(options.link, options));
  const engine = told(() => preemptionEngine(model, chip, { ...engineOptions(options), link, context: mean, precision }));
  const priorities = { pattern, seed: options.seed ?? 0, ...(persistence === undefined ? {} : { persistence }) };
  const notes = [
    `${tp === 1 ? '' : `${tp} x `}${chip.id}: ${engine.gpuBlocks} blocks on the chip, ${engine.cpuBlocks} on the host`,
    loadNote(options),
    `priorities: ${pattern}${pattern === 'fixed' ? '' : `, updated every ${updateEvery} iterations${persistence === undefined ? '' : `, persistence ${persistence}`}`}`,
    ...commonNotes(catalogue, model, precision, link, bandwidth),
    ...beyond(model, longest),
  ];
  const asked = policies.map((name) => ({ name, policy: policyWith(name, initialGroup) }));
  for (const { policy } of asked) checkGroup(engine, policy);
  const rows = asked.map(({ name, policy }): SimulateRow => {
    step(name);
    const outcome = toldOf(names, () => simulatePreemption(conversations, engine, { policy, priorities, updateEvery }));
    const summary = preemptionSummary(conversations, outcome);
    return { policy: name, ...summary, notes: [...notes, ...behind(name, conversations, engine.times, outcome.makespan, summary.tbt.p50)] };
  });
  return {
    json: rows,
    rows: rows.map(flatRow),
    tables: [timesTable(rows, `${model.id} on ${chip.id}: ${counted(conversations.count, 'conversation')}, ${counted(conversations.turns, 'turn')}`), swapTable(rows)],
  };
}

function modelFor({ models, imported }: Catalogue, id: string | undefined): Model {
  if (id === undefined && imported.length > 1) throw new InputError(`${PLACE}: config has ${imported.length} models, say which with --model`);
  return findOrNearest('models', models, id ?? imported[0]?.entry.model.id ?? DEFAULT_MODEL, (each) => each.id);
}

/** Refuses options that would change nothing. */
function checkUse({ persistence, pattern, initialGroup }: SimulateOptions, policies: readonly PolicyName[]): void {
  if (persistence !== undefined && pattern !== 'markov') throw new InputError(`${PLACE}: persistence ${persistence} is used with --pattern markov only`);
  if (initialGroup !== undefined && policies.every((name) => POLICIES[name].initialGroup === null))
    throw new InputError(`${PLACE}: initial-group ${initialGroup} is used with --policies groups, groups-reuse and fastswitch only`);
}

const engineOptions = ({ layout, blockTokens, tp, hostGb, memoryShare, maxRequests, batchTokens, hostMs }: SimulateOptions) => ({
  kind: layout,
  blockTokens,
  tensorParallel: tp,
  hostBytes: 1e9 * hostGb,
  memoryShare,
  maxRequests,
  batchTokens,
  hostSeconds: 1e-3 * hostMs,
});

function policyWith(name: PolicyName, initialGroup: number | undefined): SwapPolicy {
  const policy = POLICIES[name];
  return initialGroup === undefined || policy.initialGroup === null ? policy : { ...policy, initialGroup };
}

/** Refuses a first group that one of the memories does not hold. */
function checkGroup({ gpuBlocks, cpuBlocks }: Engine, { initialGroup }: SwapPolicy): void {
  const least = Math.min(gpuBlocks, cpuBlocks);
  if (initialGroup === null || initialGroup <= least) return;
  throw new InputError(`${PLACE}: initial-group ${initialGroup} is more than the ${counted(least, 'block')} of the ${least === gpuBlocks ? 'chip' : 'host'}`);
}

/** Names in place of the numbers that the library has of conversations. */
function toldOf<T>(names: Load['names'], action: () => T): T {
  try {
    return told(action);
  } catch (error) {
    if (!(names !== null && error instanceof InputError)) throw error;
    const message = error.message.replace(/(?<=: conversation )\d+(?= needs )/, (number) => names[Number(number) - 1] as string);
    throw new InputError(message, { cause: error });
  }
}

function flatRow({ notes, ttft, tbt, shares, out, in: back, ...row }: SimulateRow): Readonly<Record<string, string | number>> {
  const named = (prefix: string, values: object): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value as number]));
  return { ...row, ...named('ttft', ttft), ...named('tbt', tbt), ...named('share', shares), ...named('out', out), ...named('in', back), notes: notes.join('; ') };
}
