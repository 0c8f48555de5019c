import { procedure } from '../../provenance/card.ts';
import { kept } from '../kept.ts';
import { distserveTrace } from './data/latency.ts';
import { table5, table6 } from './data/runs.ts';
import { imageIn } from './images.ts';
import { type LatencyFit, latencyFit } from './latency-fits.ts';
import type { PaperForm } from './paper-form.ts';
import { clientLoad, runOf, switchRun, workersOf } from './runs.ts';

/** Halvings of a range: as narrow as the digits that numbers carry. */
const HALVINGS = 42;

export const engineFitProcedure = procedure({
  id: 'epd/engine-fit',
  name: 'Fit of the engine to three times of simulated runs',
  steps: [
    'take the times of the closed form, a, t_e and t_p, from Table 4',
    'halve the range of the busy part of a, from 0 to a, until the run of Table 6 without switching has its mean TTFT: the more of a is busy, the longer requests wait',
    'take the time of a decode step of one request from the TPOT of Table 5: there no two requests decode together',
    'halve the range of what each further request adds to a step, until the run of Table 6 without switching has its mean TPOT',
  ],
  source: { kind: 'derived', from: 'both means grow with the constant' },
});

/**
 * The fits: `engine` takes Table 4 as all its eight cells have it, none of which is predicted here. The others say how much hangs on that: constants of Table 4
 * from its rows of 2 and 8 or of 4 and 6 images, and the busy part from the TTFT of Table 5 in place of that of Table 6.
 */
export const ENGINES = ['engine', 'engine-2-8', 'engine-4-6', 'engine-table-5'] as const;
export type EngineId = (typeof ENGINES)[number];

const TABLE_4: Readonly<Record<EngineId, string>> = { engine: 'table-4/all', 'engine-2-8': 'table-4/2-8', 'engine-4-6': 'table-4/4-6', 'engine-table-5': 'table-4/all' };

/** The cells of which three constants are made; that of TTFT decides the busy part. */
export const fittedCells = (id: EngineId): readonly string[] => [id === 'engine-table-5' ? 'table-5/optimised/ttft' : 'table-6/fixed/ttft', 'table-5/optimised/tpot', 'table-6/fixed/tpot'];

export const closedFormOf = (id: EngineId): LatencyFit => latencyFit(TABLE_4[id]);

/** The place from `low` to `high` where a function that grows reaches a value. */
function reached(value: number, [low, high]: readonly [number, number], of: (at: number) => number): number {
  let [below, above] = [low, high];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (below + above) / 2;
    if (of(middle) < value) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}

/** Mean TTFT of a run, without the decode of its requests, which does not touch it. */
function ttftOfRun(form: PaperForm, id: EngineId): number {
  const ofTable5 = id === 'engine-table-5';
  const workers = ofTable5 ? workersOf(table5.optimised.workers, table5.optimised.batches) : workersOf(table6.before);
  return runOf(
    form,
    workers,
    clientLoad(ofTable5 ? table5.images : table6.images, form, () => 1),
    ofTable5 ? table5.rate : table6.rate,
  ).means.ttft;
}

const forms = kept<PaperForm>();

/** The engine as a fit has it: see `engineFitProcedure`. */
export const engineForm = (id: EngineId): PaperForm =>
  forms(id, () => {
    const { base, encodeTime, prefillTime } = closedFormOf(id).constants as Readonly<Record<'base' | 'encodeTime' | 'prefillTime', number>>;
    const alone = Number(table5.optimised.tpot);
    const start: PaperForm = {
      fixedSeconds: base,
      encodeSeconds: encodeTime,
      imageSeconds: prefillTime,
      busySeconds: 0,
      stepSeconds: alone,
      requestSeconds: 0,
      togetherSeconds: distserveTrace.seconds / distserveTrace.images,
      imageTokens: imageIn('minicpm-v-2.6', '4032x3024').promptTokens,
    };
    const ttft = Number(id === 'engine-table-5' ? table5.optimised.ttft : table6.fixed.ttft);
    const busySeconds = reached(ttft, [0, base], (at) => ttftOfRun({ ...start, busySeconds: at }, id));
    const decoding = (requestSeconds: number): PaperForm => ({ ...start, busySeconds, stepSeconds: alone - requestSeconds, requestSeconds });
    return decoding(reached(Number(table6.fixed.tpot), [0, alone], (at) => switchRun(decoding(at), 'fixed').means.tpot));
  });
