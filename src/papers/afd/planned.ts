import { accelerator } from '../../accelerators/index.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { modelOf } from '../../models/index.ts';
import type { Source } from '../../provenance/source.ts';
import { bestColocated, type ColocatedAnswer } from '../../serving/afd/colocated.ts';
import { oneContext } from '../../serving/afd/contexts.ts';
import { chipsOfSides } from '../../serving/afd/deployment.ts';
import { type AfdPlanner, afdPlanner } from '../../serving/afd/plan.ts';
import { colocatedProcedure, planProcedure, searchProcedure } from '../../serving/afd/procedures.ts';
import { afdDefaults } from '../../serving/afd/scenario.ts';
import { type AfdAnswer, searchAfd } from '../../serving/afd/search.ts';
import { splitModel } from '../../serving/afd/split-model.ts';
import { batchThroughput, hourlyPrice, throughputCost } from '../../serving/afd/throughput.ts';

/** What plans of this paper keep: the time per token of Table 8, and at most this many instances of a side. */
export const PLANNED = { tpot: 0.05, maxInstances: 8, objective: 'cost' } as const;

const known = <T>(): ((key: string, make: () => T) => T) => {
  const made = new Map<string, T>();
  return (key, make) => {
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
  };
};
const planners = known<AfdPlanner>();
const answers = known<AfdAnswer>();
const colocations = known<ColocatedAnswer>();

const plannerOf = (model: string, context: number): AfdPlanner =>
  planners(model, () => afdPlanner(splitModel(modelOf(model)), { ...afdDefaults, contexts: oneContext(context) })).at(oneContext(context));

/** The best plan of a model on a pair of chips at a context, in the model's own precision. */
export const bestPlan = (model: string, attention: string, ffn: string, context: number): AfdAnswer =>
  answers(`${model} ${attention} ${ffn} ${context}`, () => {
    const [answer] = searchAfd(plannerOf(model, context), { ...PLANNED, attentionChips: [accelerator(attention).accelerator], ffnChips: [accelerator(ffn).accelerator] });
    return answer as AfdAnswer;
  });

/** The best colocated deployment of the same. */
export const colocatedPlan = (model: string, chip: string, context: number): ColocatedAnswer =>
  colocations(`${model} ${chip} ${context}`, () => {
    const { split, scenario } = plannerOf(model, context);
    return bestColocated(split, scenario, accelerator(chip).accelerator, PLANNED.tpot);
  });

const chosen: Source = { kind: 'assumed', because: 'chosen by the search' };

/**
 * `afd/plan/<model>/<attention chip>+<ffn chip>/<context>/<what>` and `afd/colocated/<model>/<chip>/<context>/<what>`: the best deployment within 50 ms.
 *   usd-per-mtok, usd-per-hour, throughput, tpot, chips, micro-batch, micro-batches; and of a plan attention-chips, ffn-chips,
 *   attention-instances, ffn-instances
 */
export function plannedNumber([kind = '', model = '', chips = '', context = '', what = '', ...more]: readonly string[]): NumberSpec | null {
  if (!/^[1-9]\d*$/.test(context) || more.length > 0) return null;
  if (kind === 'plan') {
    const [attention = '', ffn = '', ...others] = chips.split('+');
    if (ffn === '' || others.length > 0) return null;
    const { plan } = bestPlan(model, attention, ffn, Number(context));
    if (plan === null) return null;
    const of = chipsOfSides(plan);
    const price = { attentionChips: 'attention-chips', attentionPrice: `/${attention}`, ffnChips: 'ffn-chips', ffnPrice: `/${ffn}` };
    return planNumber({
      base: `afd/plan/${model}/${chips}/${context}`,
      label: `Step time of ${model} on ${attention} and ${ffn} at ${context}`,
      what,
      price,
      counts: {
        'attention-instances': plan.attentionInstances,
        'ffn-instances': plan.ffnInstances,
        'attention-chips': of.attention,
        'ffn-chips': of.ffn,
        chips: plan.chips,
        'micro-batch': plan.microBatch,
        'micro-batches': plan.batch / plan.microBatch,
      },
      tpot: plan.tpot,
      card: planProcedure,
    });
  }
  if (kind !== 'colocated') return null;
  const { plan } = colocatedPlan(model, chips, Number(context));
  if (plan === null) return null;
  return planNumber({
    base: `afd/colocated/${model}/${chips}/${context}`,
    label: `Step time of ${model} colocated on ${chips} at ${context}`,
    what,
    price: { attentionChips: 'chips', attentionPrice: `/${chips}`, ffnChips: 'none', ffnPrice: `/${chips}` },
    counts: { chips: plan.chips, none: 0, 'micro-batch': plan.batch, 'micro-batches': 1 },
    tpot: plan.tpot,
    card: colocatedProcedure,
  });
}

interface Planned {
  readonly base: string;
  readonly label: string;
  readonly what: string;
  /** symbols of the price: counts, and chips behind a slash */
  readonly price: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly tpot: number;
  readonly card: typeof planProcedure;
}

function planNumber({ base, label, what, price, counts, tpot, card }: Planned): NumberSpec | null {
  const id = (name: string): string => `${base}/${name}`;
  switch (what) {
    case 'usd-per-mtok':
      return { kind: 'derived', label: `cost of a million output tokens, ${base}`, card: throughputCost, inputs: { usdPerHour: id('usd-per-hour'), chips: id('chips'), throughput: id('throughput') } };
    case 'usd-per-hour':
      return {
        kind: 'derived',
        label: `price of its chips`,
        card: hourlyPrice,
        inputs: Object.fromEntries(Object.entries(price).map(([symbol, of]) => [symbol, of.startsWith('/') ? `accelerator${of}/usdPerHour` : id(of)])),
      };
    case 'throughput':
      return {
        kind: 'derived',
        label: `tokens per second and chip, ${base}`,
        card: batchThroughput,
        inputs: { microBatches: id('micro-batches'), microBatch: id('micro-batch'), chips: id('chips'), tpot: id('tpot') },
      };
    case 'tpot':
      return { kind: 'found', label, value: tpot, unit: 's', card, inputs: {} };
    default: {
      const value = counts[what];
      return value === undefined ? null : { kind: 'leaf', label: `its ${what.replaceAll('-', ' ')}`, value, unit: '1', source: chosen, note: searchProcedure.name };
    }
  }
}
