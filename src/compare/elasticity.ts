import { compile } from '../cost/compile.ts';
import type { CostPart } from '../cost/expression.ts';
import { unitCosts } from '../cost/unit-cost.ts';
import type { Model } from '../models/model.ts';
import { overrideModel } from '../models/override.ts';
import { type Candidate, type ContextQuery, costAtContext } from './candidate.ts';

/** How much a cost changes with one input, per cent per cent, to one side of it. */
export interface Elasticity {
  /** `price`, `peak`, `memoryBandwidth`, `hidden`, `vocabulary`, or kind and field of layers: `gqa.kvHeads`, `mla+moe.layers` */
  readonly input: string;
  /** `down`: as the input falls; `up`: as it grows */
  readonly side: 'down' | 'up';
  readonly value: number;
  /** the nearest value that the model can have on that side, for an input that is an integer; null for a derivative */
  readonly steppedTo: number | null;
  /** what `overrideModel` changes for this input; empty for an input of the chip */
  readonly paths: readonly string[];
  /** (dC / C) / (dx / x) */
  readonly elasticity: number;
}

/**
 * One-sided elasticities of the cost of a candidate at a context (decode, ideal batch) to each input, largest first.
 *   price, peak (every format together), memoryBandwidth   derivatives: from the side of each maximum that is active; where both
 *                                                          sides are equal the two directions differ
 *   integers of the model                                  one step down and one up, to the nearest value that makes a model
 * Layers of one kind with one value of a field move together. A step that no model can make is left out.
 * @throws RangeError when the part costs 0
 */
export function elasticities(candidate: Candidate, query: ContextQuery): readonly Elasticity[] {
  const cost = costAtContext(candidate, query);
  if (!(cost > 0)) throw new RangeError(`elasticity: part ${query.part ?? 'total'} of ${candidate.model.id} costs ${cost}`);
  const rows = [...ofChip(candidate, query, cost), ...integerInputs(candidate.model).flatMap((input) => stepped(candidate, query, cost, input))];
  return rows.sort((a, b) => Math.abs(b.elasticity) - Math.abs(a.elasticity));
}

/** d log C / d log x is minus the share of the cost that x pays for: work for the peak, traffic for the bandwidth. */
function ofChip({ model, accelerator }: Candidate, { counting, precision = model.precision, part = 'total', context }: ContextQuery, cost: number): readonly Elasticity[] {
  const costs = unitCosts(accelerator, precision.math);
  const { cores, linearFlop, ffnFlop, headFlop } = compile(model, { counting, precision });
  const includes = (one: CostPart): boolean => part === 'total' || part === one;
  const shares = { peak: { down: 0, up: 0 }, memoryBandwidth: { down: 0, up: 0 } };
  for (const { flop, bytes } of includes('attention') ? cores : []) {
    const work = 1e6 * costs.attention * flop.evaluate(context);
    const traffic = 1e6 * costs.byte * bytes.evaluate(context);
    if (work >= traffic) shares.peak.down += work;
    if (work > traffic) shares.peak.up += work;
    if (traffic >= work) shares.memoryBandwidth.down += traffic;
    if (traffic > work) shares.memoryBandwidth.up += traffic;
  }
  const multiplied =
    1e6 *
    ((includes('attention') ? costs.linear * linearFlop.evaluate(context) : 0) +
      (includes('ffn') ? costs.ffn * ffnFlop.evaluate(context) : 0) +
      (includes('head') ? costs.head * headFlop.evaluate(context) : 0));
  const rows = (input: string, value: number, down: number, up: number): readonly Elasticity[] => [
    { input, side: 'down', value, steppedTo: null, paths: [], elasticity: down },
    { input, side: 'up', value, steppedTo: null, paths: [], elasticity: up },
  ];
  const { peak, memoryBandwidth } = shares;
  return [
    ...rows('price', accelerator.usdPerHour as number, 1, 1),
    ...rows('peak', accelerator.peak.bf16, 0 - (peak.down + multiplied) / cost, 0 - (peak.up + multiplied) / cost),
    ...rows('memoryBandwidth', accelerator.memoryBandwidth, 0 - memoryBandwidth.down / cost, 0 - memoryBandwidth.up / cost),
  ];
}

type IntegerInput = Pick<Elasticity, 'input' | 'value' | 'paths'>;

/** Every number of a model and of its layers that is above 0; equal ones of equal kinds together. */
function integerInputs(model: Model): readonly IntegerInput[] {
  const found = new Map<string, { input: string; value: number; paths: string[] }>();
  const add = (input: string, value: unknown, path: string): void => {
    if (typeof value !== 'number' || value <= 0) return;
    const key = `${input}=${value}`;
    const known = found.get(key);
    if (known) known.paths.push(path);
    else found.set(key, { input, value, paths: [path] });
  };
  model.layers.forEach(({ count, attention, ffn }, index) => {
    add(`${attention.kind}+${ffn.kind}.layers`, count, `layers.${index}.count`);
    for (const [field, value] of Object.entries(attention)) add(`${attention.kind}.${field}`, value, `layers.${index}.attention.${field}`);
    for (const [field, value] of Object.entries(ffn)) add(`${ffn.kind}.${field}`, value, `layers.${index}.ffn.${field}`);
  });
  add('hidden', model.hidden, 'hidden');
  add('vocabulary', model.vocabulary, 'vocabulary');
  return [...found.values()];
}

function stepped(candidate: Candidate, query: ContextQuery, cost: number, { input, value, paths }: IntegerInput): readonly Elasticity[] {
  const step = (side: 'down' | 'up'): readonly Elasticity[] => {
    for (let distance = 1; distance <= value; distance++) {
      const steppedTo = side === 'up' ? value + distance : value - distance;
      const changed = costWith(candidate, query, paths, steppedTo);
      if (changed !== null) return [{ input, side, value, steppedTo, paths, elasticity: 0 + ((changed - cost) / cost / (steppedTo - value)) * value }];
    }
    return [];
  };
  return [...step('down'), ...step('up')];
}

/** Null for a model that cannot be. */
function costWith({ model, accelerator }: Candidate, query: ContextQuery, paths: readonly string[], value: number): number | null {
  try {
    const changed = overrideModel(model, Object.fromEntries(paths.map((path) => [path, value])));
    return costAtContext({ model: changed, accelerator }, query);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
