import { accelerator } from '../../accelerators/index.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { modelOf, precisionPolicies } from '../../models/index.ts';
import type { Source } from '../../provenance/source.ts';
import { bestColocated, type ColocatedAnswer } from '../../serving/afd/colocated.ts';
import { oneContext } from '../../serving/afd/contexts.ts';
import { chipsOfSides } from '../../serving/afd/deployment.ts';
import { type AfdPlanner, afdPlanner } from '../../serving/afd/plan.ts';
import { colocatedProcedure, planProcedure } from '../../serving/afd/procedures.ts';
import { afdDefaults } from '../../serving/afd/scenario.ts';
import { type AfdAnswer, searchAfd } from '../../serving/afd/search.ts';
import { splitModel } from '../../serving/afd/split-model.ts';
import { batchThroughput, hourlyPrice, throughputCost } from '../../serving/afd/throughput.ts';
import { kept } from '../kept.ts';

/** What plans of this paper keep: the time per token of Table 8, and at most this many instances of a side. */
export const PLANNED = { tpot: 0.05, maxInstances: 16, objective: 'cost' } as const;

/** `8192`, and what differs from the model's own precision and no drafts: `8192:kv4-math8`, `8192:mtp-1-0.7` (draft tokens, share accepted). */
export interface Case {
  readonly context: number;
  readonly precision: keyof typeof precisionPolicies | null;
  readonly draftTokens: number;
  readonly acceptance: number;
}

function caseOf(text: string): Case | null {
  const [context = '', ...changes] = text.split(':');
  if (!/^[1-9]\d{0,8}$/.test(context)) return null;
  let found: Case = { context: Number(context), precision: null, draftTokens: 0, acceptance: 0 };
  for (const change of changes) {
    const [, drafts, acceptance] = /^mtp-([1-9])-(0(?:\.\d+)?|1)$/.exec(change) ?? [];
    if (drafts !== undefined && found.draftTokens === 0) found = { ...found, draftTokens: Number(drafts), acceptance: Number(acceptance) };
    else if (Object.hasOwn(precisionPolicies, change) && found.precision === null) found = { ...found, precision: change as keyof typeof precisionPolicies };
    else return null;
  }
  return found;
}

const planners = kept<AfdPlanner>();
const answers = kept<readonly AfdAnswer[]>();
const colocations = kept<ColocatedAnswer>();

/** The planner of a model in a case, with the defaults of the planner otherwise. @throws RangeError for a case or model that is unknown */
export function plannerFor(model: string, text: string): AfdPlanner {
  const found = caseOf(text);
  if (found === null) throw new RangeError(`afd: case ${text} is not <context>, <context>:<precision> or <context>:mtp-<drafts>-<acceptance>`);
  const { context, precision, draftTokens, acceptance } = found;
  const contexts = oneContext(context);
  const key = `${model} ${precision} ${draftTokens} ${acceptance}`;
  return planners(key, () => afdPlanner(splitModel(modelOf(model), ...(precision === null ? [] : [precisionPolicies[precision]])), { ...afdDefaults, contexts, draftTokens, acceptance })).at(contexts);
}

/** The best plans of a model on pairs of chips. */
export const bestPlans = (model: string, attention: readonly string[], ffn: readonly string[], text: string): readonly AfdAnswer[] =>
  answers(`${model} ${attention} ${ffn} ${text}`, () =>
    searchAfd(plannerFor(model, text), { ...PLANNED, attentionChips: attention.map((id) => accelerator(id).accelerator), ffnChips: ffn.map((id) => accelerator(id).accelerator) }),
  );

/** The best colocated deployment of a model on a chip. */
export const colocatedPlan = (model: string, chip: string, text: string): ColocatedAnswer =>
  colocations(`${model} ${chip} ${text}`, () => {
    const { split, scenario } = plannerFor(model, text);
    return bestColocated(split, scenario, accelerator(chip).accelerator, PLANNED.tpot);
  });

/** A deployment with what its numbers follow from. */
interface Planned {
  readonly base: string;
  readonly label: string;
  readonly counts: Readonly<Record<string, number>>;
  /** inputs of the price: counts of both sides, and their chips */
  readonly priced: { readonly attention: readonly [count: string, chip: string]; readonly ffn: readonly [count: string, chip: string] };
  readonly tpot: number;
  readonly card: typeof planProcedure;
}

function disaggregated(model: string, chips: string, text: string): Planned | null {
  const [attention = '', ffn = '', ...others] = chips.split('+');
  if (ffn === '' || others.length > 0) return null;
  const plan = bestPlans(model, [attention], [ffn], text)[0]?.plan ?? null;
  if (plan === null) return null;
  const of = chipsOfSides(plan);
  return {
    base: `afd/plan/${model}/${chips}/${text}`,
    label: `${model} with attention on ${attention} and feed-forward on ${ffn} at ${text}`,
    counts: {
      'attention-instances': plan.attentionInstances,
      'ffn-instances': plan.ffnInstances,
      'attention-chips': of.attention,
      'ffn-chips': of.ffn,
      chips: plan.chips,
      'micro-batch': plan.microBatch,
      'micro-batches': plan.batch / plan.microBatch,
    },
    priced: { attention: ['attention-chips', attention], ffn: ['ffn-chips', ffn] },
    tpot: plan.tpot,
    card: planProcedure,
  };
}

function colocated(model: string, chip: string, text: string): Planned | null {
  const { plan } = colocatedPlan(model, chip, text);
  if (plan === null) return null;
  return {
    base: `afd/colocated/${model}/${chip}/${text}`,
    label: `${model} colocated on ${chip} at ${text}`,
    counts: { chips: plan.chips, 'other-chips': 0, 'micro-batch': plan.batch, 'micro-batches': 1 },
    priced: { attention: ['chips', chip], ffn: ['other-chips', chip] },
    tpot: plan.tpot,
    card: colocatedProcedure,
  };
}

const found: Source = { kind: 'derived', from: 'the best deployment that the search finds' };

/**
 * `afd/plan/<model>/<attention chip>+<ffn chip>/<case>/<what>` and `afd/colocated/<model>/<chip>/<case>/<what>`: the best deployment within 50 ms.
 * What: usd-per-mtok, usd-per-hour, throughput, tpot, chips, micro-batch, micro-batches; of a plan also attention-chips, ffn-chips,
 * attention-instances, ffn-instances. Null where nothing fits.
 */
export function plannedNumber([kind = '', model = '', chips = '', text = '', what = '', ...more]: readonly string[]): NumberSpec | null {
  if (caseOf(text) === null || more.length > 0) return null;
  const planned = kind === 'plan' ? disaggregated(model, chips, text) : kind === 'colocated' ? colocated(model, chips, text) : null;
  if (planned === null) return null;
  const { base, label, counts, priced, tpot, card } = planned;
  const id = (name: string): string => `${base}/${name}`;
  switch (what) {
    case 'usd-per-mtok':
      return {
        kind: 'derived',
        label: `cost of a million output tokens, ${label}`,
        card: throughputCost,
        inputs: { usdPerHour: id('usd-per-hour'), chips: id('chips'), throughput: id('throughput') },
      };
    case 'usd-per-hour': {
      const [[attentionCount, attentionChip], [ffnCount, ffnChip]] = [priced.attention, priced.ffn];
      const inputs = { attentionChips: id(attentionCount), attentionPrice: `accelerator/${attentionChip}/usdPerHour`, ffnChips: id(ffnCount), ffnPrice: `accelerator/${ffnChip}/usdPerHour` };
      return { kind: 'derived', label: `price of all chips, ${label}`, card: hourlyPrice, inputs };
    }
    case 'throughput':
      return {
        kind: 'derived',
        label: `tokens per second and chip, ${label}`,
        card: batchThroughput,
        inputs: { microBatches: id('micro-batches'), microBatch: id('micro-batch'), chips: id('chips'), tpot: id('tpot') },
      };
    case 'tpot':
      return { kind: 'found', label: `time per output token, ${label}`, value: tpot, unit: 's', card, inputs: {} };
    default: {
      const value = Object.hasOwn(counts, what) ? counts[what] : undefined;
      return value === undefined ? null : { kind: 'leaf', label: `${what.replaceAll('-', ' ')}, ${label}`, value, unit: '1', source: found };
    }
  }
}
