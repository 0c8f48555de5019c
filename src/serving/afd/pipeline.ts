import { formula } from '../../provenance/card.ts';

/** Times of the stages of one layer, in the order in which a micro-batch passes them, in whole nanoseconds. */
export type LayerTimes = readonly number[];

const STEP_3 = { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 4 and Figure 7' } as const;
const symbols = {
  layers: { unit: '1', meaning: 'layers, all alike', tex: 'L' },
  microBatches: { unit: '1', meaning: 'micro-batches', tex: 'M' },
  sum: { unit: 's', meaning: 'times of all stages of a layer together', tex: 'T' },
  longest: { unit: 's', meaning: 'time of the longest stage of a layer', tex: 't_{max}' },
} as const;

/** Time from one token of a request to its next in a pipeline of equal layers: a micro-batch passes every stage, and a stage serves every micro-batch. */
export const equalLayersPeriod = formula({
  id: 'afd/period',
  name: 'Time per step of a pipeline of equal layers',
  symbols,
  expression: 'layers * max(sum, microBatches * longest)',
  unit: 's',
  evaluate: ({ layers, microBatches, sum, longest }) => layers * Math.max(sum, microBatches * longest),
  source: STEP_3,
});

/** Time of one step through an empty pipeline of equal layers, filling and emptying included. */
export const equalLayersMakespan = formula({
  id: 'afd/makespan',
  name: 'Time of one step through an empty pipeline of equal layers',
  symbols,
  expression: '(layers - 1) * max(sum, microBatches * longest) + sum + (microBatches - 1) * longest',
  unit: 's',
  evaluate: ({ layers, microBatches, sum, longest }) => (layers - 1) * Math.max(sum, microBatches * longest) + sum + (microBatches - 1) * longest,
  source: { kind: 'derived', from: 'the longest path of the schedule: all micro-batches wait once for the longest stage of the last layer' },
});

/** One stage at work on one micro-batch. */
export interface Slot {
  readonly layer: number;
  readonly stage: number;
  readonly microBatch: number;
  readonly start: number;
  readonly end: number;
}

/** When each stage is free, and each micro-batch ready for its next layer. */
interface State {
  readonly free: number[];
  readonly ready: number[];
}

/**
 * One step of the schedule as a max-plus recursion: a stage takes micro-batch m of a layer when the stage before has done it and the stage itself
 * has done m - 1, or the last micro-batch of the layer before:
 *   end(l, s, m) = max(end(l, s - 1, m), end(l, s, m - 1)) + t(l, s)
 * where stage -1 of a layer is the last stage of the layer before, and micro-batch -1 the last one of the layer before.
 */
function run(layers: readonly LayerTimes[], { free, ready }: State, visit?: (slot: Slot) => void): void {
  for (let layer = 0; layer < layers.length; layer++) {
    const times = layers[layer] as LayerTimes;
    for (let microBatch = 0; microBatch < ready.length; microBatch++) {
      let at = ready[microBatch] as number;
      for (let stage = 0; stage < times.length; stage++) {
        const start = Math.max(at, free[stage] as number);
        at = start + (times[stage] as number);
        free[stage] = at;
        visit?.({ layer, stage, microBatch, start, end: at });
      }
      ready[microBatch] = at;
    }
  }
}

const empty = (layers: readonly LayerTimes[], microBatches: number): State => ({ free: (layers[0] as LayerTimes).map(() => 0), ready: Array.from({ length: microBatches }, () => 0) });

/** Time of one step through an empty pipeline. @throws RangeError as `validatePipeline` */
export function makespan(layers: readonly LayerTimes[], microBatches: number): number {
  validatePipeline(layers, microBatches);
  const state = empty(layers, microBatches);
  run(layers, state);
  return Math.max(...state.free, ...state.ready);
}

/** Every slot of some steps, from an empty pipeline on: what a timeline draws. @throws RangeError as `validatePipeline` */
export function timeline(layers: readonly LayerTimes[], microBatches: number, steps = 1): readonly Slot[] {
  validatePipeline(layers, microBatches);
  const state = empty(layers, microBatches);
  const slots: Slot[] = [];
  for (let step = 0; step < steps; step++) run(layers, state, (slot) => slots.push({ ...slot, layer: slot.layer + step * layers.length }));
  return slots;
}

/**
 * Time from one token of a request to its next when the pipeline has settled: the eigenvalue of the recursion, which is the greatest mean of its
 * cycles, by Karp's theorem from n steps of its n = stages + micro-batches states. Exact also where layers differ.
 * @throws RangeError as `validatePipeline`
 */
export function stepPeriod(layers: readonly LayerTimes[], microBatches: number): number {
  validatePipeline(layers, microBatches);
  const state = empty(layers, microBatches);
  const history: (readonly number[])[] = [[...state.free, ...state.ready]];
  const n = state.free.length + microBatches;
  for (let step = 0; step < n; step++) {
    run(layers, state);
    history.push([...state.free, ...state.ready]);
  }
  const last = history[n] as readonly number[];
  return Math.max(...last.map((end, at) => Math.min(...history.slice(0, n).map((before, step) => (end - (before[at] as number)) / (n - step)))));
}

/** Share of the time that each stage waits when the pipeline has settled. */
export function bubbles(layers: readonly LayerTimes[], microBatches: number): readonly number[] {
  const period = stepPeriod(layers, microBatches);
  return (layers[0] as LayerTimes).map((_, stage) => (period === 0 ? 0 : 1 - (microBatches * layers.reduce((sum, times) => sum + (times[stage] as number), 0)) / period));
}

/** Groups of layers that are alike, spread evenly over the depth: an order of hybrid models whose own order is not kept. */
export function interleaved(groups: readonly { readonly layers: number; readonly times: LayerTimes }[]): readonly LayerTimes[] {
  const placed = groups.flatMap(({ layers, times }) => Array.from({ length: layers }, (_, at) => ({ place: (at + 0.5) / layers, times })));
  return placed.sort((a, b) => a.place - b.place).map(({ times }) => times);
}

/** @throws RangeError when there is no layer or stage, layers have other stages than the first, or a time or the number of micro-batches is no whole number */
function validatePipeline(layers: readonly LayerTimes[], microBatches: number): void {
  if (!Number.isSafeInteger(microBatches) || microBatches < 1) throw new RangeError(`pipeline: microBatches ${microBatches} is not a positive integer`);
  const stages = layers[0]?.length ?? 0;
  if (stages === 0) throw new RangeError('pipeline: layers [] is empty');
  for (const times of layers) {
    if (times.length !== stages) throw new RangeError(`pipeline: stages ${times.length} is not ${stages}, as in the first layer`);
    for (const time of times) if (!Number.isSafeInteger(time) || time < 0) throw new RangeError(`pipeline: time ${time} is not a whole number of nanoseconds`);
  }
}
