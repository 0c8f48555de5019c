import type { Accelerator } from '../accelerators/accelerator.ts';
import type { Model } from '../models/model.ts';
import { formula } from '../provenance/card.ts';
import { findOrNearest } from '../units/nearest.ts';
import type { CalibrationData, EngineEntry } from './calibration-data.ts';
import { calibration } from './choice.ts';
import { type PassEstimate, type PassOptions, passTime } from './pass-time.ts';

/** Time between two tokens of a request where prompts of others are read in between: each token waits for its share of their prefill. */
export const aggregatedStep = formula({
  id: 'timing/aggregated-tpot',
  name: 'Time per output token of aggregated serving',
  symbols: {
    decode: { unit: 's', meaning: 'decode step of the batch, at a context of prompt + output / 2', tex: 't_d' },
    prefill: { unit: 's', meaning: 'prefill of one prompt', tex: 't_p' },
    batch: { unit: '1', meaning: 'sequences of one replica', tex: 'B' },
    output: { unit: '1', meaning: 'output tokens of a request', tex: 'O' },
    hostPerSequence: { unit: 's', meaning: 'host time of the engine for one sequence of a step', tex: 'h' },
  },
  expression: 'decode + batch / output * prefill + batch * hostPerSequence',
  unit: 's',
  evaluate: ({ decode, prefill, batch, output, hostPerSequence }) => decode + (batch / output) * prefill + batch * hostPerSequence,
  source: { kind: 'derived', from: 'in steady state one prompt is read for every finished request: batch / output prompts a step' },
});

export interface ServingLoad {
  /** tokens of a prompt and of an output */
  readonly prompt: number;
  readonly output: number;
  /** requests in flight on one attention replica */
  readonly batch: number;
}

export interface ServingEstimate {
  readonly tpot: number;
  /** 80 % interval */
  readonly low: number;
  readonly high: number;
  readonly decode: PassEstimate;
  readonly prefill: PassEstimate;
  readonly idealSeconds: number;
}

/** No engine: kernels only. */
export const noEngine: EngineEntry = { engine: 'none', version: null, hostSecondsPerSequence: 0, models: [], points: 0, medianError: 0, residuals: [] };

/** The entry of an engine: of its version where that was measured, else of all its versions. @throws RangeError that lists the nearest names */
export function engineOf(name: string, data: CalibrationData = calibration): EngineEntry {
  const [engine, version = null] = name.split('@');
  const entries = data.serving.engines;
  return (
    entries.find((entry) => entry.engine === engine && entry.version === version) ??
    findOrNearest(
      'engines',
      entries.filter((entry) => entry.version === null),
      engine as string,
      (entry) => entry.engine,
    )
  );
}

/**
 * Aggregated serving: decode steps with the prompts of other requests in between, and the engine's host time.
 *   tpot = step(B at prompt + output / 2) + B / output x prefill(prompt) / stages + B x host
 * The interval adds those of its passes, as if they were off alike.
 * Ignored: waiting for a place in the batch, uneven lengths, prefix caches, chunks of prompts that fill idle compute of a decode step.
 */
export function servingTime(model: Model, chip: Accelerator, { prompt, output, batch }: ServingLoad, options: PassOptions, engine: EngineEntry = noEngine): ServingEstimate {
  const decode = passTime(model, chip, { phase: 'decode', batch, context: prompt + Math.floor(output / 2) }, options);
  const prefill = passTime(model, chip, { phase: 'prefill', prompts: 1, prompt }, options);
  // a prompt goes through p stages, each of which is free for the next after its own part
  const stages = options.deployment.pipelineParallel;
  const tpot = (pick: (pass: PassEstimate) => number, hostPerSequence = engine.hostSecondsPerSequence): number =>
    aggregatedStep.evaluate({ decode: pick(decode), prefill: pick(prefill) / stages, batch, output, hostPerSequence });
  return { tpot: tpot((pass) => pass.seconds), low: tpot((pass) => pass.low), high: tpot((pass) => pass.high), idealSeconds: tpot((pass) => pass.idealSeconds, 0), decode, prefill };
}
