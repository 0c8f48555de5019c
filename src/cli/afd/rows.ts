import type { Accelerator } from '../../accelerators/index.ts';
import { paretoFront } from '../../compare/index.ts';
import { InputError } from '../../io/input-error.ts';
import { type Model, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { bestColocated } from '../../serving/afd/colocated.ts';
import { type ContextMix, contextMix, logNormalMix, oneContext } from '../../serving/afd/contexts.ts';
import { type AfdPlanner, afdPlanner } from '../../serving/afd/plan.ts';
import { type AfdRow, answerRow, colocatedRow, planRow } from '../../serving/afd/row.ts';
import { attentionInstancesFor } from '../../serving/afd/scaling.ts';
import { type AfdScenario, afdDefaults } from '../../serving/afd/scenario.ts';
import { type AfdObjective, searchAfd } from '../../serving/afd/search.ts';
import { excess, memoryShortage, milliseconds } from '../../serving/afd/shortage.ts';
import { splitModel } from '../../serving/afd/split-model.ts';
import type { Layout } from '../../serving/afd/stage-times.ts';
import { contextLabel } from '../../units/format.ts';
import { type Catalogue, importNotes, pick, pickModels, scenarioNotes } from '../catalogue.ts';
import type { Given } from '../load-catalogue.ts';

export interface AfdOptions extends Given, Omit<AfdScenario, 'contexts' | 'data' | 'acceptance'> {
  readonly acceptance?: number;
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly attention?: readonly string[];
  readonly ffn?: readonly string[];
  readonly contexts?: readonly number[];
  readonly mix?: readonly { readonly context: number; readonly weight: number }[];
  readonly spread: number;
  readonly tpot?: readonly number[];
  readonly objective?: AfdObjective;
  readonly maxInstances?: number;
  readonly pareto: boolean;
  readonly deployment?: { readonly attentionInstances: number | null; readonly ffnInstances: number };
  readonly requests?: number;
  readonly microBatch?: number;
  readonly attentionTp?: number;
  readonly layout?: Layout;
  readonly precision: PrecisionPolicyId;
}

/** A row with what was asked for. */
export interface AskedRow extends AfdRow {
  /** mean context of the requests */
  readonly context: number;
  readonly tpotTarget: number | null;
  readonly notes: readonly string[];
}

const DEFAULT_MODELS = ['step-3'];
const DEFAULT_ACCELERATORS = ['h800', 'h20'];
const DEFAULT_CONTEXTS = [8192];
const DEFAULT_TPOT = [0.05];
const DEFAULT_MAX_INSTANCES = 8;

/** What is planned; `progressOf` hears of each attention chip. */
export function afdRows(options: AfdOptions, catalogue: Catalogue, progressOf: (steps: number) => (what: string) => void): readonly AskedRow[] {
  refuseUnused(options);
  const models = pickModels('afd', catalogue, options.models, DEFAULT_MODELS);
  const both = options.accelerators ?? DEFAULT_ACCELERATORS;
  const side = (ids: readonly string[] | undefined): readonly Accelerator[] => pick('afd', 'accelerators', catalogue.accelerators, ids ?? both);
  const chips = { attention: side(options.attention), ffn: side(options.ffn) };
  const mixes = mixesOf(options);
  const targets = options.tpot ?? DEFAULT_TPOT;
  const step = progressOf(models.length * mixes.length * (options.deployment === undefined ? targets.length * chips.attention.length : 1));
  return models.flatMap((model) => {
    const planner = plannerOf(model, options, mixes[0] as ContextMix);
    return mixes.flatMap((mix) => {
      const at = planner.at(mix);
      const where = `${model.id} at ${contextLabel(meanOf(mix))}`;
      const found = (): Rows => {
        if (options.deployment === undefined) return targets.flatMap((tpot) => searched(at, options, chips, tpot, (chip) => step(`${where} within ${1e3 * tpot} ms, attention on ${chip}`)));
        step(where);
        return chosen(at, options, chips);
      };
      const rows = found();
      const kept = options.pareto ? frontOf(rows) : rows;
      const notes = [`precision: ${at.split.precision.id}`, ...mixNotes(mix), ...importNotes(catalogue, model.id), ...scenarioNotes(catalogue)];
      return kept.map((row) => ({ ...row, context: meanOf(mix), notes }));
    });
  });
}

/** Options that would change nothing are mistakes. */
function refuseUnused({ accelerators, attention, ffn, deployment, requests, microBatch, attentionTp, layout, maxInstances, acceptance, draftTokens }: AfdOptions): void {
  const refuse = (field: string, given: unknown, why: string): void => {
    if (given !== undefined) throw new InputError(`afd: ${field} ${String(given)} is ${why}`);
  };
  if (attention !== undefined && ffn !== undefined) refuse('accelerators', accelerators, 'not used with --attention and --ffn');
  if (draftTokens === 0) refuse('acceptance', acceptance, 'not used without --draft-tokens');
  if (deployment === undefined) {
    for (const [field, given] of Object.entries({ requests, 'micro-batch': microBatch, 'attention-tp': attentionTp, layout })) refuse(field, given, 'not used without --deployment');
    return;
  }
  if (deployment.attentionInstances !== null) refuse('max-instances', maxInstances, 'not used with --deployment xAyF');
}

type Rows = readonly Omit<AskedRow, 'context' | 'notes'>[];
interface Chips {
  readonly attention: readonly Accelerator[];
  readonly ffn: readonly Accelerator[];
}

function plannerOf(model: Model, { precision, microBatches, times, nicShare, routing, expertLoad, draftTokens, acceptance = 0, memoryShare }: AfdOptions, contexts: ContextMix): AfdPlanner {
  const policy = precision === 'paper' ? model.precision : precisionPolicies[precision];
  return afdPlanner(splitModel(model, policy), { ...afdDefaults, microBatches, times, nicShare, routing, expertLoad, draftTokens, acceptance, memoryShare, contexts });
}

function mixesOf({ contexts, mix, spread }: AfdOptions): readonly ContextMix[] {
  if (mix === undefined) return (contexts ?? DEFAULT_CONTEXTS).map((context) => (spread === 0 ? oneContext(context) : logNormalMix(context, spread)));
  if (contexts !== undefined) throw new InputError('afd: contexts are not used with --mix');
  if (spread !== 0) throw new InputError('afd: spread is not used with --mix');
  return [contextMix(mix)];
}

const meanOf = (mix: ContextMix): number => Math.round(mix.reduce((sum, { context, share }) => sum + share * context, 0));
const mixNotes = (mix: ContextMix): readonly string[] =>
  mix.length === 1
    ? []
    : [`contexts from ${contextLabel(Math.min(...mix.map(({ context }) => context)))} to ${contextLabel(Math.max(...mix.map(({ context }) => context)))}: replicas wait for the slowest`];

/** The best plan of each pair of chips, and the best colocated deployment of each chip; the best first, what is infeasible last. */
function searched(planner: AfdPlanner, { objective = 'cost', maxInstances = DEFAULT_MAX_INSTANCES }: AfdOptions, { attention, ffn }: Chips, tpot: number, step: (chip: string) => void): Rows {
  const { split, scenario } = planner;
  const { id } = split.model;
  const plans = attention.flatMap((chip) => {
    step(chip.id);
    return searchAfd(planner, { attentionChips: [chip], ffnChips: ffn, tpot, objective, maxInstances }).map((answer) => answerRow(id, answer));
  });
  const colocated = [...new Set([...attention, ...ffn])].map((chip) => colocatedRow(id, chip.id, bestColocated(split, scenario, chip, tpot)));
  const rank = (row: AfdRow): number => (row.infeasible !== null ? Number.POSITIVE_INFINITY : objective === 'cost' ? (row.usdPerMillionTokens ?? Number.MAX_VALUE) : -(row.tokensPerGpuSecond ?? 0));
  return [...plans, ...colocated].map((row) => ({ ...row, tpotTarget: tpot })).sort((a, b) => compare(rank(a), rank(b)));
}

/** Not a - b, which is NaN for two equal infinities. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Deployments of a model and context that no other beats in time per token and cost, in tokens per chip where none has a price; all where none is feasible. */
function frontOf(rows: Rows): Rows {
  const feasible = rows.filter(({ infeasible }) => infeasible === null);
  const priced = feasible.filter(({ usdPerMillionTokens }) => usdPerMillionTokens !== null);
  if (feasible.length === 0) return rows;
  const time = { of: ({ tpot }: Rows[number]) => tpot as number, better: 'lower' } as const;
  return priced.length > 0
    ? paretoFront(priced, [time, { of: ({ usdPerMillionTokens }) => usdPerMillionTokens as number, better: 'lower' }])
    : paretoFront(feasible, [time, { of: ({ tokensPerGpuSecond }) => tokensPerGpuSecond as number, better: 'higher' }]);
}

/** One deployment on each pair of chips: as it was asked for, or with as many attention instances as a micro-batch needs. */
function chosen(planner: AfdPlanner, options: AfdOptions, { attention, ffn }: Chips): Rows {
  const { deployment, requests, microBatch, attentionTp: tensorParallel = 1, layout: asked = 'expert', maxInstances = DEFAULT_MAX_INSTANCES, tpot: targets } = options;
  if (deployment === undefined) return [];
  const layout = planner.split.experts === null ? 'tensor' : asked;
  const { attentionInstances, ffnInstances } = deployment;
  const { id } = planner.split.model;
  return attention.flatMap((attentionChip) =>
    ffn.flatMap((ffnChip): Rows => {
      const sides = { attentionChip, ffnChip, ffnInstances, tensorParallel, layout };
      if (attentionInstances !== null) {
        if (requests === undefined || microBatch !== undefined) throw new InputError('afd: deployment xAyF is given with --requests and without --micro-batch');
        const plan = planner.plan({ ...sides, attentionInstances, requests });
        const slow = (tpot: number): string | null => (plan.tpot <= tpot ? null : `${plan.pace}: ${milliseconds(plan.tpot)} of ${milliseconds(tpot)}: ${excess(plan.tpot, tpot)}`);
        if (targets === undefined) return [{ ...planRow(id, plan, null), infeasible: memoryShortage(plan), tpotTarget: null }];
        return targets.map((tpot) => ({ ...planRow(id, plan, null), infeasible: memoryShortage(plan) ?? slow(tpot), tpotTarget: tpot }));
      }
      if (microBatch === undefined || requests !== undefined) throw new InputError('afd: deployment ?AyF is given with --micro-batch and without --requests');
      return (targets ?? DEFAULT_TPOT).map((tpot) => {
        const answer = attentionInstancesFor(planner, { ...sides, microBatch, tpot, maxInstances });
        return { ...(answer.plan === null ? answerRow(id, { attentionChip, ffnChip, ...answer }) : planRow(id, answer.plan, null)), tpotTarget: tpot };
      });
    }),
  );
}
